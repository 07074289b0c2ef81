#!/usr/bin/python3
"""Runs `ktrain validate` over the example manifests of the projects whose kinds it knows: no error on what is right.

They are read from the Go modules of the projects, by pinned version and hash, and never kept here. KNOWN lists what is
really wrong in them. Prints each error and "N passed, N failed", a manifest each; without go, or the modules, SKIP.
KTRAIN names the program (build/release/bin/ktrain); arguments: parts of module or file names to look at alone.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
KTRAIN = os.environ.get("KTRAIN", str(ROOT / "build/release/bin/ktrain"))
CACHE = pathlib.Path(os.environ.get("KTRAIN_CACHE") or pathlib.Path.home() / ".cache/ktrain") / "examples"

# Module, version, the hash that go.sum would have, and folders with manifests.
MODULES = [
    ("github.com/argoproj/argo-workflows/v4", "v4.0.5", "h1:/1lru5oXUd+k6KEDUps6rLX5OKfi1jTfabgXTly/VFU=", ["examples/"]),
    ("github.com/aws/karpenter-provider-aws", "v1.14.1", "h1:WGtIQTQcxpElYMdWfWuPwaF2+9muR+hYhPZsTtoY8Gs=", ["examples/"]),
    ("github.com/kubeflow/mpi-operator", "v0.8.2", "h1:7PVtV31iX3LSVW0BqRQ64w/NYNfAgP86Bmua2OEi5lg=", ["examples/"]),
    ("github.com/kubeflow/trainer/v2", "v2.3.0", "h1:Je+e7zvTLzB4qW09J1fB7pZrqvPtWuGng2NqdN5p5QU=",
     ["examples/", "manifests/base/runtimes/"]),
    ("github.com/kubeflow/training-operator", "v1.9.4", "h1:MjYXzeaHGBmF47BlhCo6+Mb7ypHrVfO6vsys1ZHF56A=", ["examples/"]),
    ("github.com/prometheus-operator/prometheus-operator", "v0.93.0", "h1:AohlYJT+En8TmNpAcEUJ3GsaJTAqfEBwHmGTVpRm/Io=",
     ["example/", "test/framework/resources/"]),
    ("github.com/ray-project/kuberay/ray-operator", "v1.6.2", "h1:XUckRswLMyk71D00L62d2Vanh0fVkNqu56+IF/rr+O0=",
     ["config/samples/"]),
    ("sigs.k8s.io/jobset", "v0.12.0", "h1:YYPuV0px8Ongq/RXmJg6V0w2UC67aiR+rCMD06vhQQQ=", ["config/samples/", "examples/"]),
    ("sigs.k8s.io/kueue", "v0.19.2", "h1:mPNzr37u0nwI7ikST5QQl5gg6EgtYOAvC9ZbTgywdN8=",
     ["cmd/kueueviz/examples/", "config/samples/", "examples/", "test/performance/e2e/"]),
    ("sigs.k8s.io/lws", "v0.9.0", "h1:DcJCgxjjoGOx//QHZkeKpyiblxYq70aCRZNYSfykWyI=", ["config/samples/", "docs/examples/"]),
    ("volcano.sh/volcano", "v1.15.1", "h1:M0iGzhy1dvod2GFy1QiyWdv1jmmNfHW4+2WoRU7CIAk=", ["benchmark/testcases/", "example/"]),
]
# Errors that are there: the end of a file's name, the rule, and what is wrong.
KNOWN = [
    ("examples/fun-with-gifs.yaml", "KT008", "generateName stands among the labels"),
    ("examples/fun-with-gifs.yaml", "KT007", "the same"),
    ("examples/k8s-jobs.yaml", "KT008", "the name stands in the text of an annotation"),
    ("examples/k8s-patch-json-workflow.yaml", "KT002", "annotations twice: the first are lost"),
    ("examples/v1/windows-custom-userdata.yaml", "KT006", "nodeClassRef.group has a version"),
    ("examples/workloads/arm64.yaml", "KT003", "allowPrivilegedEscalation: the setting is not applied"),
    ("examples/workloads/disruption-budget.yaml", "KT003", "the same"),
    ("examples/workloads/gpu-amd.yaml", "KT003", "the same"),
    ("examples/workloads/gpu-nvidia.yaml", "KT003", "the same"),
    ("distribution_strategy/pvc.yaml", "KT006", "'Your storageClassName' is to be filled in"),
    ("smoke-dist/xgboostjob_v1alpha1_rabit_test.yaml", "KT003", "apiVersion and kind in pod templates, which have none"),
    ("scrapeclass/scrapeclass-example-definition.yaml", "KT008", "an excerpt without a name"),
    ("scrapeclass/scrapeclass-example-podmonitor.yaml", "KT008", "an excerpt without name and selector"),
    ("scrapeclass/scrapeclass-example-servicemonitor.yaml", "KT008", "an excerpt without a selector"),
    ("samples/ray-service.llm-serve.yaml", "KT028", "a token that is to be filled in"),
    ("vllm/ray-service.vllm-tpu-v6e-singlehost.yaml", "KT028", "an image that is to be filled in"),
    ("tensorrt-llm/lws.yaml", "KT028", "an image that is to be filled in"),
    ("invalid_jobs/duplicatedPolicyEvent-webhook-deny.yaml", "KT030", "the webhook is to deny it"),
    ("invalid_jobs/duplicatedTaskName-webhook-deny.yaml", "KT018", "the same"),
    ("invalid_jobs/minAvailable-webhook-deny.yaml", "KT030", "the same"),
    ("task-priority/elastic-job.yaml", "KT003", "priorityClass instead of priorityClassName: the pods have no priority"),
    ("task-priority/high-priority.yaml", "KT009", "an API that went with Kubernetes 1.22"),
    ("task-priority/normal-priority.yaml", "KT009", "the same"),
]


def download(path, version, digest):
    """The zip of a module, from the proxy that `go env` names; None where there is none."""
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / "go.mod").write_text("module examples\n")
    try:
        answer = subprocess.run(["go", "mod", "download", "-json", f"{path}@{version}"], cwd=CACHE, capture_output=True, text=True,
                                env=os.environ | {"GOFLAGS": "-mod=mod", "GOWORK": "off"}, check=False)
    except FileNotFoundError:
        return None
    about = json.loads(answer.stdout or "{}")
    if "Zip" not in about:
        return None
    if about.get("Sum") != digest:
        sys.exit(f"{path}@{version}: wrong hash {about.get('Sum')}")
    return about["Zip"]


def manifests(module, archive, folders):
    """Name and text of each file that holds objects."""
    with zipfile.ZipFile(archive) as files:
        for name in sorted(files.namelist()):
            inner = name.split("@", 1)[1].split("/", 1)[1]
            if "/crd" in f"/{inner}" or not inner.endswith((".yaml", ".yml")) or not inner.startswith(tuple(folders)):
                continue
            text = files.read(name)
            template = b"{{" in text and b"argoproj.io" not in text  # of Helm
            if b"apiVersion:" in text and b"kind:" in text and not template:
                yield f"{module.rsplit('/', 1)[-1] if not module.endswith('/v2') else 'trainer'}/{inner}", text


def errors(name, text):
    """The errors that ktrain finds in one file, but for those that are known."""
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([KTRAIN, "validate", "-o", "json", file.name], capture_output=True, check=False)
    try:
        findings = json.loads(done.stdout)["findings"]
    except (ValueError, KeyError):
        said = done.stderr.decode(errors="replace").strip()
        return [] if "no Kubernetes object" in said else [f"{name}: exit code {done.returncode}: {said[:200]}"]
    known = {rule for end, rule, _ in KNOWN if name.endswith(end)}
    return [f"{name}:{one['where']['line']}: {one['rule']} {one['message']}" for one in findings
            if one["severity"] == "error" and one["rule"] not in known]


def main():
    wanted = sys.argv[1:]
    passed = failed = skipped = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for module, version, digest, folders in MODULES:
            archive = download(module, version, digest)
            if archive is None:
                print(f"SKIP {module}: no go, or no way to its proxy")
                skipped += 1
                continue
            files = [(n, t) for n, t in manifests(module, archive, folders) if not wanted or any(w in n for w in wanted)]
            for found in pool.map(lambda file: errors(*file), files):
                passed, failed = passed + (not found), failed + bool(found)
                print("\n".join(found), end="\n" if found else "")
    print(f"{passed} passed, {failed} failed, {skipped} skipped" if skipped else f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
