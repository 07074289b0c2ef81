// Formats by name: format.dns1123Label().validate(text) is none, or the list of what is wrong.
//
// Source: apiserver pkg/cel/library/format.go. The words of what is wrong are ours.
#include <algorithm>
#include <array>

#include "core/base/base64.h"
#include "core/cel/handlers.h"
#include "core/cel/time.h"
#include "core/cel/url.h"

namespace ktrain::cel::handlers {
namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

// Lower-case letters, digits and inner dashes; the first a letter when `letter`.
bool dns_label(std::string_view text, std::size_t most, bool letter) {
    if (text.empty() || text.size() > most) return false;
    const auto inner = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
    return std::all_of(text.begin(), text.end(), inner) && text.front() != '-' && text.back() != '-' &&
           (!letter || is_lower(text.front()));
}

bool dns_subdomain(std::string_view text) {
    if (text.size() > 253) return false;
    while (text.find('.') != text.npos) {
        if (!dns_label(text.substr(0, text.find('.')), 253, false)) return false;
        text.remove_prefix(text.find('.') + 1);
    }
    return dns_label(text, 253, false);
}

// Letters, digits, and inner dashes, dots and underscores.
bool name_part(std::string_view text) {
    if (text.empty() || text.size() > 63) return false;
    const auto inner = [](char c) { return is_alnum(c) || c == '-' || c == '.' || c == '_'; };
    return std::all_of(text.begin(), text.end(), inner) && is_alnum(text.front()) && is_alnum(text.back());
}

// A prefix of a name may end in a dash: the server puts a letter there for it.
std::string completed(std::string_view text) {
    std::string name(text);
    if (name.size() > 1 && name.back() == '-') name.back() = 'a';
    return name;
}

bool qualified_name(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == text.npos) return name_part(text);
    return dns_subdomain(text.substr(0, slash)) && name_part(text.substr(slash + 1));
}

bool uuid(std::string_view text) {
    std::size_t digits = 0, dashes = 0;
    for (char c : text) {
        const bool hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
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
    {"dns1035Label", [](std::string_view t) { return dns_label(t, 63, true); },
     "at most 63 lower-case letters, digits and inner '-', the first a letter"},
    {"dns1035LabelPrefix", [](std::string_view t) { return dns_label(completed(t), 63, true); },
     "at most 63 lower-case letters, digits and '-', the first a letter"},
    {"dns1123Label", [](std::string_view t) { return dns_label(t, 63, false); },
     "at most 63 lower-case letters, digits and inner '-'"},
    {"dns1123LabelPrefix", [](std::string_view t) { return dns_label(completed(t), 63, false); },
     "at most 63 lower-case letters, digits and '-', the first no '-'"},
    {"dns1123Subdomain", dns_subdomain, "at most 253 lower-case letters, digits, inner '-' and '.'"},
    {"dns1123SubdomainPrefix", [](std::string_view t) { return dns_subdomain(completed(t)); },
     "at most 253 lower-case letters, digits, '-' and '.'"},
    {"labelValue", [](std::string_view t) { return t.empty() || name_part(t); },
     "at most 63 letters, digits and inner '-', '_' and '.', or nothing"},
    {"qualifiedName", qualified_name, "at most 63 letters, digits and inner '-', '_' and '.', a domain/ before them"},
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
