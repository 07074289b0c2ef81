A spec becomes a stream of documents, the same every time, in the order of applying:

  $ cd "$TESTDIR/../golden/manifests"
  $ ktrain generate one-gpu/spec.yaml 2> /dev/null | diff - one-gpu/expected.yaml
  $ ktrain generate - < one-gpu/spec.yaml 2> /dev/null | diff - one-gpu/expected.yaml
  $ ktrain generate one-gpu/spec.yaml 2> /dev/null | grep '^kind:'
  kind: Namespace
  kind: ResourceQuota
  kind: LimitRange
  kind: PersistentVolumeClaim
  kind: PersistentVolumeClaim
  kind: ServiceAccount
  kind: ConfigMap
  kind: Job
  $ ktrain generate one-gpu/spec.yaml -o json 2> /dev/null | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["items"]))'
  8

Fields are set on the way:

  $ ktrain generate one-gpu/spec.yaml --set metadata.name=other 2> /dev/null | grep -c 'ktrain.dev/job: other'
  4

Folders get one file for each object, and keep what others wrote:

  $ spec=$PWD/one-gpu/spec.yaml expected=$PWD/one-gpu/expected.yaml && cd "$CRAMTMP"
  $ ktrain generate "$spec" --to bundle 2> /dev/null
  bundle/00-namespace.yaml
  bundle/01-resourcequota.yaml
  bundle/02-limitrange.yaml
  bundle/03-persistentvolumeclaim-training-data.yaml
  bundle/04-persistentvolumeclaim-model-output.yaml
  bundle/05-serviceaccount.yaml
  bundle/06-configmap.yaml
  bundle/07-job.yaml
  $ head -n 2 bundle/00-namespace.yaml
  # Written by ktrain generate for the job model-training-basics/cifar10-basic; change the spec, not this file.
  apiVersion: v1
  $ sed -s 1d bundle/* | diff - <(grep -v '^---$' "$expected")
  $ ktrain generate "$spec" --to bundle > /dev/null 2>&1 && ls bundle | wc -l
  8

The folder holds one bundle: files of an earlier one go, of this job or another, and those of others stay:

  $ touch bundle/notes.txt && echo 'kind: Service' > bundle/extra.yaml
  $ ktrain generate "$spec" --set metadata.name=other --set cluster.quota={} --set resources.gpus_per_node=0 --to bundle > /dev/null
  removed bundle/01-resourcequota.yaml, of an earlier bundle
  removed bundle/02-limitrange.yaml, of an earlier bundle
  removed bundle/03-persistentvolumeclaim-training-data.yaml, of an earlier bundle
  removed bundle/04-persistentvolumeclaim-model-output.yaml, of an earlier bundle
  removed bundle/05-serviceaccount.yaml, of an earlier bundle
  removed bundle/06-configmap.yaml, of an earlier bundle
  removed bundle/07-job.yaml, of an earlier bundle
  warning: bundle/extra.yaml is not part of the bundle: applying the folder applies it as well
  $ ls bundle
  00-namespace.yaml
  01-persistentvolumeclaim-training-data.yaml
  02-persistentvolumeclaim-model-output.yaml
  03-serviceaccount.yaml
  04-configmap.yaml
  05-job.yaml
  extra.yaml
  notes.txt
  $ ktrain generate "$spec" --set metadata.name=other --set cluster.quota={} --set resources.gpus_per_node=0 --to bundle -q 2>&1 > /dev/null
  warning: bundle/extra.yaml is not part of the bundle: applying the folder applies it as well
  $ rm bundle/extra.yaml && echo 'kind: Job' > bundle/05-job.yaml
  $ ktrain generate "$spec" --set metadata.name=other --set cluster.quota={} --set resources.gpus_per_node=0 --to bundle
  error: bundle/05-job.yaml exists and was not written by ktrain generate
    hint: name another folder, or remove the file
  [1]
  $ ktrain generate "$spec" --to bundle -o json
  error: --to writes YAML, it cannot be used with -o json
    hint: leave out one of them
  [2]
  $ touch file; ktrain generate "$spec" --set resources.gpus_per_node=0 --to file
  error: cannot create the folder file: Not a directory
    hint: check the path
  [2]
  $ cd "$TESTDIR/../golden/manifests"

What could never run is refused at its line, and nothing is written:

  $ ktrain generate one-gpu/spec.yaml --set resources.nodes=3
  error: cluster.quota["requests.cpu"]: a quota of 8 is less than the 12 of this job: it could never run
    at one-gpu/spec.yaml:12:25
    hint: raise the quota, or ask for less in resources
  [2]
  $ ktrain generate one-gpu/spec.yaml --set cluster.env.HF_TOKEN=hf_0123456789
  error: the value of HF_TOKEN looks like a secret and would be readable in the manifests
    at --set cluster.env.HF_TOKEN
    hint: take it from a Secret: cluster.secrets: [{env: HF_TOKEN, secret: NAME, key: KEY}]
  [2]
  $ ktrain generate one-gpu/spec.yaml --set cluster.image='""' 2>&1 | head -n 1
  error: cluster.image must not be empty
  $ ktrain generate missing.yaml
  error: cannot read missing.yaml: No such file or directory
    hint: check the path
  [2]
  $ ktrain generate one-gpu/spec.yaml --set nonsense
  error: --set needs PATH=VALUE, got "nonsense"
    hint: for example: --set training.learning_rate=2e-4
  [2]
  $ ktrain generate
  error: ktrain generate needs FILE
    hint: see: ktrain generate --help
  [2]

A problem of a value stands where the value was said last, in the file or in a flag:

  $ ktrain generate one-gpu/spec.yaml --set output_dir=/tmp
  error: output_dir: /tmp belongs to the pod itself
    at --set output_dir
    hint: name a folder of its own, such as /output
  [2]
  $ ktrain generate one-gpu/spec.yaml --set cluster.image=null
  error: cluster.image: the image is missing
    at --set cluster.image
    hint: set it to a container image with ktrain
  [2]
  $ ktrain generate one-gpu/spec.yaml --set training.seed=7 --set output_dir=/data --set 'cluster.volumes[0].read_only=true' 2>&1 | head -n 2
  error: output_dir /data is on the volume training-data, which is mounted read-only
    at --set output_dir

What is probably not wanted is said on stderr:

  $ ktrain generate several-gpus/spec.yaml 2>&1 > /dev/null
  warning: resources.gpus_per_node: simple_cnn is trained on the CPU so far: the GPUs of its pods stay idle
    at several-gpus/spec.yaml:8:28
    hint: set resources.gpus_per_node: 0
  warning: cluster.quota["limits.nvidia.com/gpu"]: limits.nvidia.com/gpu has no effect in a quota and is left out
    at several-gpus/spec.yaml:17:28
    hint: write requests.nvidia.com/gpu
  warning: output_dir: /workspace/output is on no volume: the trained model is lost with its pod
    at several-gpus/spec.yaml:7:13
    hint: add a volume to cluster.volumes
  warning: data.dataset_path: /workspace/data is on no volume of the pods: the image must have it
    at several-gpus/spec.yaml:6:22
    hint: add a volume to cluster.volumes
  warning: cluster.image: ghcr.io/acme/ktrain may change between two starts
    at several-gpus/spec.yaml:10:10
    hint: name a version: IMAGE:TAG or IMAGE@sha256:DIGEST
  0 errors, 5 warnings

A model that is known here is estimated: memory that the spec leaves open, and what is too small:

  $ cat > "$CRAMTMP/full.yaml" <<'YAML'
  > apiVersion: ktrain.dev/v1
  > kind: TrainingJob
  > metadata: {name: tune}
  > model: {model_name_or_path: /models/llama-2-7b-hf, dtype: bfloat16}
  > data: {dataset_path: /data/rows.jsonl}
  > output_dir: /output/tune
  > checkpoint: {save_total_limit: 2}
  > resources: {gpus_per_node: 8, gpu: a100-80gb, cpu: 32}
  > cluster:
  >   image: ghcr.io/acme/ktrain:1.0.0
  >   volumes:
  >   - {claim: models, mount_path: /models}
  >   - {claim: data, mount_path: /data}
  >   - {claim: results, mount_path: /output, size: 100Gi}
  > YAML
  $ (cd "$CRAMTMP" && ktrain generate full.yaml | grep -e ' memory:' -e sizeLimit)
  warning: resources.gpu: a100-80gb has 80.0 GiB, and the training is estimated to need 171 GiB on each
    at full.yaml:8:36
    hint: see what would: ktrain estimate FILE
  warning: cluster.volumes[2].size: 100Gi is less than the 251 GiB of 2 checkpoints of 75.3 GiB, one that is being written and the model
    at full.yaml:14:49
    hint: raise it, or lower checkpoint.save_total_limit
  0 errors, 2 warnings
        memory: 126Gi
              memory: 126Gi
              memory: 126Gi
            sizeLimit: 1088Mi
  $ (cd "$CRAMTMP" && ktrain submit full.yaml --dry-run=client --set resources.memory=64Gi 2>&1 | grep -e estimated -e created)
  warning: resources.gpu: a100-80gb has 80.0 GiB, and the training is estimated to need 171 GiB on each
  warning: resources.memory: 64Gi is less than the 104 GiB that each pod is estimated to need
    hint: leave it out: the plan takes what is estimated
  dry run: nothing was created, and no server was asked
  persistentvolumeclaim/results created (dry run)
  serviceaccount/tune created (dry run)
  configmap/tune-spec-5c3ee858 created (dry run)
  job.batch/tune created (dry run)
  $ (cd "$CRAMTMP" && ktrain generate full.yaml --set model.model_name_or_path=/models/ours -v 2>&1 | grep -e ' memory:' -e estimated)
  what the training needs is not estimated: its model is not known on this machine
        memory: 4Gi
              memory: 4Gi
              memory: 4Gi

A signal in the middle of a folder does not leave half of it: what is begun is finished, and the exit code tells:

  $ ktrain generate one-gpu/spec.yaml --to "$CRAMTMP/whole" > /dev/null 2>&1
  $ for signal in INT TERM; do for n in 1 4 8; do
  >   rm -rf "$CRAMTMP/stopped"
  >   strace -qq -o "$CRAMTMP/calls" -e trace=rename -e inject=rename:signal=$signal:when=$n ktrain generate one-gpu/spec.yaml --to "$CRAMTMP/stopped" > /dev/null 2>&1
  >   echo "$? $(grep -c -- --- "$CRAMTMP/calls")"; diff -r "$CRAMTMP/whole" "$CRAMTMP/stopped"
  > done; done | uniq -c | sed 's/^ *//'
  3 130 1
  3 143 1

A full disk is an error:

  $ ktrain generate one-gpu/spec.yaml --set resources.gpus_per_node=0 > /dev/full
  error: cannot write the output: No space left on device
    hint: free some space on the disk
  [1]
