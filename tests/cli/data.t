From texts to a model and its scores, on a model of a few words. (Skipped where there is no trainer module.)

  $ [ -e "$(dirname "$(command -v ktrain)")/../lib/ktrain/ktrain_trainer.so" ] || exit 80
  $ mkdir "$CRAMTMP/texts" && cd "$CRAMTMP/texts" && mkdir model
  $ /usr/bin/python3 - <<'PY'
  > import json
  > words = ["<unk>", "<s>", "</s>", "the", "king", "queen", "was", "in", "his", "her", "garden", "house", "?", "\n"]
  > json.dump({"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "Split", "pattern": {"Regex": " |(\\n)|(\\?)"},
  >            "behavior": "Removed", "invert": False},
  >            "model": {"type": "WordLevel", "vocab": {w: i for i, w in enumerate(words)}, "unk_token": "<unk>"}},
  >           open("model/tokenizer.json", "w"))
  > json.dump({"bos_token": "<s>", "eos_token": "</s>"}, open("model/tokenizer_config.json", "w"))
  > json.dump({"model_type": "llama", "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1,
  >            "num_attention_heads": 2, "vocab_size": 14, "max_position_embeddings": 64, "tie_word_embeddings": True},
  >           open("model/config.json", "w"))
  > rows = [("where was the king", " in his garden"), ("where was the queen", " in her house"), ("", "")] * 4
  > with open("rows.jsonl", "w") as file:
  >     for prompt, completion in rows:
  >         file.write(json.dumps({"prompt": prompt, "completion": completion}) + "\n")
  > PY

What is learned, token by token; nothing is written:

  $ ktrain data preview --tokenizer_name=model --dataset_path=rows.jsonl
  row 0 of 12, rows.jsonl:1: 8 tokens, 4 to learn
    text   <unk> ␣was ␣the ␣king ␣in ␣his ␣garden ␣</s>
    id     0     6    3    4     7   8    10      2
    learn  -     -    -    -     +   +    +       +
  
  row 1 of 12, rows.jsonl:2: 8 tokens, 4 to learn
    text   <unk> ␣was ␣the ␣queen ␣in ␣her ␣house ␣</s>
    id     0     6    3    5      7   9    11     2
    learn  -     -    -    -      +   +    +      +
  
  row 2 of 12, rows.jsonl:3: 0 tokens, 0 to learn
    nothing: an empty row is left out
  $ ktrain data preview --tokenizer_name=model --dataset_path=rows.jsonl --row 1 -o json | tr -d ' \n' | cut -c 1-85
  {"command":"preview","split":"train","rows":12,"max_length":1024,"samples":[{"row":1,
  $ ls
  model
  rows.jsonl

Figures, a cache for later runs, and a split:

  $ ktrain data stats --tokenizer_name=model --dataset_path=rows.jsonl --max_length=6
  warning: 4 of 12 rows are empty and left out, the first at rows.jsonl:3
  train
    rows              8, 6 of them duplicates
    tokens            64
    to learn          32 (50.0%)
    nothing to learn  0 rows
    length            min 8, mean 8.0, p50 8, p90 8, p95 8, p99 8, max 8
    cut               8 rows (100.0%) beyond max_length 6, 16 of their tokens (25.0% of all)
    packed            8 sequences of 6 tokens, 100.0% full
  $ ktrain data tokenize --tokenizer_name=model --dataset_path=rows.jsonl --cache_dir=cache 2> errors | sed 's/-.*tokens/-KEY.tokens/'
  train: 8 rows, 64 tokens, 32 to learn, now in cache/train-KEY.tokens
  $ ktrain data tokenize --tokenizer_name=model --dataset_path=rows.jsonl --cache_dir=cache | sed 's/-.*tokens/-KEY.tokens/'
  train: 8 rows, 64 tokens, 32 to learn, were in cache/train-KEY.tokens
  $ ktrain data split --dataset_path=rows.jsonl --validation_split=0.25 --to parts
  wrote 9 rows to parts/train.jsonl and 3 rows to parts/validation.jsonl
  $ ktrain data split --dataset_path=rows.jsonl --validation_split=0.25 --to parts
  error: parts is there already
    hint: name a folder that is not
  [2]
  $ wc -l parts/*.jsonl | tail -n 1
   12 total

What would be trained, from the tokens that are there; then it is:

  $ set -- --config_name=model --dataset_path=rows.jsonl --cache_dir=cache --max_length=64 --output_dir=out \
  >     --per_device_train_batch_size=2 --max_steps=40 --learning_rate=0.01
  $ ktrain run "$@" --dry-run | sed 's/ [0-9]* threads/ N threads/'
  model on the CPU with N threads, 1 process
  40 steps of 2 samples (2 x 1 accumulated), 4 in an epoch; output in out
  
  PARAMETERS    ALL   TRAINED
  embedding     224       224
  norm           48        48
  linear       2560      2560
  total        2832      2832
  
  MEMORY          BYTES   FORMULA
  weights       11.3 kB   2,832 x 4 B
  gradients     11.3 kB   2,832 x 4 B
  optimizer     22.7 kB   2,832 x 8 B
  activations   84.0 kB   tokens 128 x layers 1 x (norms 136 + attention 264 + ml…
  working set   73.7 kB   tokens 128 x values and gradients of one layer
  logits        31.7 kB   tokens 128 x classes 14
  total          193 kB   in use at the peak of a step
  
  first batch: 2 sequences, 16 tokens, 8 to learn
  
    text   <unk> ␣was ␣the ␣queen ␣in ␣her ␣house ␣</s>
    id     0     6    3    5      7   9    11     2
    learn  -     -    -    -      +   +    +      +
  
    text   <unk> ␣was ␣the ␣king ␣in ␣his ␣garden ␣</s>
    id     0     6    3    4     7   8    10      2
    learn  -     -    -    -     +   +    +       +
  $ ktrain run "$@" --dry-run -o json | /usr/bin/python3 -c "import json, sys; print(*json.load(sys.stdin))"
  event topology model memory data first_batch output_dir versions
  $ [ -e out ] || echo nothing was written
  nothing was written
  $ ktrain run "$@" | tail -n 1 | sed 's/model [0-9a-f]*/model HASH/'
  model HASH in out/model.safetensors

Its scores, by name of the folder alone:

  $ cat > who.jsonl <<'JSON'
  > {"query": "where was the king", "choices": ["in his garden", "in her house"], "gold": 0}
  > {"query": "where was the queen", "choices": ["in his garden", "in her house"], "gold": "B"}
  > JSON
  $ ktrain eval out --tasks who.jsonl
  TASK   N   METRIC      VALUE   STDERR
  who    2   acc        1.0000   0.0000
  who    2   acc_norm   1.0000   0.0000
  $ ktrain eval out --dataset_path=rows.jsonl --max_length=64 -o json 2> errors | grep -c '"loss,none"'
  1
  $ sed -i 's/"B"/"C"/' who.jsonl
  $ ktrain eval out --tasks who.jsonl
  error: "C" is none of the 2 choices
    at who.jsonl:2
    hint: write {"query": "...", "choices": ["...", "..."], "gold": 0}
  [2]
  $ ktrain run --model_name_or_path=out --dataset_path=rows.jsonl --max_length=64 --output_dir=more --max_steps=1 -o json \
  >     2> errors | grep -c '"event":"end"'
  1

An adapter, evaluated as it is and folded into its base; the answer of merge for programs:

  $ ktrain run --model_name_or_path=out --dataset_path=rows.jsonl --max_length=64 --output_dir=adapter --max_steps=1 \
  >     --lora_r=4 --target_modules=all-linear > log 2>&1
  $ ktrain eval adapter --dataset_path=rows.jsonl --max_length=64 2> errors > as-adapter
  $ ktrain merge adapter --to merged -o json
  {
    "output": "merged",
    "modules": 7,
    "replaced": 0
  }
  $ ktrain eval merged --dataset_path=rows.jsonl --max_length=64 2> errors | diff - as-adapter

Texts that are scored: pairs for a reward model, labels for a classifier.

  $ echo '{"prompt": "where was the king", "chosen": " in his garden", "rejected": " in her house"}' > pairs.jsonl
  $ ktrain data preview --set objective.type=reward --tokenizer_name=model --dataset_path=pairs.jsonl
  row 0 of 1, pairs.jsonl:1: a pair with the margin 0
  
    chosen: 8 tokens
    text   <unk> ␣was ␣the ␣king ␣in ␣his ␣garden ␣</s>
    id     0     6    3    4     7   8    10      2
  
    rejected: 8 tokens
    text   <unk> ␣was ␣the ␣king ␣in ␣her ␣house ␣</s>
    id     0     6    3    4     7   9    11     2
  $ for who in king queen; do echo "{\"text\": \"was the $who in\", \"label\": \"$who\"}"; done > labels.jsonl
  $ ktrain data preview --set objective.type=classification --tokenizer_name=model --dataset_path=labels.jsonl --row 1
  row 1 of 2, labels.jsonl:2: 4 tokens, label queen
    text   was ␣the ␣queen ␣in
    id     6   3    5      7
  $ ktrain data stats --set objective.type=classification --tokenizer_name=model --dataset_path=labels.jsonl
  train
    rows              2, 0 of them duplicates
    tokens            8
    length            min 4, mean 4.0, p50 4, p90 4, p95 4, p99 4, max 4
    cut               0 rows (0.0%) beyond max_length 1024, 0 of their tokens (0.0% of all)
  $ ktrain run --set objective.type=classification --config_name=model --dataset_path=labels.jsonl --output_dir=who \
  >     --learning_rate=0.1 --num_train_epochs=20 --save_strategy=no 2>&1 | sed -n '1,2p;4p'
  read the labels of 2 rows of train
  tokenized 2 rows of train
  2 training and 0 validation texts of at most 4 tokens, 2 classes: king, queen
  $ ktrain eval who --set objective.type=classification --dataset_path=labels.jsonl
  TASK   N   METRIC      VALUE   STDERR
  rows   2   loss       0.0000
  rows   2   accuracy   1.0000
  $ ktrain eval who --dataset_path=rows.jsonl
  error: ./who scores texts: its head predicts no token
    hint: name a language model, or --set objective.type=classification
  [2]
  $ ktrain run --set objective.type=reward --model_name_or_path=who --dataset_path=pairs.jsonl --output_dir=reward
  error: ./who has a head of 2 labels, but a reward has one
    at ./who/config.json
    hint: begin with a language model, or with a reward model
  [2]
  $ ktrain run --dry-run --set objective.type=classification --config_name=model --dataset_path=labels.jsonl \
  >     --output_dir=none 2> errors | grep classes:
  2 training and 0 validation texts of at most 4 tokens, 2 classes: king, queen
  $ sed "s/\"label\": \"king/&$(printf '%060d')/" labels.jsonl > long.jsonl
  $ ktrain run --dry-run --set objective.type=classification --config_name=model --dataset_path=long.jsonl \
  >     --output_dir=none 2> errors | grep classes:
  2 training and 0 validation texts of at most 4 tokens, 2 classes: king00000000000000000000000000000000000…, queen
  $ ktrain run --dry-run --set objective.type=classification --config_name=model --dataset_path=long.jsonl \
  >     --output_dir=none -o json | grep -o '"classes":[^]]*]'
  "classes":["king000000000000000000000000000000000000000000000000000000000000","queen"]
  $ ktrain data preview --set objective.type=classification --tokenizer_name=model --dataset_path=long.jsonl | sed -n 1p
  row 0 of 2, long.jsonl:1: 4 tokens, label king00000000000000000000000000000000000…

What a label or a margin cannot be is said with its row.

  $ echo '{"text": "the king", "topic": "king"}' > unlabelled.jsonl
  $ ktrain data preview --set objective.type=classification --tokenizer_name=model --dataset_path=unlabelled.jsonl
  error: the rows have no label: no column of {text, topic} is called label, or it is null
    at unlabelled.jsonl:1
    hint: give rows of {text, label}, or name the columns
  [2]
  $ printf '%s\n' '{"text": "the king", "label": 0.5}' '{"text": "the queen", "label": "1.0"}' > quoted.jsonl
  $ ktrain run --set objective.type=classification --config_name=model --dataset_path=quoted.jsonl --output_dir=quoted
  error: the labels are numbers in some rows and names in others, such as "1.0"
    at quoted.jsonl:2
    hint: write all numbers without quotes, or all with them
  [2]
  $ sed 's/}/, "margin": 1e300}/' pairs.jsonl > margin.jsonl
  $ ktrain run --set objective.type=reward --config_name=model --dataset_path=margin.jsonl --output_dir=margin
  error: the column margin is 1e+300, beyond what is computed with
    at margin.jsonl:1
    hint: give numbers from -3.4e+38 to 3.4e+38
  [2]
  $ ktrain run --set objective.type=reward --config_name=model --dataset_path=pairs.jsonl --output_dir=worth \
  >     --max_steps=1 --save_strategy=no > log 2>&1
  $ ktrain eval worth --set objective.type=reward --dataset_path=pairs.jsonl --max_length=2
  error: there is no row to evaluate on
    at --dataset_path
    hint: each has more than objective.max_length 2 tokens: raise it
  [2]
  $ sed -i 's/"queen"/"quen"/' labels.jsonl
  $ ktrain eval who --set objective.type=classification --dataset_path=labels.jsonl
  error: the model has no label "quen"
    at labels.jsonl:2
    hint: did you mean queen?
  [2]
  $ printf '%s\n' '{"text": "", "label": "king"}' '{"text": "was", "label": "queen"}' > empty.jsonl
  $ ktrain data preview --set objective.type=classification --tokenizer_name=model --dataset_path=empty.jsonl
  row 0 of 2, empty.jsonl:1: 0 tokens
    nothing: an empty row is left out
  
  row 1 of 2, empty.jsonl:2: 1 token, label queen
    text   was
    id     6
  $ ktrain data stats --set objective.type=reward --max_length=7 --tokenizer_name=model --dataset_path=pairs.jsonl
  train
    rows              1, 0 of them duplicates
    tokens            16
    length            min 8, mean 8.0, p50 8, p90 8, p95 8, p99 8, max 8
    left out          1 row (100.0%) beyond max_length 7
  $ ktrain data preview --set objective.type=reward --max_length=7 --tokenizer_name=model --dataset_path=pairs.jsonl | head -n 3
  row 0 of 1, pairs.jsonl:1: a pair with the margin 0, too long: it is left out
  
    chosen: 8 tokens, the last 1 cut off
