// Reads and applies the table of symptoms.
#include "core/advice/symptoms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/advice/history.h"
#include "core/base/embedded.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/yaml.h"

namespace ktrain::advice {
namespace {

constexpr std::array<std::string_view, 13> source_names{"condition", "contract",      "event",  "exit",  "group",
                                                        "log",       "node",          "pod",    "queue", "refused",
                                                        "runtime",   "unschedulable", "waiting"};
static_assert(std::is_sorted(source_names.begin(), source_names.end()));

constexpr std::array<std::string_view, 13> keys{"anywhere", "cause", "command", "consequence", "follower",
                                                "general",  "match", "meaning", "reason",      "remedy",
                                                "severity", "soon",  "source"};
static_assert(std::is_sorted(keys.begin(), keys.end()));

class RowReader {
public:
    RowReader(const Json& row, std::string where) : row_(row), where_(std::move(where)) {}

    // One for each source that the row names.
    std::vector<Symptom> read() const {
        if (!row_.is_object()) refuse("is no map");
        for (const auto& [key, value] : row_.items())
            if (!std::binary_search(keys.begin(), keys.end(), key)) refuse("has the unknown key \"" + key + "\"");
        const Json& sources = at_path(row_, {"source"});
        if (!sources.is_array() || sources.empty()) return {read(text("source"))};
        std::vector<Symptom> out;
        for (const Json& one : sources) out.push_back(read(one.is_string() ? one.get<std::string>() : one.dump()));
        return out;
    }

private:
    Symptom read(const std::string& source) const {
        Symptom out;
        out.cause = text("cause");
        out.source = source_of(source);
        out.reason = regex("reason", true);
        out.match = regex("match", false);
        if (!out.reason && !out.match) refuse("has neither reason nor match");
        out.meaning = text("meaning");
        out.remedy = text("remedy");
        out.command = string_or(row_, "command");
        out.severity = severity();
        out.follower = flag("follower", false);
        out.general = flag("general", false);
        out.anywhere = flag("anywhere", false);
        out.consequence = flag("consequence", false);
        out.soon = flag("soon", true);
        return out;
    }
    [[noreturn]] void refuse(const std::string& what) const {
        throw Error(ErrorKind::input, fmt::format("{} {}", where_, printable(what)));
    }
    std::string text(const char* key) const {
        const std::string out = string_or(row_, key);
        if (out.empty()) refuse(fmt::format("has no {}", key));
        return out;
    }
    Source source_of(const std::string& name) const {
        const auto found = std::ranges::find(source_names, name);
        if (found == source_names.end()) refuse("has the unknown source \"" + name + "\"");
        return static_cast<Source>(found - source_names.begin());
    }
    Severity severity() const {
        const std::string name = string_or(row_, "severity", "error");
        if (name != "error" && name != "warning") refuse("has the unknown severity \"" + name + "\"");
        return name == "error" ? Severity::error : Severity::warning;
    }
    bool flag(const char* key, bool fallback) const {
        const Json& value = at_path(row_, {key});
        if (!value.is_null() && !value.is_boolean()) refuse(fmt::format("needs true or false for {}", key));
        return value.is_boolean() ? value.get<bool>() : fallback;
    }
    std::shared_ptr<const Regex> regex(const char* key, bool whole) const {
        const std::string pattern = string_or(row_, key);
        if (pattern.empty()) return nullptr;
        std::string problem;
        const auto out = Regex::compile(whole ? "^(?:" + pattern + ")$" : pattern, problem);
        if (!out) refuse(fmt::format("has no regular expression in {}: {}", key, problem));
        return out;
    }

    const Json& row_;
    std::string where_;
};

Symptoms::Match match_row(const Symptom& row, std::string_view text) {
    if (!row.match) return {&row, std::string(text), {}};
    auto groups = row.match->groups(text);
    return groups.empty() ? Symptoms::Match{} : Symptoms::Match{&row, std::string(text), std::move(groups)};
}

// What others say of a trouble, cut to what can be read. Errors of Go tell the way in front of the cause ("a: b: c").
std::string said(const Symptom& row, std::string_view group) {
    constexpr std::size_t most = 200;
    group = trim(group);
    const bool wrapped = row.source == Source::event || row.source == Source::waiting || row.source == Source::runtime;
    for (std::size_t at = 0; wrapped && group.size() > most && (at = group.find(": ")) != std::string_view::npos;)
        group.remove_prefix(at + 2);
    return brief(group, most);
}

}  // namespace

std::string_view name_of(Source source) {
    return source_names[static_cast<std::size_t>(source)];
}

Symptoms Symptoms::parse(std::string_view text, const std::string& file) {
    const Json table = yaml::to_json(yaml::parse_one(text, file));
    Symptoms out;
    int number = 0;
    for (const Json& row : at_path(table, {"symptoms"})) {
        const std::string where = fmt::format("symptom {} ({}) of {}", ++number, string_or(row, "cause"), file);
        const auto symptoms = RowReader(row, where).read();
        out.rows_.insert(out.rows_.end(), symptoms.begin(), symptoms.end());
    }
    return out;
}

Symptoms Symptoms::built_in() {
    return parse(embedded("symptoms.yaml"), "symptoms.yaml");
}

Symptoms::Match Symptoms::find(Source source, std::string_view reason, std::string_view text) const {
    for (const Symptom& row : rows_) {
        if (row.source != source || (row.reason && !row.reason->find(reason, 0))) continue;
        if (Match found = match_row(row, text)) return found;
    }
    return {};
}

std::string fill(std::string_view text, const Words& words) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
        if (end == std::string_view::npos) {
            out += text[at++];
            continue;
        }
        const auto word = words.find(std::string(text.substr(at + 1, end - at - 1)));
        out += word == words.end() || word->second.empty() ? "?" : word->second;
        at = end + 1;
    }
    return out;
}

void quote(const Symptoms::Match& match, std::string_view said, Finding& out) {
    constexpr std::size_t most = 200;
    if (match.row->meaning.find("{1}") == std::string::npos && !trim(said).empty())
        out.summary += ": " + brief(one_line(trim(said)), most);
}

Finding finding_of(const Symptoms::Match& match, Words words, int weight) {
    for (std::size_t i = 1; i < match.groups.size(); ++i) words[std::to_string(i)] = said(*match.row, match.groups[i]);
    Finding out;
    out.cause = match.row->cause;
    out.severity = match.row->severity;
    out.summary = fill(match.row->meaning, words);
    out.remedy = fill(match.row->remedy, words);
    const bool of_log = match.row->source == Source::log || match.row->source == Source::exit;
    out.command = fill(!match.row->command.empty() ? match.row->command
                       : of_log                    ? "kubectl logs {pod} -c {container} -n {namespace}"
                                                   : "kubectl describe {object} -n {namespace}",
                       words);
    out.weight = match.row->consequence                       ? weight::consequence
                 : match.row->follower && !match.row->general ? weight::follower
                                                              : weight;
    return out;
}

}  // namespace ktrain::advice
