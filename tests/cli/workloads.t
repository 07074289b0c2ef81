Commands on workloads of all kinds: what is wrong with their words is said before any cluster is asked.

  $ export KUBECONFIG=/nonexistent

A kind that is none, a name that is none:

  $ ktrain status pytorchjb/cnn
  error: "pytorchjb" is no kind of workload
    hint: did you mean pytorchjob/cnn?
  [2]
  $ ktrain wait crd/cnn
  error: "crd" is no kind of workload
    hint: known are jaxjob, job, jobset, mpijob, paddlejob, pytorchjob, rayjob, tfjob, trainjob, workflow, xgboostjob
  [2]
  $ ktrain suspend a/b/c
  error: "a" is no kind of workload
    hint: known are jaxjob, job, jobset, mpijob, paddlejob, pytorchjob, rayjob, tfjob, trainjob, workflow, xgboostjob
  [2]
  $ ktrain cancel cnn ../../pods
  error: ".." is no kind of workload
    hint: known are jaxjob, job, jobset, mpijob, paddlejob, pytorchjob, rayjob, tfjob, trainjob, workflow, xgboostjob
  [2]

Nobody can be asked in a script, and none must wait for an answer:

  $ ktrain cancel cnn </dev/null
  error: nobody can be asked whether to delete cnn: this is no terminal
    hint: say --yes
  [2]

Flags that do not go together:

  $ ktrain status -w
  error: --watch follows one job: give its NAME
    hint: for all of them: watch ktrain list
  [2]
  $ ktrain status cnn --mine
  error: --all, --mine and --selector choose among all jobs; they go with no NAME
  [2]
  $ ktrain status cnn -A
  error: -A lists the jobs of all namespaces; it goes with no NAME
    hint: use -n NAMESPACE
  [2]
  $ ktrain wait cnn --for done
  error: --for must be one of complete, deleted, ended, failed, running, got "done"
  [2]
  $ ktrain prune --older-than soon
  error: --older-than must be a time, not "soon"
    hint: write it as 90s, 5m or 1h30m
  [2]
  $ ktrain top --prometheus 'not a url'
  error: --prometheus must be a URL
    hint: for example http://localhost:9090
  [2]
  $ ktrain list cnn
  error: ktrain list takes no argument, got "cnn"
    hint: see: ktrain list --help
  [2]
