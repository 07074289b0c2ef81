#!/usr/bin/env python3
"""What `ktrain submit` costs beside kubectl: time, memory and requests, against a real API server.

  bench.py [--program FILE] [--rounds N]

Takes the cluster that CLUSTER, KUBECONFIG and KUBECTL name (tests/e2e/cluster), or starts one. A bundle of eight objects is
created in a namespace of its own each time, by ktrain and by kubectl in turn. Prints the medians and fails where ktrain with
all its preflight takes longer than 0.7 of `kubectl apply --server-side`, or without it longer than
`kubectl apply --validate=false`; where it needs 15 MB, or more than 10 requests without the preflight; or where it writes
what is as it is wanted.
"""
import argparse
import http.client
import http.server
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
CLUSTER = HERE.parents[1] / "e2e/cluster/cluster"
BUNDLE = """apiVersion: v1
kind: ServiceAccount
metadata: {name: cnn, labels: {ktrain.dev/job: cnn}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cnn-spec, labels: {ktrain.dev/job: cnn}}
data: {spec.yaml: "word: one"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cnn-tokens, labels: {ktrain.dev/job: cnn}}
data: {tokens: "1 2 3"}
---
apiVersion: v1
kind: Secret
metadata: {name: cnn-key, labels: {ktrain.dev/job: cnn}}
stringData: {key: none}
---
apiVersion: v1
kind: Service
metadata: {name: cnn, labels: {ktrain.dev/job: cnn}}
spec: {clusterIP: None, selector: {ktrain.dev/job: cnn}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: cnn, labels: {ktrain.dev/job: cnn}}
spec: {maxUnavailable: 0, selector: {matchLabels: {ktrain.dev/job: cnn}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: cnn, labels: {ktrain.dev/job: cnn}}
spec:
  completionMode: Indexed
  completions: 2
  parallelism: 2
  template:
    metadata: {labels: {ktrain.dev/job: cnn}}
    spec:
      restartPolicy: Never
      serviceAccountName: cnn
      containers:
      - {name: trainer, image: example.org/ktrain, envFrom: [{secretRef: {name: cnn-key}}], resources: {limits: {nvidia.com/gpu: 8}}}
      volumes:
      - {name: data, persistentVolumeClaim: {claimName: data}}
      - {name: spec, configMap: {name: cnn-spec}}
"""


class Counter(http.server.BaseHTTPRequestHandler):
    """Passes requests on to `kubectl proxy` and keeps their first lines."""
    protocol_version = "HTTP/1.1"
    to = 0
    lines = []

    def pass_on(self):
        Counter.lines.append(f"{self.command} {self.path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        line = http.client.HTTPConnection("127.0.0.1", Counter.to)
        kept = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "accept-encoding")}
        line.request(self.command, self.path, body, kept)
        reply = line.getresponse()
        data = reply.read()
        self.send_response(reply.status)
        for key, value in reply.getheaders():
            if key.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = pass_on

    def log_message(self, *_):
        pass


def measure(command, environment):
    """Milliseconds and MB of a command that must succeed."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    peak = 0
    while process.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            peak = max([peak] + [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")])
        except OSError:
            pass
        time.sleep(0.001)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: {process.stderr.read().decode()}")
    return (time.monotonic() - begun) * 1000, peak / 1024


class Bench:
    def __init__(self, program, folder):
        self.kubectl, self.folder = os.environ["KUBECTL"], folder
        self.file = folder / "bundle.yaml"
        self.file.write_text(BUNDLE)
        self.environment = {**os.environ, "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
        submit = [program, "submit", str(self.file), "-q"]
        apply = [self.kubectl, "apply", "-f", str(self.file)]
        self.ways = {
            "ktrain submit": submit,
            "ktrain submit --no-preflight": submit + ["--no-preflight"],
            "kubectl apply --server-side": apply + ["--server-side"],
            "kubectl apply --validate=false": apply + ["--validate=false"],
        }
        self.number = 0

    def namespace(self):
        self.number += 1
        name = f"bench-submit-{os.getpid()}-{self.number}"
        subprocess.run([self.kubectl, "create", "namespace", name], check=True, stdout=subprocess.DEVNULL)
        return name

    def rounds(self, count):
        times = {way: [] for way in self.ways}
        peaks = {way: 0 for way in self.ways}
        for turn in range(count + 1):
            for way, command in self.ways.items():
                name = self.namespace()
                spent, peak = measure(command + ["-n", name], self.environment)
                if turn > 0:  # the first fills caches
                    times[way].append(spent)
                peaks[way] = max(peaks[way], peak)
                subprocess.run([self.kubectl, "delete", "namespace", name, "--wait=false"], stdout=subprocess.DEVNULL)
        return {way: statistics.median(values) for way, values in times.items()}, peaks

    def requests(self):
        """Requests without the preflight, with nothing in the cache; and the writes of a bundle that is there."""
        port = 20000 + os.getpid() % 9000
        proxy = subprocess.Popen([self.kubectl, "proxy", f"--port={port}"], stdout=subprocess.PIPE)
        proxy.stdout.readline()
        Counter.to = port
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counter)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        config = self.folder / "counted.conf"
        config.write_text(f"current-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n"
                          f"clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{server.server_port}'}}}}]\n"
                          "users: [{name: u, user: {}}]\n")
        name = self.namespace()
        counts = {}
        for way in ("ktrain submit --no-preflight", "ktrain submit"):
            Counter.lines.clear()
            measure(self.ways[way] + ["-n", name, "--kubeconfig", str(config)], self.environment)
            counts[way] = list(Counter.lines)
        server.shutdown()
        proxy.terminate()
        proxy.wait()
        writes = [line for line in counts["ktrain submit"]
                  if not line.startswith("GET") and "dryRun" not in urllib.parse.unquote(line)]
        return len(counts["ktrain submit --no-preflight"]), len(counts["ktrain submit"]), writes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=str(HERE.parents[2] / "build/release/bin/ktrain"))
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    own = "CLUSTER" not in os.environ
    if own:
        up = subprocess.run([CLUSTER, "up", "--nodes", "2"], stdout=subprocess.PIPE, text=True)
        if up.returncode != 0:
            print(up.stdout, end="")
            return up.returncode
        os.environ.update(word.split("=", 1) for word in shlex.split(up.stdout) if "=" in word)
    try:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(options.program, pathlib.Path(folder))
            times, peaks = bench.rounds(options.rounds)
            cold, again, writes = bench.requests()
    finally:
        if own:
            subprocess.run([CLUSTER, "down"])
    for way, spent in times.items():
        print(f"{way:32} {spent:6.0f} ms {peaks[way]:6.1f} MB")
    print(f"{cold} requests without the preflight, {again} for a bundle that is there, {len(writes)} writes of it")
    bars = {
        "with the preflight": times["ktrain submit"] / times["kubectl apply --server-side"] <= 0.7,
        "without it": times["ktrain submit --no-preflight"] <= times["kubectl apply --validate=false"],
        "memory": max(peaks["ktrain submit"], peaks["ktrain submit --no-preflight"]) < 15,
        "requests": cold <= 10,
        "writes": not writes,
    }
    for bar, held in bars.items():
        if not held:
            print("above the bar:", bar)
    return 0 if all(bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
