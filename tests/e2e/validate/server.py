"""Sends mutations to a real API server as a dry run of create, and says what it answers."""
import base64
import http.client
import json
import os
import queue
import re
import ssl
import subprocess
import tempfile
import threading
import urllib.parse

from changes import written

NAMESPACE = "corpus"  # that of prepare.yaml
QUERY = "dryRun=All&fieldValidation=Strict&fieldManager=corpus"
# What depends on other objects of the cluster says nothing about the manifest.
NOT_DECIDABLE = re.compile(
    r'namespaces "[^"]*" not found|error looking up service account|no PriorityClass with name|RuntimeClass "[^"]*" not found'
    r"|already exists|provided port is already allocated|provided IP is already allocated|must be created before"
    r"|must have \S+ job when trainJob")
PATH = r"[A-Za-z_][\w$-]*(?:\.[\w$-]+|\[[^\]]*\])*"


class Server:
    """The API server of $KUBECONFIG; one connection for each thread."""

    def __init__(self):
        self.kubectl = [os.environ["KUBECTL"], "--kubeconfig", os.environ["KUBECONFIG"]]
        config = json.loads(self.run("config", "view", "--raw", "--flatten", "-o", "json").stdout)
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.address = urllib.parse.urlsplit(cluster["server"]).netloc
        self.tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        with tempfile.NamedTemporaryFile() as file:
            for part in ("client-certificate-data", "client-key-data"):
                file.write(base64.b64decode(user[part]))
            file.flush()
            self.tls.load_cert_chain(file.name)
        self.local = threading.local()
        self.kinds = dict(self.served())

    def run(self, *arguments, stdin=b""):
        return subprocess.run([*self.kubectl, *arguments], input=stdin, capture_output=True, check=False)

    def request(self, method, path, body=None):
        if not hasattr(self.local, "line"):
            self.local.line = http.client.HTTPSConnection(self.address, context=self.tls, timeout=60)
        line = self.local.line
        headers = {"Accept": "application/json"} | ({"Content-Type": "application/yaml"} if body else {})
        line.request(method, path, body, headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())

    def served(self):
        """Yields the kinds of the server: (apiVersion, kind) and its (path, resource, whether it lives in a namespace)."""
        versions = [version["groupVersion"] for group in self.request("GET", "/apis")[1]["groups"] for version in group["versions"]]
        for version, path in [("v1", "/api/v1")] + [(version, "/apis/" + version) for version in versions]:
            for resource in self.request("GET", path)[1]["resources"]:
                if "/" not in resource["name"] and "create" in resource["verbs"]:
                    yield (version, resource["kind"]), (path, resource["name"], resource["namespaced"])

    def version(self):
        return self.request("GET", "/version")[1]["gitVersion"]

    def verdict(self, mutation):
        """Returns the HTTP code, the paths and the reason; the code is 0 where the manifest is not what decides."""
        if mutation.sort == "document":
            done = self.run("create", "--dry-run=server", "--validate=strict", "-n", NAMESPACE, "-f", "-",
                            stdin=mutation.text())
            return (200, [], "") if done.returncode == 0 else (400, [], shorten(done.stderr.decode(errors="replace")))
        document = mutation.document()
        version, kind = document.get("apiVersion"), document.get("kind")
        for key, value in (("apiVersion", version), ("kind", kind)):
            if not isinstance(value, str) or not value:  # kubectl sends nothing then
                return 400, [key], f"{key} not set" if value is None or value == "" else f"{key} is no text"
        found = self.kinds.get((version.removeprefix("/"), kind))
        if not found:
            return 404, ["kind", "apiVersion"], f'no matches for kind "{kind}" in version "{version}"'
        path, resource, namespaced = found
        metadata = document.get("metadata")
        namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
        if namespaced:
            namespace = namespace if isinstance(namespace, str) and namespace else NAMESPACE
            path += "/namespaces/" + urllib.parse.quote(namespace, safe="")
        return understood(mutation, *self.request("POST", f"{path}/{resource}?{QUERY}", mutation.text()))


def understood(mutation, code, status):
    """What an answer says: code, paths, reason."""
    if code < 300:
        return 200, [], ""
    message = status.get("message", "")
    if code == 409 or code >= 500 or NOT_DECIDABLE.search(message):
        return 0, [], f"{code} {shorten(message)}"
    causes = status.get("details", {}).get("causes", [])
    # "<nil>" is the place of a remark on the other causes; without any it is one that a webhook gave no place.
    causes = [one for one in causes if one.get("field") != "<nil>"] or causes
    causes.sort(key=lambda one: (one.get("field", ""), one.get("message", "")))
    paths = sorted({cause["field"] for cause in causes if cause.get("field") and cause["field"] != "<nil>"})
    reason = next((cause["message"] for cause in causes if cause.get("message")), message)
    return code, paths or paths_in(message, changed(mutation)), shorten(reason)


def changed(mutation):
    """The path of the one node that a mutation changes, or nothing if it changes several."""
    op, path = mutation.edits[0][:2] if len(mutation.edits) == 1 else ("", ())
    return written(path) if op == "set" else ""


def paths_in(message, place):
    """The places that a message names: of unknown fields, of a type that does not fit, of a webhook's error.

    The decoder of Go names fields without the numbers of list entries, and none at all for quantities and times. Then the
    place that was changed is the one.
    """
    unknown = re.findall(r'(?:unknown|duplicate) field "([^"]+)"', message)
    struct = re.findall(r"Go struct field \w*\.(\S+) of type", message)
    if struct and ("." + re.sub(r"\[\d+\]", "", place)).endswith("." + struct[0]):
        struct = [place]
    hook = re.findall(rf"(?:^|[\s\[])({PATH}): (?:Invalid|Required|Forbidden|Unsupported|Duplicate|Too)", message)
    return sorted(set(unknown or struct or hook)) or ([place] if place else [])


def shorten(text, limit=90):
    """A message in one short line, without the values of the object and what is the same in all."""
    text = re.sub(r"^.*? is invalid: ", "", " ".join(text.split()))
    text = re.sub(r'^\w+ in version "[^"]*" cannot be handled as a \w+: |^error: error parsing STDIN: |'
                  r"^Error from server \(\w+\): |strict decoding error: ", "", text)
    text = re.sub(rf'admission webhook "[^"]*" denied the request: \[?({PATH}: )?', "webhook: ", text)
    text = re.sub(r'Invalid value: (?:"(?:\\.|[^"\\])*"|\{.*?\}|\[.*?\]|\S+): ', "Invalid value: ", text)
    text = re.sub(r"Go struct field \S+ of type", "a field of type", text)
    return text if len(text) <= limit else text[:limit - 2] + ".."


def ask(server, mutations, threads=4):
    """The verdicts of many mutations, by name."""
    waiting, verdicts = queue.SimpleQueue(), {}
    for mutation in mutations:
        waiting.put(mutation)

    def work():
        while True:
            try:
                mutation = waiting.get_nowait()
            except queue.Empty:
                return
            verdicts[mutation.id] = server.verdict(mutation)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return verdicts
