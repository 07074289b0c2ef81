Bad files, for every command that reads one: one clear error with its place, exit code 2, nothing written.

  $ unset KUBECONFIG; export HOME=$PWD
  $ each() { for c in estimate "generate --to out" "submit --dry-run=client" run; do ktrain $c "$1" > stdout 2> stderr; echo "$? $(head -n 1 stderr)"; [ ! -s stdout ]; done | sort | uniq -c | sed 's/^ *//'; ktrain validate "$1" 2>&1 | head -n 1; [ ! -e out ]; }

  $ : > empty.yaml; each empty.yaml
  1 2 error: the file is empty
  3 2 error: the spec is empty
  no Kubernetes object in empty.yaml
  $ head -c 4096 /bin/ls > binary.yaml; each binary.yaml
  4 2 error: control character 0x7f in the text
  binary.yaml:1:1: error KT001 control character 0x7f in the text
  $ truncate -s 100M huge.yaml; each huge.yaml
  3 2 error: huge.yaml is larger than 1 MiB
  1 2 error: huge.yaml is larger than 64 MiB
  error: huge.yaml is larger than 64 MiB
  $ yes 'a: b' | head -c 104857600 > long.yaml; each long.yaml
  3 2 error: long.yaml is larger than 1 MiB
  1 2 error: long.yaml is larger than 64 MiB
  error: long.yaml is larger than 64 MiB
  $ printf 'a: &a [1,1,1,1,1,1,1,1,1]\n' > bomb.yaml; for x in b c d e f g h i j; do y=$(echo $x | tr b-j a-i); echo "$x: &$x [*$y,*$y,*$y,*$y,*$y,*$y,*$y,*$y,*$y]" >> bomb.yaml; done; each bomb.yaml
  1 2 error: aliases expand to more than 400000 values
  3 2 error: more than 20000 values in one file
  bomb.yaml:6:20: error KT001 aliases expand to more than 400000 values
  $ printf 'apiVersion: ktrain.dev/v1\nkind: TrainingJob\nmetadata:\n\tname: x\n' > tab.yaml; each tab.yaml
  4 2 error: a tab indents this line: YAML allows only spaces
  tab.yaml:4:1: error KT001 a tab indents this line: YAML allows only spaces
  $ each no-such-file.yaml
  4 2 error: cannot read no-such-file.yaml: No such file or directory
  error: cannot read no-such-file.yaml: No such file or directory
  $ mkdir folder; each folder
  4 2 error: cannot read folder: Is a directory
  error: no *.yaml, *.yml or *.json in folder
  $ ktrain init --template cnn > good.yaml; head -c 691 good.yaml > cut.yaml; ktrain generate cut.yaml > /dev/null
  error: this line has no ':' and continues no value
    at cut.yaml:14:3
    hint: write "key: value", or check the indentation
  [2]
  $ printf 'apiVersion: ktrain.dev/v2\nkind: TrainingJob\nmetadata: {name: x}\n' > version.yaml; ktrain generate version.yaml
  error: the spec names no model
    at version.yaml:1:1
    hint: write model: {type: simple_cnn}, or model_name_or_path
  error: apiVersion must be ktrain.dev/v1, got "ktrain.dev/v2"
    at version.yaml:1:13
    hint: write apiVersion: ktrain.dev/v1
  2 errors, 0 warnings
  [2]
  $ ktrain generate good.yaml --to /proc/nothing
  error: cannot create the folder /proc/nothing: No such file or directory
    hint: check the path
  [2]
  $ ktrain generate good.yaml > /dev/full
  error: cannot write the output: No space left on device
    hint: free some space on the disk
  [1]


A map of the spec is a flag of run, too, and its numbers must be those that the schedule takes:

  $ ktrain run --set model.type=simple_cnn --lr_scheduler_type polynomial --lr_scheduler_kwargs '{min_lr: 1e-6}'
  error: the schedule polynomial takes no "min_lr"
    at --lr_scheduler_kwargs
    hint: it takes lr_end, power
  [2]
