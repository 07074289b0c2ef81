// Turns the schema of a custom resource into a packed table, as scripts/schema/crds.py does for those compiled in.
#include <algorithm>
#include <array>
#include <limits>

#include "core/base/text.h"
#include "core/lint/crd_formats.h"
#include "core/lint/definition.h"
#include "core/lint/table_builder.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// How the pattern begins that generators give to a resource.Quantity.
constexpr std::string_view quantity = R"(^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i))";

struct Bound {
    std::string_view keyword;
    FactKind kind;
};
constexpr std::array bounds{Bound{"maxItems", FactKind::max_items},      Bound{"maxLength", FactKind::max_length},
                            Bound{"maxProperties", FactKind::max_items}, Bound{"minItems", FactKind::min_items},
                            Bound{"minLength", FactKind::min_length},    Bound{"minProperties", FactKind::min_items},
                            Bound{"multipleOf", FactKind::multiple_of}};

std::optional<double> number_of(const yaml::Node& schema, std::string_view key) {
    const yaml::Node* found = schema.find(key);
    if (found == nullptr || (found->kind != Kind::integer && found->kind != Kind::real)) return std::nullopt;
    const Json value = yaml::to_json(*found);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

// A scalar as text; "{}" and "[]" stand for anything bigger.
std::string default_text(const yaml::Node& value) {
    if (value.kind == Kind::mapping) return "{}";
    return value.kind == Kind::sequence ? "[]" : std::string(value.text);
}

class Reader {
public:
    explicit Reader(TableBuilder& table)
        : table_(table), meta_(table.import(Schemas().object_meta())), text_(table.node(Base::string, 0, {})) {}

    std::uint16_t resource(const yaml::Node& schema) { return object(schema, {}, true); }

private:
    std::uint16_t value(const yaml::Node& schema) {
        if (schema.kind != Kind::mapping) return 0;
        std::uint8_t flags = says(schema, "nullable") ? flag_nullable : 0;
        std::vector<FactEntry> facts = facts_of(schema);
        const std::string_view type = word_of(schema, "type");
        if (says(schema, "x-kubernetes-int-or-string")) {
            const bool amount = word_of(schema, "pattern").starts_with(quantity);
            if (amount) std::erase_if(facts, [](const FactEntry& fact) { return fact.kind == FactKind::pattern; });
            return table_.node(amount ? Base::crd_quantity : Base::int_or_string, flags, facts);
        }
        if (type == "array") {
            const yaml::Node* items = part_of(schema, "items");
            return table_.node(Base::list, flags, facts, items != nullptr ? value(*items) : 0);
        }
        if (type == "object") return map_or_object(schema, flags, facts);
        const Base base = type == "boolean"   ? Base::boolean
                          : type == "integer" ? Base::integer
                          : type == "number"  ? Base::number
                          : type == "string"  ? Base::string
                                              : Base::any;
        return table_.node(base, flags, facts);
    }

    std::uint16_t map_or_object(const yaml::Node& schema, std::uint8_t flags, const std::vector<FactEntry>& facts) {
        const yaml::Node* inner = part_of(schema, "additionalProperties");
        const bool any = inner == nullptr || inner->entries.empty();
        if (is_map(schema)) return table_.node(Base::map, flags, facts, any ? 0 : value(*inner));
        return object(schema, facts, is_embedded(schema));
    }

    std::uint16_t object(const yaml::Node& schema, const std::vector<FactEntry>& facts, bool resource) {
        std::vector<EdgeEntry> edges;
        if (resource) {
            const std::uint8_t needed = is_embedded(schema) ? flag_required : 0;
            const auto word = [&](std::string_view format) {
                return needed == 0 ? text_
                                   : table_.node(Base::string, 0,
                                                 {TableBuilder::number(FactKind::min_length, 1),
                                                  table_.fact(FactKind::format, format)});
            };
            edges = {edge("apiVersion", needed, word("api-version")), edge("kind", needed, word("kind")),
                     edge("metadata", 0, meta_)};
        }
        if (const yaml::Node* properties = part_of(schema, "properties")) {
            for (const yaml::Entry& entry : properties->entries) {
                const std::string name = yaml::key_text(entry.key);
                const bool own = resource && (name == "apiVersion" || name == "kind" || name == "metadata");
                if (!own) edges.push_back(field(name, entry.value));
            }
        }
        require(schema, edges);
        std::uint8_t flags = flag_crd;
        if (says(schema, "x-kubernetes-preserve-unknown-fields")) flags |= flag_open;
        if (says(schema, "nullable")) flags |= flag_nullable;
        return table_.object(flags, facts, std::move(edges));
    }

    EdgeEntry edge(std::string_view name, std::uint8_t flags, std::uint16_t node) {
        return {table_.text(name), Minors::all().bits, flags, 0, node};
    }

    EdgeEntry field(const std::string& name, const yaml::Node& schema) {
        EdgeEntry result = edge(name, 0, value(schema));
        if (const yaml::Node* standard = schema.find("default")) {
            result.flags = flag_defaulted;
            result.standard = table_.text(default_text(*standard));
        }
        return result;
    }

    void require(const yaml::Node& schema, std::vector<EdgeEntry>& edges) {
        const yaml::Node* required = schema.find("required");
        if (required == nullptr) return;
        for (const yaml::Node& name : required->items) {
            const std::uint16_t text = table_.text(name.text);
            const auto known = std::ranges::find(edges, text, &EdgeEntry::name);
            if (known != edges.end())
                known->flags |= flag_required;
            else if (name.kind == Kind::string && edges.size() < std::numeric_limits<std::uint16_t>::max())
                edges.push_back(edge(name.text, flag_required, 0));
        }
    }

    std::vector<FactEntry> facts_of(const yaml::Node& schema) {
        std::vector<FactEntry> facts;
        for (const Bound& bound : bounds) {
            if (const auto value = number_of(schema, bound.keyword))
                facts.push_back(TableBuilder::number(bound.kind, *value));
        }
        add_range(schema, facts);
        if (const yaml::Node* words = schema.find("enum")) {
            for (const yaml::Node& word : words->items)
                if (word.is_scalar()) facts.push_back(table_.fact(FactKind::choice, word.text));
        }
        if (const std::string_view pattern = word_of(schema, "pattern"); !pattern.empty())
            facts.push_back(table_.fact(FactKind::pattern, pattern));
        if (const std::string_view format = format_of(schema); !format.empty())
            facts.push_back(table_.fact(FactKind::format, format));
        add_keys(schema, facts);
        return facts;
    }

    static void add_range(const yaml::Node& schema, std::vector<FactEntry>& facts) {
        constexpr double none = std::numeric_limits<double>::infinity();
        const std::string_view format = word_of(schema, "format");
        const bool whole = word_of(schema, "type") == "integer";
        const double end = whole && format == "int32" ? 0x1p31 : whole && format == "int64" ? 0x1p63 : 0;
        const bool single = word_of(schema, "type") == "number" && format == "float";
        const double limit = single ? double(std::numeric_limits<float>::max()) : none;
        const std::optional<double> least = number_of(schema, "minimum"), most = number_of(schema, "maximum");
        const bool above = least && says(schema, "exclusiveMinimum"), below = most && says(schema, "exclusiveMaximum");
        if (above) facts.push_back(TableBuilder::number(FactKind::above, *least));
        if (below) facts.push_back(TableBuilder::number(FactKind::below, *most));
        const double min = std::max(above ? -none : least.value_or(-none), end > 0 ? -end : -limit);
        const double max = std::min(below ? none : most.value_or(none), end > 0 ? end - 1 : limit);
        if (min > -none) facts.push_back(TableBuilder::number(FactKind::min, min));
        if (max < none) facts.push_back(TableBuilder::number(FactKind::max, max));
    }

    void add_keys(const yaml::Node& schema, std::vector<FactEntry>& facts) {
        const std::string_view list = word_of(schema, "x-kubernetes-list-type");
        if (list == "set") facts.push_back(table_.fact(FactKind::unique, "*"));
        const yaml::Node* names = schema.find("x-kubernetes-list-map-keys");
        if (list != "map" || names == nullptr) return;
        std::vector<std::string> keys;
        for (const yaml::Node& name : names->items) keys.push_back(name.text);
        if (!keys.empty()) facts.push_back(table_.fact(FactKind::unique, join(keys, ",")));
    }

    TableBuilder& table_;
    std::uint16_t meta_;
    std::uint16_t text_;
};

}  // namespace

std::string_view format_of(const yaml::Node& schema) {
    const std::string_view type = word_of(schema, "type");
    const CrdFormat* format = type.empty() || type == "string" ? crd_format(word_of(schema, "format")) : nullptr;
    return format == nullptr ? std::string_view() : format->name;
}

std::shared_ptr<const SchemaTable> table_of(const yaml::Node& schema, const KindFacts& about) {
    TableBuilder table;
    KindEntry kind{.api_version = table.text(about.api_version),
                   .kind = table.text(about.kind),
                   .templates = table.text(templates_in(schema)),
                   .use = table.text(about.use),
                   .minors = Minors::all().bits,
                   .flags = flag_crd,
                   .deprecated = 0,
                   .removed = 0,
                   .name_rule = NameRule::subdomain,
                   .node = Reader(table).resource(schema)};
    if (about.cluster) kind.flags |= flag_cluster;
    if (about.deprecated) kind.flags |= flag_deprecated;
    if (about.status) kind.flags |= flag_status;
    // How its webhooks want names is no part of a schema.
    if (const auto known = Schemas().find(about.api_version, about.kind)) kind.name_rule = known->name_rule();
    table.add(kind);
    return table.finish();
}

}  // namespace ktrain::lint
