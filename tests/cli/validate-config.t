A repository keeps its settings, for all folders below:

  $ mkdir -p repo/.git repo/k8s/dev && cd repo
  $ cat > .ktrain.yaml <<'END'
  > skip: [KG, KX603, KX604, KX607]
  > severity: {image-tag: error}
  > exclude: ["k8s/charts/**"]
  > overrides:
  >   - paths: ["k8s/dev/**"]
  >     skip: [KX601]
  > END
  $ pod() { printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: [{name: a, image: busybox}]}\n' "$1"; }
  $ pod a > k8s/a.yaml && pod b > k8s/dev/b.yaml && mkdir k8s/charts && echo '{{ }}' > k8s/charts/c.yaml
  $ ktrain validate k8s
  k8s/a.yaml:4:38: error KX601 image 'busybox' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  2 files, 2 objects: 1 error
  [3]
  $ cd k8s/dev && ktrain validate ..; cd ../..
  ../a.yaml:4:38: error KX601 image 'busybox' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  2 files, 2 objects: 1 error

Flags win, other settings can be named, or none:

  $ ktrain validate k8s/a.yaml --skip KT
  k8s/a.yaml:4:1: warning KX603 container 'a' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  k8s/a.yaml:4:1: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  k8s/a.yaml:4:21: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  k8s/a.yaml:4:38: error KX601 image 'busybox' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  1 file, 1 object: 1 error, 2 warnings, 1 hint
  [3]
  $ printf 'min-severity: error\n' > other.yaml && ktrain validate k8s/a.yaml --config other.yaml
  1 file, 1 object: no findings
  $ ktrain validate k8s/a.yaml --no-config
  k8s/a.yaml:4:1: warning KX603 container 'a' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  k8s/a.yaml:4:1: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  k8s/a.yaml:4:21: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  k8s/a.yaml:4:38: warning KX601 image 'busybox' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  1 file, 1 object: 3 warnings, 1 hint
  [3]

Mistakes in it are told with their place:

  $ printf 'skp: [KT]\n' > bad.yaml && ktrain validate k8s --config bad.yaml
  error: unknown key 'skp'
    at bad.yaml:1:1
    hint: did you mean skip?
  [2]
  $ printf 'skip: [KT0011]\n' > bad.yaml && ktrain validate k8s --config bad.yaml
  error: unknown rule 'KT0011'
    at bad.yaml:1:7
    hint: did you mean KT001?
  [2]
  $ printf 'overrides: [{path: x}]\n' > bad.yaml && ktrain validate k8s --config bad.yaml
  error: unknown key 'path'
    at bad.yaml:1:14
    hint: did you mean paths?
  [2]
  $ printf 'min-severity: high\n' > bad.yaml && ktrain validate k8s --config bad.yaml
  error: min-severity must be error, warning or info, got 'high'
    at bad.yaml:1:15
  [2]
  $ rm .ktrain.yaml

A baseline knows what was there before:

  $ ktrain validate k8s/a.yaml k8s/dev --write-baseline baseline.json
  8 findings written to baseline.json
  $ head -9 baseline.json
  {
    "version": 1,
    "findings": [
      {
        "rule": "KX604",
        "object": "/Pod//a",
        "path": "spec.containers[0]",
        "fingerprint": "e991bd967998d74c"
      },
  $ mv k8s/dev/b.yaml k8s/dev/moved.yaml && sed -i '1i # more' k8s/a.yaml && pod new > k8s/dev/new.yaml
  $ ktrain validate k8s/a.yaml k8s/dev --baseline baseline.json
  k8s/dev/new.yaml:4:1: warning KX603 container 'a' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
  k8s/dev/new.yaml:4:1: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
  k8s/dev/new.yaml:4:21: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
  k8s/dev/new.yaml:4:38: warning KX601 image 'busybox' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
  3 files, 3 objects: 3 warnings, 1 hint; 8 known to the baseline
  [3]
  $ rm k8s/a.yaml && ktrain validate k8s/dev/moved.yaml --baseline baseline.json
  1 file, 1 object: no findings; 4 known to the baseline
  $ ktrain validate k8s/dev --baseline k8s/dev/new.yaml
  error: syntax error while parsing value - invalid literal; last read: 'a'
    at k8s/dev/new.yaml:1:1
  [2]
