// Formats by name: format.dns1123Label().validate(text) is none, or the list of what is wrong.
//
// Source: apiserver pkg/cel/library/format.go. The words of what is wrong are ours.
#include <algorithm>
#include <array>

#include "core/base/api_names.h"
#include "core/base/base64.h"
#include "core/cel/handlers.h"
#include "core/cel/time.h"
#include "core/cel/url.h"

namespace ktrain::cel::handlers {
namespace {

// A prefix of a name may end in a dash: the server puts a letter there for it.
std::string completed(std::string_view text) {
    std::string name(text);
    if (name.size() > 1 && name.back() == '-') name.back() = 'a';
    return name;
}

bool uuid(std::string_view text) {
    std::size_t digits = 0, dashes = 0;
    for (char c : text) {
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (hex) {
            ++digits;
        } else if (c == '-' && dashes < 4 && digits == 8 + 4 * dashes) {
            ++dashes;
        } else {
            return false;
        }
    }
    return digits == 32 && text.back() != '-';
}

using Check = bool (*)(std::string_view);
struct Row {
    std::string_view name;
    Check holds;
    std::string_view wanted;
};

constexpr auto formats = std::to_array<Row>({
    {"byte", [](std::string_view t) { return base64_decode(t).has_value() && !t.empty(); }, "text in base64"},
    {"date", [](std::string_view t) { return parse_date(t).has_value(); }, "a date such as 2024-02-29"},
    {"datetime", [](std::string_view t) { return parse_schema_time(t).has_value(); },
     "a time such as 2024-02-29T12:00:00Z"},
    {"dns1035Label", [](std::string_view t) { return dns_label_1035_problem(t).empty(); },
     "at most 63 lower-case letters, digits and inner '-', the first a letter"},
    {"dns1035LabelPrefix", [](std::string_view t) { return dns_label_1035_problem(completed(t)).empty(); },
     "at most 63 lower-case letters, digits and '-', the first a letter"},
    {"dns1123Label", [](std::string_view t) { return dns_label_problem(t).empty(); },
     "at most 63 lower-case letters, digits and inner '-'"},
    {"dns1123LabelPrefix", [](std::string_view t) { return dns_label_problem(completed(t)).empty(); },
     "at most 63 lower-case letters, digits and '-', the first no '-'"},
    {"dns1123Subdomain", [](std::string_view t) { return dns_subdomain_problem(t).empty(); },
     "at most 253 lower-case letters, digits, inner '-' and '.'"},
    {"dns1123SubdomainPrefix", [](std::string_view t) { return dns_subdomain_problem(completed(t)).empty(); },
     "at most 253 lower-case letters, digits, '-' and '.'"},
    {"labelValue", [](std::string_view t) { return label_value_problem(t).empty(); },
     "at most 63 letters, digits and inner '-', '_' and '.', or nothing"},
    {"qualifiedName", [](std::string_view t) { return qualified_name_problem(t).empty(); },
     "at most 63 letters, digits and inner '-', '_' and '.', a domain/ before them"},
    {"uri", [](std::string_view t) { return parse_url(t).has_value(); }, "an absolute URL or path"},
    {"uuid", uuid, "a UUID of 32 hexadecimal digits"},
});
static_assert(std::is_sorted(formats.begin(), formats.end(),
                             [](const Row& a, const Row& b) { return a.name < b.name; }));

std::optional<Format> find_format(std::string_view name) {
    const auto row = std::lower_bound(formats.begin(), formats.end(), name,
                                      [](const Row& r, std::string_view n) { return r.name < n; });
    if (row == formats.end() || row->name != name) return std::nullopt;
    return Format{static_cast<std::size_t>(row - formats.begin())};
}

}  // namespace

Value format_named(const Call& call) {
    if (!call.has(0, Type::string)) return call.wrong();
    const auto format = find_format(call[0].text());
    return format ? some(*format) : none();
}

Value format_constant(const Call& call) {
    const auto format = find_format(call.name.substr(call.name.find('.') + 1));
    return format ? Value(*format) : call.wrong();
}

Value format_validate(const Call& call) {
    const Format* format = call[0].as<Format>();
    if (!format || !call.has(1, Type::string)) return call.wrong();
    if (!call.budget.spend_text(call[1].text().size())) return Budget::failure();
    const Row& row = formats[format->row];
    if (row.holds(call[1].text())) return none();
    return some(list_value({string_value("must be " + std::string(row.wanted))}));
}

}  // namespace ktrain::cel::handlers
