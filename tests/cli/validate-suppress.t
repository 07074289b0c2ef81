Findings are kept with a reason, by annotation or comment:

  $ cat > job.yaml <<'END'
  > apiVersion: batch/v1
  > kind: Job
  > metadata:
  >   name: train
  >   annotations:
  >     ktrain.dev/ignore: "KX601: built on this machine"
  > spec:
  >   template:
  >     spec:
  >       restartPolicy: Never
  >       containers:
  >         - name: a
  >           image: a
  >         # ktrain:ignore KT003, enum: fields of our fork
  >         - name: b
  >           image: b
  >           pull: x
  >           imagePullPolicy: Soon
  > END
  $ ktrain validate job.yaml
  job.yaml:9:5: warning KX603 containers 'a', 'b' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  job.yaml:9:5: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  job.yaml:12:11: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  job.yaml:15:11: warning KX604 container 'b' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  1 file, 1 object: 3 warnings, 1 hint; 4 suppressed
  [3]
  $ ktrain validate job.yaml -o json | head -7
  {
    "files": 1,
    "objects": 1,
    "errors": 0,
    "warnings": 3,
    "infos": 1,
    "suppressed": 4,

Without a reason, or of no rule, they are not heeded; those that do nothing are told of, if their rules ran:

  $ sed -i 's/: fields of our fork//; s/KX601: built/KX601, KT014: built/; s/KX601, KT014/KX6001/' job.yaml
  $ ktrain validate job.yaml
  job.yaml:6:5: warning KT090 the suppression names an unknown rule: 'KX6001'
    fix: did you mean KX601?
  job.yaml:9:5: warning KX603 containers 'a', 'b' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  job.yaml:9:5: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  job.yaml:12:11: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  job.yaml:13:18: warning KX601 image 'a' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  job.yaml:14:9: warning KT090 the suppression of KT003, enum has no reason, and is not heeded
    fix: write why: KT003, enum: reason
  job.yaml:15:11: warning KX604 container 'b' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  job.yaml:16:18: warning KX601 image 'b' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  job.yaml:17:11: error KT003 unknown field 'pull' in spec.template.spec.containers[1]
    fix: remove it, or move it to where it belongs
  job.yaml:18:28: error KT006 imagePullPolicy must be one of Always, IfNotPresent, Never, got 'Soon'
    fix: use one of the words listed
  1 file, 1 object: 2 errors, 7 warnings, 1 hint
  [3]
  $ sed -i 's/KX6001: .*"/KT014: x"/; s/KT003, enum/KT003: x; KT006: y; KT011: z/' job.yaml
  $ ktrain validate job.yaml
  job.yaml:6:5: info KT091 nothing here is reported by KT014
    fix: remove the suppression
  job.yaml:9:5: warning KX603 containers 'a', 'b' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  job.yaml:9:5: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  job.yaml:12:11: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  job.yaml:13:18: warning KX601 image 'a' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  job.yaml:14:9: info KT091 nothing here is reported by KT011
    fix: remove the suppression
  job.yaml:15:11: warning KX604 container 'b' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  job.yaml:16:18: warning KX601 image 'b' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  1 file, 1 object: 5 warnings, 3 hints; 2 suppressed
  [3]
  $ ktrain validate job.yaml --skip KT014 --skip KT011 --skip KX601
  job.yaml:9:5: warning KX603 containers 'a', 'b' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  job.yaml:9:5: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  job.yaml:12:11: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  job.yaml:15:11: warning KX604 container 'b' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  1 file, 1 object: 3 warnings, 1 hint; 2 suppressed
  [3]

What is said of one container stands there, and is kept there:

  $ cat > pod.yaml <<'END'
  > apiVersion: v1
  > kind: Pod
  > metadata: {name: a}
  > spec:
  >   containers:
  >     # ktrain:ignore KX604: it builds images
  >     - {name: a, image: "a:1"}
  >     - name: b
  >       image: b:1
  >       securityContext: {runAsUser: 5} # ktrain:ignore KX604: the same
  >     - {name: c, image: "c:1"}
  > END
  $ ktrain validate pod.yaml --only KX604,KT091
  pod.yaml:11:7: warning KX604 container 'c' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  1 file, 1 object: 1 warning; 2 suppressed
  [3]
