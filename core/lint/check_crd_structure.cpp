// Schemas of custom resources: what may not stand together in one, and what lists, maps and patterns need.
#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "core/base/regex.h"
#include "core/base/text.h"
#include "core/lint/definition.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

constexpr std::string_view list_type = "x-kubernetes-list-type";
constexpr std::string_view list_keys = "x-kubernetes-list-map-keys";
constexpr std::string_view map_type = "x-kubernetes-map-type";
constexpr std::string_view embedded = "x-kubernetes-embedded-resource";
constexpr std::string_view kept = "x-kubernetes-preserve-unknown-fields";
constexpr std::string_view either = "x-kubernetes-int-or-string";

constexpr std::array<std::string_view, 3> list_types{"atomic", "map", "set"};
constexpr std::array<std::string_view, 2> map_types{"atomic", "granular"};

// Whether a schema is known to be of another type.
bool is_other(const Spot& schema, std::string_view wanted) {
    constexpr std::array<std::string_view, 6> types{"array", "boolean", "integer", "number", "object", "string"};
    const std::string_view type = schema["type"].text();
    return type != wanted && std::ranges::find(types, type) != types.end();
}

std::string below(const std::string& path, std::string_view field) {
    return join_path(path, std::string(field));
}

std::string below(const std::string& path, std::size_t index) {
    return join_path(path, index);
}

// One schema at the path by which the server names it.
class Part {
public:
    Part(const Spot& schema, const std::string& path, bool root, Findings& findings)
        : schema_(schema), path_(path), root_(root), findings_(findings) {}

    void check() {
        unsupported();
        members();
        pattern(schema_["pattern"], below(path_, "pattern"));
        lists();
        maps();
        resources();
        if (root_) metadata(schema_["properties"]["metadata"]);
        if (root_ || schema_[embedded].is_true()) heads();
        conditions(schema_, path_, schema_[either].is_true(), schema_[either].is_true());
    }

private:
    std::string_view type() const { return schema_["type"].text(); }
    bool has(std::string_view field) const { return static_cast<bool>(schema_[field]); }

    void add(std::string_view rule, const Spot& at, std::string path, std::string message, std::string fix) {
        Place where = at.place();
        where.path = std::move(path);
        findings_.add(rule, where, std::move(message), std::move(fix));
    }

    void no(std::string_view field, std::string why, std::string fix) {
        add("KT030", schema_[field], below(path_, field), std::move(why), std::move(fix));
    }

    void unsupported() {
        for (const char* field :
             {"$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties"}) {
            const Spot there = schema_[field];
            const bool empty =
                there && there.node->items.empty() && there.node->entries.empty() && there.text().empty();
            if (there && !empty)
                no(field, std::string("a CRD cannot have ") + field, "remove it, and write the schema out");
        }
        if (schema_["uniqueItems"].is_true())
            no("uniqueItems", "a CRD cannot have uniqueItems: true", "write x-kubernetes-list-type: set instead");
        if (root_ && schema_["nullable"].is_true()) no("nullable", "the resource itself cannot be null", "remove it");
        const Spot open = schema_[kept];
        if (open.is(Kind::boolean) && !open.is_true())
            no(kept, std::string(kept) + " is true or not there", "remove it");
    }

    void members() {
        const Spot values = schema_["additionalProperties"];
        if (!values) return;
        if (!values.is(Kind::mapping) && !values.is(Kind::boolean))
            add("KT004", values, below(path_, "additionalProperties"),
                "additionalProperties wants a schema, true or false, got " + shown(values.text()),
                "write the schema of the values");
        if (root_)
            return no("additionalProperties", "the resource itself is no map", "describe its fields in properties");
        if (!schema_["properties"].members().empty())
            no("additionalProperties", "additionalProperties and properties exclude each other",
               "keep properties for known fields, additionalProperties for a map with names of any kind");
    }

    void pattern(const Spot& text, std::string path) {
        std::string why;
        if (text.is(Kind::string) && !text.text().empty() && !Regex::compile(std::string(text.text()), why))
            add("KT006", text, std::move(path), "the pattern is no regular expression of Go: " + brief(why, 100),
                "write it without (?=...), (?!...) and \\1, which Go does not know");
    }

    void word(std::string_view field, std::span<const std::string_view> known) {
        const Spot there = schema_[field];
        if (!there.is(Kind::string) || std::ranges::find(known, there.text()) != known.end()) return;
        const std::string near = nearest(there.text(), known);
        add("KT006", there, below(path_, field),
            std::string(field) + " must be one of " + join({known.begin(), known.end()}, ", ") + ", got " +
                shown(there.text()),
            near.empty() ? "use one of the words listed" : "did you mean '" + near + "'?");
    }

    void lists() {
        word(list_type, list_types);
        const Spot items = schema_["items"];
        if (items.is(Kind::sequence) && size_of(items) > 0)
            no("items", "items is one schema, not a list of them", "describe the items by one schema");
        const std::string_view sort = schema_[list_type].text();
        const Spot keys = schema_[list_keys];
        if (has(list_type) && is_other(schema_, "array"))
            add("KT030", schema_["type"], below(path_, "type"),
                std::string(list_type) + " is for lists, and this is of type " + printable(type()),
                "write type: array, or remove it");
        const bool is_known = !has(list_type) || std::ranges::find(list_types, sort) != list_types.end();
        if (is_known && sort != "map" && size_of(keys) > 0)
            add("KT008", schema_[list_type], below(path_, list_type), "the list has keys, and is not of type map",
                "add x-kubernetes-list-type: map");
        if (sort == "map" && size_of(keys) == 0)
            add("KT008", keys, below(path_, list_keys), "a list of type map says by which keys its items differ",
                "add x-kubernetes-list-map-keys: [name]");
        if (sort == "map") keyed(keys);
        if (sort == "set") unordered();
    }

    void unordered() {
        const Spot items = schema_["items"];
        const std::string path = below(path_, "items");
        if (items["nullable"].is_true())
            add("KT030", items["nullable"], below(path, "nullable"), "items of a set cannot be null",
                "remove nullable");
        if (items["type"].text() == "object" && (!items[map_type] || items[map_type].text() == "granular"))
            add("KT030", items[map_type], below(path, map_type), "a set of objects needs them to be atomic",
                "add x-kubernetes-map-type: atomic to the items, or use x-kubernetes-list-type: map");
        if (items["type"].text() == "array" && (items[list_type].text() == "set" || items[list_type].text() == "map"))
            add("KT030", items[list_type], below(path, list_type), "a set of lists needs them to be atomic",
                "write x-kubernetes-list-type: atomic in the items");
    }

    void keyed(const Spot& keys) {
        const Spot items = schema_["items"];
        const std::string path = below(path_, "items");
        if (is_other(items, "object"))
            return add("KT030", items["type"], below(path, "type"), "items of a list of type map are objects",
                       "write x-kubernetes-list-type: set for plain values");
        std::set<std::string_view> seen;
        for (const Spot& key : all_items(keys)) {
            const std::string_view name = key.is(Kind::null) ? "" : key.text();
            const Spot property = items["properties"][name];
            if (!seen.insert(name).second)
                return add("KT018", key, below(path_, list_keys), "the key " + shown(name) + " is there twice",
                           "keep one of them");
            if (!property) {
                if (items.is(Kind::mapping))
                    add("KT030", key, below(path_, list_keys), "the items have no property " + shown(name),
                        "name one that they have");
                return;
            }
            const std::string here = below(path, "properties") + "[" + std::string(name) + "]";
            const std::string_view sort = property["type"].text();
            if (sort == "array" || sort == "object")
                add("KT030", property["type"], below(here, "type"),
                    "a key of a list is a plain value, and " + shown(name) + " is of type " + printable(sort),
                    "name another key");
            if (!property["default"] && !has_item(items["required"], name))
                add("KT008", property["default"], below(here, "default"),
                    "the key " + shown(name) + " of the list may be missing",
                    "add it to required, or give it a default");
        }
    }

    void maps() {
        word(map_type, map_types);
        if (has(map_type) && is_other(schema_, "object"))
            add("KT030", schema_["type"], below(path_, "type"),
                std::string(map_type) + " is for objects, and this is of type " + printable(type()),
                "write type: object, or remove it");
    }

    void resources() {
        if (!schema_[embedded].is_true()) return;
        if (is_other(schema_, "object"))
            add("KT030", schema_["type"], below(path_, "type"), "an embedded resource is an object",
                "write type: object");
        if (has("additionalProperties"))
            no("additionalProperties", "an embedded resource is no map", "describe its fields in properties");
        if (schema_["properties"].members().empty() && !schema_[kept].is_true())
            add("KT008", schema_["properties"], below(path_, "properties"), "the embedded resource has no fields",
                "add x-kubernetes-preserve-unknown-fields: true, or its properties");
    }

    // What every resource begins with: the server knows it, and fills in none of the resource itself.
    void heads() {
        for (const auto& [name, wanted] :
             {std::pair{"apiVersion", "string"}, {"kind", "string"}, {"metadata", "object"}}) {
            const Spot there = schema_["properties"][name];
            const std::string path = below(path_, "properties") + "[" + name + "]";
            if (is_other(there, wanted))
                add("KT030", there["type"], below(path, "type"),
                    std::string(name) + " of a resource is of type " + wanted, std::string("write type: ") + wanted);
            if (there[embedded].is_true())
                add("KT030", there[embedded], below(path, embedded), std::string(name) + " is no resource itself",
                    "remove it");
            if (!root_) continue;
            no_default(there, path);
            for (const Spot& member : there["properties"].members())
                no_default(member, below(path, "properties") + "[" + yaml::key_text(*member.key) + "]");
        }
    }

    void no_default(const Spot& schema, const std::string& path) {
        if (schema["default"])
            add("KT030", schema["default"], below(path, "default"), "what every resource has cannot have a default",
                "remove it");
    }

    // The server knows the metadata of a resource; a schema may restrict its names.
    void metadata(const Spot& there) {
        const std::string path = below(path_, "properties") + "[metadata]";
        for (const Spot& member : there.members()) {
            const std::string field = yaml::key_text(*member.key);
            const std::vector<Spot> fields = field == "properties" ? member.members() : std::vector<Spot>();
            const bool empty = member.text().empty() || member.text() == "false";
            if (field == "type" || field == "default" || (member.node->is_scalar() && empty)) continue;
            const auto is_name = [](const Spot& one) {
                return one.key->text == "name" || one.key->text == "generateName";
            };
            if (field == "properties" && std::ranges::all_of(fields, is_name)) continue;
            return add("KT030", member, path, "the schema of metadata has " + shown(field),
                       "leave type: object, and properties name and generateName alone");
        }
    }

    // The two types of an int-or-string, which may stand in anyOf, or in that of the first of allOf.
    static bool is_either(const Spot& list) {
        const std::vector<Spot> types = all_items(list);
        const auto only = [](const Spot& one, std::string_view type) {
            return one["type"].text() == type && one.members().size() == 1;
        };
        return types.size() == 2 && only(types[0], "integer") && only(types[1], "string");
    }

    // `any`, `first`: whether anyOf, and that of the first of allOf, may be such types.
    void conditions(const Spot& part, const std::string& path, bool any, bool first) {
        for (const char* word : {"allOf", "anyOf", "oneOf"}) {
            if (any && word == std::string_view("anyOf") && is_either(part[word])) continue;
            std::size_t n = 0;
            for (const Spot& one : all_items(part[word])) {
                condition(one, below(below(path, word), n), first && n == 0 && word == std::string_view("allOf"));
                ++n;
            }
        }
        condition(part["not"], below(path, "not"), false);
    }

    // Below allOf, anyOf, oneOf and not, a schema asks for values and describes none.
    void condition(const Spot& part, const std::string& path, bool any) {
        constexpr std::string_view why = " cannot stand below allOf, anyOf, oneOf or not";
        constexpr std::array<std::string_view, 13> fields{"additionalProperties",
                                                          "default",
                                                          "description",
                                                          "nullable",
                                                          "title",
                                                          "type",
                                                          embedded,
                                                          either,
                                                          kept,
                                                          list_keys,
                                                          list_type,
                                                          map_type,
                                                          "x-kubernetes-validations"};
        if (!part.is(Kind::mapping)) return;
        conditions(part, path, any, false);
        condition(part["items"], below(path, "items"), false);
        pattern(part["pattern"], below(path, "pattern"));
        for (const Spot& property : part["properties"].members())
            condition(property, below(path, "properties") + "[" + yaml::key_text(*property.key) + "]", false);
        for (const std::string_view field : fields) {
            const Spot there = part[field];
            const bool empty = (there.is(Kind::string) && there.text().empty()) ||
                               (there.is(Kind::boolean) && !there.is_true()) ||
                               (there.is(Kind::sequence) && size_of(there) == 0);
            if (!there || (empty && field != "default")) continue;
            add("KT030", there, below(path, field), std::string(field) + std::string(why),
                "write it in the schema itself");
        }
        if (const Spot names = part["properties"]["metadata"])
            add("KT030", names, below(path, "properties") + "[metadata]", "metadata" + std::string(why),
                "restrict names in the properties of metadata");
    }

    const Spot& schema_;
    const std::string& path_;
    bool root_;
    Findings& findings_;
};

}  // namespace

void check_crd_structure(const Spot& schema, const std::string& path, bool root, Findings& findings) {
    Part(schema, path, root, findings).check();
}

}  // namespace ktrain::lint
