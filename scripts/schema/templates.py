"""Finds where pod templates are inside a kind, by their shape: metadata and a spec with containers that have an image."""


class Paths:
    def __init__(self, facts):
        self.types = {name: {field.name: field.levels for field in fields} for name, fields in facts.types.items()}
        self.known = {}

    def of(self, root):
        """Blank-separated paths as core/lint/object.cpp reads them: "spec.template", "spec.tasks[].template"."""
        found = []
        if self.is_template(root):
            found.append(".")
        for field in self.types[root]:
            if field not in ("apiVersion", "kind", "metadata", "status"):
                found += self.below(self.types[root][field], field, (root,))
        return " ".join(sorted(found))

    def below(self, levels, path, above):
        steps = path
        for level in levels[:-1]:
            steps += {"[]": "[]", "{}": ".*"}[level.token]
        name = levels[-1].token
        if name not in self.types or name in above:
            return []
        if self.is_template(name):
            return [steps]
        if self.is_argo(name):
            return ["argo:" + steps]
        if name not in self.known:
            self.known[name] = any(True for _ in self.inner(name, "", above))
        return self.inner(name, steps, above) if self.known[name] else []

    def inner(self, name, steps, above):
        return [path for field, levels in self.types[name].items() if field != "metadata"
                for path in self.below(levels, f"{steps}.{field}", above + (name,))]

    def is_template(self, name):
        fields = self.types[name]
        spec = self.types.get(fields["spec"][-1].token, {}) if "spec" in fields and "metadata" in fields else {}
        if "containers" not in spec or "restartPolicy" not in spec:
            return False
        return "image" in self.types.get(spec["containers"][-1].token, {})

    def is_argo(self, name):
        fields = self.types[name]
        return "containerSet" in fields and "script" in fields and "container" in fields
