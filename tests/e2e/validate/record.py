#!/usr/bin/python3
"""Records what a real API server says to each mutation, or compares some of it: record.py [--check N].

Wants KUBECONFIG and KUBECTL of a cluster with the objects of prepare*.yaml. --check asks for N mutations of the kinds
that the cluster serves, chosen evenly, and fails where the answer is not the recorded one.
"""
import argparse
import collections
import pathlib
import re
import sys

import mutate
import server

HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE / "verdicts.tsv"
HEADER = ("# What a real API server says to each mutation; made by tests/e2e/validate/refresh, do not edit.\n"
          "# {versions}\n"
          "# {counts}\n"
          "id\tcode\tpaths\treason\n")


def read():
    """The recorded verdicts by name: code, paths, reason."""
    verdicts = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or line.startswith("id\t"):
            continue
        name, code, paths, reason = (line.split("\t") + ["", ""])[:4]
        verdicts[name] = (int(code), paths.split(" | ") if paths else [], reason)
    return verdicts


def line(name, verdict):
    code, paths, reason = verdict
    return "\t".join([name, str(code), " | ".join(paths), reason]).rstrip("\t") + "\n"


def versions(api):
    """The API server's version and those of the controllers, from the module that they are built from."""
    module = (HERE.parent / "cluster/controllers/go.mod").read_text(encoding="utf-8")
    found = re.findall(r"^\t\S*?/(trainer/v2|training-operator|jobset) (v\S+)", module, re.M)
    return ", ".join([f"Kubernetes {api.version()}"] + [f"{name.split('/')[0]} {version}" for name, version in found])


def write(api, verdicts):
    counts = collections.Counter(code for code, _, _ in verdicts.values())
    kept = {name: verdict for name, verdict in verdicts.items() if verdict[0]}
    summary = f"{len(kept)} verdicts: " + ", ".join(f"{count} of {code}" for code, count in sorted(counts.items()) if code)
    text = HEADER.format(versions=versions(api), counts=summary)
    text += "".join(line(name, kept[name]) for name in sorted(kept))
    new = FILE.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(FILE)
    for name, (code, _, reason) in sorted(verdicts.items()):
        if not code:
            print(f"left out, not decided by the manifest: {name}: {reason}")
    print(f"{summary}; {len(text) // 1000} kB")


def check(api, count):
    """Asks again for some verdicts; returns how many differ."""
    recorded = read()
    here = [one for one in mutate.mutations()
            if one.id in recorded and (one.base["apiVersion"], one.base["kind"]) in api.kinds]
    some = here[::max(1, len(here) // count)]
    verdicts = server.ask(api, some)
    differing = [one.id for one in some if verdicts[one.id][:2] != recorded[one.id][:2]]
    for name in differing:
        print(f"{name}\n  recorded: {recorded[name]}\n  now:      {verdicts[name]}")
    print(f"{len(some)} verdicts asked for again, {len(differing)} differ")
    return len(differing)


def main():
    parser = argparse.ArgumentParser(description="Records what a real API server says to each mutation.")
    parser.add_argument("--check", type=int, metavar="N", help="ask for N of them again and compare")
    options = parser.parse_args()
    api = server.Server()
    if options.check:
        sys.exit(1 if check(api, options.check) else 0)
    write(api, server.ask(api, mutate.mutations()))


if __name__ == "__main__":
    main()
