"""Merges the published definitions of every Kubernetes minor into one set of facts."""
import json
import re
import zipfile

from facts import ALL, FIRST, LAST, Field, Level, minors_text

MEMBER = "kubernetes_validate/kubernetes-json-schema/v1.{}.0-local/_definitions.json"
KNOWN = {"Quantity": "quantity", "IntOrString": "intOrString", "Time": "time", "MicroTime": "microTime", "Duration": "string",
         "FieldsV1": "any", "RawExtension": "any", "JSON": "any", "JSONSchemaPropsOrArray": "any",
         "JSONSchemaPropsOrBool": "any", "JSONSchemaPropsOrStringArray": "any", "Patch": "any"}
NOT_IN_API = {"APIService", "ClusterCIDR", "CustomResourceDefinition", "PodSecurityPolicy", "ResourceClass"}  # cluster-wide
# APIs whose code is gone from k8s.io/api, or says nothing of it: (version, kinds, deprecated, removed, replacement).
LATE = [("v1", "ComponentStatus", 19, None, ""),
        ("v1", "Endpoints", 33, None, "discovery.k8s.io/v1%20EndpointSlice"),
        ("autoscaling/v2beta1", "HorizontalPodAutoscaler", 22, 25, "autoscaling/v2"),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26, "autoscaling/v2"),
        ("policy/v1beta1", "PodSecurityPolicy", 21, 25, ""),
        ("node.k8s.io/v1alpha1", "RuntimeClass", 20, 26, "node.k8s.io/v1"),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 16, 22, "apiextensions.k8s.io/v1"),
        ("apiregistration.k8s.io/v1beta1", "APIService", 19, 22, "apiregistration.k8s.io/v1")]


def short(name):
    return name.rsplit(".", 1)[1]


class Names:
    """Short names of definitions: `Container`; `autoscaling.v2.MetricSpec` where two groups or versions have it."""
    def __init__(self, everything):
        holders = {}
        for name in everything:
            holders.setdefault(short(name), set()).add(name)
        self.names = {}
        for plain, full in holders.items():
            best = min(full, key=self.rank)
            alone = len(full) == 1 or sum(self.rank(name)[0] == self.rank(best)[0] for name in full) == 1
            for name in full:
                self.names[name] = plain if name == best and alone else ".".join(name.split(".")[-3:])

    @staticmethod
    def rank(name):
        group, version = name.split(".")[-3:-1]
        if group in ("core", "meta", "resource", "runtime") and version == "v1" and ".apimachinery." in name or group == "core":
            return (0, name)
        return (1 if re.fullmatch(r"v\d+", version) else 2, name)

    def of(self, name):
        return self.names[name]


def levels_of(schema, defs, names):
    if "$ref" in schema:
        name = schema["$ref"].split("/")[-1]
        if short(name) in KNOWN:
            return [Level(KNOWN[short(name)])]
        about = defs[name]
        return [Level(names.of(name))] if "properties" in about else levels_of(about, defs, names)
    kind = [k for k in schema["type"] if k != "null"][0] if isinstance(schema.get("type"), list) else schema.get("type")
    if kind == "array":
        return [Level("[]")] + levels_of(schema["items"], defs, names)
    if kind == "object":
        inner = schema.get("additionalProperties")
        return [Level("{}")] + levels_of(inner, defs, names) if inner else [Level("any")]
    if kind == "integer":
        return [Level(schema.get("format") if schema.get("format") in ("int32", "int64") else "int")]
    if kind == "string":
        return [Level({"byte": "bytes", "date-time": "time"}.get(schema.get("format"), "string"))]
    return [Level({"boolean": "bool", "number": "number"}.get(kind, "any"))]


def merge_fields(per_minor):
    """per_minor: minor -> {field: (tokens, required)} of one type; one Field for each run of equal tokens."""
    everywhere = sum(1 << (minor - FIRST) for minor in per_minor)
    merged = {}
    for minor in sorted(per_minor):
        for field, (levels, required) in per_minor[minor].items():
            key = (field, tuple(level.token for level in levels))
            entry = merged.setdefault(key, Field(field, levels, minors=0))
            entry.minors |= 1 << (minor - FIRST)
            entry.required = required  # as the newest has it
    for entry in merged.values():
        if entry.minors == everywhere:
            entry.minors = ALL
    return sorted(merged.values(), key=lambda f: (f.name, f.minors))


def read_lifecycle(api):
    """(group/version, kind) -> {deprecated, removed, use}, and the set of cluster-wide kinds, from k8s.io/api."""
    life, cluster = {}, set()
    for path in sorted(api.namelist()):
        if not path.endswith("register.go"):
            continue
        folder = path.rsplit("/", 1)[0]
        group = re.search(r'GroupName = "(.*)"', api.read(path).decode())
        if not group:
            continue
        version = "/".join(part for part in (group[1], folder.split("/")[-1]) if part)
        for types in [name for name in api.namelist() if name.startswith(folder + "/") and name.endswith("types.go")]:
            text = api.read(types).decode()
            for block in re.findall(r"\+genclient:nonNamespaced(?:\n.*)*?\ntype (\w+) struct", text):
                cluster.add((group[1], block))
        marks = folder + "/zz_generated.prerelease-lifecycle.go"
        if marks in api.namelist():
            read_marks(api.read(marks).decode(), version, life)
    return life, cluster


def read_marks(text, version, life):
    for kind, what, value in re.findall(r"func \(in \*(\w+)\) APILifecycle(\w+)\(\).*\{\s*return (.*)\n", text):
        about = life.setdefault((version, kind), {})
        if what in ("Deprecated", "Removed"):
            about[what.lower()] = int(value.split(",")[1])
        elif what == "Replacement":
            group, new, _ = re.findall(r'"(.*?)"', value)
            about["use"] = f"{group}/{new}" if group else new


def kind_line(version, kind, type_name, mask, about, cluster):
    words = ["kind", version, kind, type_name, "cluster" if cluster else "", minors_text(mask)]
    words += [f"{key}=1.{about[key]}" for key in ("deprecated", "removed") if key in about]
    words += [f"use={about['use']}"] if about.get("use") else []
    return " ".join(word for word in words if word)


def has_metadata(definition):
    return definition.get("properties", {}).get("metadata", {}).get("$ref", "").endswith(".ObjectMeta")


def kubernetes_facts(wheel, api_zip):
    """The lines of kubernetes.txt."""
    archive = zipfile.ZipFile(wheel)
    minors = {m: json.loads(archive.read(MEMBER.format(m)))["$defs"] for m in range(FIRST, LAST + 1)}
    names = Names({name for defs in minors.values() for name in defs})
    life, cluster = read_lifecycle(zipfile.ZipFile(api_zip))
    for version, kind, deprecated, removed, use in LATE:
        about = {"deprecated": deprecated, "removed": removed, "use": use}
        life[version, kind] = {key: value for key, value in about.items() if value is not None}
    types, kinds = {}, {}
    for minor, defs in minors.items():
        for name, about in defs.items():
            if "properties" not in about:
                continue
            required = set(about.get("required") or [])
            fields = {f: (levels_of(p, defs, names), f in required) for f, p in about["properties"].items()}
            types.setdefault(names.of(name), {})[minor] = fields
            for gvk in about.get("x-kubernetes-group-version-kind", []):
                version = "/".join(part for part in (gvk["group"], gvk["version"]) if part)
                if has_metadata(about) and short(name) == gvk["kind"]:
                    kinds.setdefault((version, gvk["kind"], names.of(name)), set()).add(minor)
    return lines_of(types, kinds, life, cluster)


def lines_of(types, kinds, life, cluster):
    lines = []
    for (version, kind, type_name), minors in sorted(kinds.items()):
        group = version.rpartition("/")[0]
        mask = sum(1 << (minor - FIRST) for minor in minors)
        wide = (group, kind) in cluster or kind in NOT_IN_API
        lines.append(kind_line(version, kind, type_name, mask, life.get((version, kind), {}), wide))
    known = {(version, kind) for version, kind, _ in kinds}
    for (version, kind), about in sorted(life.items()):
        if (version, kind) not in known and about.get("removed", 99) <= FIRST and not kind.endswith("List"):
            use = f" use={about['use']}" if about.get("use") else ""
            lines.append(f"gone {version} {kind} removed=1.{about['removed']}{use}")
    wanted, queue = set(), [name for _, _, name in kinds]
    merged = {name: merge_fields(per_minor) for name, per_minor in types.items()}
    while queue:
        name = queue.pop()
        if name in wanted or name not in merged:
            continue
        wanted.add(name)
        queue += [level.token for field in merged[name] for level in field.levels]
    for name in sorted(wanted):
        lines += [f"type {name}"] + [field.text() for field in merged[name]]
    return lines
