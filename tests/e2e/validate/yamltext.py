"""Writes YAML whose every scalar reads as meant: plain where that is certain, quoted where not, or raw on request."""
import json
import re

PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*\Z")
# Words that YAML 1.1 does not read as text.
WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


class Raw(str):
    """A scalar that is written as it is, such as 0777 or .inf."""


def scalar(value):
    if isinstance(value, Raw):
        return str(value)
    if value is None:
        return "null"
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if PLAIN.match(value) and value.lower() not in WORDS:
        return value
    return json.dumps(value, ensure_ascii=any(ord(letter) > 0xFFFF for letter in value))


def lines(value, indent):
    """The lines of a map or a list that is not empty, without its own indentation in the first line."""
    pad = "  " * indent
    pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in pairs:
        head = pad + ("- " if key is None else scalar(key) + ":")
        if isinstance(item, (dict, list)) and item:
            below = list(lines(item, indent + 1))
            if key is None:
                yield head + below[0].lstrip(" ")
                yield from below[1:]
            else:
                yield head
                yield from below
        else:
            text = {dict: "{}", list: "[]"}.get(type(item)) or scalar(item)
            yield head + text if key is None else f"{head} {text}"


def dump(document):
    return "\n".join(lines(document, 0)) + "\n"
