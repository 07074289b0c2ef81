"""A job on a node that runs containers, and a network to its cluster that breaks; for bench.py."""
import json
import os
import selectors
import socket
import struct
import subprocess
import threading
import time
import urllib.parse

SCRIPT = """
i=0
while [ $i -lt $LINES ]; do
    line="pod $JOB_COMPLETION_INDEX line $i $PAD"
    line=${line:0:$LENGTH}
    if [ $((i % 7)) = 3 ]; then echo "$line" >&2; else echo "$line"; fi
    i=$((i + 1))
    [ $((i % BURST)) != 0 ] || usleep 50000
done
"""


def manifest(pods, lines, rate, length):
    """Each pod writes bursts of lines 20 times a second."""
    values = {"LINES": lines, "BURST": max(1, rate // 20), "LENGTH": length, "PAD": "x" * length}
    container = {
        "name": "trainer", "image": "cluster.local/busybox:1", "command": ["sh", "-c", SCRIPT],
        "env": [{"name": name, "value": str(value)} for name, value in values.items()],
        "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}, "limits": {"memory": "32Mi"}}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "bench"},
            "spec": {"completionMode": "Indexed", "completions": pods, "parallelism": pods, "backoffLimit": 0,
                     "template": {"spec": {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0,
                                           "nodeSelector": {"ktrain.dev/node": "real"}, "containers": [container]}}}}


class Proxy(threading.Thread):
    """Hands on what comes to its port of this machine, and breaks all connections every so many seconds."""

    def __init__(self, host, port, cut, how):
        super().__init__(daemon=True)
        self.target, self.cut, self.how = (host, port), cut, how
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.peers, self.cuts, self.stop = {}, 0, False

    def run(self):
        with selectors.DefaultSelector() as ready:
            ready.register(self.listener, selectors.EVENT_READ)
            due = time.monotonic() + self.cut
            while not self.stop:
                for key, _ in ready.select(0.05):
                    self.serve(ready, key.fileobj)
                if self.cut and time.monotonic() >= due:
                    due += self.cut
                    self.break_all(ready)
            self.break_all(ready)
        self.listener.close()

    def serve(self, ready, sock):
        if sock is self.listener:
            accepted = sock.accept()[0]
            try:
                pair = accepted, socket.create_connection(self.target, 10)
            except OSError:  # as a client meets it whose server is away
                return accepted.close()
            for one, other in (pair, pair[::-1]):
                one.settimeout(10)
                self.peers[one] = other
                ready.register(one, selectors.EVENT_READ)
        elif sock in self.peers:  # not closed by what was served before it
            try:
                piece = sock.recv(1 << 16)
                if piece:
                    return self.peers[sock].sendall(piece)
            except OSError:
                pass
            self.close(ready, sock, self.peers[sock])

    def close(self, ready, *socks):
        for sock in socks:
            ready.unregister(sock)
            del self.peers[sock]
            sock.close()

    def break_all(self, ready):
        self.cuts += 1
        reset = self.how == "rst" or (self.how == "both" and self.cuts % 2)
        for sock in list(self.peers):
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close(ready, sock)


class Job:
    """The job in a cluster that is up, seen through the proxy."""

    streams = 2  # that each pod writes to, stamped apart

    def __init__(self, flags, length):
        self.kubectl = os.environ["KUBECTL"]
        self.clients = json.loads(self.run("config", "view", "--raw", "--flatten", "-o", "json"))
        cluster = self.clients["clusters"][0]["cluster"]
        server = urllib.parse.urlsplit(cluster["server"])
        self.proxy = Proxy(server.hostname, server.port, flags.get("cut", 0), flags.get("how", "rst"))
        cluster["server"] = f"https://127.0.0.1:{self.proxy.port}"
        self.proxy.start()
        self.run("create", "-f", "-", text=json.dumps(manifest(flags["pods"], flags["lines"], flags["rate"], length)))
        self.end = subprocess.Popen([self.kubectl, "wait", "--for=condition=Complete", "job/bench", "--timeout=300s"],
                                    stdout=subprocess.DEVNULL)

    def run(self, *arguments, text=""):
        return subprocess.run([self.kubectl, *arguments], input=text, stdout=subprocess.PIPE, text=True, check=True).stdout

    def config(self):
        return self.clients

    def ended(self):
        return self.end.poll() is not None

    def close(self):
        self.proxy.stop = True
        self.end.kill()
        self.end.wait()
        self.run("delete", "job", "bench", "--cascade=foreground", "--timeout=120s")
