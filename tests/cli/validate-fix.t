What can be mended surely is mended, and the rest of the file stays as it is:

  $ cat > job.yaml <<'END'
  > # by hand
  > apiVersion: batch/v1
  > kind: Job
  > metadata: {name: train}
  > spec:
  >   backofLimit: 2   # tries
  >   template:
  >     spec:
  >       containers:
  >         - name: a
  >           image: a
  >           env: [{name: N, value: 3}]
  > END
  $ cp job.yaml before.yaml && chmod 640 job.yaml
  $ ktrain validate --diff job.yaml
  --- a/job.yaml
  +++ b/job.yaml
  @@ -3,10 +3,11 @@
   kind: Job
   metadata: {name: train}
   spec:
  -  backofLimit: 2   # tries
  +  backoffLimit: 2   # tries
     template:
       spec:
         containers:
           - name: a
             image: a
  -          env: [{name: N, value: 3}]
  +          env: [{name: "N", value: "3"}]
  +      restartPolicy: Never
  [3]
  $ cmp job.yaml before.yaml
  $ ktrain validate --fix job.yaml
  4 findings mended in 1 file
  job.yaml:8:5: warning KX603 container 'a' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  job.yaml:8:5: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  job.yaml:10:11: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  job.yaml:11:18: warning KX601 image 'a' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  1 file, 1 object: 3 warnings, 1 hint
  [3]
  $ diff -u before.yaml job.yaml | grep '^[-+] '
  -  backofLimit: 2   # tries
  +  backoffLimit: 2   # tries
  -          env: [{name: N, value: 3}]
  +          env: [{name: "N", value: "3"}]
  +      restartPolicy: Never
  $ stat -c %a job.yaml
  640
  $ ktrain validate --diff job.yaml

Standard input goes to standard output, and what is left to standard error:

  $ ktrain validate --fix < before.yaml 2> left | diff - job.yaml
  $ cat left
  4 findings mended in 1 file
  -:8:5: warning KX603 container 'a' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  -:8:5: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  -:10:11: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  -:11:18: warning KX601 image 'a' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  1 file, 1 object: 3 warnings, 1 hint

Rules are chosen as always:

  $ ktrain validate --diff before.yaml --only KT014
  --- a/before.yaml
  +++ b/before.yaml
  @@ -10,3 +10,4 @@
           - name: a
             image: a
             env: [{name: N, value: 3}]
  +      restartPolicy: Never
  [3]
  $ ktrain validate --fix --diff before.yaml
  error: --fix and --diff exclude each other
    hint: give one of them
  [2]

What a Secret holds is not shown:

  $ cat > secret.yaml << 'END'
  > apiVersion: v1
  > kind: Secret
  > metadata: {name: s}
  > stringData:
  >   count: 4711
  > ---
  > apiVersion: v1
  > kind: ConfigMap
  > metadata: {name: c}
  > data: {count: 1}
  > END
  $ ktrain validate --diff secret.yaml
  1 change of lines with a secret is not shown; --fix writes it
  --- a/secret.yaml
  +++ b/secret.yaml
  @@ -7,4 +7,4 @@
   apiVersion: v1
   kind: ConfigMap
   metadata: {name: c}
  -data: {count: 1}
  +data: {count: "1"}
  [3]

The rest of it is, and so is a field of it that is misspelt:

  $ printf 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  lables:\n    a: b\ntype: Opaque\nstringdata:\n  count: "4711"\n' > typo.yaml
  $ ktrain validate --only KT003 --diff typo.yaml
  --- a/typo.yaml
  +++ b/typo.yaml
  @@ -2,4 +2,4 @@
   kind: Secret
   metadata:
     name: s
  -  lables:
  +  labels:
  @@ -7,2 +7,2 @@
   type: Opaque
  -stringdata:
  +stringData:
  [3]

What stands behind an alias is left to a person:

  $ printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: &one 1, b: *one}\n' > alias.yaml
  $ ktrain validate --fix alias.yaml
  alias.yaml:4:11: KT004 cannot be mended here; change it by hand
  0 findings mended in 0 files
  alias.yaml:4:11: error KT004 a wants a string, got the integer '1'
    fix: quote it: "1"
  alias.yaml:4:11: error KT004 b wants a string, got the integer '1'
    fix: quote it: "1"
  1 file, 1 object: 2 errors
  [3]

Permissions stay, whatever those of new files are:

  $ cp before.yaml wide.yaml && chmod 666 wide.yaml
  $ (umask 027; ktrain validate --fix wide.yaml --only KT014)
  1 finding mended in 1 file
  1 file, 1 object: no findings
  $ stat -c %a wide.yaml
  666

What a baseline knows is left as it is:

  $ cp before.yaml old.yaml
  $ ktrain validate old.yaml --only KT014 --write-baseline known.json
  1 finding written to known.json
  $ ktrain validate old.yaml --only KT014 --baseline known.json --diff
  $ ktrain validate old.yaml --only KT --baseline known.json --fix
  3 findings mended in 1 file
  1 file, 1 object: no findings; 1 known to the baseline
  $ diff before.yaml old.yaml | grep -c '^[<>]'
  4
  $ grep restartPolicy old.yaml
  [1]

What would change a policy is mended where its rule is named:

  $ cat > policy.yaml <<'END'
  > apiVersion: batch/v1
  > kind: Job
  > metadata: {name: train, namespace: ml}
  > spec:
  >   activeDeadlineSeconds: 3600
  >   template:
  >     spec:
  >       restartPolicy: Never
  >       containers:
  >         - {name: a, image: "a:1", command: [torchrun, train.py], resources: {limits: {cpu: 8, memory: 64Gi, nvidia.com/gpu: 1}}}
  > END
  $ ktrain validate --diff --only KR309,KR314 policy.yaml | grep '^[+] '
  +  ttlSecondsAfterFinished: 86400
  +  podFailurePolicy:
  +    rules:
  +    - action: FailJob
  +      onExitCodes:
  +        containerName: a
  +        operator: In
  +        values:
  +        - 2
  $ ktrain validate --diff --only KR policy.yaml
  2 more findings would change a policy, which is mended by name alone: --only KR309,KR314
