What an end-to-end case leaves running ends with it, also when it hangs and is ended by a signal.

  $ KTRAIN=true KUBECTL=true bash -euo pipefail -c '. "$TESTDIR/../e2e/lib.sh"
  > sleep 300 & echo $! >behind
  > (sleep 300; true) & echo $! >below
  > bash -c "echo \$\$ >before; exec sleep 300"' case case >/dev/null 2>&1 & pid=$!
  $ until [ -s before ]; do sleep 0.1; done; kill $pid; wait $pid
  [143]
  $ runs() { grep -qs '^State:.[^ZX]' /proc/$(cat $1)/status; }
  $ for file in behind below before; do
  >   for _ in $(seq 50); do runs $file || continue 2; sleep 0.1; done
  >   echo "$file runs on"
  >   kill $(cat $file)
  > done
