// KT018 in lists: items that the server takes for the same, because they agree in the fields that tell items apart.
#include <algorithm>

#include "core/base/text.h"
#include "core/lint/facts.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// A plain value as the server reads it: 0o120 and 80 are one number, and null in a list is 0 or the empty text.
std::string plain_text(const yaml::Node& value, bool number) {
    if (value.kind == Kind::null) return number ? "0" : "";
    if (value.kind == Kind::integer) return nlohmann::json(yaml::to_json(value)).dump();
    return std::string(value.text);
}

// What tells an item from others: its value of each key. Empty where a key is not there and has no default.
std::string identity(const yaml::Node& item, const std::vector<std::string>& keys, Type type) {
    std::string text;
    for (const std::string& key : keys) {
        const yaml::Node* value = item.find(key);
        std::string written;
        if (value != nullptr && value->is_scalar() && value->kind != Kind::null) written = plain_text(*value, false);
        const auto edges = type.edges(key);
        if (written.empty() && !edges.empty()) written = type.field(edges.front()).standard;
        if (written.empty()) return "";
        text += written + '\n';
    }
    return text;
}

struct Item {
    std::string identity;
    std::size_t index;
};

std::vector<Item> items_of(const Trail& list, const std::vector<std::string>& keys, Type type) {
    std::vector<Item> items;
    for (std::size_t i = 0; i < list.node->items.size(); ++i) {
        const yaml::Node& item = list.node->items[i];
        std::string text;
        if (keys.empty()) {
            if (item.kind != Kind::null || !type.has(flag_crd))
                text = (item.is_scalar() ? plain_text(item, type.base() == Base::integer)
                                         : nlohmann::json(yaml::to_json(item)).dump()) +
                       '\n';
        } else if (item.kind == Kind::mapping) {
            text = identity(item, keys, type);
        }
        if (!text.empty()) items.push_back({std::move(text), i});
    }
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.identity < b.identity; });
    return items;
}

void report(Findings& findings, const Trail& list, const Item& first, const Item& second,
            const std::vector<std::string>& keys, bool whole) {
    const Trail item{&list.node->items[second.index], &list, nullptr, {}, second.index};
    const Trail before{&list.node->items[first.index], &list, nullptr, {}, first.index};
    const yaml::Node* value = keys.empty() ? item.node : item.node->find(keys.front());
    const Spot spot = item.spot();
    Place place = spot.place();
    if (value != nullptr && !keys.empty()) {
        place.line = value->line;
        place.column = value->column;
        // The server names the item, too, where several fields tell items apart.
        if (keys.size() == 1 && !whole) place.path = join_path(spot.path, keys.front());
    }
    const std::string same = keys.empty() ? "is" : "has the same " + join(keys, " and ") + " as";
    const std::string which = before.last_step() + " (line " + std::to_string(before.node->line) + ")";
    std::string text = second.identity.substr(0, second.identity.size() - 1);
    std::replace(text.begin(), text.end(), '\n', '/');
    const std::string shown_text = findings.is_private(place.path) ? "" : " " + shown(text);
    findings.add("KT018", place,
                 keys.empty() ? item.last_step() + shown_text + " is in the list already: " + which
                              : item.last_step() + " " + same + " " + which + ":" + shown_text,
                 keys.empty() ? "remove one of the two" : "give each item its own " + join(keys, " and "));
}

}  // namespace

void check_unique(Findings& findings, const Trail& at, Type type) {
    if (!at.is(Kind::sequence) || at.node->items.size() < 2) return;
    for (const FactEntry& fact : type.facts()) {
        if (fact.kind != FactKind::unique) continue;
        std::string_view text = type.text(fact.text);
        const bool whole = text.starts_with('.');  // the server names the item
        if (whole) text.remove_prefix(1);
        const std::vector<std::string> keys = text == "*" ? std::vector<std::string>() : split(text, ',');
        const std::vector<Item> items = items_of(at, keys, type.inside());
        for (std::size_t i = 1, first = 0; i < items.size(); ++i) {
            if (items[i].identity != items[first].identity) first = i;
            if (i != first) report(findings, at, items[first], items[i], keys, whole || type.inside().has(flag_crd));
        }
    }
}

}  // namespace ktrain::lint
