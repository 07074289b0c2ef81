// Closes the values of Secrets, and elsewhere each that looks like one, with all the lines that it goes on over.
#include "core/lint/closed_lines.h"

#include <algorithm>
#include <array>
#include <span>

#include "core/base/lines.h"
#include "core/base/secret_names.h"
#include "core/base/text.h"
#include "core/lint/rule.h"
#include "core/lint/starts.h"

namespace ktrain::lint {
namespace {

int count_lines(std::string_view text) {
    int count = text.empty() || text.ends_with('\n') ? 1 : 0;
    while (!take_line(text).empty()) ++count;
    return count;
}

// Whether nothing stands before the column but what leads to a key or an item.
bool begins_line(const Lines& lines, int line, int column) {
    const std::string_view before = lines.line(line).substr(0, static_cast<std::size_t>(column) - 1);
    return before.find_first_not_of(" \t-") == std::string_view::npos;
}

// The line behind a value that begins there: texts may go on, down to where the next key or value begins. `starts` are
// sorted; `end` is the line behind the object.
int end_of_value(const Place& where, const Lines& lines, const Starts& starts, int end) {
    const auto next = std::upper_bound(starts.begin(), starts.end(), Start{where.line, where.column, false});
    if (next == starts.end()) return end;
    if (next->line <= where.line) return where.line + 1;
    // The end of the value may stand in the line of the next.
    return begins_line(lines, next->line, next->column) ? next->line : next->line + 1;
}

// Members of a Secret, and of its metadata, that hold none; what is misspelt may be meant for those that do.
constexpr std::array<std::string_view, 4> open_members{"apiVersion", "immutable", "kind", "type"};
constexpr std::array<std::string_view, 3> open_metadata{"generateName", "name", "namespace"};

// Whether the line holds the key and a value of one line, or a key whose value stands below, and nothing else: no
// comment, no other member.
bool is_whole_line(std::string_view line, const Spot& member, bool with_value) {
    line = trim(line);
    const std::string_view key = member.key->text, value = member.text();
    if (!line.starts_with(key)) return false;
    line.remove_prefix(key.size());
    if (line == ":") return true;
    if (!with_value || member.line != member.node->line || !line.starts_with(": ")) return false;
    line = trim(line.substr(2));
    const bool quoted = line.size() == value.size() + 2 && (line.front() == '"' || line.front() == '\'') &&
                        line.front() == line.back() && line.substr(1, value.size()) == value;
    return (line == value || quoted) && token_in(value).empty() && password_in_address(value).empty();
}

// Numbers of the lines in which a member of the map stands alone that is `open`, or the key alone of any.
void add_open(const Spot& map, std::span<const std::string_view> open, const Lines& lines, std::vector<int>& numbers) {
    for (const Spot& member : map.members()) {
        const bool named = std::ranges::find(open, std::string_view(member.key->text)) != open.end();
        if (is_whole_line(lines.line(member.line), member, named && member.node->is_scalar()))
            numbers.push_back(member.line);
    }
}

// Of a Secret, which is closed but for these.
std::vector<int> open_lines(const Object& secret, const Lines& lines) {
    std::vector<int> numbers;
    if (!secret.root.is(yaml::Kind::mapping)) return numbers;
    add_open(secret.root, open_members, lines, numbers);
    add_open(secret.root["metadata"], open_metadata, lines, numbers);
    return numbers;
}

// Values whose key calls them a secret. Those that come from elsewhere are written there.
void add_named(const Spot& part, std::vector<Place>& places) {
    for (const Spot& item : part.items()) add_named(item, places);
    for (const Spot& member : part.members()) {
        const bool secret = member.node->kind == yaml::Kind::string || member.node->kind == yaml::Kind::integer;
        if (secret && is_secret_name(member.key->text)) places.push_back(member.place());
        if (!member.node->is_scalar()) add_named(member, places);
    }
}

}  // namespace

// What may be a secret in Secrets, and what looks like one elsewhere. What stands in the environment may be shown:
// people ask for the difference to see what becomes of it.
std::vector<bool> closed_lines(const Source& source) {
    const std::vector<Source> sources{source};
    const Bundle bundle = read_bundle(sources);
    const Lines lines(source.text);
    const int count = count_lines(source.text);
    std::vector<bool> closed(static_cast<std::size_t>(count));
    const auto close = [&](int first, int end) {  // the line `end` stays open
        for (int line = std::max(first, 1); line < std::min(end, count + 1); ++line)
            closed[static_cast<std::size_t>(line) - 1] = true;
    };
    std::vector<int> open;
    for (auto object = bundle.objects.begin(); object != bundle.objects.end(); ++object) {
        const bool last = object + 1 == bundle.objects.end();
        const int end = last ? count + 1 : (object + 1)->root.line;
        if (object->kind == "Secret") {
            const bool apart = last || begins_line(lines, end, (object + 1)->root.node->column);
            close(object->root.line, apart ? end : end + 1);
            for (const int number : open_lines(*object, lines)) open.push_back(number);
            continue;
        }
        Diagnostics secrets;
        Findings found(*object, secrets);
        check_secret_values(*object, bundle, found);
        check_secret_in_files(*object, bundle, found);
        std::vector<Place> places;
        for (const Diagnostic& one : secrets) places.push_back(one.where);
        add_named(object->root, places);
        Starts starts;
        if (!places.empty()) add_starts(*object, starts);
        std::sort(starts.begin(), starts.end());
        for (const Place& place : places) close(place.line, end_of_value(place, lines, starts, end));
    }
    for (const int number : open) closed.at(static_cast<std::size_t>(number) - 1) = false;
    return closed;
}

}  // namespace ktrain::lint
