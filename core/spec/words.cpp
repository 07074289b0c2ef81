// Spells spec values, their types and the rules on them.
#include "core/spec/words.h"

#include <fmt/format.h>

#include <array>
#include <limits>

#include "core/base/text.h"
#include "core/spec/emit.h"

namespace ktrain::spec {
namespace {

struct FormatRow {
    Format format;
    std::string_view name;
    std::string_view wanted;
};

constexpr std::array formats{
    FormatRow{Format::any, "text", ""},
    FormatRow{Format::quantity, "quantity", "a positive quantity such as 500m, 4 or 16Gi"},
    FormatRow{Format::duration, "duration", "a duration such as 90s, 30m, 24h or 7d"},
    FormatRow{Format::dns_label, "name", "1 to 63 lower-case letters, digits and -, not - at an end"},
    FormatRow{Format::job_name, "name", "1 to 55 lower-case letters, digits and -, not - at an end"},
    FormatRow{Format::path, "path", "a path without control characters"},
    FormatRow{Format::image, "image", "an image reference such as ghcr.io/acme/ktrain:1.0.0"},
    FormatRow{Format::gpu, "GPU model", "a GPU model of the catalog"},
    FormatRow{Format::model, "model", "a model of the catalog, or a folder"},
};

const FormatRow& row_of(Format format) {
    for (const FormatRow& row : formats)
        if (row.format == format) return row;
    return formats.front();
}

}  // namespace

std::string number_text(double value) {
    return fmt::format("{}", value);
}

std::string range_text(const Field& field) {
    const std::string low = field.min == std::numeric_limits<double>::lowest() ? "" : number_text(field.min);
    const std::string high = field.max == std::numeric_limits<double>::max() ? "" : number_text(field.max);
    if (!low.empty() && !high.empty() && !field.above_min) return fmt::format("from {} to {}", low, high);
    const std::string lower = low.empty() ? "" : (field.above_min ? "more than " : "at least ") + low;
    const std::string upper = high.empty() ? "" : "at most " + high;
    return lower + (low.empty() || high.empty() ? "" : " and ") + upper;
}

std::string wanted_text(const Field& field) {
    if (field.choices.empty()) return std::string(row_of(field.format).wanted);
    if (field.choices.size() == 1) return std::string(field.choices.front());
    return fmt::format("one of {}", fmt::join(field.choices, ", "));
}

std::string short_help(const Field& field) {
    std::string_view help = field.help.substr(0, field.help.find(';'));
    if (help.ends_with('.')) help.remove_suffix(1);
    return std::string(help);
}

std::string type_text(const Bound& bound) {
    if (std::holds_alternative<std::string*>(bound.value)) return std::string(row_of(bound.field.format).name);
    return std::string(type_name(bound.value));
}

std::string value_text(const Bound& bound) {
    if (!bound.is_leaf() || bound.empty()) return "";
    if (const auto* number = std::get_if<double*>(&bound.value)) return number_text(**number);
    return flow_text(leaf_json(bound));
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 60;
    const bool cut = text.size() > longest;
    return fmt::format("\"{}{}\"", printable(text.substr(0, longest)), cut ? "..." : "");
}

std::string describe(const yaml::Node& node) {
    switch (node.kind) {
        case yaml::Kind::sequence:
            return "a list";
        case yaml::Kind::mapping:
            return "a map";
        case yaml::Kind::null:
            return "nothing";
        case yaml::Kind::boolean:
            return "the boolean " + node.text;
        case yaml::Kind::integer:
        case yaml::Kind::real:
            return "the number " + printable(node.text.substr(0, 60));
        case yaml::Kind::string:
            return in_quotes(node.text);
    }
    return "";
}

}  // namespace ktrain::spec
