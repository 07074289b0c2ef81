Findings have a place, a rule and a fix; the exit code is 3:

  $ cat > job.yaml <<'END'
  > apiVersion: batch/v1
  > kind: Job
  > metadata:
  >   name: train
  > spec:
  >   backofLimit: 2
  >   template:
  >     spec:
  >       containers:
  >         - name: trainer
  >           image: ghcr.io/acme/trainer:latest
  > END
  $ ktrain validate job.yaml
  job.yaml:6:3: error KT003 unknown field 'backofLimit' in spec
    fix: did you mean 'backoffLimit'?
  job.yaml:8:5: error KT014 the pod template of a Job has no restartPolicy, and the default Always is refused
    fix: add restartPolicy: Never (failed pods stay, with their logs) or OnFailure
  job.yaml:8:5: warning KX603 container 'trainer' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  job.yaml:8:5: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  job.yaml:10:11: warning KX604 container 'trainer' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  job.yaml:11:18: warning KX601 image 'ghcr.io/acme/trainer:latest' has the tag latest
    fix: name a version, or a digest: image@sha256:DIGEST
  1 file, 1 object: 2 errors, 3 warnings, 1 hint
  [3]

Standard input, folders and several files are read together; a folder's other files are left alone:

  $ mkdir -p folder/sub && cp job.yaml folder/a.yml && echo '{"apiVersion": "v1", "kind": "Pod"}' > folder/sub/b.json && echo x > folder/notes.txt
  $ ktrain validate - folder --only KT008 < job.yaml
  folder/sub/b.json:1:1: error KT008 the required field 'spec' is missing
    fix: Pod needs it: add spec here
  folder/sub/b.json:1:1: error KT008 metadata.name is missing
    fix: give the object a name (or metadata.generateName)
  3 files, 3 objects: 2 errors
  [3]

Specs are checked as well, alone and among manifests:

  $ mkdir specs && ktrain init --template cnn > specs/train.yaml && cp folder/a.yml specs/job.yaml
  $ ktrain validate specs/train.yaml
  1 file, 1 object: no findings
  $ sed -i 's/  learning_rate:/  learning_rat:/' specs/train.yaml && ktrain validate specs --only KT029
  specs/train.yaml:26:3: error KT029 unknown field training.learning_rat
    fix: did you mean learning_rate?
  2 files, 2 objects: 1 error
  [3]

Machines read JSON:

  $ ktrain validate job.yaml --only KT014 -o json
  {
    "files": 1,
    "objects": 1,
    "errors": 1,
    "warnings": 0,
    "infos": 0,
    "passedOver": 0,
    "structureNotChecked": [],
    "findings": [
      {
        "rule": "KT014",
        "severity": "error",
        "message": "the pod template of a Job has no restartPolicy, and the default Always is refused",
        "where": {
          "file": "job.yaml",
          "line": 8,
          "column": 5,
          "path": "spec.template.spec.restartPolicy"
        },
        "fix": "add restartPolicy: Never (failed pods stay, with their logs) or OnFailure",
        "why": "a Job ends, so a pod that always restarts is refused"
      }
    ]
  }
  [3]

What is not wrong enough, or not wanted, is left out:

  $ ktrain validate job.yaml --only KX601 --min-severity error
  1 file, 1 object: no findings
  $ ktrain validate job.yaml --min-severity error --skip KT003 --skip job-restart-policy
  1 file, 1 object: no findings

Kinds without a schema are counted:

  $ printf 'apiVersion: example.dev/v1\nkind: Experiment\nmetadata: {name: a}\n' | ktrain validate
  1 file, 1 object: no findings; structure not checked: Experiment (1)

What the clusters' versions do not have is found where they are named:

  $ cat > new.yaml <<'END'
  > apiVersion: batch/v1
  > kind: Job
  > metadata: {name: train}
  > spec:
  >   successPolicy: {rules: [{succeededIndexes: "0"}]}
  >   completionMode: Indexed
  >   completions: 2
  >   template:
  >     spec:
  >       restartPolicy: Never
  >       containers: [{name: train, image: "train:1"}]
  > END
  $ ktrain validate new.yaml --only KT010
  1 file, 1 object: no findings
  $ ktrain validate new.yaml --only KT010 --kubernetes-version 1.29-1.33
  new.yaml:5:3: error KT010 the field 'successPolicy' exists in Kubernetes 1.30 to 1.37, not in 1.29
    fix: remove it, or use a cluster of 1.30 or newer
  1 file, 1 object: 1 error
  [3]
  $ ktrain validate new.yaml --only KT010 --kubernetes-version 1.31
  1 file, 1 object: no findings
  $ ktrain validate new.yaml --only KT010 --kubernetes-version 1.24
  error: Kubernetes 1.24 is not known here
    hint: the versions known are 1.25 to 1.37
  [2]
  $ ktrain validate new.yaml --only KT010 --kubernetes-version latest
  error: 'latest' is no version of Kubernetes
    hint: write 1.31, or a range: 1.29-1.33
  [2]

Rules explain themselves, and typos get the nearest one:

  $ ktrain validate --explain KT014
  KT014 job-restart-policy (error)
    looks at: Job, CronJob; Jobs of a JobSet, TrainingRuntime or RayJob (warning)
    reports:  pod templates whose restartPolicy is Always or missing
    why:      a Job ends, so a pod that always restarts is refused
    fix:      add restartPolicy: Never or OnFailure
    source:   kubernetes pkg/apis/batch/validation, validateJobSpec
  $ ktrain validate job.yaml --only KT0014
  error: unknown rule 'KT0014'
    hint: did you mean KT001?
  [2]

Input that cannot be read is exit code 2; text that is no YAML is a finding:

  $ ktrain validate no-such-file.yaml
  error: cannot read no-such-file.yaml: No such file or directory
    hint: check the path
  [2]
  $ : | ktrain validate -
  error: nothing came from standard input
    hint: see whether the command before the | failed
  [2]
  $ echo '# none' | ktrain validate -
  no Kubernetes object in standard input
  1 file, 0 objects: no findings
  $ mkdir empty && ktrain validate empty
  error: no *.yaml, *.yml or *.json in empty
  [2]
  $ printf 'a: \000' | ktrain validate -
  -:1:4: error KT001 the file has a NUL byte: it is not text
    fix: give a YAML or JSON file
  1 file, 0 objects: 1 error
  [3]
  $ head -c 100000000 /dev/zero | tr '\0' 'x' > big.yaml && ktrain validate big.yaml
  error: big.yaml is larger than 64 MiB
    hint: check that it is the right file; larger ones must be split
  [2]
  $ ktrain validate - < big.yaml
  error: standard input is larger than 64 MiB
    hint: check that it is the right file; larger ones must be split
  [2]

Each file is read once, under whatever names it is found; links to folders are not followed:

  $ mkdir -p tree/sub && printf 'apiVersion: v1\nkind: Namespace\nmetadata: {labels: {pod-security.kubernetes.io/warn: baseline}, name: a}\n' > tree/sub/a.yaml
  $ ln -s .. tree/sub/loop && ln -s "$PWD/folder" tree/elsewhere && ln -s sub/a.yaml tree/same.yaml
  $ ktrain validate tree tree/sub/a.yaml "$PWD/tree/sub/../same.yaml"
  1 file, 1 object: no findings
  $ ln -s nothing tree/gone.yaml && ktrain validate tree
  1 file, 1 object: no findings
  error: cannot read tree/gone.yaml: No such file or directory
    hint: check the path
  [2]

Pipes are read to their end, however slow the writer is:

  $ ktrain validate <(cat tree/sub/a.yaml) <(sed s/a}/b}/ tree/sub/a.yaml)
  2 files, 2 objects: no findings
  $ mkfifo pipe && { cat tree/sub/a.yaml > pipe & ktrain validate pipe; }
  1 file, 1 object: no findings

What one object needs of others is looked for in all files; with --closed they are all there is:

  $ cat > claim.yaml <<'END'
  > apiVersion: v1
  > kind: Pod
  > metadata: {name: a}
  > spec:
  >   containers: [{name: a, image: "a:1"}]
  >   volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
  > END
  $ ktrain validate claim.yaml --only KS402
  claim.yaml:6:61: info KS402 the files hold no PersistentVolumeClaim 'data'
    fix: add the object, or see that the cluster has it before the job starts
  1 file, 1 object: 1 hint
  $ ktrain validate claim.yaml --only KS402 --closed
  claim.yaml:6:61: error KS402 the files hold no PersistentVolumeClaim 'data'
    fix: add the object, or see that the cluster has it before the job starts
  1 file, 1 object: 1 error
  [3]

A job may have a budget, as a flag or an annotation:

  $ cat > budget.yaml <<'END'
  > apiVersion: batch/v1
  > kind: Job
  > metadata: {name: a}
  > spec:
  >   activeDeadlineSeconds: 36000
  >   template:
  >     spec:
  >       restartPolicy: Never
  >       nodeSelector: {node.kubernetes.io/instance-type: p4d.24xlarge}
  >       containers: [{name: a, image: "a:1", resources: {limits: {nvidia.com/gpu: 8}}}]
  > END
  $ ktrain validate budget.yaml --only budget
  1 file, 1 object: no findings
  $ ktrain validate budget.yaml --only budget --budget 100
  budget.yaml:5:26: warning KC801 8 GPUs until the deadline cost $220 at the lowest price known, the budget is $100
    fix: lower activeDeadlineSeconds or backoffLimit, use fewer GPUs, or raise the budget
  1 file, 1 object: 1 warning
  [3]
