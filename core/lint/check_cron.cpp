// KT026: the schedule, the time zone and the name of a CronJob.
#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/cel/time.h"
#include "core/lint/facts.h"
#include "core/lint/time_zones.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT026";

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> day_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Unit {
    std::string_view name;
    int least;
    int most;
    std::span<const std::string_view> names;  // of the values from `least` on
};

constexpr std::array units{Unit{"minute", 0, 59, {}}, Unit{"hour", 0, 23, {}}, Unit{"day of the month", 1, 31, {}},
                           Unit{"month", 1, 12, month_names}, Unit{"day of the week", 0, 6, day_names}};

constexpr std::array<std::string_view, 7> shortcuts{"@annually", "@daily",  "@hourly", "@midnight",
                                                    "@monthly",  "@weekly", "@yearly"};

std::optional<int> value_of(std::string_view text, const Unit& unit) {
    const std::string word = lower(text);
    const auto found = std::find(unit.names.begin(), unit.names.end(), word);
    if (found != unit.names.end()) return unit.least + static_cast<int>(found - unit.names.begin());
    if (text.starts_with('+')) text.remove_prefix(1);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

// "*", "5", "1-5", "*/10", "mon-fri/2".
bool is_range(std::string_view text, const Unit& unit) {
    const std::vector<std::string> parts = split(text, '/');
    const std::vector<std::string> ends = split(parts.front(), '-');
    if (parts.size() > 2) return false;
    std::optional<int> begin = unit.least;
    std::optional<int> end = unit.most;
    if (ends.front() != "*" && ends.front() != "?") {
        if (ends.size() > 2) return false;
        begin = value_of(ends.front(), unit);
        end = ends.size() == 2 ? value_of(ends.back(), unit) : begin;
    }
    if (parts.size() == 2) {
        const std::optional<int> step = value_of(parts.back(), Unit{"", 0, 0, {}});
        if (!step || *step == 0) return false;
        if (ends.size() == 1) end = unit.most;
    }
    return begin && end && *begin >= unit.least && *end <= unit.most && *begin <= *end;
}

bool is_field(std::string_view text, const Unit& unit) {
    for (const std::string& part : split(text, ',')) {
        if (!part.empty() && !is_range(part, unit)) return false;
    }
    return true;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t begin = text.find_first_not_of(" \t\n\r\f\v"); begin != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(" \t\n\r\f\v", begin), text.size());
        words.emplace_back(text.substr(begin, end - begin));
        begin = text.find_first_not_of(" \t\n\r\f\v", end);
    }
    return words;
}

bool names_zone(std::string_view schedule) {
    return schedule.find("TZ") != std::string_view::npos;
}

// `zone`: the field for a time zone.
void check_schedule(const Reporter& report, Value schedule, const std::string& zone) {
    const std::string problem = schedule.text().empty() ? "" : schedule_problem(schedule.text());
    if (problem.empty()) return;
    const std::string message = "the schedule " + shown(schedule.text()) + " " + problem;
    if (names_zone(schedule.text()))
        report.at(rule, schedule, message, "write the zone under " + zone);
    else
        report.at(rule, schedule, message,
                  "write minute, hour, day of the month, month and day of the week: \"30 2 * * *\" is 02:30 each day");
}

// Argo 3 reads a zone in `schedule`, which is gone since Argo 4; the schema of that takes none in `schedules`.
void check_schedules(const Reporter& report, Value spec) {
    constexpr const char* zone = "timezone";
    if (const Value one = spec["schedule"]; names_zone(one.text()))
        report.note(rule, one,
                    "the schedule " + shown(one.text()) + " names a time zone, which Argo 4 does not read there",
                    std::string("write the zone under ") + zone);
    else
        check_schedule(report, one, zone);
    for (const Value schedule : spec["schedules"].items()) check_schedule(report, schedule, zone);
}

void check_zone(const Reporter& report, Value zone) {
    if (zone.text().empty() || is_time_zone(zone.text())) return;
    const std::string near = nearest_time_zone(zone.text());
    report.at(
        rule, zone, "no time zone is called " + shown(zone.text()),
        near.empty() ? "write a name of the IANA database, such as Europe/Berlin" : "did you mean '" + near + "'?");
}

}  // namespace

std::string schedule_problem(std::string_view text) {
    if (names_zone(text)) return "names a time zone, which has a field of its own";
    if (text.starts_with('@')) {
        const bool known = std::find(shortcuts.begin(), shortcuts.end(), text) != shortcuts.end();
        const bool every = text.starts_with("@every ") && cel::parse_duration(text.substr(7));
        return known || every ? "" : "is none of " + join({shortcuts.begin(), shortcuts.end()}, ", ");
    }
    const std::vector<std::string> words = words_of(text);
    if (words.size() != units.size()) return "has " + std::to_string(words.size()) + " fields, and 5 are wanted";
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (!is_field(words[i], units[i]))
            return "has the " + std::string(units[i].name) + " " + shown(words[i]) + ", which must be " +
                   std::to_string(units[i].least) + " to " + std::to_string(units[i].most) + ", a range or a list";
    }
    return "";
}

void check_cron(const Object& object, const Bundle&, Findings& findings) {
    const Reporter report(object, findings, false);
    const Value root(object.root), spec = root["spec"];
    if (object.kind == "CronWorkflow" && object.api_version == "argoproj.io/v1alpha1") {
        check_schedules(report, spec);
        return check_zone(report, spec["timezone"]);
    }
    if (object.api_version != "batch/v1" || object.kind != "CronJob") return;
    check_schedule(report, spec["schedule"], "timeZone");
    check_zone(report, spec["timeZone"]);
    const Value name = root["metadata"]["name"], prefix = root["metadata"]["generateName"];
    constexpr std::size_t longest = 52;  // 11 letters are added for each Job
    constexpr std::size_t random = 5;    // letters that make a name of the prefix
    if (!name && prefix.text().size() + random > longest)
        report.under(rule, prefix, root["metadata"], "name",
                     "generateName has " + std::to_string(prefix.text().size()) +
                         " characters, at most 47 are allowed in a CronJob",
                     "shorten it: the names of its Jobs are longer by 16");
    if (name.text().size() > longest)
        report.at(
            rule, name,
            "the name has " + std::to_string(name.text().size()) + " characters, at most 52 are allowed in a CronJob",
            "shorten it: the names of its Jobs are longer by 11");
}

}  // namespace ktrain::lint
