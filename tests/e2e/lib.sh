# What the end-to-end cases are made of: running ktrain, looking at what it said, and at the cluster.
#
# Each case runs in a folder and a namespace ($NS) of its own, with `set -e`: a command that fails fails the case.

NS=e2e-${1//_/-}-$RANDOM

ktrain() { "$KTRAIN" "$@"; }
kubectl() { "$KUBECTL" "$@"; }

# end_children PID: the commands that a case has started and not waited for, and what they have started.
end_children() {
    local child
    for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
        end_children "$child"
        kill -KILL "$child" 2>/dev/null || true
    done
}
trap 'end_children $$' EXIT # also of a case that hangs, and is ended by a signal

die() { printf 'FAILED: %s\n' "$*"; exit 1; }

# secret: a word that must be in nothing that ktrain says. What it has said in any case is searched for it at the end.
secret() {
    local word=hidden-$RANDOM$RANDOM$RANDOM
    echo "$word" | tee -a "$SECRETS"
}
keep() { cat out err >>transcript 2>/dev/null || true; }

# expect CODE COMMAND...: the command's exit code; what it prints is in the files out and err.
expect() {
    local want=$1 code=0
    shift
    "$@" >out 2>err </dev/null || code=$?
    [ "$1" = kubectl ] || keep
    [ "$code" = "$want" ] || { cat out err; die "exit code $code instead of $want: $*"; }
}

# said FILE TEXT...: every text stands in the file.
said() {
    local file=$1 text
    shift
    keep
    for text in "$@"; do grep -qF -- "$text" "$file" || { cat "$file"; die "not in $file: $text"; }; done
}

not_said() { if grep -qF -- "$2" "$1"; then cat "$1"; die "in $1: $2"; fi; }

# until_true COMMAND...: waits for it for a minute at most.
until_true() {
    local end=$((SECONDS + 60))
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) || die "never true: $*"
        sleep 0.1
    done
}

# free_ports COUNT: the first of so many ports that nobody listens on. The cluster takes its ports below 30000,
# connections theirs from 32768 on.
free_ports() {
    local tries first port
    for ((tries = 0; tries < 100; tries++)); do
        first=$((30000 + RANDOM % (2768 - $1)))
        for ((port = first; port < first + $1; port++)); do
            if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue 2; fi
        done
        echo "$first"
        return
    done
    die "no $1 free ports"
}

# make_namespace: with the service account that pods need.
make_namespace() {
    kubectl create namespace "$NS" >/dev/null
    until_true kubectl get serviceaccount default -n "$NS"
}

# user NAME ROLE: NAME.conf is the kubeconfig of a new user (a service account elsewhere) with that cluster role in $NS.
user() {
    local server ca token
    server=$(kubectl config view -o jsonpath='{.clusters[0].cluster.server}')
    ca=$(kubectl config view --raw --flatten -o jsonpath='{.clusters[0].cluster.certificate-authority-data}')
    kubectl create serviceaccount "$1-$NS" -n default >/dev/null
    kubectl create rolebinding "e2e-user-$1" -n "$NS" --clusterrole "$2" --serviceaccount "default:$1-$NS" >/dev/null
    token=$(kubectl create token "$1-$NS" -n default)
    echo "$token" >>"$SECRETS"
    cat >"$1.conf" <<END
clusters: [{name: c, cluster: {server: "$server", certificate-authority-data: $ca}}]
users: [{name: u, user: {token: $token}}]
contexts: [{name: $1, context: {cluster: c, user: u, namespace: $NS}}]
current-context: $1
END
}

# left_in_namespace: all objects there but those that every namespace has.
left_in_namespace() {
    local kinds
    kinds=$(kubectl api-resources --verbs=list --namespaced -o name | grep -v -e '^events' -e '^bindings' | paste -sd,)
    kubectl get "$kinds" -n "$NS" --ignore-not-found -o name 2>/dev/null |
        grep -v -e '^configmap/kube-root-ca.crt$' -e '^serviceaccount/default$' -e '/e2e-user-' || true
}

nothing_left() { [ -z "$(left_in_namespace)" ]; }

# bundle NAME [KEY=VALUE...]: manifests of a job with all that belongs to it. Keys: pods, run, exit, gpus, data (any
# word: another word is another job), namespace=yes (the namespace is part of the bundle).
bundle() {
    local name=$1 pods=1 run=1s exit=0 gpus=1 data=one namespace=
    shift
    if (($#)); then local "$@"; fi
    if [ -n "$namespace" ]; then
        printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {made-by: e2e}}\n---\n' "$NS"
    fi
    cat <<END
apiVersion: v1
kind: ConfigMap
metadata: {name: $name-spec, namespace: $NS, labels: {ktrain.dev/job: $name}}
data: {word: $data}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: $name, namespace: $NS, labels: {ktrain.dev/job: $name}}
automountServiceAccountToken: false
---
apiVersion: v1
kind: Service
metadata: {name: $name, namespace: $NS, labels: {ktrain.dev/job: $name}}
spec: {clusterIP: None, selector: {ktrain.dev/job: $name}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: $name, namespace: $NS, labels: {ktrain.dev/job: $name, ktrain.dev/spec-digest: digest-$data}}
spec:
  completionMode: Indexed
  completions: $pods
  parallelism: $pods
  backoffLimit: 0
  template:
    metadata:
      labels: {ktrain.dev/job: $name}
      annotations: {fake/run: $run, fake/exit: "$exit"}
    spec:
      restartPolicy: Never
      serviceAccountName: $name
      containers:
      - {name: trainer, image: example.org/ktrain, resources: {limits: {nvidia.com/gpu: $gpus, cpu: "1", memory: 1Gi}}}
END
}

# real_job NAME SCRIPT [KEY=VALUE...]: a Job whose pods run that script. Keys: pods, restart, image, memory, grace, env (a
# list in YAML).
real_job() {
    local name=$1 script=$2 pods=1 restart=Never image=cluster.local/busybox:1 memory=64Mi grace=30 env='[]'
    shift 2
    if (($#)); then local "$@"; fi
    cat <<END
apiVersion: batch/v1
kind: Job
metadata: {name: $name, namespace: $NS}
spec:
  completionMode: Indexed
  completions: $pods
  parallelism: $pods
  backoffLimit: $([ "$restart" = Never ] && echo 0 || echo 6)
  template:
    metadata: {labels: {ktrain.dev/job: $name}}
    spec:
      restartPolicy: $restart
      terminationGracePeriodSeconds: $grace
      nodeSelector: {ktrain.dev/node: real}
      containers:
      - name: trainer
        image: $image
        command: [sh, -c]
        args: [$(printf '%s' "$script" | python3 -c 'import json, sys; print(json.dumps(sys.stdin.read()))')]
        env: $env
        resources: {requests: {cpu: 1m}, limits: {memory: $memory}}
END
}
