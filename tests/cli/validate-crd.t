CRDs make kinds known that are not compiled in, with their defaults and their rules:

  $ cat > crd.yaml <<'END'
  > apiVersion: apiextensions.k8s.io/v1
  > kind: CustomResourceDefinition
  > metadata: {name: tunings.lab.example.org}
  > spec:
  >   group: lab.example.org
  >   scope: Namespaced
  >   names: {kind: Tuning, plural: tunings}
  >   versions:
  >     - name: v1
  >       served: true
  >       storage: true
  >       schema:
  >         openAPIV3Schema:
  >           type: object
  >           properties:
  >             spec:
  >               type: object
  >               required: [steps, warmup]
  >               x-kubernetes-validations: [{rule: self.warmup < self.steps, message: warmup leaves no steps}]
  >               properties: {steps: {type: integer}, warmup: {type: integer, default: 5}}
  > END
  $ cat > tuning.yaml <<'END'
  > apiVersion: lab.example.org/v1
  > kind: Tuning
  > metadata: {name: a}
  > spec: {steps: 4}
  > END
  $ ktrain validate tuning.yaml
  1 file, 1 object: no findings; structure not checked: Tuning (1)
  $ ktrain validate --crd crd.yaml tuning.yaml
  tuning.yaml:4:1: error KT048 warmup leaves no steps
    fix: the CRD wants 'self.warmup < self.steps'
  1 file, 1 object: 1 error
  [3]

One among the files that are checked does the same, and a folder of CRDs may hold other things:

  $ ktrain validate crd.yaml tuning.yaml | tail -1
  2 files, 2 objects: 1 error
  $ mkdir crds && cp crd.yaml crds/ && echo 'kind: Kustomization' > crds/kustomization.yaml
  $ ktrain validate --crd crds tuning.yaml --only KT048 | tail -1
  1 file, 1 object: 1 error
  $ sed 's/steps: 4/step: 4/' tuning.yaml | ktrain validate --crd crds
  -:4:8: error KT003 unknown field 'step' in spec
    fix: did you mean 'steps'?
  1 file, 1 object: 1 error
  [3]

Where the schema keeps other fields, one that is nearly called like one of its own is told:

  $ sed 's/required: .*/x-kubernetes-preserve-unknown-fields: true/; /validations/d' crd.yaml > open.yaml
  $ sed 's/steps: 4/steps: 4, warmpu: 1, other: 2/' tuning.yaml | ktrain validate --crd open.yaml
  -:4:18: warning KT003 the server keeps 'warmpu', and what reads 'warmup' does not see it
    fix: did you mean 'warmup'?
  1 file, 1 object: 1 warning
  [3]

Rules that do not compile are the CRD's errors:

  $ sed 's/self.warmup </self.warmups </' crd.yaml > bad.yaml
  $ ktrain validate --crd bad.yaml tuning.yaml
  bad.yaml:19:49: error KT049 the expression does not compile: the schema has no field 'warmups' here (column 5 of it)
    fix: correct it: 'self.warmups < self.steps'
  1 file, 1 object: 1 error
  [3]

What holds no CRD is refused:

  $ ktrain validate --crd tuning.yaml tuning.yaml
  error: no CustomResourceDefinition with a version that is served in tuning.yaml
    hint: see those of a cluster: kubectl get crd NAME -o yaml
  [2]
  $ ktrain validate --crd none.yaml tuning.yaml 2>&1 | head -1
  error: cannot read none.yaml: No such file or directory
  $ ktrain validate --cluster --kubernetes-version 1.31 tuning.yaml
  error: --cluster and --kubernetes-version exclude each other
    hint: the server says its version: leave --kubernetes-version out
  [2]

A repository says where its CRDs are; a flag takes their place:

  $ mkdir sub && printf 'crds: [crds]\n' > .ktrain.yaml
  $ (cd sub && ktrain validate ../tuning.yaml --only KT048 | tail -1)
  1 file, 1 object: 1 error
  $ sed 's/warmup < /steps < /' crd.yaml > same.yaml && ktrain validate --crd same.yaml tuning.yaml
  tuning.yaml:4:1: error KT048 warmup leaves no steps
    fix: the CRD wants 'self.steps < self.steps'
  1 file, 1 object: 1 error
  [3]
  $ ktrain validate --no-config tuning.yaml
  1 file, 1 object: no findings; structure not checked: Tuning (1)
