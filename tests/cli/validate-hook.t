The hook for pre-commit, with the ktrain on the PATH:

  $ printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\nimmutable: "true"\n' > pod.yaml
  $ "$TESTDIR/../hooks/pre_commit.py" ktrain-validate pod.yaml > out; code=$?; [ $code -ne 77 ] || exit 80; cat out; echo "$code"
  ktrain validate..........................................................Failed
  - hook id: ktrain-validate
  - exit code: 3
  
  pod.yaml:4:12: error KT004 immutable wants true or false, got the string 'true'
    fix: remove the quotes
  1 file, 1 object: 1 error
  1
  $ "$TESTDIR/../hooks/pre_commit.py" ktrain-validate-fix pod.yaml | grep -v -e '- duration'
  ktrain validate --fix....................................................Failed
  - hook id: ktrain-validate-fix
  - files were modified by this hook
  
  1 finding mended in 1 file
  1 file, 1 object: no findings
  $ cat pod.yaml
  apiVersion: v1
  kind: ConfigMap
  metadata: {name: p}
  immutable: true
  $ "$TESTDIR/../hooks/pre_commit.py" ktrain-validate pod.yaml
  ktrain validate..........................................................Passed
