"""Turns CustomResourceDefinitions into facts; equal parts of all of them are written once, named by their hash."""
import hashlib
import json

import yaml

from facts import Field, Level, quote

# The pattern that generators give to a resource.Quantity.
QUANTITY = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)"
NUMBERS = {"minimum": "min", "maximum": "max", "minLength": "minLength", "maxLength": "maxLength", "minItems": "minItems",
           "maxItems": "maxItems", "minProperties": "minProperties", "maxProperties": "maxProperties"}


class Loader(yaml.CSafeLoader):
    """Without the type "=" of YAML 1.1, which one enum has as a word."""


Loader.yaml_implicit_resolvers = {first: [row for row in rows if not row[0].endswith(":value")]
                                  for first, rows in yaml.CSafeLoader.yaml_implicit_resolvers.items()}


def default_text(value):
    """A scalar as JSON without quotes; "{}" and "[]" stand for anything bigger."""
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return quote(value if isinstance(value, str) else json.dumps(value))


class Crds:
    """Collects types by hash and the kinds of each group."""
    def __init__(self):
        self.types = {}   # hash -> (flags, lines of fields)
        self.users = {}   # hash -> groups that use it
        self.kinds = {}   # group -> lines

    def add(self, text):
        for crd in yaml.load_all(text, Loader):
            if not crd or crd.get("kind") != "CustomResourceDefinition":
                continue
            spec = crd["spec"]
            for version in spec["versions"]:
                if not version.get("served", True):
                    continue
                root = version["schema"]["openAPIV3Schema"]
                name = self.object(root, spec["group"], metadata=True)
                words = ["kind", f"{spec['group']}/{version['name']}", spec["names"]["kind"], name]
                words += ["cluster"] if spec["scope"] == "Cluster" else []
                words += ["deprecated"] if version.get("deprecated") else []
                words += ["status"] if "status" in version.get("subresources", {}) else []
                self.kinds.setdefault(spec["group"], []).append(" ".join(words))

    def object(self, schema, group, metadata=False):
        """The name of the object type; the fields apiVersion, kind and metadata of roots are Kubernetes' own."""
        required = set(schema.get("required") or [])
        lines = []
        properties = dict(schema.get("properties", {}))
        if metadata or schema.get("x-kubernetes-embedded-resource"):
            properties |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": None}
        for name, about in sorted(properties.items()):
            levels = [Level("metadata")] if about is None else self.levels(about, group)
            if about and "default" in about:
                levels[0].about["default"] = default_text(about["default"])
            lines.append(Field(name, levels, name in required).text())
        flags = ["open"] if schema.get("x-kubernetes-preserve-unknown-fields") else []
        digest = "#" + hashlib.sha256("\n".join(flags + lines).encode()).hexdigest()[:8]
        if self.types.setdefault(digest, (flags, lines)) != (flags, lines):
            raise SystemExit(f"two types have the hash {digest}")
        self.users.setdefault(digest, set()).add(group)
        return digest

    def levels(self, schema, group):
        about = {word: str(schema[key]) for key, word in NUMBERS.items() if key in schema}
        if "enum" in schema:
            about["enum"] = "|".join(quote(json.dumps(v) if not isinstance(v, str) else v) for v in schema["enum"])
        if "pattern" in schema:
            about["pattern"] = quote(schema["pattern"], "|")
        if schema.get("format") in ("date-time", "duration", "byte", "ipv4", "ipv6", "cidr", "uuid", "date", "uri", "email"):
            about["format"] = schema["format"]
        if schema.get("nullable"):
            about["nullable"] = ""
        if schema.get("x-kubernetes-list-type") == "map":
            about["unique"] = ",".join(schema["x-kubernetes-list-map-keys"])
        elif schema.get("x-kubernetes-list-type") == "set":
            about["unique"] = "*"
        if schema.get("x-kubernetes-int-or-string"):
            quantity = about.get("pattern", "").startswith(quote(QUANTITY, "|"))
            if quantity:
                del about["pattern"]
            return [Level("crdQuantity" if quantity else "intOrString", about)]
        return self.typed(schema, about, group)

    def typed(self, schema, about, group):
        kind = schema.get("type")
        if kind == "array":
            return [Level("[]", about)] + self.levels(schema["items"], group)
        if kind == "object":
            inner = schema.get("additionalProperties")
            if isinstance(inner, dict) and inner:
                return [Level("{}", about)] + self.levels(inner, group)
            free = inner is True or schema.get("x-kubernetes-preserve-unknown-fields")
            if free and "properties" not in schema:
                return [Level("{}", about), Level("any")]
            return [Level(self.object(schema, group), about)]
        if kind == "integer":
            return [Level(schema["format"] if schema.get("format") in ("int32", "int64") else "int", about)]
        return [Level({"boolean": "bool", "number": "number", "string": "string"}.get(kind, "any"), about)]

    def files(self):
        """(file name, lines) of each group, and of what several share."""
        result = []
        shared = {name for name, groups in self.users.items() if len(groups) > 1}
        # What a shared type uses is shared as well, as it has the same users.
        for group, kinds in sorted(self.kinds.items()):
            own = [name for name, groups in self.users.items() if groups == {group}]
            result.append((f"{group}.txt", sorted(kinds) + self.type_lines(own)))
        result.append(("shared.txt", self.type_lines(shared)))
        return result

    def type_lines(self, names):
        lines = []
        for name in sorted(names):
            flags, fields = self.types[name]
            lines += [" ".join(["type", name] + flags)] + fields
        return lines
