"""Which changes can be made to a manifest: a walk over its nodes, and the tables of values.py and together.py."""
import copy
import re

import together
import values
from yamltext import Raw

# Maps whose keys are the user's.
FREE = {"labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData", "binaryData", "limits", "requests",
        "hard", "capacity", "parameters", "volumeAttributes", "default", "defaultRequest", "min", "max", "maxLimitRequestRatio",
        "podFixed", "minResources", "properties", "pytorchReplicaSpecs", "mpiReplicaSpecs", "tfReplicaSpecs"}
QUANTITIES = {"limits", "requests", "hard", "capacity", "default", "defaultRequest", "min", "max", "maxLimitRequestRatio",
              "podFixed", "minResources"}
QUANTITY_FIELDS = {"sizeLimit", "divisor", "averageValue"}
# The server looks these up, so that another value says nothing about the manifest.
LOOKED_UP = {"serviceAccountName", "priorityClassName", "runtimeClassName"}
DOCUMENT_BASES = ["Pod/small", "Job/simple"]
DOCUMENTS = values.DOCUMENTS


def written(path):
    """A path as text: spec.containers[0].resources.limits[nvidia.com/gpu]."""
    text = ""
    for part in path:
        plain = isinstance(part, str) and re.fullmatch(r"[A-Za-z0-9_-]+", part)
        text += ("." if text else "") + part if plain else f"[{part}]"
    return text


def pattern(path):
    """A path without its numbers: spec.containers[].name."""
    return re.sub(r"\[\d+\]", "[]", written(path))


def at(document, path):
    for part in path:
        document = document[part]
    return document


def apply(document, op, path, value=None):
    """Makes one edit: set, drop, rename (of a key), insert (into a list), merge (into a map, None drops)."""
    parent = at(document, path[:-1]) if path else None
    if op == "set":
        parent[path[-1]] = copy.deepcopy(value)
    elif op == "drop":
        del parent[path[-1]]
    elif op == "rename":
        pairs = [(value if key == path[-1] else key, item) for key, item in parent.items()]
        parent.clear()
        parent.update(pairs)
    elif op == "insert":
        at(document, path).append(copy.deepcopy(value))
    else:
        merge(at(document, path), value)


def merge(target, patch):
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict) and isinstance(target.get(key), dict) and value:
            merge(target[key], value)
        else:
            target[key] = copy.deepcopy(value)


def document(text, edits):
    """A change of the text itself; edits are pairs of what is replaced and by what."""
    result = text.encode()
    for old, new in edits:
        if old and old not in result:
            raise ValueError(f"{old!r} is not in the manifest")
        result = result.replace(old, new, 1) if old else new.replace(b"@", result)
    return result


def nodes(value, path=()):
    yield path, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from nodes(item, path + (key,))


def vocabulary(documents):
    """The words that each field has somewhere: values that are right in one place and wrong in another."""
    words = {}
    for one in documents:
        for path, value in nodes(one):
            if path and isinstance(value, str) and re.fullmatch(r"[A-Z][A-Za-z]+", value) and not is_free(path):
                words.setdefault(path[-1], set()).add(value)
    return {field: sorted(found) for field, found in words.items()}


def is_free(path):
    """Whether the last key was chosen by the user."""
    return len(path) > 1 and isinstance(path[-1], str) and path[-2] in FREE


def possible(base, words):
    """Yields sort, path, label and edits of every change of a manifest."""
    for path, value in nodes(base):
        if path and path not in (("apiVersion",), ("kind",)):
            yield from shape(path, value)
            yield from content(path, value, words)
        if isinstance(value, dict) and (not path or path[-1] not in FREE):
            yield from unknown(path, value)
        if isinstance(value, list) and value:
            yield from repeated(path, value)
        for sort, label, edits in together.found(base, path, pattern(path), value):
            yield sort, path, label, edits
    for sort, path, label, edit in values.headers(base):
        yield sort, path, label, [edit]


def shape(path, value):
    """Without the node, null, empty, of another type."""
    yield "drop", path, "drop", [("drop", path)]
    yield "null", path, "null", [("set", path, None)]
    if value and isinstance(value, (str, list, dict)):
        yield "empty", path, "empty", [("set", path, type(value)())]
    for label, other in values.other_types(value):
        yield "wrong-type", path, label, [("set", path, other)]


def content(path, value, words):
    """Other values of the same type."""
    key = path[-1]
    if (key in LOOKED_UP or path == ("metadata", "namespace")) and isinstance(value, str):
        return
    if is_free(path) and path[-2] in QUANTITIES or key in QUANTITY_FIELDS:
        for text in values.QUANTITIES:
            yield "quantity", path, f"={text}", [("set", path, text)]
        return
    field = next((part for part in reversed(path) if isinstance(part, str)), "")
    for other in values.FIELDS.get(field, ()):
        if not isinstance(value, (dict, list)):
            yield "value", path, f"={short(other)}", [("set", path, other)]
    if isinstance(value, bool):
        for text in values.RAW_BOOLEANS:
            yield "yaml11", path, f"={short(Raw(text))}", [("set", path, Raw(text))]
    elif isinstance(value, int):
        for other in values.NUMBERS:
            yield "number", path, f"={short(other)}", [("set", path, other)]
    elif isinstance(value, str):
        for text in values.RAW_STRINGS:
            yield "yaml11", path, f"={short(Raw(text))}", [("set", path, Raw(text))]
        if value in words.get(key, ()):
            for text in sorted({value.lower(), value.upper(), value + "s", value[:-1], "Unknown", *words[key]} - {value}):
                yield "enum", path, f"={text}", [("set", path, text)]
        else:
            for text in values.TEXTS:
                yield "text", path, f"={short(text)}", [("set", path, text)]


def short(value):
    """A value as part of a name: one line, and not long."""
    text = str(value) if isinstance(value, str) else repr(value)
    if not isinstance(value, Raw) and isinstance(value, str) and re.match(r"[-+.]?\d|True|None", text):
        text = f'"{text}"'
    text = text.encode("unicode_escape").decode()
    return text if len(text) <= 40 else f"{text[:12]}..{len(text)}"


def unknown(path, value):
    """A field that is not known there: a misspelt one, or one more."""
    for key in value:
        if not path and key in ("apiVersion", "kind"):
            continue
        for other in (key[:-1], key + "s", key[0].upper() + key[1:], key.lower(), re.sub("([A-Z])", r"_\1", key).lower()):
            if other not in value and other:
                yield "unknown", path + (key,), f"spelt {other}", [("rename", path + (key,), other)]
    for key, extra in values.EXTRA_FIELDS:
        if key not in value:
            yield "unknown", path, f"with {key}", [("merge", path, {key: extra})]


def repeated(path, value):
    """List entries twice, or null."""
    yield "duplicate", path, "first twice", [("insert", path, value[0])]
    yield "duplicate", path, "last twice", [("insert", path, value[-1])]
    yield "duplicate", path, "null entry", [("insert", path, None)]
    if isinstance(value[0], dict) and "name" in value[0] and len(value) > 1:
        yield "duplicate", path, "one name", [("set", path + (1, "name"), value[0]["name"])]
