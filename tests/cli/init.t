A template is a spec that estimates, generates and validates cleanly:

  $ cd "$CRAMTMP"
  $ ktrain init --list
  NAME             SUMMARY
  classification   Classifier of texts, from labelled rows: one pod, on the CPU
  cnn              Image classifier, on CIFAR-10 or like MNIST: one pod, on the CPU
  lora             LoRA adapter of a small language model: one pod, on the CPU
  reward           Reward model, from pairs of answers: one pod, on the CPU
  sft              Small language model, all weights: one pod, on the CPU
  $ for name in $(ktrain init --list -o name); do ktrain init -t $name > $name.yaml && ktrain generate $name.yaml | ktrain validate -; done
  1 file, 7 objects: no findings
  1 file, 8 objects: no findings
  1 file, 7 objects: no findings
  1 file, 7 objects: no findings
  1 file, 7 objects: no findings
  $ head -n 12 cnn.yaml
  # Image classifier, on CIFAR-10 or like MNIST: one pod, on the CPU.
  # More about a field: ktrain init --explain learning_rate
  apiVersion: ktrain.dev/v1
  kind: TrainingJob
  
  metadata:                                   # Name and place of the job
    name: cifar10-basic                       # Name of the job and of everything created for it
    namespace: model-training-basics          # Namespace of the cluster that the job runs in
    labels:                                   # Labels put on every object
      purpose: tutorial
  
  model:                                      # What is trained

So are the examples, and they fit the schema:

  $ for spec in "$TESTDIR"/../../examples/*.yaml; do ktrain generate "$spec" 2> /dev/null | ktrain validate - > out || cat out; done
  $ ktrain init --schema > schema.json
  $ cat > fits.py <<'EOF'
  > import json, sys, yaml, jsonschema
  > schema = json.load(open("schema.json"))
  > jsonschema.Draft202012Validator.check_schema(schema)
  > for path in sys.argv[1:]: jsonschema.validate(yaml.safe_load(open(path)), schema)
  > EOF
  $ sed 's/2e-4/2.0e-4/' "$TESTDIR/../../examples/lora.yaml" > lora.yaml
  $ /usr/bin/python3 fits.py cnn.yaml lora.yaml "$TESTDIR/../../examples/cnn.yaml"

Fields are set on the way; --name wins over --set, and comments stay:

  $ ktrain init -t cnn --name fashion --set metadata.name=other --set training.weight_decay=1e-2 --set data.augment= > mine.yaml
  $ diff cnn.yaml mine.yaml | sed 's/^>/+/; s/^</-/'
  7c7
  -   name: cifar10-basic                       # Name of the job and of everything created for it
  ---
  +   name: fashion                             # Name of the job and of everything created for it
  20d19
  -   augment: [random_crop, horizontal_flip]   # Random changes of the training images: horizontal_flip, random_crop
  27a27
  +   weight_decay: 0.01                        # Weight decay
  $ ktrain init -t cnn --set training.learning_rat=1 --set training.seed=x
  error: unknown field training.learning_rat
    at --set training.learning_rat
    hint: did you mean learning_rate?
  error: training.seed must be a whole number, got "x"
    at --set training.seed
  2 errors, 0 warnings
  [2]

Files are not overwritten by accident, and not touched when something is wrong:

  $ ktrain init -t cnn --to train.yaml
  wrote train.yaml; next: ktrain estimate train.yaml
  $ cmp train.yaml cnn.yaml
  $ ktrain init -t cnn --name b --to train.yaml
  error: train.yaml exists already
    hint: choose another file, or add --force
  [1]
  $ ktrain init -t cnn --to train.yaml --force --set training.seed=x > /dev/null 2>&1
  [2]
  $ cmp train.yaml cnn.yaml
  $ ktrain init -q -t cnn --name b --to train.yaml --force
  $ grep name: train.yaml | head -n 1
    name: b                                   # Name of the job and of everything created for it

Fields are explained, the nearest one is offered:

  $ ktrain init --explain training.learning_rate
  training.learning_rate: number
  
    Peak learning rate.
  
    default  5e-05
    range    more than 0 and at most 100
    example  learning_rate: 0.001
    flag     --set training.learning_rate=VALUE, or --learning_rate of ktrain run
  $ ktrain init --explain monitoring
  monitoring: group
  
    Where metrics go.
  
    report_to      list of text  Services that receive metrics beside metrics.jsonl
    run_name       text          Name of the run there
    logging_dir    path          Folder of TensorBoard's event files
    metrics_port   integer       Port of the Prometheus endpoint of a run
    wandb_project  text          Project name at Weights & Biases
    wandb_entity   text          User or team at Weights & Biases
    wandb_mode     text          Send metrics as they come, as files for wandb sync, or not at all
  $ ktrain init --explain learning_rates
  error: no field "learning_rates"
    hint: did you mean training.learning_rate?
  [2]

Wrong usage is said in one sentence:

  $ ktrain init
  error: which template? --template is missing
    hint: see: ktrain init --list
  [2]
  $ ktrain init -t cn
  error: --template must be one of classification, cnn, lora, reward, sft, got "cn"
    hint: did you mean --template=cnn?
  [2]
  $ ktrain init --list --schema
  error: --explain, --schema and --list exclude each other
  [2]
  $ ktrain init -t cnn --list
  error: --explain, --schema and --list print no spec, so they take no other flags
  [2]
  $ ktrain init -t cnn --force
  error: --force is for --to FILE
  [2]
  $ ktrain init --list -o json
  [
    {
      "name": "classification",
      "summary": "Classifier of texts, from labelled rows: one pod, on the CPU"
    },
    {
      "name": "cnn",
      "summary": "Image classifier, on CIFAR-10 or like MNIST: one pod, on the CPU"
    },
    {
      "name": "lora",
      "summary": "LoRA adapter of a small language model: one pod, on the CPU"
    },
    {
      "name": "reward",
      "summary": "Reward model, from pairs of answers: one pod, on the CPU"
    },
    {
      "name": "sft",
      "summary": "Small language model, all weights: one pod, on the CPU"
    }
  ]
