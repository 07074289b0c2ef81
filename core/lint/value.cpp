// Reading of single values, and the search for the place of one that is reported.
#include "core/lint/value.h"

#include <algorithm>
#include <charconv>

#include "core/base/text.h"
#include "core/lint/makers.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// The way down to a node: which child it is of each list and map.
using Way = std::vector<std::size_t>;

std::size_t count_children(const yaml::Node& node) {
    return node.items.size() + node.entries.size();  // one of them is empty
}

const yaml::Node& child_at(const yaml::Node& node, std::size_t index) {
    return node.kind == Kind::sequence ? node.items[index] : node.entries[index].value;
}

std::pair<int, int> begin_of(const yaml::Node& node, std::size_t index) {
    const yaml::Node& first = node.kind == Kind::sequence ? node.items[index] : node.entries[index].key;
    return {first.line, first.column};
}

// Follows the places, into the last child that begins no later than the node. Nodes are where they are: the one sought
// is known by its address.
bool follow_places(const yaml::Node& from, const yaml::Node* node, Way& way) {
    const std::pair<int, int> sought{node->line, node->column};
    for (const yaml::Node* here = &from; here != node; here = &child_at(*here, way.back())) {
        std::size_t behind = 0;
        for (std::size_t end = count_children(*here); behind < end;) {
            const std::size_t middle = behind + (end - behind) / 2;
            if (begin_of(*here, middle) <= sought)
                behind = middle + 1;
            else
                end = middle;
        }
        if (behind == 0) return false;
        way.push_back(behind - 1);
    }
    return true;
}

// Looks everywhere: what stands for an alias has the places of its anchor.
bool search(const yaml::Node& from, const yaml::Node* node, Way& way) {
    if (&from == node) return true;
    for (std::size_t index = 0; index < count_children(from); ++index) {
        const yaml::Node& child = child_at(from, index);
        if (child.is_scalar() && &child != node) continue;
        way.push_back(index);
        if (search(child, node, way)) return true;
        way.pop_back();
    }
    return false;
}

Spot step_into(const Spot& from, std::size_t index) {
    const yaml::Node& child = child_at(*from.node, index);
    if (from.is(Kind::sequence)) return {&child, nullptr, join_path(from.path, index), child.line, child.column};
    const yaml::Node& key = from.node->entries[index].key;
    return {&child, &key, join_path(from.path, yaml::key_text(key)), key.line, key.column};
}

// Whether the operator puts something else there: a variable of a Workflow.
bool is_filled_in(Value value) {
    return value.text().find("{{") != std::string_view::npos;
}

}  // namespace

Value Value::operator[](std::string_view name) const {
    if (!is(Kind::mapping)) return {};
    Value member;
    for (const yaml::Entry& entry : node_->entries) {
        if (entry.key.text == name) member = Value(entry.value);
    }
    return member;
}

std::span<const yaml::Node> Value::items() const {
    if (!is(Kind::sequence)) return {};
    return node_->items;
}

std::span<const yaml::Entry> Value::members() const {
    if (!is(Kind::mapping)) return {};
    return node_->entries;
}

std::string_view Value::text() const {
    return is(Kind::string) ? std::string_view(node_->text) : std::string_view();
}

bool Value::truth() const {
    return is(Kind::boolean) && yaml::to_json(*node_).get<bool>();
}

std::optional<std::int64_t> Value::number() const {
    if (!is(Kind::integer) && !is(Kind::real)) return std::nullopt;
    constexpr double beyond = 9e18;
    const std::optional<double> number = whole_number(*node_);
    if (!number || *number > beyond || *number < -beyond) return std::nullopt;
    return static_cast<std::int64_t>(*number);
}

bool Value::one_of(std::initializer_list<std::string_view> words) const {
    return is(Kind::string) && std::find(words.begin(), words.end(), text()) != words.end();
}

Spot locate(const Object& object, Value value) {
    Spot found = object.root;
    if (!value || !found) return found;
    Way way;
    if (!follow_places(*found.node, value.node(), way)) {
        way.clear();
        if (!search(*found.node, value.node(), way)) return found;
    }
    for (const std::size_t index : way) found = step_into(found, index);
    return found;
}

void Reporter::add(std::string_view rule, Place place, std::string message, std::string fix, Changes changes) const {
    if (later_) message += refused_later(object_, made_);
    findings_
        .add(rule, std::move(place), std::move(message), std::move(fix),
             later_ ? std::optional(Severity::warning) : std::nullopt)
        .changes = std::move(changes);
}

void Reporter::at(std::string_view rule, Value value, std::string message, std::string fix, Changes changes) const {
    if (later_ && is_filled_in(value)) return;
    add(rule, locate(value).place(), std::move(message), std::move(fix), std::move(changes));
}

void Reporter::at_key(std::string_view rule, Value value, std::string message, std::string fix, Changes changes) const {
    const Spot spot = locate(value);
    if (later_ && spot.key != nullptr && is_filled_in(*spot.key)) return;
    add(rule, spot.key_place(), std::move(message), std::move(fix), std::move(changes));
}

Spot Reporter::below(Value owner, std::string_view members) const {
    Spot spot = locate(owner);
    for (const std::string& step : split(members, '.')) spot = spot[step];
    return spot;
}

void Reporter::missing(std::string_view rule, Value parent, std::string_view member, std::string message,
                       std::string fix, Changes changes) const {
    const std::string_view first = member.substr(0, member.find('.'));
    if (is_misspelt(parent, {&first, 1})) return;  // KT003
    add(rule, below(parent, member).place(), std::move(message), std::move(fix), std::move(changes));
}

void Reporter::note(std::string_view rule, Value value, std::string message, std::string fix) const {
    findings_.add(rule, locate(value).place(), std::move(message), std::move(fix), Severity::warning);
}

void Reporter::within(std::string_view rule, Value value, Value owner, std::string message, std::string fix) const {
    if (later_ && is_filled_in(value)) return;
    Place place = locate(value).place();
    place.path = locate(owner).path;
    add(rule, std::move(place), std::move(message), std::move(fix));
}

void Reporter::under(std::string_view rule, Value value, Value owner, std::string_view member, std::string message,
                     std::string fix, Changes changes) const {
    Place place = locate(value).key_place();
    place.path = below(owner, member).path;
    add(rule, std::move(place), std::move(message), std::move(fix), std::move(changes));
}

bool is_misspelt(Value owner, std::span<const std::string_view> names) {
    const std::span<const yaml::Entry> members = owner.members();
    return std::any_of(members.begin(), members.end(), [&](const yaml::Entry& entry) {
        const std::string near = nearest(entry.key.text, names);
        // restartPolicyRules is no restartPolicy with a typo.
        return !near.empty() && near != entry.key.text && entry.key.text.size() <= near.size() + 2;
    });
}

bool makes_pods_later(const Object& object) {
    return object.schema && object.schema->type().has(flag_crd);
}

}  // namespace ktrain::lint
