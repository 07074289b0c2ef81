// Defaults in the schemas of custom resources: each is a value that its own schema takes.
// Source: apiextensions-apiserver pkg/apiserver/schema/defaulting.
#include <algorithm>
#include <array>

#include "core/base/api_names.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/cel/cel.h"
#include "core/lint/crd_rules.h"
#include "core/lint/logic.h"
#include "core/lint/together.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

constexpr std::array<std::string_view, 6> types{"array", "boolean", "integer", "number", "object", "string"};

bool is_of_type(const Spot& value, std::string_view type) {
    const yaml::Node& node = *value.node;
    if (type == "array") return node.kind == yaml::Kind::sequence;
    if (type == "boolean") return node.kind == yaml::Kind::boolean;
    if (type == "integer") return whole_number(node).has_value();
    if (type == "number") return node.kind == yaml::Kind::integer || node.kind == yaml::Kind::real;
    if (type == "object") return node.kind == yaml::Kind::mapping;
    return node.kind == yaml::Kind::string;
}

std::optional<double> real_of(const Spot& spot) {
    if (!spot.is(yaml::Kind::integer) && !spot.is(yaml::Kind::real)) return std::nullopt;
    const Json value = yaml::to_json(*spot.node);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

void refuse_default(const Spot& value, const std::string& path, const std::string& why, Findings& findings,
                    std::string fix = "write a default that the schema allows") {
    Place where = value.place();
    where.path = join_path(path, "default");
    const std::string text = value.node->is_scalar() ? " " + shown(value.text()) : "";
    findings.add("KT030", where, "the default" + text + " " + why, std::move(fix));
}

// Whether the server can compare values of the type with the bound: one in the schema of an integer is an integer too.
bool is_comparable(const Spot& schema, const char* field) {
    const Spot bound = schema[field];
    if (schema["type"].text() != "integer" || !real_of(bound)) return true;
    const double end = schema["format"].text() == "int32" ? 0x1p31 : 0x1p63;
    const std::optional<double> number = whole_number(*bound.node);
    return number && *number < end && *number >= -end;
}

// A field of the value that the schema lacks, so that the server would drop it, or "". Source: apiextensions-apiserver
// pkg/apiserver/schema/pruning.
std::string unknown_field(const Spot& value, const Spot& schema) {
    for (const Spot& item : value.items()) {
        if (std::string unknown = unknown_field(item, schema["items"]); !unknown.empty()) return unknown;
    }
    constexpr std::array<std::string_view, 3> of_resources{"apiVersion", "kind", "metadata"};
    const Spot others = schema["additionalProperties"];
    for (const Spot& member : value.members()) {
        const std::string name = yaml::key_text(*member.key);
        const Spot property = schema["properties"][name];
        const bool resource = schema["x-kubernetes-embedded-resource"].is_true() &&
                              std::ranges::find(of_resources, name) != of_resources.end();
        const bool kept = resource || schema["x-kubernetes-preserve-unknown-fields"].is_true() || others.is_true();
        if (!property && !others && !kept) return name;
        const Spot inside = property ? property : others;
        if (!inside.is(yaml::Kind::mapping)) continue;
        if (std::string unknown = unknown_field(member, inside); !unknown.empty()) return unknown;
    }
    return "";
}

void check_default(const Spot& schema, const std::string& path, Findings& findings) {
    const Spot value = schema["default"];
    const std::string_view type = schema["type"].text();
    if (!value || type.empty()) return;
    if (std::find(types.begin(), types.end(), type) == types.end()) return;
    if (!is_of_type(value, type)) return refuse_default(value, path, "is no " + std::string(type), findings);
    const std::optional<double> number = real_of(value);
    const std::optional<double> least = real_of(schema["minimum"]);
    const std::optional<double> most = real_of(schema["maximum"]);
    constexpr double int32_end = 2147483648.0;
    if (number && schema["format"].text() == "int32" && (*number >= int32_end || *number < -int32_end))
        return refuse_default(value, path, "is no number of 32 bits", findings);
    if (number && ((least && *number < *least) || (most && *number > *most)))
        return refuse_default(value, path, "is out of the range of the schema", findings);
    for (const char* field : {"maximum", "minimum", "multipleOf"}) {
        if (number && !is_comparable(schema, field))
            return refuse_default(value, path, std::string("cannot be compared with ") + field, findings,
                                  std::string("write a ") + field + " that is an integer of the format");
    }
    const std::vector<Spot> words = schema["enum"].items();
    const bool listed = std::ranges::any_of(words, [&](const Spot& word) { return word.text() == value.text(); });
    if (!words.empty() && value.node->is_scalar() && !listed)
        refuse_default(value, path, "is not in the enum of the schema", findings);
    if (const std::string unknown = unknown_field(value, schema); !unknown.empty())
        refuse_default(value, path, "has the field '" + brief(unknown) + "', which the schema lacks", findings);
}

// A rule that the value breaks, or "". One that does not compile is KT049. The server takes the value for the old one
// as well, and for rules that can do without an old value also for a new one.
std::string broken_rule(const yaml::Node& value, const Spot& schema, const SchemaTyping& typing) {
    const cel::SchemaId self = SchemaTyping::id_of(*schema.node);
    for (const Spot& rule : schema["x-kubernetes-validations"].items()) {
        const bool optional = rule["optionalOldSelf"].is_true();
        const auto compiled = cel::compile(rule["rule"].text());
        const auto* program = std::get_if<cel::Program>(&compiled);
        const cel::Known wanted[] = {cel::known_as(cel::Type::boolean)};
        if (program == nullptr || cel::type_problem(*program, &typing, self, wanted, optional)) continue;
        const cel::Subject subject{&value, &typing, self};
        const auto breaks = [&](std::optional<cel::Subject> old) {
            const cel::Context context{.self = subject, .old_self = old, .optional_old_self = optional};
            return cel::evaluate(*program, context).verdict == cel::Verdict::broken;
        };
        if (breaks(subject) || breaks(std::nullopt)) return std::string(rule["rule"].text());
    }
    return "";
}

// The value and what is in it; `path` is its own.
class Standard {
public:
    Standard(const SchemaTyping& typing, Findings& findings) : typing_(typing), findings_(findings) {}

    void check(const Spot& value, const Spot& schema, const std::string& path) {
        if (!value || !schema.is(yaml::Kind::mapping)) return;
        const std::size_t before = findings_.count();
        if (value.is(yaml::Kind::mapping)) members(value, schema, path);
        std::size_t index = 0;
        for (const Spot& item : value.items()) check(item, schema["items"], join_path(path, index++));
        if (findings_.count() != before) return;
        if (!holds(*value.node, *schema.node, patterns_)) return refuse(value, path, "is not what its schema allows");
        const std::string rule = broken_rule(*value.node, schema, typing_);
        if (!rule.empty()) refuse(value, path, "breaks the rule " + shown(rule));
    }

private:
    void members(const Spot& value, const Spot& schema, const std::string& path) {
        for (const Spot& name : schema["required"].items()) {
            const std::string field(name.text());
            if (value.node->find(field) != nullptr) continue;
            Place where = value.place();
            where.path = join_path(path, field);
            findings_.add("KT008", where, "the default has no " + shown(field) + ", which its schema requires",
                          "add " + printable(field) + " to the default");
        }
        for (const Spot& member : value.members()) {
            const std::string name = yaml::key_text(*member.key);
            const Spot property = schema["properties"][name];
            check(member, property ? property : schema["additionalProperties"], join_path(path, name));
        }
    }

    void refuse(const Spot& value, const std::string& path, const std::string& why) {
        Place where = value.place();
        where.path = path;
        const std::string text = value.node->is_scalar() ? " " + shown(value.text()) : "";
        findings_.add("KT030", where, "the default" + text + " " + why, "write a default that the schema allows");
    }

    const SchemaTyping& typing_;
    Findings& findings_;
    Patterns patterns_;
};

// A default of a whole resource says what kind it is.
void check_resource(const Spot& value, const std::string& path, Findings& findings) {
    for (const char* field : {"apiVersion", "kind"}) {
        if (!value.is(yaml::Kind::mapping) || value[field]) continue;
        Place where = value.place();
        where.path = join_path(path, field);
        findings.add("KT008", where, std::string("the default is of a resource, and has no ") + field,
                     std::string("add ") + field + ", or remove the default");
    }
    const auto refuse = [&](const char* field, const std::string& problem) {
        Place where = value[field].place();
        where.path = join_path(path, field);
        findings.add("KT030", where, std::string("the ") + field + " of the default " + problem,
                     "write that of a resource");
    };
    const Spot version = value["apiVersion"], kind = value["kind"], metadata = value["metadata"];
    if (version &&
        (!version.is(yaml::Kind::string) || version.text().empty() || std::ranges::count(version.text(), '/') > 1))
        refuse("apiVersion", "is none");
    const std::string problem = dns_label_1035_problem(lower(kind.text()));
    if (kind && !kind.is(yaml::Kind::string)) refuse("kind", "is no string");
    if (kind.is(yaml::Kind::string) && !problem.empty()) refuse("kind", shown(kind.text()) + " " + problem);
    if (metadata && !metadata.is(yaml::Kind::mapping)) return refuse("metadata", "is no map");
    for (const char* field : {"name", "generateName", "namespace"}) {
        if (metadata[field] && !metadata[field].is(yaml::Kind::string))
            return refuse("metadata", std::string("has a ") + field + " that is no string");
    }
}

}  // namespace

void check_crd_default(const Spot& schema, const std::string& path, const SchemaTyping& typing, Findings& findings) {
    const Spot value = schema["default"];
    if (!value) return;
    const std::string own = join_path(path, "default");
    const std::size_t before = findings.count();
    const bool root = schema.node == typing.root();
    if (root || schema["x-kubernetes-embedded-resource"].is_true()) check_resource(value, own, findings);
    if (!root) check_default(schema, path, findings);
    if (findings.count() == before) Standard(typing, findings).check(value, schema, own);
}

}  // namespace ktrain::lint
