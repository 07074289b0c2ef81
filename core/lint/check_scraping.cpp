// KM704: what the Prometheus operator refuses of monitors: times that do not fit, and rules for labels.
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

#include "core/base/api_names.h"
#include "core/base/names.h"
#include "core/base/regex.h"
#include "core/base/text.h"
#include "core/lint/scraping.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t milliseconds;
};
constexpr std::array units{
    Unit{"ms", 1},         Unit{"s", 1'000},       Unit{"m", 60'000},        Unit{"h", 3'600'000},
    Unit{"d", 86'400'000}, Unit{"w", 604'800'000}, Unit{"y", 31'536'000'000}};

// "1h30m" in milliseconds; nothing for what KT006 reports.
std::optional<std::int64_t> duration_in(std::string_view text) {
    std::int64_t sum = 0;
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        std::int64_t count = 0;
        std::size_t digits = 0;
        for (; digits < text.size() && digits < 9 && text[digits] >= '0' && text[digits] <= '9'; ++digits)
            count = count * 10 + (text[digits] - '0');
        text.remove_prefix(digits);
        const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
        const auto unit = std::ranges::find(units, name, &Unit::name);
        if (digits == 0 || unit == units.end()) return std::nullopt;
        if (count > (std::numeric_limits<std::int64_t>::max() - sum) / unit->milliseconds)
            return std::numeric_limits<std::int64_t>::max();
        sum += count * unit->milliseconds;
        text.remove_prefix(name.size());
    }
    return sum;
}

class Scraping {
public:
    Scraping(const Object& object, Findings& findings) : object_(object), findings_(findings) {}

    void times(Value holder, const char* interval) {
        const Value timeout = holder["scrapeTimeout"];
        const auto most = duration_in(holder[interval].text());
        const auto asked = duration_in(timeout.text());
        if (most && asked && *asked > *most)
            refuse(timeout,
                   "scrapeTimeout " + shown(timeout.text()) + " is longer than " + interval + ", " +
                       shown(holder[interval].text()),
                   "write " + printable(holder[interval].text()) + " or less");
    }

    void relabelings(Value list) {
        for (const yaml::Node& rule : list.items()) relabeling(rule);
    }

private:
    void refuse(Value at, std::string message, std::string fix) {
        findings_.add("KM704", locate(object_, at).place(), std::move(message), std::move(fix));
    }

    void relabeling(Value rule) {
        if (!rule.is(yaml::Kind::mapping)) return;
        const std::string action = rule["action"].text().empty() ? "replace" : lower(rule["action"].text());
        const Value regex = rule["regex"];
        std::string why;
        if (!regex.text().empty() && !Regex::compile(regex.text(), why))
            refuse(regex, "the regex " + shown(regex.text()) + " is none: " + brief(why, 80),
                   "correct it; Prometheus has no (?=...), (?!...) and \\1");
        constexpr std::array<std::string_view, 6> aimed{"dropequal", "hashmod", "keepequal",
                                                        "lowercase", "replace", "uppercase"};
        constexpr std::string_view target[] = {"action", "targetLabel"};
        if (std::ranges::find(aimed, action) != aimed.end() && rule["targetLabel"].text().empty() &&
            !is_misspelt(rule, target))
            refuse(rule, "the action " + action + " has no targetLabel", "add targetLabel, the label that is written");
        if (action == "hashmod" && rule["modulus"].number().value_or(0) == 0)
            refuse(rule, "the action hashmod has no modulus", "add modulus, the number of shards");
        const bool equal = action == "keepequal" || action == "dropequal";
        const bool names = action == "labeldrop" || action == "labelkeep";
        if (equal || action == "lowercase" || action == "uppercase") alone(rule, action, "replacement", "$1");
        if (!equal && !names) return;
        alone(rule, action, "separator", ";");
        if (rule["modulus"].number().value_or(0) != 0) extra(rule["modulus"], action);
        if (equal) return alone(rule, action, "regex", "(.*)");
        alone(rule, action, "replacement", "$1");
        alone(rule, action, "targetLabel", "");
        if (!rule["sourceLabels"].items().empty()) extra(rule["sourceLabels"], action);
    }

    void alone(Value rule, const std::string& action, const char* field, std::string_view usual) {
        const Value there = rule[field];
        if (there && there.text() != usual && !(there.text().empty() && field == std::string_view("regex")))
            extra(there, action);
    }

    void extra(Value at, const std::string& action) {
        const Spot spot = locate(object_, at);
        findings_.add("KM704", spot.key_place(),
                      "the action " + action + " has nothing to do with " + spot.path.substr(spot.path.rfind('.') + 1),
                      "remove it");
    }

    const Object& object_;
    Findings& findings_;
};

}  // namespace

void check_scraping(const Object& object, const Bundle&, Findings& findings) {
    if (group_of(object.api_version) != "monitoring.coreos.com") return;
    Scraping scraping(object, findings);
    const Value spec = Value(object.root)["spec"];
    for (const char* list : {"endpoints", "podMetricsEndpoints"}) {
        if (object.kind != "ServiceMonitor" && object.kind != "PodMonitor") break;
        for (const yaml::Node& endpoint : spec[list].items()) {
            scraping.times(endpoint, "interval");
            for (const char* rules : {"relabelings", "metricRelabelings"}) scraping.relabelings(Value(endpoint)[rules]);
        }
    }
    if (object.kind != "Probe" && object.kind != "ScrapeConfig") return;
    scraping.times(spec, object.kind == "Probe" ? "interval" : "scrapeInterval");
    for (const char* rules : {"relabelings", "metricRelabelings"}) scraping.relabelings(spec[rules]);
    for (const char* target : {"ingress", "staticConfig"})
        scraping.relabelings(spec["targets"][target]["relabelingConfigs"]);
}

}  // namespace ktrain::lint
