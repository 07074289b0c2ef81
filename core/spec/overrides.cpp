// Applies --set and flags to the fields of a spec.
#include "core/spec/overrides.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

yaml::Node text_node(std::string_view text, yaml::Kind kind) {
    yaml::Node node;
    node.kind = kind;
    node.text = text;
    return node;
}

// Texts are taken letter by letter, so that "/data: 1" needs no quotes. A choice may be a word that YAML 1.1 reads
// as a boolean ("no"), in which case the reader decides.
bool is_plain_text(const Found& found) {
    const bool text = std::holds_alternative<std::string*>(found.field->value);
    return text ? found.field->field.choices.empty() : found.field->map() && !found.rest.empty();
}

bool is_plain_list(const Found& found, std::string_view value) {
    const Value& target = found.field->value;
    const bool list = std::holds_alternative<std::vector<std::string>*>(target) ||
                      std::holds_alternative<std::vector<double>*>(target);
    return list && !value.starts_with('[');
}

std::optional<yaml::Node> value_node(const Override& change, const Found& found, Report& report) {
    const std::string_view value = trim(change.value);
    if (is_plain_text(found) && !value.starts_with('"') && !value.starts_with('\''))
        return text_node(value, yaml::Kind::string);
    if (is_plain_list(found, value)) {
        yaml::Node list = text_node("", yaml::Kind::sequence);
        for (const std::string& word : split(value, ','))
            list.items.push_back(text_node(trim(word), yaml::resolve(trim(word))));
        return list;
    }
    yaml::Stream stream = yaml::parse(value, change.source);
    if (stream.problems.empty() && stream.documents.size() == 1) return std::move(stream.documents.front());
    const std::string why = stream.problems.empty() ? "more than one document" : stream.problems.front().message;
    report.error(yaml::Node{}, found.path,
                 fmt::format("the value {} of {} is no YAML: {}", in_quotes(value), found.path, why));
    return {};
}

// Copies the default over a field.
struct Reset {
    const Value& standard;
    void operator()(auto* target) const { *target = *std::get<decltype(target)>(standard); }
    void operator()(const std::shared_ptr<Records>& records) const { records->resize(0); }
    void operator()(const Group& group) const {
        const Group& defaults = std::get<Group>(standard);
        for (std::size_t i = 0; i < group.size(); ++i) std::visit(Reset{defaults[i].value}, group[i].value);
    }
};

void reset(const Found& found, Report& report) {
    if (StringMap* map = found.field->map(); map && !found.rest.empty()) {
        map->erase(found.rest);
        report.unsaid(join_path(found.path, found.rest));
        return;
    }
    report.unsaid(found.path);
    TrainingSpec standard;
    const Group defaults = bind(standard);
    if (const Found same = find(defaults, found.path); same.field)
        std::visit(Reset{same.field->value}, found.field->value);
}

// Says why `change` names no field: a list without an item, a value with something behind it, or an unknown name.
void unknown(const Override& change, const Found& found, Report& report) {
    const std::string written = printable(change.path.substr(0, 120));
    const std::string word = found.rest.substr(0, found.rest.find_first_of(".["));
    const std::string path = join_path(found.path, word);
    const auto named = std::find_if(found.siblings.begin(), found.siblings.end(),
                                    [&](const Bound& bound) { return bound.field.name == word; });
    if (named == found.siblings.end()) {
        report.error(yaml::Node{}, path, "unknown field " + written, unknown_fix(word, found.siblings, found.path));
    } else if (Records* records = named->records()) {
        const std::string first =
            fmt::format("write {}[0] {}", path, records->size() == 0 ? "to add one" : "for the first");
        const std::string next = records->size() == 0 ? "" : fmt::format("; [{}] adds one", records->size());
        report.error(yaml::Node{}, path, fmt::format("{} does not name an item of {}", written, path), first + next);
    } else {
        report.error(yaml::Node{}, path, fmt::format("{} has no parts to set: {}", path, written),
                     "set " + path + " as a whole");
    }
}

// A text, a list or a map.
bool may_be_empty(const Value& value) {
    return !std::holds_alternative<std::int64_t*>(value) && !std::holds_alternative<double*>(value) &&
           !std::holds_alternative<bool*>(value) && !std::holds_alternative<Group>(value);
}

}  // namespace

void apply_override(const Override& change, const Group& root, Report& report) {
    if (change.unless_said && report.was_said(change.path)) return;
    report.set_source(change.source.empty() ? "--set" : change.source, false);
    if (!valid_utf8(change.path) || !valid_utf8(change.value) || change.value.find('\0') != std::string::npos) {
        report.error(yaml::Node{}, "", "the value of " + printable(change.path) + " is no UTF-8 text");
        return;
    }
    Records* grown = nullptr;
    const Found found =
        find(root, change.path, [&](Records& records, std::optional<std::size_t> index) -> std::optional<Group> {
            if (!index || *index > records.size()) return {};
            if (*index == records.size()) {
                records.resize(*index + 1);
                grown = &records;
            }
            return records.at(*index);
        });
    if (!found.field) {
        if (grown) grown->resize(grown->size() - 1);
        return unknown(change, found, report);
    }
    const std::string_view value = trim(change.value);
    if (value.empty() && !may_be_empty(found.field->value)) {  // an unset variable of a shell, most often
        report.error(yaml::Node{}, found.path, found.path + " needs a value", "for its default, write null");
        return;
    }
    if (value.empty() || value == "null" || value == "~") return reset(found, report);
    const auto node = value_node(change, found, report);
    if (!node) return;
    if (StringMap* map = found.field->map(); map && !found.rest.empty())
        read_map_entry(*node, *map, found.rest, found.path, report);
    else
        read_field(*node, *found.field, found.path, report);
}

}  // namespace ktrain::spec
