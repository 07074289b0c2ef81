What diagnose says without a cluster:

  $ cd "$CRAMTMP"
  $ export HOME=$PWD KUBECONFIG=$PWD/config NO_COLOR=1
  $ ktrain diagnose
  error: ktrain diagnose needs NAME
    hint: see: ktrain diagnose --help
  [2]
  $ ktrain why --help | head -n 6
  Tell why a job does not run or why it failed.
  
  Examples:
    # The cause, what proves it, and what to do; 3 is the exit code for findings
    ktrain diagnose cifar10-basic
    # Another kind of workload, for a program
  $ cat > config <<END
  > current-context: here
  > clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
  > contexts: [{name: here, context: {cluster: c, namespace: team}}]
  > END
  $ ktrain diagnose cnn 2>&1 | head -n 1
  error: cannot reach the server http://127.0.0.1:1 (context "here"): * (glob)
