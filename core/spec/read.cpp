// Reads YAML nodes into typed fields: types, ranges, choices and formats.
#include "core/spec/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/base/text.h"
#include "core/spec/formats.h"
#include "core/spec/words.h"

namespace ktrain::spec {
namespace {

// One field being read: what the helpers below need to say what is wrong.
struct Reading {
    const yaml::Node& node;
    const Field& field;
    const std::string& path;
    Report& report;

    void error(const std::string& message, const std::string& fix = "") const {
        report.error(node, path, message, fix);
    }
    void wrong_type(std::string_view wanted, const std::string& fix = "") const {
        error(fmt::format("{} must be {}, got {}", path, wanted, describe(node)), fix);
    }
};

std::optional<double> plain_number(const yaml::Node& node) {
    // A number by the rules of YAML, else what the C locale reads: 2e-4 is a number for everyone but YAML 1.1.
    if (node.quoted || !node.is_scalar() || node.kind == yaml::Kind::boolean || node.kind == yaml::Kind::null)
        return {};
    if (node.kind != yaml::Kind::string) {
        const Json value = yaml::to_json(node);
        return value.is_number() ? value.get<double>() : std::numeric_limits<double>::infinity();
    }
    double value = 0;
    std::string_view text = node.text;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value);
    if (error != std::errc{} || end != text.end() || text.empty() || !std::isfinite(value)) return {};
    return value;
}

bool in_range(double value, const Field& field) {
    return std::isfinite(value) && (field.above_min ? value > field.min : value >= field.min) && value <= field.max;
}

std::optional<double> read_number(const Reading& in, std::string_view wanted) {
    const auto value = plain_number(in.node);
    if (!value) {
        const bool only_quotes = in.node.quoted && yaml::resolve(in.node.text) != yaml::Kind::string;
        in.wrong_type(wanted, only_quotes ? "write " + printable(in.node.text) + " without quotes" : "");
    } else if (!std::isfinite(*value)) {
        in.error(fmt::format("{} must be a finite number, got {}", in.path, in_quotes(in.node.text)));
    } else if (!in_range(*value, in.field)) {
        in.error(fmt::format("{} must be {}, got {}", in.path, range_text(in.field), number_text(*value)));
    } else {
        return value;
    }
    return {};
}

void read_value(const Reading& in, double& target) {
    if (const auto value = read_number(in, "a number")) target = *value;
}

void read_value(const Reading& in, std::int64_t& target) {
    const auto value = read_number(in, "a whole number");
    if (!value) return;
    // Exact where YAML says integer; 1e3 and 1.0 are whole numbers too. 2^63 is the first double that does not fit.
    const Json exact = in.node.kind == yaml::Kind::integer ? yaml::to_json(in.node) : Json();
    if (exact.is_number_integer() && !(exact.is_number_unsigned() && exact.get<std::uint64_t>() >> 63 != 0))
        target = exact.get<std::int64_t>();
    else if (std::trunc(*value) != *value)
        in.error(fmt::format("{} must be a whole number, got {}", in.path, number_text(*value)));
    else if (std::abs(*value) >= 9223372036854775808.0)
        in.error(fmt::format("{} must fit 64 bits, got {}", in.path, number_text(*value)));
    else
        target = static_cast<std::int64_t>(*value);
}

void read_value(const Reading& in, bool& target) {
    if (in.node.kind == yaml::Kind::boolean)
        target = yaml::to_json(in.node).get<bool>();
    else
        in.wrong_type("true or false");
}

bool is_choice(const Field& field, std::string_view text) {
    return std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end();
}

// The text of a scalar. Numbers are taken as written ("cpu: 4"). "no" is a choice that YAML 1.1 reads as a boolean.
std::optional<std::string> read_text(const Reading& in) {
    const yaml::Kind kind = in.node.kind;
    if (kind == yaml::Kind::string || kind == yaml::Kind::integer || kind == yaml::Kind::real) return in.node.text;
    const bool boolean = kind == yaml::Kind::boolean;
    if (boolean && is_choice(in.field, "no") && !yaml::to_json(in.node).get<bool>()) return "no";
    in.wrong_type(
        in.field.choices.empty() ? "text" : wanted_text(in.field),
        boolean && in.field.choices.empty() ? fmt::format("write \"{}\" if text is meant", in.node.text) : "");
    return {};
}

bool check_text(const Reading& in, std::string& text) {
    const std::string wanted = wanted_text(in.field);
    if (!in.field.choices.empty() && !is_choice(in.field, text)) {
        const std::string near = nearest(text, in.field.choices);
        in.error(fmt::format("{} must be {}, got {}", in.path, wanted, in_quotes(text)),
                 near.empty() ? "" : "did you mean " + near + "?");
        return false;
    }
    if (const auto problem = check_format(in.field.format, text)) {
        in.error(fmt::format("{} must be {}, got {}", in.path, problem->message, in_quotes(text)), problem->fix);
        return false;
    }
    return true;
}

void read_value(const Reading& in, std::string& target) {
    auto text = read_text(in);
    if (!text) return;
    if (text->empty() && target.empty() && !in.field.required) return;  // not said, as in a resolved spec
    if (text->empty())
        in.error(in.path + " must not be empty", in.field.required ? "" : "leave the line out for the default");
    else if (check_text(in, *text))
        target = std::move(*text);
}

template <class Item>
void read_value(const Reading& in, std::vector<Item>& target) {
    if (in.node.kind != yaml::Kind::sequence) {
        in.wrong_type("a list", in.node.is_scalar() ? "write [" + printable(in.node.text.substr(0, 60)) + "]" : "");
        return;
    }
    target.clear();
    Field field = in.field;
    field.required = true;  // an item is never empty
    for (std::size_t i = 0; i < in.node.items.size(); ++i) {
        const std::string path = join_path(in.path, i);
        Item item{};
        read_value(Reading{in.node.items[i], field, path, in.report}, item);
        target.push_back(std::move(item));
    }
}

void read_value(const Reading& in, StringMap& target) {
    if (in.node.kind != yaml::Kind::mapping) {  // a value is not repeated: cluster.env may hold a secret
        return in.error(fmt::format("{} must be a map, got {}", in.path,
                                    in.node.is_scalar() ? "a single value" : describe(in.node)),
                        in.field.example.empty() ? "" : fmt::format("for example {}", in.field.example));
    }
    target.clear();
    for (const yaml::Entry& entry : in.node.entries)
        read_map_entry(entry.value, target, entry.key.text, in.path, in.report);
}

void read_records(const Reading& in, Records& records) {
    if (in.node.kind != yaml::Kind::sequence) return in.wrong_type("a list of groups");
    records.resize(in.node.items.size());
    for (std::size_t i = 0; i < in.node.items.size(); ++i) {
        const std::string path = join_path(in.path, i);
        in.report.said(path, in.node.items[i]);
        read_group(in.node.items[i], records.at(i), path, in.report);
    }
}

struct Dispatch {
    const Reading& in;
    void operator()(auto* target) const { read_value(in, *target); }
    void operator()(const Group& group) const { read_group(in.node, group, in.path, in.report); }
    void operator()(const std::shared_ptr<Records>& records) const { read_records(in, *records); }
};

}  // namespace

void read_field(const yaml::Node& node, const Bound& bound, const std::string& path, Report& report) {
    report.said(path, node);
    if (node.kind == yaml::Kind::null) return;
    std::visit(Dispatch{Reading{node, bound.field, path, report}}, bound.value);
}

void read_map_entry(const yaml::Node& node, StringMap& map, const std::string& key, const std::string& path,
                    Report& report) {
    const std::string full = join_path(path, key);
    report.said(full, node);
    if (const auto text = read_text(Reading{node, Field{}, full, report})) map[key] = *text;
}

void read_group(const yaml::Node& node, const Group& group, const std::string& path, Report& report) {
    if (node.kind == yaml::Kind::null) return;
    if (node.kind != yaml::Kind::mapping) {
        report.error(node, path,
                     fmt::format("{} must be a map, got {}", path.empty() ? "the spec" : path, describe(node)));
        return;
    }
    for (const yaml::Entry& entry : node.entries) {
        const std::string& name = entry.key.text;
        const std::string full = join_path(path, name);
        const auto hit = std::find_if(group.begin(), group.end(), [&](const Bound& b) { return b.field.name == name; });
        if (hit != group.end())
            read_field(entry.value, *hit, full, report);
        else
            report.error(entry.key, full, "unknown field " + printable(full.substr(0, 120)),
                         unknown_fix(name, group, path));
    }
}

namespace {

// Of the leaves that have a name of their own, the path of the one that is nearest to `name`.
std::string nearest_leaf(std::string_view name) {
    TrainingSpec spec;
    std::vector<std::string> leaves;
    each_field(bind(spec), "", [&](const std::string&, const Bound& bound) {
        if (bound.is_leaf()) leaves.emplace_back(bound.field.name);
    });
    const std::string near = nearest(name, leaves);
    return near.empty() ? "" : path_of_leaf(near);
}

}  // namespace

std::string unknown_fix(std::string_view name, const Group& group, const std::string& path) {
    std::vector<std::string_view> names;
    for (const Bound& bound : group) names.push_back(bound.field.name);
    const std::string home = path_of_leaf(name);
    const auto dot = home.rfind('.');
    const std::string home_name = dot == std::string::npos ? home : home.substr(dot + 1);
    const std::string home_group = dot == std::string::npos ? "the top of the spec" : home.substr(0, dot);
    if (!home.empty() && home_group == path) return "write " + home_name;  // a handbook's name of a field of this group
    if (!home.empty()) return fmt::format("{} belongs to {}", home_name, home_group);
    if (const std::string near = nearest(name, names); !near.empty()) return "did you mean " + near + "?";
    if (const std::string near = nearest_leaf(name); !near.empty()) return "did you mean " + near + "?";
    return "see: ktrain init --explain " + (path.empty() ? "spec" : path);
}

void check_required(const Group& group, const std::string& path, Report& report) {
    for (const Bound& bound : group) {
        const std::string full = join_path(path, std::string(bound.field.name));
        if (bound.group()) check_required(*bound.group(), full, report);
        if (Records* records = bound.records())
            for (std::size_t i = 0; i < records->size(); ++i)
                check_required(records->at(i), join_path(full, i), report);
        if (bound.field.required && bound.empty() && !report.is_bad(full))
            report.error(full, full + " is required",
                         fmt::format("write {}: {}", bound.field.name, bound.field.example));
    }
}

}  // namespace ktrain::spec
