"""Changes of several fields, from together.yaml, and of the keys of a user's maps."""
import functools
import pathlib
import re

import yaml

# Names that keys of a user's map are changed to, by the name of the map.
RESOURCES = ["nvidia.com/gpus", "gpu", "cpus", "Memory", "nvidia.com/", "requests.gpu", "hugepages-2M", "storage",
             "limits.nvidia.com/gpu", "pods", "a b", "kubernetes.io/x", "count/jobs.batch", "services.nodeports",
             "nvidia.com/mig-1g.10gb", "NVIDIA.com/gpu"]
LABELS = ["a b", "a/b/c", "/a", "x" * 64, "Example.org/a", "kubernetes.io/x", "-a", "a_b.c-d", ""]
DATA = ["a/b", "..", ".", "a b", "x" * 254, "-", "..a"]
KEY_NAMES = {"limits": RESOURCES, "requests": RESOURCES, "hard": RESOURCES, "capacity": RESOURCES, "default": RESOURCES,
             "min": RESOURCES, "max": RESOURCES, "podFixed": RESOURCES, "labels": LABELS, "annotations": LABELS,
             "matchLabels": LABELS, "nodeSelector": LABELS, "data": DATA, "stringData": DATA, "binaryData": DATA}


def grown(value):
    """A patch with its x*64 written out."""
    if isinstance(value, dict):
        return {key: grown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [grown(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"x\*\d+", value):
        return "x" * int(value[2:])
    return value


@functools.cache
def table():
    return grown(yaml.safe_load(pathlib.Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")))


def found(base, path, where, value):
    """Yields sort, label and edits of the changes that a node of that place can have."""
    if isinstance(value, dict):
        for place, patches in table()["places"].items():
            # What is meant for the spec of pods must not meet another spec.
            if re.search(place, where) and (not place.startswith("^") or "containers" in value):
                for label, patch in patches.items():
                    yield "together", label, [("merge", path, patch)]
    if not path:
        for label, patch in table()["kinds"].get(base["kind"], {}).items():
            yield "together", label, [("merge", path, patch)]
    elif len(path) > 1 and isinstance(path[-1], str) and path[-2] in KEY_NAMES:
        for name in KEY_NAMES[path[-2]]:
            yield "text", f"key {name if len(name) < 30 else len(name)}", [("rename", path, name)]
