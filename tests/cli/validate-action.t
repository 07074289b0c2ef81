The steps of the GitHub Action, with a given program and with the one on the PATH:

  $ printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\nimmutable: "true"\n' > 'a pod.yaml'
  $ "$TESTDIR/../hooks/action.py" paths="$(printf 'a pod.yaml\n')" args='--only KT' binary="$(command -v ktrain)" | sed 's/^ktrain .*/ktrain VERSION/'
  ktrain VERSION
  ::error file=a pod.yaml,line=4,col=12,title=KT004::immutable wants true or false, got the string 'true'%0Afix: remove the quotes
  1 file, 1 object: 1 error
  uses github/codeql-action/upload-sarif@v3: {'sarif_file': 'ktrain.sarif'}
  step 'Result' ended with 3
  $ python3 -c 'import json; print(json.load(open("ktrain.sarif"))["runs"][0]["results"][0]["ruleId"])'
  KT004
  $ sed -i 's/"true"/true/' 'a pod.yaml' && "$TESTDIR/../hooks/action.py" sarif=out.sarif upload=false | tail -1
  uses github/codeql-action/upload-sarif@v3: {'sarif_file': 'out.sarif'}
  $ "$TESTDIR/../hooks/action.py" paths=none.yaml 2>&1 | tail -3
    hint: check the path
  uses github/codeql-action/upload-sarif@v3: {'sarif_file': 'ktrain.sarif'}
  step 'Result' ended with 2
