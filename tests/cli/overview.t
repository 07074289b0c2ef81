The program alone shows what it can do, on stderr, and fails:

  $ ktrain 2>&1 >/dev/null | head -n 1
  ktrain plans, checks, submits and runs training jobs on Kubernetes.
  $ ktrain 2>/dev/null
  [2]

Asked for, help is a result:

  $ ktrain --help | tail -n 1
  Use "ktrain COMMAND --help" for examples and flags of a command.
  $ ktrain help version | head -n 1
  Print the version of the program.

Typos get the nearest name, and exit code 2:

  $ ktrain versoin
  error: unknown command "versoin"
    hint: did you mean: ktrain version
  [2]
  $ ktrain version --ouput=json
  error: unknown flag --ouput for ktrain version
    hint: did you mean --output?
  [2]
  $ ktrain version -o jsn
  error: --output must be one of table, json, yaml, name, got "jsn"
    hint: did you mean --output=json?
  [2]
  $ ktrain version extra
  error: ktrain version takes no argument, got "extra"
    hint: see: ktrain version --help
  [2]

Control characters of a command line do not reach the terminal:

  $ ktrain "$(printf 'a\033[31mb')"
  error: unknown command "a�[31mb"
    hint: see: ktrain --help
  [2]

A reader that went away ends the program without a word, as it ends any filter:

  $ { sleep 0.3; ktrain --help; echo $? > code; } | true; cat code
  141

So it does where the signal is ignored, as in all that asks a cluster:

  $ /usr/bin/python3 -c 'import os, subprocess as s; r, w = os.pipe(); os.close(r)
  > print(s.run(["ktrain", "--help"], stdout=w, restore_signals=False).returncode)'
  141

A full disk is:

  $ ktrain --help > /dev/full
  error: cannot write the output: No space left on device
    hint: free some space on the disk
  [1]

Help fits 80 columns, everywhere:

  $ for c in $(ktrain __complete -- '' | sed -n 's/\t.*//p' | grep -v help); do ktrain $c --help | awk -v c=$c 'length($0) > 80 {print c": "$0}'; done

Colour comes on demand, and as a terminal and NO_COLOR say otherwise; -v is taken everywhere:

  $ escapes() { grep -c "$(printf '\033')" || true; }
  $ printf 'apiVersion: v1\nkind: Pod\n' > bare.yaml
  $ ktrain validate bare.yaml | escapes
  0
  $ NO_COLOR=1 ktrain validate --color always bare.yaml | escapes
  4
  $ TERM=xterm NO_COLOR=1 script -qec 'ktrain validate bare.yaml' terminal </dev/null | escapes
  0
  $ TERM=xterm script -qec 'ktrain validate --color never bare.yaml' terminal </dev/null | escapes
  0
  $ unset NO_COLOR; TERM=xterm script -qec 'ktrain validate bare.yaml' terminal </dev/null | escapes
  8
  $ ktrain version -vv | escapes
  0
