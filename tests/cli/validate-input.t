Globs that the shell left alone:

  $ mkdir -p a/b/c && for f in a/x a/b/y a/b/c/z; do printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n' "${f##*/}" > $f.yaml; done
  $ ktrain validate 'a/**/*.yaml'
  a/b/c/z.yaml:3:1: info KX608 the namespace says nothing of pod security: any pod may be privileged in it
    fix: add the label pod-security.kubernetes.io/warn: baseline, and enforce it once nothing is reported
  a/b/y.yaml:3:1: info KX608 the namespace says nothing of pod security: any pod may be privileged in it
    fix: add the label pod-security.kubernetes.io/warn: baseline, and enforce it once nothing is reported
  a/b/y.yaml:3:18: error KT004 name wants a string, got the boolean 'y'
    fix: quote it: "y"
  a/x.yaml:3:1: info KX608 the namespace says nothing of pod security: any pod may be privileged in it
    fix: add the label pod-security.kubernetes.io/warn: baseline, and enforce it once nothing is reported
  3 files, 3 objects: 1 error, 3 hints
  [3]
  $ ktrain validate 'a/*/[y-z].yaml'
  a/b/y.yaml:3:1: info KX608 the namespace says nothing of pod security: any pod may be privileged in it
    fix: add the label pod-security.kubernetes.io/warn: baseline, and enforce it once nothing is reported
  a/b/y.yaml:3:18: error KT004 name wants a string, got the boolean 'y'
    fix: quote it: "y"
  1 file, 1 object: 1 error, 1 hint
  [3]
  $ ktrain validate 'a/*.yml'
  error: no file matches 'a/*.yml'
    hint: '**' matches any folders
  [2]

Helm says where documents come from:

  $ cat > rendered.yaml <<'END'
  > ---
  > # Source: chart/templates/ns.yaml
  > apiVersion: v1
  > kind: Namespace
  > metadata: {name: A}
  > ---
  > # Source: chart/templates/pod.yaml
  > apiVersion: v1
  > kind: Pod
  > metadata: {name: p}
  > spec: {containers: [{name: a, image: busybox}]}
  > END
  $ ktrain validate - < rendered.yaml
  -:5:1: info KX608 the namespace says nothing of pod security: any pod may be privileged in it
    fix: add the label pod-security.kubernetes.io/warn: baseline, and enforce it once nothing is reported
    from: chart/templates/ns.yaml
  -:5:18: error KT007 the name 'A' must be lower-case letters, digits and '-', with a letter or digit at both ends
    fix: write 'a'
    from: chart/templates/ns.yaml
  -:11:1: warning KX603 container 'a' may run as root: neither runAsNonRoot nor runAsUser is set
    fix: set runAsNonRoot: true and runAsUser under the pod's securityContext
    from: chart/templates/pod.yaml
  -:11:1: info KX607 the pod does not set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true
    fix: set seccompProfile: {type: RuntimeDefault} and readOnlyRootFilesystem: true, with volumes for caches and /tmp
    from: chart/templates/pod.yaml
  -:11:21: warning KX604 container 'a' may gain privileges
    fix: set securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    from: chart/templates/pod.yaml
  -:11:38: warning KX601 image 'busybox' has no tag, which means latest
    fix: name a version, or a digest: image@sha256:DIGEST
    from: chart/templates/pod.yaml
  1 file, 2 objects: 1 error, 3 warnings, 2 hints
  [3]

Lists in lists:

  $ printf 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Namespace, metadata: {name: B}}\n' | ktrain validate
  -:7:39: info KX608 the namespace says nothing of pod security: any pod may be privileged in it
    fix: add the label pod-security.kubernetes.io/warn: baseline, and enforce it once nothing is reported
  -:7:56: error KT007 the name 'B' must be lower-case letters, digits and '-', with a letter or digit at both ends
    fix: write 'b'
  1 file, 1 object: 1 error, 1 hint
  [3]

The number of threads changes nothing:

  $ for i in $(seq 400); do printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%s}\nspec:\n  containers:\n    - {name: a, image: busybox, pull: %s}\n' $i $i; done > many.yaml
  $ for j in 0 1 2 7; do ktrain validate many.yaml rendered.yaml --jobs $j | md5sum; done | uniq | wc -l
  1
  $ ktrain validate many.yaml --jobs 5 | tail -1
  1 file, 400 objects: 400 errors, 1200 warnings, 400 hints
  $ ktrain validate many.yaml --jobs -1
  error: --jobs must be 0 to 1024, got -1
  [2]
