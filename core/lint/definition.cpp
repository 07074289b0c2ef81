// Reads CustomResourceDefinitions and served documents of OpenAPI into kinds with their schemas.
#include "core/lint/definition.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"
#include "core/cel/cel.h"
#include "core/lint/crd_typing.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

constexpr std::string_view rules_key = "x-kubernetes-validations";
constexpr std::array<std::string_view, 4> logic_keys{"allOf", "anyOf", "not", "oneOf"};

// What an API server would not take in the CRD is left out: KT049 reports it there.
void compile_rules(const yaml::Node& rules, const yaml::Node& schema, Definition& definition) {
    const SchemaTyping typing(definition.schema);
    for (const yaml::Node& rule : rules.items) {
        for (const char* key : {"rule", "messageExpression"}) {
            const yaml::Node* text = rule.find(key);
            if (text == nullptr || text->kind != Kind::string) continue;
            auto compiled = cel::compile(text->text);
            auto* program = std::get_if<cel::Program>(&compiled);
            const cel::Known wanted[] = {
                cel::known_as(key == std::string_view("rule") ? cel::Type::boolean : cel::Type::string)};
            const cel::SchemaId self = SchemaTyping::id_of(schema);
            if (program == nullptr || cel::type_problem(*program, &typing, self, wanted, says(rule, "optionalOldSelf")))
                continue;
            definition.programs.emplace(text, std::move(*program));
        }
    }
}

// Whether there is something in the part that the table does not hold; marks what leads to it.
bool mark_special(const yaml::Node& schema, Definition& definition) {
    if (schema.kind != Kind::mapping) return false;
    bool special = false;
    if (const yaml::Node* rules = schema.find(rules_key); rules != nullptr && !rules->items.empty()) {
        compile_rules(*rules, schema, definition);
        special = true;
    }
    special = special || (is_map(schema) && schema.find("required") != nullptr);
    // What an int-or-string is says the table.
    if (!says(schema, "x-kubernetes-int-or-string") || schema.find("allOf") != nullptr)
        special = special || std::ranges::any_of(logic_keys, [&](auto key) { return schema.find(key) != nullptr; });
    for (const char* key : {"items", "additionalProperties"}) {
        const yaml::Node* part = part_of(schema, key);
        special = (part != nullptr && mark_special(*part, definition)) || special;
    }
    if (const yaml::Node* properties = part_of(schema, "properties")) {
        for (const yaml::Entry& entry : properties->entries) special = mark_special(entry.value, definition) || special;
    }
    if (special) definition.special.insert(&schema);
    return special;
}

std::shared_ptr<const Definition> make(const yaml::Node& schema, const KindFacts& about, Place place) {
    const auto definition = std::make_shared<Definition>();
    definition->api_version = about.api_version;
    definition->kind = about.kind;
    definition->place = std::move(place);
    definition->schema = &schema;
    definition->table = table_of(schema, about);
    mark_special(schema, *definition);
    // The root shows rules its metadata, and may say how it is to be named.
    definition->special.insert(&schema);
    return definition;
}

// Newer versions have greater numbers, and v1 is newer than v1beta1. Source: apimachinery pkg/version/helpers.go.
std::tuple<int, int, int> rank_of(std::string_view version) {
    std::array<int, 2> numbers{};
    int stage = 3;
    const std::size_t letter = version.find_first_not_of("v0123456789");
    if (letter != std::string_view::npos) stage = version.substr(letter).starts_with("beta") ? 2 : 1;
    std::size_t at = 0;
    for (const char c : version) {
        if (c >= 'a' && c <= 'z' && c != 'v') at = 1;
        if (c >= '0' && c <= '9' && numbers[at] < 1'000'000) numbers[at] = numbers[at] * 10 + (c - '0');
    }
    return {stage, numbers[0], numbers[1]};
}

// The newest version that is served and not deprecated, or "".
std::string successor_in(const yaml::Node& versions) {
    std::string best;
    for (const yaml::Node& version : versions.items) {
        const std::string name(word_of(version, "name"));
        if (!says(version, "served") || says(version, "deprecated")) continue;
        if (best.empty() || rank_of(best) < rank_of(name)) best = name;
    }
    return best;
}

struct Served {
    std::string kind;
    bool namespaced = false, status = false;
};

// What the paths of a served document say of its kinds, by kind.
std::map<std::string, Served> served_kinds(const yaml::Node& document) {
    std::map<std::string, Served> kinds;
    const yaml::Node* paths = part_of(document, "paths");
    if (paths == nullptr) return kinds;
    for (const yaml::Entry& path : paths->entries) {
        for (const yaml::Entry& verb : path.value.entries) {
            const yaml::Node* about = part_of(verb.value, "x-kubernetes-group-version-kind");
            const std::string kind(about != nullptr ? word_of(*about, "kind") : "");
            const bool status = path.key.text.ends_with("/status");
            const bool create = verb.key.text == "post" && path.key.text.find("/{name}") == std::string::npos;
            if (kind.empty() || (!status && !create)) continue;
            Served& served = kinds[kind];
            served.kind = kind;
            served.namespaced |= path.key.text.find("/namespaces/{namespace}/") != std::string::npos;
            served.status |= status;
        }
    }
    return kinds;
}

}  // namespace

const cel::Program* Definition::program(const yaml::Node* text) const {
    const auto found = programs.find(text);
    return found != programs.end() ? &found->second : nullptr;
}

std::string_view word_of(const yaml::Node& schema, std::string_view key) {
    const yaml::Node* found = schema.find(key);
    return found != nullptr && found->kind == Kind::string ? std::string_view(found->text) : std::string_view();
}

bool says(const yaml::Node& schema, std::string_view key) {
    const yaml::Node* found = schema.find(key);
    return found != nullptr && found->kind == Kind::boolean && yaml::to_json(*found).get<bool>();
}

const yaml::Node* part_of(const yaml::Node& schema, std::string_view key) {
    const yaml::Node* found = schema.find(key);
    return found != nullptr && found->kind == Kind::mapping ? found : nullptr;
}

bool is_map(const yaml::Node& schema) {
    if (word_of(schema, "type") != "object") return false;
    const yaml::Node* inner = part_of(schema, "additionalProperties");
    if (inner != nullptr && !inner->entries.empty()) return true;
    const bool fields = schema.find("properties") != nullptr || is_embedded(schema);
    const bool free = inner != nullptr || says(schema, "additionalProperties") ||
                      says(schema, "x-kubernetes-preserve-unknown-fields");
    return free && !fields;
}

bool is_embedded(const yaml::Node& schema) {
    return says(schema, "x-kubernetes-embedded-resource");
}

Definitions definitions_of(const yaml::Node& document, const std::string& file) {
    if (word_of(document, "kind") != "CustomResourceDefinition") return {};
    if (word_of(document, "apiVersion") != "apiextensions.k8s.io/v1") return {};
    const yaml::Node* spec = part_of(document, "spec");
    const yaml::Node* names = spec != nullptr ? part_of(*spec, "names") : nullptr;
    const yaml::Node* versions = spec != nullptr ? spec->find("versions") : nullptr;
    if (names == nullptr || versions == nullptr) return {};
    const std::string group(word_of(*spec, "group"));
    KindFacts about;
    about.kind = word_of(*names, "kind");
    about.cluster = word_of(*spec, "scope") == "Cluster";
    const std::string newest = successor_in(*versions);
    Definitions result;
    for (const yaml::Node& version : versions->items) {
        const yaml::Node* holder = part_of(version, "schema");
        const yaml::Node* schema = holder != nullptr ? part_of(*holder, "openAPIV3Schema") : nullptr;
        const std::string name(word_of(version, "name"));
        if (schema == nullptr || !says(version, "served") || group.empty() || about.kind.empty() || name.empty())
            continue;
        about.api_version = group + "/" + name;
        about.deprecated = says(version, "deprecated");
        about.use = about.deprecated && !newest.empty() ? group + "/" + newest : "";
        const yaml::Node* parts = part_of(version, "subresources");
        about.status = parts != nullptr && parts->find("status") != nullptr;
        result.push_back(make(*schema, about, {file, version.line, version.column, ""}));
    }
    return result;
}

Definitions definitions_in(const yaml::Node& document, const std::string& file) {
    const yaml::Node* items = document.find("items");
    if (items == nullptr || !word_of(document, "kind").ends_with("List")) return definitions_of(document, file);
    Definitions result;
    for (const yaml::Node& item : items->items) {
        Definitions inner = definitions_in(item, file);
        result.insert(result.end(), inner.begin(), inner.end());
    }
    return result;
}

std::set<std::string, std::less<>> served_names(const yaml::Node& document) {
    std::set<std::string, std::less<>> names;
    for (const auto& [kind, about] : served_kinds(document)) names.insert(kind);
    return names;
}

Definitions definitions_of_openapi(const yaml::Node& document, const std::string& file) {
    const std::map<std::string, Served> served = served_kinds(document);
    const yaml::Node* components = part_of(document, "components");
    const yaml::Node* schemas = components != nullptr ? part_of(*components, "schemas") : nullptr;
    if (schemas == nullptr) return {};
    Definitions result;
    for (const yaml::Entry& entry : schemas->entries) {
        const yaml::Node* names = entry.value.find("x-kubernetes-group-version-kind");
        if (names == nullptr || names->items.size() != 1) continue;  // DeleteOptions and the like are of many groups
        const yaml::Node& name = names->items.front();
        const auto known = served.find(std::string(word_of(name, "kind")));
        if (known == served.end()) continue;
        const std::string group(word_of(name, "group"));
        KindFacts about;
        about.api_version = (group.empty() ? "" : group + "/") + std::string(word_of(name, "version"));
        about.kind = known->first;
        about.cluster = !known->second.namespaced;
        about.status = known->second.status;
        const auto builtin = Schemas().find(about.api_version, about.kind);
        if (builtin && !builtin->has(flag_crd)) continue;  // we know more of it than the document says
        if (!builtin && Schemas().is_complete(group)) continue;
        result.push_back(make(entry.value, about, {file, entry.key.line, entry.key.column, ""}));
    }
    return result;
}

}  // namespace ktrain::lint
