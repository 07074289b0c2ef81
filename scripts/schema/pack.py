#!/usr/bin/env python3
"""Run by cmake/Embed.cmake: packs templates/schemas/*.txt into the read-only table of core/lint/schema_table.h.

    pack.py FOLDER OUTPUT.cpp
"""
import pathlib
import re
import sys

from facts import ALL, Facts, Level, minors_mask, parse_field, unquote
from templates import Paths

INT32 = 2 ** 31
# Tokens of the text and the bases of the table they become; what they say of their values besides.
BASES = {"any": "any", "bool": "boolean", "bytes": "base64", "crdQuantity": "crd_quantity", "dnsLabel": "dns_label",
         "envName": "env_name", "fileMode": "file_mode", "int": "integer", "int32": "integer", "int64": "integer",
         "intOrString": "int_or_string", "microTime": "micro_time", "number": "number", "portOrName": "port_or_name", "quantity": "quantity",
         "resources": "resources", "string": "string", "time": "time"}
IMPLIED = {"fileMode": {"min": "0", "max": "511"}, "int32": {"min": str(-INT32), "max": str(INT32 - 1)},
           "int64": {"min": str(-INT32 ** 2 * 2), "max": str(INT32 ** 2 * 2 - 1)}}
FACTS = {"format": "format", "max": "max", "maxItems": "max_items", "maxLength": "max_length", "maxProperties": "max_items",
         "min": "min", "minItems": "min_items", "minLength": "min_length", "minProperties": "min_items",
         "oneOf": "one_of", "pattern": "pattern", "unique": "unique"}
NAME_RULES = {"": "subdomain", "ip": "ip", "label": "label", "label1035": "label_1035", "path": "path"}


class Packer:
    def __init__(self, facts):
        self.facts = facts
        self.texts, self.text_ids = [""], {"": 0}
        self.nodes, self.node_ids = [], {}
        self.edges, self.rows, self.row_ids = [], [], {}
        for name in sorted(facts.types):
            self.node_ids[name, ()] = len(self.nodes)
            self.nodes.append(None)
        for name in sorted(facts.types):
            self.fill_object(name)
        if facts.unions:
            sys.exit(f"refinements.txt: unions of unknown types: {sorted(facts.unions)}")

    def text(self, value):
        if value not in self.text_ids:
            self.text_ids[value] = len(self.texts)
            self.texts.append(value)
        return self.text_ids[value]

    def fact_rows(self, about):
        rows = []
        for key, value in sorted(about.items()):
            if key == "enum":
                for word in value.split("|"):
                    known = re.fullmatch(r"(.*)@(1\.\d+(?:-(?:1\.\d+)?)?|-1\.\d+)", word)
                    mask = minors_mask(known[2]) if known else ALL
                    rows.append(("choice", mask, self.text(unquote(known[1] if known else word)), "0"))
            elif key in FACTS:
                is_text = key in ("format", "oneOf", "pattern", "unique")
                rows.append((FACTS[key], ALL, self.text(unquote(value)) if is_text else 0, "0" if is_text else float(value)))
            elif key not in ("nullable", "default"):
                sys.exit(f"no fact is called {key}")
        key = tuple(rows)
        if key not in self.row_ids:
            self.row_ids[key] = len(self.rows)
            self.rows += rows
        return self.row_ids[key], len(rows)

    def node(self, levels):
        head, *inner = levels
        about = {key: value for key, value in IMPLIED.get(head.token, {}).items()} | head.about
        about.pop("default", None)
        if head.token == "metadata":
            return self.node_ids["ObjectMeta", ()]
        name = head.token
        kept = tuple(sorted(about.items()))
        if name in self.facts.types:
            if not kept:
                return self.node_ids[name, ()]
            key, base = (name, kept), "object"
        elif name in ("[]", "{}"):
            key, base = (name, kept, self.node(inner)), "list" if name == "[]" else "map"
        else:
            if name not in BASES:
                sys.exit(f"no type is called {name}")
            key, base = (BASES[name], kept), BASES[name]
        if key not in self.node_ids:
            self.node_ids[key] = len(self.nodes)
            first, count = self.fact_rows(about)
            flags = ["nullable"] if "nullable" in about else []
            if base == "object":  # the same fields, with facts of this use
                self.nodes.append(("object", name, flags, first, count))
            else:
                self.nodes.append((base, None, flags, first, count, key[2] if len(key) > 2 else 0))
        return self.node_ids[key]

    def fill_object(self, name):
        fields = sorted(self.facts.types[name], key=lambda f: (f.name.encode(), f.minors))
        rows = []
        for field in fields:
            flags = ["required"] if field.required else []
            default = field.levels[0].about.get("default")
            if default is not None or field.optional:
                flags.append("defaulted")
            rows.append((self.text(field.name), field.minors, flags, self.text(unquote(default or "")), self.node(field.levels)))
        first = len(self.edges)
        self.edges += rows
        flags = ["open"] if "open" in self.facts.flags[name] else []
        flags += ["crd"] if name.startswith("#") else []
        shown = "" if name.startswith("#") else name.split(".")[-1]
        union = self.facts.unions.pop(name, [])
        if set(union) - {field.name for field in fields}:
            sys.exit(f"refinements.txt: {name} has not all of {union}")
        first_fact, facts = self.fact_rows({"oneOf": ",".join(union)} if union else {})
        self.nodes[self.node_ids[name, ()]] = ("type", self.text(shown), flags, first, len(rows), first_fact, facts)

    def node_line(self, row):
        if row[0] == "type":
            _, shown, flags, first, count, first_fact, facts = row
            return f"{{Base::object, {self.flags(flags)}, {facts}, {first_fact}, {first}, {count}, {shown}}}"
        if row[0] == "object":
            _, name, flags, first_fact, facts = row
            _, shown, more, first, count, *_ = self.nodes[self.node_ids[name, ()]]
            return f"{{Base::object, {self.flags(flags + more)}, {facts}, {first_fact}, {first}, {count}, {shown}}}"
        base, _, flags, first_fact, facts, child = row
        return f"{{Base::{base}, {self.flags(flags)}, {facts}, {first_fact}, {child}, 0, 0}}"

    @staticmethod
    def flags(words):
        return " | ".join(f"flag_{word}" for word in sorted(words)) or "0"

    def kind_lines(self):
        names = {(version, kind): rule for version, kind, rule in self.facts.names}
        paths, lines = Paths(self.facts), []
        for version, kind, type_name, *words in sorted(self.facts.kinds):
            about = dict(word.split("=") if "=" in word else (word, "") for word in words)
            minors = next((minors_mask(word) for word in words if word.startswith("@")), ALL)
            crd = type_name.startswith("#")
            if "deprecated" in about and crd:
                about["use"] = self.successor(version, kind)
            # deprecated=1.N is a number of its own: not so in all versions.
            flags = [flag for flag in ("cluster", "deprecated") if about.get(flag) == ""] + (["crd"] if crd else [])
            flags += ["status"] if "status" in about or not crd else []
            flags = sorted(set(flags))
            numbers = [int(about.get(key, "").removeprefix("1.") or 0) for key in ("deprecated", "removed")]
            rule = NAME_RULES[names.pop((version, kind), "")]
            lines.append(f"{{{self.text(version)}, {self.text(kind)}, {self.text(paths.of(type_name))}, "
                         f"{self.text(unquote(about.get('use', '')))}, {minors}, {self.flags(flags)}, {numbers[0]}, {numbers[1]}, "
                         f"NameRule::{rule}, {self.node_ids[type_name, ()]}}}")
        if names:
            sys.exit(f"name rules of unknown kinds: {names}")
        return lines

    def successor(self, version, kind):
        """The newest apiVersion of the same kind that is not deprecated."""
        group = version.partition("/")[0]
        others = [row[0] for row in self.facts.kinds if row[1] == kind and row[0].startswith(group + "/")
                  and "deprecated" not in row]
        return max(others, default="")

    def gone_lines(self):
        lines = []
        for version, kind, *words in sorted(self.facts.gone):
            about = dict(word.split("=") for word in words)
            lines.append(f"{{{self.text(version)}, {self.text(kind)}, {self.text(unquote(about.get('removed', '')))}, "
                         f"{self.text(unquote(about.get('use', '')))}}}")
        return lines

    def source(self):
        kinds, gone = self.kind_lines(), self.gone_lines()
        nodes = [self.node_line(row) for row in self.nodes]
        edges = [f"{{{name}, {minors}, {self.flags(flags)}, {default}, {node}}}" for name, minors, flags, default, node in self.edges]
        facts = [f"{{FactKind::{kind}, {mask}, {text}, {value}}}" for kind, mask, text, value in self.rows]
        texts, offset = [], 0
        for value in self.texts:
            texts.append(f"{{{offset}, {len(value.encode())}}}")
            offset += len(value.encode())
        if max(len(self.texts), len(self.edges), len(nodes)) >= 65536:
            sys.exit("an index of the schema table does not fit into 16 bits")
        parts = [("KindEntry", "kinds", kinds), ("GoneEntry", "gone", gone), ("NodeEntry", "nodes", nodes),
                 ("EdgeEntry", "edges", edges), ("FactEntry", "facts", facts), ("TextEntry", "texts", texts)]
        text = ["// Made by scripts/schema/pack.py from templates/schemas/.", '#include "core/lint/schema_table.h"', "",
                "namespace ktrain::lint {", "namespace {"]
        for kind, name, lines in parts:
            text += [f"constexpr {kind} {name}[] = {{"] + [f"    {line}," for line in lines] + ["};"]
        text += ["constexpr char chars[] ="] + [f'    "{c_text(value)}"' for value in self.texts] + ["    ;"]
        text += [f"constexpr SchemaTable table{{kinds, gone, nodes, edges, facts, texts, chars, {self.node_ids['ObjectMeta', ()]}}};",
                 "}  // namespace", "const SchemaTable& builtin_schemas() {", "    return table;", "}",
                 "}  // namespace ktrain::lint", ""]
        return "\n".join(text)


def c_text(value):
    return "".join(chr(b) if 32 <= b < 127 and chr(b) not in '\\"?' else f"\\{b:03o}" for b in value.encode())


def expand(levels, aliases):
    result = []
    for level in levels:
        if level.token in aliases:
            inner = [Level(l.token, l.about) for l in expand(aliases[level.token], aliases)]
            inner[0].about |= level.about
            result += inner
        else:
            result.append(level)
    return result


def refine(facts):
    """Applies the lines `Type.field[!?] [@MINORS] [TOKENS]` and `also Type.field TOKENS` of refinements.txt."""
    for target, *tokens in facts.added:
        type_name, _, field_name = target.rpartition(".")
        if any(field.name == field_name for field in facts.types[type_name]):
            sys.exit(f"refinements.txt: {target} is there already")
        facts.types[type_name].append(parse_field(" ".join([field_name] + tokens)))
    for line in facts.refined:
        target, *rest = line.split()
        type_name, _, field_name = target.rpartition(".")
        if type_name not in facts.types:
            sys.exit(f"refinements.txt: no type {type_name}: {line}")
        wanted = parse_field(" ".join([field_name] + [word for word in rest if word != "+"]))
        fields = [f for f in facts.types[type_name] if f.name == wanted.name and f.minors & wanted.minors]
        if not fields:
            sys.exit(f"refinements.txt: no field {target}: {line}")
        for field in fields:
            field.required = field.required and not wanted.optional or wanted.required
            if "+" in rest:
                merge_into(field, rest)
            elif wanted.levels:
                field.levels = expand(wanted.levels, facts.aliases)


def merge_into(field, rest):
    """`Type.field + min=0 [] min=1`: facts of the value, and behind each further token those of what is inside."""
    level = 0
    for word in rest[rest.index("+") + 1:]:
        key, equals, value = word.partition("=")
        if equals:
            field.levels[level] = Level(field.levels[level].token, field.levels[level].about | {key: value})
        else:
            level += 1


def main():
    folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    facts = Facts()
    for path in sorted(folder.glob("*.txt")):
        facts.read(path)
    refine(facts)
    text = Packer(facts).source()
    output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
