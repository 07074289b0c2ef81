// Nodes of the object as values of the rule language.
#include "core/cel/tree.h"

#include <cmath>

#include "core/base/base64.h"
#include "core/cel/escape.h"
#include "core/cel/operators.h"
#include "core/cel/time.h"

namespace ktrain::cel {
namespace {

Value not_of(const yaml::Node& node, std::string_view wanted) {
    return fail("the object has a " + std::string(yaml::name_of(node.kind)) + " where its schema wants a " +
                std::string(wanted));
}

Value number_of(const yaml::Node& node, bool as_real) {
    const Json json = yaml::to_json(node);
    if (!json.is_number()) return Value();
    if (as_real) return json.get<double>();
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) return json.get<double>();
    if (json.is_number_integer()) return json.get<std::int64_t>();
    return json.get<double>();
}

Value integer_of(const yaml::Node& node) {
    if (node.kind != yaml::Kind::integer && node.kind != yaml::Kind::real) return not_of(node, "integer");
    Value number = number_of(node, false);
    const double* real = number.as<double>();
    if (!real) return number;
    // JSON has one kind of number: 3.0 is an integer.
    if (std::trunc(*real) != *real || std::abs(*real) >= 0x1p63) return not_of(node, "integer");
    return static_cast<std::int64_t>(*real);
}

Value number_declared(const yaml::Node& node) {
    if (node.kind != yaml::Kind::integer && node.kind != yaml::Kind::real) return not_of(node, "number");
    return number_of(node, true);
}

Value text_declared(const yaml::Node& node, As as) {
    if (node.kind != yaml::Kind::string) return not_of(node, "string");
    const std::string_view text = node.text;
    std::optional<Value> value;
    if (as == As::bytes) {
        if (auto data = base64_decode(text)) value = bytes_value(std::move(*data));
    } else if (as == As::date) {
        if (auto time = parse_date(text)) value = *time;
    } else if (as == As::date_time) {
        if (auto time = parse_schema_time(text)) value = *time;
    } else if (as == As::duration) {
        if (auto duration = parse_schema_duration(text)) value = *duration;
    } else {
        return Text{text, nullptr};
    }
    return value ? *value : fail("the object has a string that is not of the format in its schema");
}

Value written(const yaml::Node& node, const Tree& tree) {
    switch (node.kind) {
        case yaml::Kind::null:
            return Value();
        case yaml::Kind::boolean:
            return yaml::to_json(node).get<bool>();
        case yaml::Kind::integer:
        case yaml::Kind::real:
            return number_of(node, node.kind == yaml::Kind::real);
        case yaml::Kind::string:
            return Text{node.text, nullptr};
        case yaml::Kind::sequence:
        case yaml::Kind::mapping:
            break;
    }
    return tree;
}

// The value of a member or an item, whose schema the typing says.
Value child(const Tree& parent, const yaml::Node& node, std::optional<SchemaId> schema) {
    if (!parent.typing || !schema) return value_of(node, nullptr, 0);
    return value_of(node, parent.typing, *schema);
}

std::optional<Value> member(const Tree& tree, std::string_view key, Budget& budget) {
    budget.spend(tree.node->entries.size() / 10);
    const yaml::Node* found = tree.node->find(key);
    if (!found) return std::nullopt;
    // An object's member that is null is as one that is not there.
    if (tree.as == As::object && found->kind == yaml::Kind::null) return std::nullopt;
    if (!tree.typing || tree.as == As::written) return value_of(*found, nullptr, 0);
    const auto schema = tree.typing->member(tree.schema, key);
    if (!schema) return std::nullopt;
    return value_of(*found, tree.typing, *schema);
}

std::string identifier_of(std::string_view key) {
    return escape(key).value_or(std::string(key));
}

}  // namespace

Value value_of(const yaml::Node& node, const Typing* typing, SchemaId schema) {
    Tree tree{&node, typing, schema, As::written};
    if (typing) tree.as = typing->of(schema).as;
    if (node.kind == yaml::Kind::null) return Value();
    switch (tree.as) {
        case As::written:
        case As::hidden:
        case As::any:
            return written(node, tree);
        case As::object:
        case As::map:
            return node.kind == yaml::Kind::mapping ? Value(tree) : not_of(node, "map");
        case As::list:
        case As::set:
        case As::keyed:
            return node.kind == yaml::Kind::sequence ? Value(tree) : not_of(node, "list");
        case As::boolean:
            return node.kind == yaml::Kind::boolean ? written(node, tree) : not_of(node, "boolean");
        case As::integer:
            return integer_of(node);
        case As::number:
            return number_declared(node);
        case As::string:
        case As::bytes:
        case As::date:
        case As::date_time:
        case As::duration:
        case As::quantity:
            return text_declared(node, tree.as);
    }
    return Value();
}

std::size_t list_size(const Value& list) {
    if (const Tree* tree = list.as<Tree>()) return tree->node->items.size();
    return (*list.as<std::shared_ptr<const Values>>())->size();
}

Value list_item(const Value& list, std::size_t index) {
    const Tree* tree = list.as<Tree>();
    if (!tree) return (**list.as<std::shared_ptr<const Values>>())[index];
    const bool typed = tree->typing && tree->as != As::written;
    return child(*tree, tree->node->items[index], typed ? tree->typing->item(tree->schema) : std::nullopt);
}

std::size_t map_size(const Value& map) {
    if (const Tree* tree = map.as<Tree>()) return tree->node->entries.size();
    return (*map.as<std::shared_ptr<const Map>>())->entries.size();
}

Value map_key(const Value& map, std::size_t index) {
    const Tree* tree = map.as<Tree>();
    if (!tree) return (*map.as<std::shared_ptr<const Map>>())->entries[index].first;
    std::string key = yaml::key_text(tree->node->entries[index].key);
    if (tree->typing && tree->as != As::written && !tree->typing->member(tree->schema, key)) {
        return fail("the schema does not know the field");
    }
    return string_value(tree->as == As::object ? identifier_of(key) : std::move(key));
}

std::optional<Value> map_find(const Value& map, const Value& key, Budget& budget) {
    if (const Tree* tree = map.as<Tree>()) {
        if (!key.is(Type::string)) return std::nullopt;
        if (tree->as != As::object) return member(*tree, key.text(), budget);
        const auto name = unescape(key.text());
        return name ? member(*tree, *name, budget) : std::nullopt;
    }
    const Map& made = **map.as<std::shared_ptr<const Map>>();
    budget.spend(made.entries.size() / 10);
    for (const auto& [name, value] : made.entries) {
        if (equal(name, key, budget)) return value;
    }
    return std::nullopt;
}

std::optional<Value> select(const Value& map, std::string_view name, Budget& budget) {
    const Tree* tree = map.as<Tree>();
    if (!tree || tree->as == As::map) return map_find(map, Text{name, nullptr}, budget);
    if (tree->as == As::written && tree->node->find(name)) {
        // Without a schema it may be an object or a map; rules select members of objects.
        std::optional<Value> value = member(*tree, name, budget);
        return value && value->is(Type::null) ? std::nullopt : value;
    }
    const auto meant = unescape(name);
    return meant ? member(*tree, *meant, budget) : std::nullopt;
}

Values map_keys(const Value& map) {
    Values keys;
    for (std::size_t i = 0; i < map_size(map); ++i) {
        if (Value key = map_key(map, i); !key.failed()) keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace ktrain::cel
