// Compares an object with the tables of its kind: unknown fields, types, quantities, closed sets, required fields.
#include <algorithm>

#include "core/base/base64.h"
#include "core/base/text.h"
#include "core/lint/rule.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

class Walker {
public:
    explicit Walker(Findings& findings) : findings_(findings) {}

    void object(const Spot& spot, std::uint16_t type) {
        if (!spot.is(yaml::Kind::mapping)) return wrong_type(findings_, spot, "a map");
        std::span<const Field> fields = object_fields(type);
        std::vector<std::string> meant;  // by misspelt fields: not reported as missing again
        for (const yaml::Entry& entry : spot.node->entries) {
            std::string name = yaml::key_text(entry.key);
            auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
            if (field == fields.end()) {
                meant.push_back(unknown_field(spot, entry.key, name, fields));
            } else if (entry.value.kind != yaml::Kind::null) {
                member({&entry.value, &entry.key, join_path(spot.path, name), entry.key.line, entry.key.column},
                       *field);
            }
        }
        for (const Field& field : fields) {
            bool misspelt = std::find(meant.begin(), meant.end(), field.name) != meant.end();
            if (field.required && !misspelt && is_missing(spot[field.name]))
                missing(findings_, spot[field.name], object_name(type));
        }
    }

private:
    static bool is_missing(const Spot& spot) {
        if (!spot) return true;
        bool no_text = spot.is(yaml::Kind::string) && spot.text().empty();
        return no_text || (spot.is(yaml::Kind::sequence) && spot.node->items.empty());
    }

    // Returns the field that was probably meant, or "".
    std::string unknown_field(const Spot& parent, const yaml::Node& key, const std::string& name,
                              std::span<const Field> fields) {
        Place where{"", key.line, key.column, join_path(parent.path, name)};
        std::vector<std::string_view> names;
        for (const Field& field : fields) names.push_back(field.name);
        std::string near = nearest(name, names);
        std::string fix = near.empty() ? "remove it, or move it to where it belongs" : "did you mean '" + near + "'?";
        if (!key.quoted && key.kind == yaml::Kind::boolean)
            fix = "quote the key: YAML reads " + key.text + " as a boolean";
        findings_.add("KT003", where,
                      "unknown field '" + name + "'" + (parent.path.empty() ? "" : " in " + parent.path), fix);
        return near;
    }

    void member(const Spot& spot, const Field& field) {
        if (field.shape == Shape::one) return value(spot, field);
        if (field.shape == Shape::list) {
            if (!spot.is(yaml::Kind::sequence)) return wrong_type(findings_, spot, "a list");
            for (std::size_t i = 0; i < spot.node->items.size(); ++i) {
                const yaml::Node& item = spot.node->items[i];
                Spot inner{&item, nullptr, join_path(spot.path, i), item.line, item.column};
                if (item.kind == yaml::Kind::null) {
                    findings_.add("KT008", inner.place(), "an item of '" + std::string(field.name) + "' is null",
                                  "remove the item");
                } else {
                    value(inner, field);
                }
            }
            return;
        }
        if (!spot.is(yaml::Kind::mapping)) return wrong_type(findings_, spot, "a map");
        for (const Spot& inner : spot.members()) {
            check_key(findings_, inner);
            value(inner, field);
        }
    }

    void value(const Spot& spot, const Field& field) {
        switch (field.of) {
            case Of::object:
                return object(spot, field.type);
            case Of::choice:
                return check_choice(findings_, spot, choice(field.type));
            case Of::scalar:
                return check_scalar(findings_, spot, scalar(field.type));
        }
    }

    Findings& findings_;
};

// A document, or an item of a List, that is a list or a scalar.
void not_an_object(const Spot& root, Findings& findings) {
    const bool list = root.is(yaml::Kind::sequence);
    std::string what = root.path.empty() ? "the document" : root.path;
    std::string got = list ? "a list" : shown(root.text());
    std::string fix = list ? "put the objects under items: of a List, or separate them with ---"
                           : "begin with apiVersion: and kind:, or give a file that holds manifests";
    findings.add("KT004", root.place(), what + " is " + got + ", not a Kubernetes object (a map of fields)", fix);
}

// apiVersion and kind: what everything else hangs on.
bool check_kind(const Object& object, Findings& findings) {
    const Spot& root = object.root;
    if (!root.is(yaml::Kind::mapping)) {
        not_an_object(root, findings);
        return false;
    }
    std::vector<std::string> absent;
    for (const char* field : {"apiVersion", "kind"}) {
        if (!root[field]) absent.emplace_back(field);
    }
    if (!absent.empty()) {
        findings.add("KT008", root.place(), join(absent, " and ") + (absent.size() > 1 ? " are" : " is") + " missing",
                     "every object begins with apiVersion and kind");
        return false;
    }
    if (!is_no_kind(object.api_version, object.kind)) return true;
    std::vector<std::string_view> kinds;
    for (const KindRow& row : kind_rows()) {
        if (row.api_version.find('.') == std::string_view::npos) kinds.push_back(row.kind);
    }
    std::string near = nearest(object.kind, kinds);
    std::string fix;
    for (const KindRow& row : kind_rows()) {
        if (row.api_version.find('.') != std::string_view::npos) continue;
        bool meant = row.kind == object.kind || (fix.empty() && row.kind == near);
        if (meant)
            fix = "did you mean apiVersion: " + std::string(row.api_version) + ", kind: " + std::string(row.kind) + "?";
    }
    findings.add("KT006", root["kind"].place(), shown(object.api_version) + " has no kind " + shown(object.kind), fix);
    return false;
}

void check_has_name(const Object& object, Findings& findings) {
    const Spot& root = object.root;
    Spot metadata = root["metadata"];
    if (object.row == nullptr || (metadata && !metadata.is(yaml::Kind::mapping))) return;
    for (const char* field : {"name", "generateName"}) {
        if (!metadata[field].text().empty()) return;
    }
    // A misspelt "metadata" or "name" is reported as such.
    const Spot& holder = metadata ? metadata : root;
    std::string_view wanted = metadata ? "name" : "metadata";
    for (const Spot& member : holder.members()) {
        if (nearest(wanted, std::vector<std::string>{yaml::key_text(*member.key)}) != "") return;
    }
    findings.add("KT008", metadata["name"].place(), "metadata.name is missing",
                 "give the object a name (or metadata.generateName)");
}

}  // namespace

void check_structure(const Object& object, const Bundle&, Findings& findings) {
    if (object.is_spec() || !check_kind(object, findings)) return;
    Walker walker(findings);
    if (object.has_schema()) {
        walker.object(object.root, object_index(object.row->type));
    } else if (Spot metadata = object.root["metadata"]; metadata) {
        walker.object(metadata, object_index("ObjectMeta"));
    }
    check_has_name(object, findings);
}

}  // namespace ktrain::lint
