#!/usr/bin/python3
"""Makes mutations of the valid manifests, each with one change and a name that stays: mutate.py [--write DIR | --id ID].

Without an option it lists the names, `Kind/NAME:path:change`. Which of the possible changes are taken is decided by a
hash of their names, evenly over kinds and sorts of change: a new manifest or a new sort leaves the others as they are.
"""
import argparse
import copy
import dataclasses
import hashlib
import pathlib
import sys
import urllib.parse

import yaml

import changes
from yamltext import dump

HERE = pathlib.Path(__file__).resolve().parent

# How many changes of one sort are taken for one kind.
PER_CELL = {"drop": 6, "null": 4, "wrong-type": 9, "unknown": 7, "enum": 6, "number": 8, "quantity": 10, "text": 9,
            "yaml11": 4, "empty": 4, "duplicate": 5, "value": 12, "header": 6, "metadata": 7, "together": 20}
# Kinds with many fields, or that are written every day, get more.
WEIGHT = {"Pod": 6, "Job": 3, "PyTorchJob": 3, "Deployment": 2, "Service": 2, "JobSet": 1.5, "TrainJob": 1.5, "CronJob": 1.5,
          "StatefulSet": 1.5, "ControllerRevision": 0.3, "Event": 0.3, "Endpoints": 0.3, "APIService": 0.3,
          "FlowSchema": 0.3, "PriorityLevelConfiguration": 0.3, "CertificateSigningRequest": 0.3, "CSIDriver": 0.5,
          "VolumeAttributesClass": 0.5, "DeviceClass": 0.5, "IngressClass": 0.5, "ValidatingWebhookConfiguration": 0.4,
          "ValidatingAdmissionPolicy": 0.5, "ValidatingAdmissionPolicyBinding": 0.5, "Node": 0.6, "PodTemplate": 0.6, "MPIJob": 0.5,
          "TFJob": 0.5}


@dataclasses.dataclass
class Mutation:
    """One change of one manifest; `sort` says what kind of change, `text` the result."""
    id: str
    kind: str
    sort: str
    base: dict
    edits: list

    def document(self):
        document = copy.deepcopy(self.base)
        for edit in self.edits:
            changes.apply(document, *edit)
        return document

    def text(self):
        if self.sort == "document":
            return changes.document(dump(self.base), self.edits)
        return dump(self.document()).encode()


def manifests():
    """Yields name and content of the valid manifests."""
    for file in sorted((HERE / "manifests").glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            metadata = document["metadata"]
            name = metadata.get("name") or metadata["generateName"].rstrip("-")
            yield f"{document['kind']}/{name}", document


def valid():
    """The manifests themselves, which the server accepts."""
    return [Mutation(name, document["kind"], "valid", document, []) for name, document in manifests()]


def mutations():
    """The valid manifests and all mutations taken, sorted by name."""
    cells, taken, seen = {}, valid(), set()
    every = dict(manifests())
    vocabulary = changes.vocabulary(every.values())
    for name, document in every.items():
        for sort, path, label, edits in changes.possible(document, vocabulary):
            mutation = Mutation(f"{name}:{changes.written(path)}:{label}", document["kind"], sort, document, edits)
            cells.setdefault((mutation.kind, sort), []).append(mutation)
    for (kind, sort), found in sorted(cells.items()):
        count = max(2, round(PER_CELL[sort] * WEIGHT.get(kind, 1)))
        found.sort(key=lambda one: hashlib.sha256(one.id.encode()).digest())
        for mutation in found:
            if not count:
                break
            text = mutation.text()
            if text not in seen and mutation.id not in seen:  # two names for one change, or one for two
                seen |= {text, mutation.id}
                taken.append(mutation)
                count -= 1
    for name in changes.DOCUMENT_BASES:
        for label, edits in changes.DOCUMENTS.items():
            taken.append(Mutation(f"{name}::{label}", every[name]["kind"], "document", every[name], edits))
    return sorted(taken, key=lambda one: one.id)


def file_name(identifier):
    """The name of a mutation's file: as short as file systems want it, and always the same."""
    name = urllib.parse.quote(identifier, safe="[]")
    if len(name) > 180:
        name = name[:160] + hashlib.sha256(name.encode()).hexdigest()[:12]
    return name + ".yaml"


def main():
    parser = argparse.ArgumentParser(description="Makes mutations of the valid manifests.")
    parser.add_argument("--write", metavar="DIR", type=pathlib.Path, help="write them all there, a file each")
    parser.add_argument("--id", help="print this one")
    options = parser.parse_args()
    found = mutations()
    if options.id:
        texts = [mutation.text() for mutation in found if mutation.id == options.id]
        if not texts:
            sys.exit(f"mutate.py: no mutation {options.id}")
        sys.stdout.buffer.write(texts[0])
    elif options.write:
        options.write.mkdir(parents=True, exist_ok=True)
        for mutation in found:
            (options.write / file_name(mutation.id)).write_bytes(mutation.text())
        print(f"{len(found)} files in {options.write}")
    else:
        for mutation in found:
            print(mutation.id)


if __name__ == "__main__":
    main()
