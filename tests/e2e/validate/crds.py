#!/usr/bin/python3
"""Holds the CRDs that the schemas compiled in were made from against those schemas: `--crd` must say the same.

Every mutation of a custom resource is checked with and without `--crd`. What `--crd` adds are rules in CEL (KT048) and
versions that a kind does not have (KT009): what they refuse must be refused by the API server too (verdicts.tsv). The CRDs are read from the Go modules that
scripts/regenerate-schema names, where they are cached; else SKIP and exit code 77. Prints "N passed, N failed".
"""
import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile

import compare
import mutate
import record

ROOT = pathlib.Path(__file__).resolve().parents[3]
MORE = {"KT048", "KT009", "KT018"}  # KT018: mutations of one object stand side by side


def regenerate():
    """scripts/regenerate-schema as a module."""
    path = ROOT / "scripts/regenerate-schema"
    loader = importlib.machinery.SourceFileLoader("regenerate_schema", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("regenerate_schema", loader))
    loader.exec_module(module)
    return module


def cached(module, path, version):
    """The zip of a Go module, or None: nothing is downloaded here."""
    try:
        cache = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
    name = "".join("!" + c.lower() if c.isupper() else c for c in path)
    file = pathlib.Path(cache) / "cache/download" / name / "@v" / f"{version}.zip"
    return module.Folder(path, version, file) if file.exists() else None


def write_crds(folder):
    """Writes the CRDs as files and returns their groups; those of modules that are not cached are left out."""
    sys.dont_write_bytecode = True
    module, groups = regenerate(), set()
    for path, version, _, inside in module.CRDS:
        files = cached(module, path, version)
        for name in files.names(inside) if files else []:
            text = files.archive.read(name)
            (folder / (path.replace("/", "_") + "-" + pathlib.Path(name).name)).write_bytes(text)
            groups |= {line.split()[-1].decode() for line in text.splitlines() if line.startswith(b"  group: ")}
    return groups


def plain(findings):
    """What must be the same with and without the CRDs."""
    return sorted((one["rule"], one["severity"], one["where"].get("path", ""), one["message"]) for one in findings
                  if one["rule"] not in MORE)


def refused(findings):
    return any(compare.of_server(one) for one in findings)


def main():
    with tempfile.TemporaryDirectory() as temporary:
        crds, work = pathlib.Path(temporary) / "crds", pathlib.Path(temporary) / "work"
        crds.mkdir()
        groups = write_crds(crds)
        if not groups:
            print("SKIP: the Go modules with the CRDs are not cached; run scripts/regenerate-schema")
            sys.exit(77)
        verdicts = record.read()
        chosen = [one for one in mutate.mutations() if one.id in verdicts
                  and any(f"apiVersion: {group}/".encode() in one.text() for group in groups)]
        options, passed, failed = ["--kubernetes-version", compare.VERSION], 0, 0
        for number in range(0, len(chosen), 300):
            part = chosen[number:number + 300]
            (work / str(number)).mkdir(parents=True)
            built_in = compare.validate(part, work / str(number), options)
            given = compare.validate(part, work / str(number), [*options, "--crd", str(crds)])
            for one in part:
                ours, theirs = built_in[one.id], given[one.id]
                more, less = refused(theirs) and not refused(ours), refused(ours) and not refused(theirs)
                wrong = plain(ours) != plain(theirs) or less or (more and verdicts[one.id][0] == 200)
                failed, passed = failed + bool(wrong), passed + (not wrong)
                if wrong:
                    print(f"FAILED {one.id}: {set(plain(ours)) ^ set(plain(theirs))}, server {verdicts[one.id][0]}")
        print(f"{passed} passed, {failed} failed")
        sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
