// Checks of what a schema says of values besides their type: closed sets, ranges, lengths, formats, patterns, sets.
#include "core/lint/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

constexpr double beyond_int64 = 9e18;

std::string number_text(double value) {
    if (std::abs(value) > 0x1p64) return fmt::format("{:g}", value);
    if (std::trunc(value) == value && std::abs(value) < beyond_int64)
        return std::to_string(static_cast<std::int64_t>(value));
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

// "0 to 255", "at least 1": what is left of a range without the ends of the type itself.
std::string range_text(const FactEntry* min, const FactEntry* max) {
    if (max != nullptr && max->value > 0x1p63)  // of no integer
        return (min == nullptr ? "at most " : number_text(min->value) + " to ") + number_text(max->value);
    if (max == nullptr || (max->value > beyond_int64 && min != nullptr && min->value > -beyond_int64))
        return "at least " + number_text(min->value);
    if (max->value > beyond_int64) return "at most 9223372036854775807";
    if (min == nullptr || min->value < -beyond_int64) return "at most " + number_text(max->value);
    return number_text(min->value) + " to " + number_text(max->value);
}

const FactEntry* fact_of(Type type, FactKind kind) {
    for (const FactEntry& fact : type.facts()) {
        if (fact.kind == kind) return &fact;
    }
    return nullptr;
}

// The value as messages show it, or what stands for one that nobody may see.
std::string seen(const Findings& findings, const Trail& at) {
    return findings.is_private(at.spot().path) ? "what is there" : shown(at.text());
}

// Ends that do not belong to the range, and steps.
void check_steps(Findings& findings, const Trail& at, Type type, double number) {
    for (const FactEntry& fact : type.facts()) {
        const bool low = fact.kind == FactKind::above && number <= fact.value;
        const bool high = fact.kind == FactKind::below && number >= fact.value;
        const bool odd = fact.kind == FactKind::multiple_of && fact.value > 0 && !is_multiple(number, fact.value);
        if (!low && !high && !odd) continue;
        const std::string wanted = (low    ? "more than "
                                    : high ? "less than "
                                           : "a multiple of ") +
                                   number_text(fact.value);
        findings.add("KT004", at.spot().place(), at.last_step() + " must be " + wanted + ", got " + seen(findings, at),
                     "write a number that is " + wanted);
    }
}

void check_range(Findings& findings, const Trail& at, Type type) {
    if (!at.is(Kind::integer) && !at.is(Kind::real)) return;
    if (type.facts().empty()) return;
    const FactEntry* min = fact_of(type, FactKind::min);
    const FactEntry* max = fact_of(type, FactKind::max);
    const Json value = yaml::to_json(*at.node);
    if (!value.is_number()) return;
    const double number = value.get<double>();
    check_steps(findings, at, type, number);
    // 2^63 is the double next to the greatest int64.
    const bool wraps = value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX};
    const bool fits = max == nullptr || (number <= max->value && !(wraps && max->value > beyond_int64));
    if ((min == nullptr || number >= min->value) && fits) return;
    const bool implied = min != nullptr && min->value == -0x1p31 && max != nullptr && number > max->value;
    const std::string range = range_text(implied ? nullptr : min, max);  // nobody asks for less than an int32 holds
    findings.add("KT004", at.spot().place(), at.last_step() + " must be " + range + ", got " + seen(findings, at),
                 range.starts_with("at ") ? "write a number of " + range : "write a number from " + range);
}

// Sizes of texts in characters, of lists in items, of maps in members.
void check_size(Findings& findings, const Trail& at, Type type, FactKind low, FactKind high, std::size_t size,
                std::string_view unit) {
    const FactEntry* min = fact_of(type, low);
    const FactEntry* max = fact_of(type, high);
    const bool small = min != nullptr && static_cast<double>(size) < min->value;
    const bool big = max != nullptr && static_cast<double>(size) > max->value;
    if (!small && !big) return;
    const double bound = small ? min->value : max->value;
    findings.add("KT006", at.spot().place(),
                 at.last_step() + " has " + std::to_string(size) + " " + std::string(unit) + ", at " +
                     (small ? "least " : "most ") + number_text(bound) + (bound == 1 ? " is " : " are ") +
                     (small ? "needed" : "allowed"),
                 small ? "write more" : "write less");
}

std::string word_text(std::string_view word) {
    return word.empty() ? "''" : printable(word);
}

// Whether the value is the word of a closed set; numbers are compared as such.
bool is_word(const Trail& at, std::string_view word) {
    if (word == at.text()) return true;
    if (at.is(Kind::string) || !at.node->is_scalar()) return false;
    yaml::Node plain;
    plain.kind = yaml::resolve(word);
    plain.text = word;
    return plain.kind != Kind::string && yaml::to_json(plain) == yaml::to_json(*at.node);
}

// One of a closed set. The empty text is allowed where the set has it, and where it means that nothing was said.
void check_choice(Findings& findings, const Trail& at, Type type, Minors minors, bool crd) {
    std::vector<std::string_view> words;
    Minors there;
    bool known = false;
    for (const FactEntry& fact : type.facts()) {
        if (fact.kind != FactKind::choice) continue;
        const std::string_view word = type.text(fact.text);
        if (is_word(at, word)) {
            known = true;
            there = {fact.minors};
        }
        if (!(minors & Minors{fact.minors}).empty()) words.push_back(word);
    }
    if (words.empty() || (at.text().empty() && !crd)) return;
    if (known && !(there & minors).empty()) return;
    if (known) {
        findings.add("KT010", place_named(at),
                     at.last_step() + " " + seen(findings, at) + " exists in Kubernetes " + there.text() + ", not in " +
                         minors.text(),
                     "use another value, or a newer cluster");
        return;
    }
    std::string near = nearest(at.text(), words);
    std::vector<std::string> listed;
    for (std::string_view word : words) listed.push_back(word_text(word));
    if (!crd) std::erase(listed, "''");
    constexpr std::size_t most = 12;
    if (listed.size() > most) {
        listed.resize(most);
        listed.emplace_back("…");
    }
    Diagnostic& finding =
        findings.add("KT006", place_named(at),
                     at.last_step() + " must be one of " + join(listed, ", ") + ", got " + seen(findings, at),
                     near.empty() ? "" : "did you mean '" + near + "'?");
    if (is_clear(at.text(), near, words)) finding.changes = {set_value(at.spot().path, near)};
}

void check_form(Findings& findings, const Trail& at, Type type, const FactEntry& fact, Patterns& patterns) {
    const std::string_view about = type.text(fact.text);
    const std::string value = findings.is_private(at.spot().path) ? "" : " " + shown(at.text());
    const auto is_schedule = [&] {  // KT026 says it in words
        return findings.object().kind == "CronWorkflow" && at.last_step().starts_with("schedules[") &&
               !at.text().empty() && !schedule_problem(at.text()).empty();
    };
    if (fact.kind == FactKind::pattern && !patterns.matches(about, at.text()) && !is_schedule()) {
        findings.add("KT006", place_named(at), at.last_step() + value + " does not have the form that is wanted",
                     "it must match " + printable(about));
    } else if (fact.kind == FactKind::format) {
        const std::string problem = format_problem(about, at.text());
        const bool placeholder = about.starts_with("dns-subdomain") && is_placeholder(at.text());  // KT028
        if (problem.empty() || (placeholder && !at.last_step().starts_with("hostnames["))) return;
        findings.add("KT006", place_named(at), at.last_step() + value + " " + problem, std::string(format_fix(about)));
    }
}

// The empty text means that nothing was said, but in custom resources and where a length is wanted.
void check_text_facts(Findings& findings, const Trail& at, Type type, bool crd, Patterns& patterns) {
    if (!at.is(Kind::string)) return;
    if (at.text().empty() && !crd) {
        const FactEntry* min = fact_of(type, FactKind::min_length);
        if (min != nullptr && min->value > 0)
            findings.add("KT006", place_named(at), at.last_step() + " is empty", "write a value, or remove the field");
        return;
    }
    check_size(findings, at, type, FactKind::min_length, FactKind::max_length, characters(at.text()), "characters");
    for (const FactEntry& fact : type.facts()) check_form(findings, at, type, fact, patterns);
}

// The members of a map. Of custom resources, those that are null are gone before the server counts.
std::size_t members_of(const Trail& at, bool crd) {
    return static_cast<std::size_t>(std::ranges::count_if(
        at.node->entries, [&](const yaml::Entry& entry) { return !crd || entry.value.kind != Kind::null; }));
}

}  // namespace

Place place_named(const Trail& at) {
    constexpr std::array<std::string_view, 4> lists{"accessModes[", "httpHeaders[", "resizePolicy[", "verbs["};
    Place place = at.spot().place();
    for (const std::string_view list : lists) {
        const std::size_t begin = place.path.rfind(list);
        if (begin == std::string::npos || place.path.find('[', begin + list.size()) != std::string::npos) continue;
        place.path.resize(begin + list.size() - 1);
    }
    return place;
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void check_union(Findings& findings, const Trail& at, Type type) {
    const FactEntry* fact = fact_of(type, FactKind::one_of);
    if (fact == nullptr) return;
    const std::vector<std::string> members = split(type.text(fact->text), ',');
    std::vector<std::string> there;
    for (const yaml::Entry& entry : at.node->entries) {
        const bool member =
            std::find(members.begin(), members.end(), std::string_view(entry.key.text)) != members.end();
        if (member && entry.value.kind != Kind::null) there.emplace_back(entry.key.text);
    }
    if (there.size() == 1) return;
    if (there.empty()) {
        findings.add("KT008", at.spot().key_place(), at.last_step() + " has none of " + join(members, ", "),
                     "add one of them");
        return;
    }
    findings.add("KT006", at.spot().key_place(), at.last_step() + " has " + join(there, " and ") + ", and may have one",
                 "keep one of them");
}

void check_facts(Findings& findings, const Trail& at, Type type, Minors minors, bool crd, Patterns& patterns) {
    if (type.facts().empty()) return;
    if (at.is(Kind::sequence) || at.is(Kind::mapping)) {
        const bool list = at.is(Kind::sequence);
        const std::size_t size = list ? at.node->items.size() : members_of(at, crd);
        return check_size(findings, at, type, FactKind::min_items, FactKind::max_items, size,
                          list ? "items" : "members");
    }
    check_range(findings, at, type);
    if (at.is(Kind::string) || type.base() != Base::string) check_choice(findings, at, type, minors, crd);
    check_text_facts(findings, at, type, crd, patterns);
}

bool check_unquoted(Findings& findings, const Trail& at, Type owner, Type type, Minors minors, bool crd,
                    Patterns& patterns) {
    constexpr std::array texts{Base::string, Base::dns_label, Base::env_name};
    if (at.is(Kind::string) || !at.node->is_scalar() || std::ranges::find(texts, type.base()) == texts.end())
        return false;
    yaml::Node text = *at.node;
    text.kind = Kind::string;
    Trail quoted = at;
    quoted.node = &text;
    Diagnostics refused;
    Findings scratch(findings.object(), refused);
    const auto check = [&] {
        refused.clear();
        check_scalar(scratch, quoted, type, Depth::all);
        check_facts(scratch, quoted, type, minors, crd, patterns);
        return refused.empty();
    };
    // The name of a port beside a field that takes its number: no port has a number for a name.
    if (at.is(Kind::integer) && at.name == "port" && !owner.edges("targetPort").empty()) {
        wrong_type(findings, at, "a string", "write the name of the port, not its number");
        return true;
    }
    if (check()) return false;
    std::string fix = "in quotes it is refused as well: " + refused.front().message + "; " + refused.front().fix;
    if (at.is(Kind::integer) && !findings.is_private(at.spot().path)) {
        text.text = std::string(at.text()) + "s";
        if (check()) fix = "write a unit, such as " + printable(text.text);
    }
    wrong_type(findings, at, "a string", std::move(fix));
    return true;
}

}  // namespace ktrain::lint
