# Adds a node that runs containers (containerd, runc, kubelet) to the cluster; read in by ./cluster.
#
# The daemons run in a name space of mounts, where the places that they write to unasked are their own, and with all
# containers in one group of processes: who ends the group has ended all, and nothing of the machine is to be mended.
# Pods have addresses of a range that is kept for tests (RFC 2544).

node=real-0
node_packages='containerd runc containernetworking-plugins busybox-static'
# Folders and settings of the kernel that the daemons write to and cannot be told not to.
node_own_folders=(/run/containerd /var/lib/cni /var/lib/kubelet /var/log/containers)
node_own_settings=(vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys
    kernel/keys/root_maxbytes)
pause_image=cluster.local/pause:1 busybox_image=cluster.local/busybox:1

# node_settings sets what follows from the port, so that clusters do not meet.
node_settings() {
    local number=$((PORT / 16 % 1024))
    node_group=ktrain-$PORT node_bridge=ktrain-$PORT
    node_net=198.$((18 + number / 512)).$((number / 2 % 256)).$((number % 2 * 128))
    node_address=${node_net%.*}.$((number % 2 * 128 + 1))
}

# node_possible skips where the machine lacks what a node needs.
node_possible() {
    local program
    ((EUID == 0)) || skip "a real node needs root"
    for program in containerd ctr runc busybox; do
        command -v "$program" >/dev/null || skip "a real node needs $program (packages $node_packages)"
    done
    [ -x /usr/lib/cni/bridge ] || skip "a real node needs plugins in /usr/lib/cni (packages $node_packages)"
    busybox_is_static || skip "a real node needs a static busybox (packages $node_packages)"
    unshare --mount true 2>/dev/null || skip "a real node needs a name space of mounts, which is refused here"
}

busybox_is_static() {
    local empty status=0
    empty=$(mktemp -d)
    { cp "$(command -v busybox)" "$empty/busybox" && chroot "$empty" /busybox true 2>/dev/null; } || status=1
    rm -rf "$empty"
    return "$status"
}

# make_group makes the group of processes in all hierarchies; daemons is the part that is for them.
make_group() {
    local hierarchy daemons=pids
    [ ! -f /sys/fs/cgroup/cgroup.controllers ] || daemons=.
    for hierarchy in $(group_hierarchies); do
        mkdir -p "$hierarchy/$node_group" 2>/dev/null || skip "a real node needs cgroups that can be written to"
    done
    node_daemons=/sys/fs/cgroup/$daemons/$node_group/daemons
    mkdir -p "$node_daemons"
}

group_hierarchies() {
    if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo /sys/fs/cgroup; else printf '%s\n' /sys/fs/cgroup/*/; fi
}

make_bridge() {
    ip link add "$node_bridge" type bridge && ip addr add "$node_address/25" dev "$node_bridge" &&
        ip link set "$node_bridge" up
}

# enter_node COMMAND...: becomes the command, in the group and with a name space of mounts.
enter_node() {
    local folder setting
    echo $BASHPID >"$node_daemons/cgroup.procs"
    for folder in "${node_own_folders[@]}"; do
        mkdir -p "$folder"
        mount -t tmpfs node "$folder"
    done
    for setting in "${node_own_settings[@]}"; do
        mkdir -p "$CLUSTER/settings/${setting%/*}"
        cat "/proc/sys/$setting" >"$CLUSTER/settings/$setting"
        mount --bind "$CLUSTER/settings/$setting" "/proc/sys/$setting"
    done
    exec "$@"
}

# within COMMAND...: runs it where the daemons see their files.
within() { nsenter --mount="/proc/$(<"$CLUSTER/containerd.pid")/ns/mnt" -- "$@"; }

node_ctr() { within timeout 60 ctr -a "$CLUSTER/containerd.sock" -n k8s.io "$@"; }

start_containerd() {
    mkdir -p "$CLUSTER/cni"
    cat >"$CLUSTER/cni/bridge.conf" <<END
{"cniVersion": "0.4.0", "name": "ktrain", "type": "bridge", "bridge": "$node_bridge",
 "ipam": {"type": "host-local", "subnet": "$node_net/25", "dataDir": "$CLUSTER/cni/leases"}}
END
    # The snapshotter "native" copies images: overlays cannot be made on every file system. Without CAP_SYS_RESOURCE no
    # process may be made less likely to be killed.
    cat >"$CLUSTER/containerd.toml" <<END
version = 2
root = "$CLUSTER/containerd"
state = "$CLUSTER/containerd-state"
[grpc]
  address = "$CLUSTER/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$CLUSTER/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$pause_image"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$CLUSTER/cni"
END
    spawn_as containerd unshare --mount bash -euc "$(declare -p CLUSTER node_daemons node_own_folders node_own_settings)
        $(declare -f enter_node)"'; enter_node "$@"' enter containerd --config "$CLUSTER/containerd.toml"
    await containerd "container runtime" node_ctr version
}

# load_image NAME COMMAND: an image that holds busybox and runs that command, a JSON list.
load_image() {
    local folder=$CLUSTER/image layer
    if [ ! -e "$folder/layer.tar" ]; then
        mkdir -p "$folder/root/"{bin,etc,tmp}
        cp "$(command -v busybox)" "$folder/root/bin/busybox"
        chroot "$folder/root" /bin/busybox --install -s /bin
        echo root:x:0:0:root:/:/bin/sh >"$folder/root/etc/passwd"
        tar -C "$folder/root" -cf "$folder/layer.tar" .
    fi
    layer=$(sha256sum "$folder/layer.tar" | cut -d ' ' -f 1)
    cat >"$folder/config.json" <<END
{"architecture": "$(dpkg --print-architecture)", "os": "linux", "config": {"Cmd": $2, "Env": ["PATH=/bin"]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$layer"]}}
END
    echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$1\"], \"Layers\": [\"layer.tar\"]}]" >"$folder/manifest.json"
    tar -C "$folder" -c manifest.json config.json layer.tar |
        node_ctr images import --snapshotter native - >/dev/null 2>"$CLUSTER/image.log"
}

start_kubelet() {
    cert kubelet "/O=system:nodes/CN=system:node:$node" "IP:$node_address,DNS:$node"
    kubeconfig kubelet default "client-certificate-data: $(base64 -w0 "$CLUSTER/kubelet.crt"),
    client-key-data: $(base64 -w0 "$CLUSTER/kubelet.key")"
    # Logs of 4 MB are rotated as soon as can be. Nothing is evicted for the sake of this machine.
    cat >"$CLUSTER/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_address
healthzPort: 0
containerRuntimeEndpoint: unix://$CLUSTER/containerd.sock
authentication: {anonymous: {enabled: false}, x509: {clientCAFile: $CLUSTER/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $CLUSTER/kubelet.crt
tlsPrivateKeyFile: $CLUSTER/kubelet.key
cgroupDriver: cgroupfs
cgroupRoot: /$node_group
failCgroupV1: false
failSwapOn: false
makeIPTablesUtilChains: false
volumePluginDir: $CLUSTER/kubelet/plugins
podLogsDir: $CLUSTER/pods
containerLogMaxSize: 4Mi
containerLogMaxFiles: 3
containerLogMonitorInterval: 3s
nodeStatusUpdateFrequency: 1s
maxPods: 120
resolvConf: ""
evictionHard: {memory.available: 0%, nodefs.available: 0%, imagefs.available: 0%}
imageGCHighThresholdPercent: 100
END
    spawn_as kubelet sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$node_daemons" \
        nsenter --mount="/proc/$(<"$CLUSTER/containerd.pid")/ns/mnt" -- \
        "$bin/kubelet" --kubeconfig "$CLUSTER/kubelet.conf" --config "$CLUSTER/kubelet.yaml" --node-ip "$node_address" \
        --hostname-override "$node" --root-dir "$CLUSTER/kubelet" --cert-dir "$CLUSTER/kubelet" --node-labels "$real_node"
    await kubelet "ready node" kubectl wait --for condition=Ready "node/$node" --timeout 2s
    kubectl patch node "$node" --subresource status --type json \
        -p '[{"op": "add", "path": "/status/capacity/nvidia.com~1gpu", "value": "8"}]' >/dev/null
    await kubelet "GPUs" kubectl wait --for 'jsonpath={.status.allocatable.nvidia\.com/gpu}=8' "node/$node" --timeout 2s
}

start_node() {
    local without=skip # this machine may have something that these daemons cannot live with
    node_settings
    : >"$CLUSTER/node" # what stop_node removes may be there from here on
    make_group
    make_bridge 2>"$CLUSTER/bridge.log" || skip "a real node needs a bridge: $(tail -n 1 "$CLUSTER/bridge.log")"
    start_containerd
    load_image "$pause_image" '["sleep", "2147483647"]' && load_image "$busybox_image" '["sh"]' ||
        skip "containerd takes no image: $(tail -n 1 "$CLUSTER/image.log")"
    node_ctr run --rm --snapshotter native --cgroup "/$node_group/trial" "$busybox_image" trial true \
        2>"$CLUSTER/trial.log" || skip "no container runs here: $(tail -n 1 "$CLUSTER/trial.log")"
    start_kubelet
}

# stop_node ends what is in the group, then removes what the daemons made outside of the cluster's folder.
stop_node() {
    local tries processes
    node_settings
    for ((tries = 0; tries < 100; tries++)); do
        processes=$(find /sys/fs/cgroup/{,*/}"$node_group" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u || true)
        [ -n "$processes" ] || break
        kill -KILL $processes 2>/dev/null || true
        sleep 0.1
    done
    find /sys/fs/cgroup/{,*/}"$node_group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    ip link delete "$node_bridge" 2>/dev/null || true
}
