# More API servers on the cluster's etcd, for the cases that stop one and start it again.

serves() { kubectl get --raw /readyz --server "https://127.0.0.1:$1" --certificate-authority "$2"; }

# start_server NAME PORT [CERTIFICATE [CA]]: as the cluster's own, with CERTIFICATE.crt and .key of the authority CA.
start_server() {
    local words certificate=${3:-$CLUSTER/server}
    readarray -d '' -t words <"/proc/$(<"$CLUSTER/kube-apiserver.pid")/cmdline"
    # The last flag of a name counts. `cluster down` ends what has a file with its pid.
    setsid "${words[@]}" --secure-port "$2" --tls-cert-file "$certificate.crt" --tls-private-key-file "$certificate.key" \
        >"$CLUSTER/$1.log" 2>&1 </dev/null &
    echo $! >"$CLUSTER/$1.pid"
    until_true serves "$2" "${4:-$CLUSTER/ca.crt}"
}

# stop_server NAME [SIGNAL]: at once unless the signal lets it take its leave.
stop_server() {
    local pid
    pid=$(<"$CLUSTER/$1.pid")
    kill "-${2:-KILL}" "$pid"
    wait "$pid" 2>/dev/null || true
    rm "$CLUSTER/$1.pid"
}

# new_authority NAME: NAME-ca.crt, and NAME.crt and .key for a server, signed by it.
new_authority() {
    printf '[req]\ndistinguished_name=dn\n[dn]\n' >openssl.conf
    local words=(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 1 -config openssl.conf)
    "${words[@]}" -subj "/CN=$1-ca" -keyout "$1-ca.key" -out "$1-ca.crt" -addext basicConstraints=critical,CA:TRUE
    "${words[@]}" -subj "/CN=$1" -keyout "$1.key" -out "$1.crt" -CA "$1-ca.crt" -CAkey "$1-ca.key" \
        -addext subjectAltName=IP:127.0.0.1 -addext extendedKeyUsage=serverAuth
}
