# Adds training controllers with their webhooks to a cluster that is up; read in by ../cluster.
#
# They run on this machine instead of in pods. What a module's own manifests hold is applied as it is, less what would
# run the controller: its Deployment, and its Service, which becomes a name for localhost. The API server then calls the
# process here, under the name that the certificate has.

controllers=(training-operator jobset trainer) # trainer makes JobSets, so that kind comes first
controllers_here=$here/controllers
controllers_hash=$(cat "$controllers_here"/{go.mod,go.sum,add.sh} | sha256sum | cut -c1-16)
controllers_cache=$cache/controllers-$controllers_hash

# render NAME MODULE FOLDER: the manifests in that folder of a module, as one file of the cache.
render() {
    local copy=$controllers_cache.partial/$1.parts
    cp -r "$(cd "$controllers_here" && GOWORK=off "$go" list -m -f '{{.Dir}}' "$2")/${3%%/*}" "$copy"
    chmod -R u+w "$copy"
    # The one resource that lies elsewhere in the net; its controller is added by itself.
    sed -i '/third-party\/jobset/d' "$copy/${3#*/}/kustomization.yaml"
    "$bin/kubectl" kustomize "$copy/${3#*/}" 2> >(grep -v deprecated >&2) >"${copy%.parts}.yaml"
    rm -rf "$copy"
}

build_controllers() {
    local folder=$controllers_cache.partial
    build
    if [ -d "$controllers_cache" ]; then return; fi
    exec 9>"$cache/.controllers.lock"
    flock -n 9 || { say "waiting for another build"; flock 9; }
    if [ -d "$controllers_cache" ]; then return; fi
    find_go
    say "building ${controllers[*]}: about 4 CPU minutes, once"
    rm -rf "$folder"
    mkdir -p "$folder"
    (cd "$controllers_here" && GOWORK=off GOTOOLCHAIN=local CGO_ENABLED=0 nice "$go" build -trimpath -buildvcs=false \
        -ldflags "-s -w" -o "$folder/" tool 2> >(grep -v '^go: downloading' >&2)) || die "the build failed"
    mv "$folder/training-operator.v1" "$folder/training-operator"
    mv "$folder/trainer-controller-manager" "$folder/trainer"
    render training-operator github.com/kubeflow/training-operator manifests/overlays/standalone
    render jobset sigs.k8s.io/jobset config/default
    render trainer github.com/kubeflow/trainer/v2 manifests/overlays/manager
    mv -T "$folder" "$controllers_cache"
    exec 9>&-
}

# apply_manifests NAME PORT: applies the manifests with the webhooks at that port.
apply_manifests() {
    kubectl create --dry-run=client -o json -f "$controllers_cache/$1.yaml" | python3 -c '
import json, sys
text, decoder = sys.stdin.read().strip(), json.JSONDecoder()
while text:
    item, end = decoder.raw_decode(text)
    text = text[end:].lstrip()
    for item in item["items"] if item["kind"] == "List" else [item]:
        if item["kind"] in ("Deployment", "Service"):
            continue
        for hook in item.get("webhooks", []):
            hook["clientConfig"]["service"]["port"] = int(sys.argv[1])
        print(json.dumps(item))' "$2" | kubectl apply --server-side -f - >/dev/null
}

# kinds_served: whether discovery has all kinds that CRDs add: a controller that starts before that does not know them.
kinds_served() {
    local kinds path plural
    kinds=$(kubectl get crds -o go-template='{{range .items}}{{$crd := .}}{{range .spec.versions}}{{if .served}}/apis/{{
        $crd.spec.group}}/{{.name}} {{$crd.spec.names.plural}}{{"\n"}}{{end}}{{end}}{{end}}') || return
    while read -r path plural; do
        [[ $(kubectl get --raw "$path") == *"\"name\":\"$plural\""* ]] || return
    done <<<"$kinds"
}

# run_controller NAME NAMESPACE SERVICE SECRET PORT ARGUMENT...: installs it, starts it and waits until it is ready.
run_controller() {
    local name=$1 namespace=$2 service=$3 secret=$4 port=$5 file own=(unshare --mount)
    local certs=$CLUSTER/$1/serving-certs
    shift 5
    mkdir -p "$certs"
    kubectl create namespace "$namespace" --dry-run=client -o json | kubectl apply --server-side -f - >/dev/null
    apply_manifests "$name" "$port"
    await kube-apiserver "kinds of $name" kinds_served
    kubectl create service externalname "$service" -n "$namespace" --external-name localhost >/dev/null
    # All look for certificates in one folder whose name is fixed: each gets its own, in a name space of mounts.
    ((EUID == 0)) || own=(unshare --map-root-user --mount)
    MY_POD_NAMESPACE=$namespace spawn_as "$name" "${own[@]}" sh -c \
        'mkdir -p /tmp/k8s-webhook-server && mount --bind "$0" /tmp/k8s-webhook-server && exec "$@"' \
        "$CLUSTER/$name" "$controllers_cache/$name" --kubeconfig "$CLUSTER/admin.conf" "$@"
    # In a pod the kubelet would mount the Secret that the controller fills.
    await "$name" "certificate of $name" eval "[ -n \"\$(secret_file $namespace $secret tls.crt)\" ]"
    for file in ca.crt tls.key tls.crt; do
        secret_file "$namespace" "$secret" "$file" | base64 -d >"$certs/.$file"
        mv "$certs/.$file" "$certs/$file"
    done
    await "$name" "ready $name" python3 -c 'import sys, urllib.request as r; r.urlopen(sys.argv[1])' \
        "http://127.0.0.1:$((port + 1))/readyz"
}

secret_file() { kubectl get secret -n "$1" "$2" -o "jsonpath={.data.${3/./\\.}}"; }

# settings PORT: what jobset and trainer read alike.
settings() {
    printf 'kind: Configuration\nleaderElection: {leaderElect: false}\nwebhook: {port: %d}\n' "$1"
    printf 'health: {healthProbeBindAddress: "127.0.0.1:%d"}\n' $(($1 + 1))
}

start_controller() { # NAME
    local port file=$CLUSTER/$1.yaml service secret
    case $1 in
    training-operator)
        port=$((PORT + 7))
        run_controller "$1" kubeflow training-operator training-operator-webhook-cert $port \
            --webhook-server-port $port --health-probe-bind-address "127.0.0.1:$((port + 1))" \
            --metrics-bind-address "127.0.0.1:$((port + 2))"
        ;;
    jobset)
        port=$((PORT + 10)) service=jobset-webhook-service secret=jobset-webhook-server-cert
        {
            settings $port
            printf 'apiVersion: config.jobset.x-k8s.io/v1alpha1\nmetrics: {bindAddress: "127.0.0.1:%d"}\n' $((port + 2))
            printf 'internalCertManagement: {enable: true, webhookServiceName: %s, webhookSecretName: %s}\n' $service $secret
        } >"$file"
        run_controller "$1" jobset-system $service $secret $port --config "$file"
        ;;
    trainer)
        port=$((PORT + 13)) service=kubeflow-trainer-controller-manager secret=kubeflow-trainer-webhook-cert
        {
            settings $port
            printf 'apiVersion: config.trainer.kubeflow.org/v1alpha1\n'
            printf 'metrics: {bindAddress: "127.0.0.1:%d", secureServing: false}\n' $((port + 2))
            printf 'certManagement: {enable: true, webhookServiceName: %s, webhookSecretName: %s}\n' $service $secret
        } >"$file"
        run_controller "$1" kubeflow-system $service $secret $port --config "$file"
        ;;
    *) misused "no controller $1; there are: ${controllers[*]}" ;;
    esac
}

add() {
    local name
    (($#)) || set -- "${controllers[@]}"
    there
    command -v unshare >/dev/null || skip "no unshare"
    build_controllers
    for name in "$@"; do start_controller "$name"; done
    say "added $* after $SECONDS s"
}
