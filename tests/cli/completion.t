Completion scripts are those in the tree:

  $ for s in bash:ktrain.bash zsh:_ktrain fish:ktrain.fish; do ktrain completion ${s%:*} | cmp - "$TESTDIR/../../completions/${s#*:}"; done
  $ ktrain completion bsh
  error: no completion for the shell "bsh"
    hint: did you mean bash?
  [2]

The program answers what may come next:

  $ ktrain __complete -- ver
  version	Print the version of the program
  :
  $ ktrain __complete -- version --output=
  --output=table
  --output=json
  --output=yaml
  --output=name
  :
  $ ktrain __complete -- version -o j
  json
  :
  $ ktrain __complete -- version --col
  --color	Colour the output
  :
  $ ktrain __complete -- nonsense ''
  :

Files are the shell's, contexts those of the kubeconfig, and a server that is away offers nothing:

  $ ktrain __complete -- validate tra
  :files
  $ ktrain __complete -- data st
  stats
  :files
  $ ktrain __complete -- generate --to ''
  :folders
  $ cat > config <<'END'
  > clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
  > contexts: [{name: lab, context: {cluster: c}}, {name: prod, context: {cluster: c}}]
  > current-context: lab
  > END
  $ KUBECONFIG=config ktrain __complete -- status --context l
  lab
  :
  $ ktrain __complete -- status --kubeconfig config --context=
  --context=lab
  --context=prod
  :
  $ KUBECONFIG=config ktrain __complete -- status -n ''
  :

Bash, as a user would press Tab:

  $ source <(ktrain completion bash)
  $ tab() { COMP_LINE=$1 COMP_POINT=${#1}; read -ra COMP_WORDS <<<"$1"; COMPREPLY=(); _ktrain ktrain "${2-}" 2>/dev/null; printf '%s\n' "${COMPREPLY[@]}"; }
  $ tab 'ktrain comple'
  completion
  $ tab 'ktrain version -o ' | sort | paste -sd' '
  json name table yaml
  $ tab 'ktrain version --output=j'
  json

Fish:

  $ fish -c 'ktrain completion fish | source; complete -C "ktrain comple"' | cut -f1
  completion
  $ fish -c 'ktrain completion fish | source; complete -C "ktrain version -o j"'
  json

Zsh, in a real terminal session of its own:

  $ cat > driver.zsh <<'END'
  > zmodload zsh/zpty
  > zpty z zsh -f -i
  > zpty -w z 'PS1=; autoload -Uz compinit && compinit -u -D; source <(ktrain completion zsh); zstyle ":completion:*" list-colors ""; print ready'
  > zpty -r z out '*ready*ready*' 2>/dev/null
  > zpty -n -w z $'ktrain versi\t\n'
  > zpty -r z out '*ktrain [0-9]*'
  > print -r -- "$out" | grep -ao 'ktrain [0-9.]*' | tail -n 1
  > zpty -d z
  > END
  $ timeout 20 zsh -f driver.zsh
  ktrain [0-9.]+ (re)
