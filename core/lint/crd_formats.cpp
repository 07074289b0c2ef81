// The formats of custom resources: what k8s.io/kube-openapi pkg/validation/strfmt takes for a text of each.
#include "core/lint/crd_formats.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

#include "core/base/ascii.h"
#include "core/base/ip.h"
#include "core/base/names.h"
#include "core/base/regex.h"
#include "core/base/text.h"
#include "core/cel/time.h"
#include "core/cel/url.h"

namespace ktrain::lint {
namespace {

using ascii::is_digit;

// Makers of cards have their lengths and first digits.
constexpr std::string_view card =
    "^(4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}|6(011|5[0-9]{2})[0-9]{12}|3[47][0-9]{13}|3(0[0-5]|[68][0-9])[0-9]{11}|"
    "(2131|1800|35[0-9]{3})[0-9]{11})$";
constexpr std::string_view time_of_day =
    "^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})$";
// One label, in which one dash may follow the first character, or several before one of letters.
constexpr std::string_view host =
    R"(^([a-zA-Z0-9\p{S}\p{L}](-?[a-zA-Z0-9\p{S}\p{L}]{0,62})|)"
    R"(([a-zA-Z0-9\p{S}\p{L}]([-a-zA-Z0-9\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})$)";
// An address, or one in angle brackets behind a name, or a group; what a name is made of is not looked at.
constexpr std::string_view mail =
    R"re(^([^@:]*:.*@.*;[ \t]*|([ \t]*|.*<[ \t]*))re"
    R"re(([^\x00- \x7f()<>\[\]:;@\\,".]+(\.[^\x00- \x7f()<>\[\]:;@\\,".]+)*|)re"
    R"re("([^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])+")@[ \t]*)re"
    R"re(([^\x00- \x7f()<>\[\]:;@\\,".]+(\.[^\x00- \x7f()<>\[\]:;@\\,".]+)*|\[[0-9a-fA-F:.]+\]))re"
    R"re(>?[ \t]*(\(.*\)[ \t]*)?)$)re";

// Patterns are made once, in whatever thread wants one first.
bool matches(std::string_view pattern, std::string_view text) {
    thread_local std::unordered_map<std::string_view, std::shared_ptr<const Regex>> made;
    std::shared_ptr<const Regex>& regex = made[pattern];
    std::string problem;
    if (!regex) regex = Regex::compile(pattern, problem);
    return regex && regex->find(text, 0).has_value();
}

// Numbers of an address may begin with 0, as those of Go did once.
std::string without_zeros(std::string_view text) {
    std::string result;
    bool begins = true;  // a number
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool zero = begins && text[i] == '0' && i + 1 < text.size() && is_digit(text[i + 1]);
        begins = zero || text[i] == '.';
        if (!zero) result += text[i];
    }
    return result;
}

bool is_six(std::string_view text) {
    in6_addr address{};
    return text.find(':') != text.npos && inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool is_four(std::string_view text) {
    if (text.find(':') != text.npos) return text.find('.') != text.npos && is_six(text);  // ::ffff:10.0.0.1
    const std::optional<Ip> ip = parse_ip(without_zeros(text));
    return ip && ip->four;
}

bool is_range(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == text.npos) return false;
    const std::string_view address = text.substr(0, slash);
    const bool six = address.find(':') != address.npos;
    std::string_view bits = text.substr(slash + 1);
    if (bits.empty() || !std::ranges::all_of(bits, is_digit)) return false;
    while (bits.size() > 1 && bits.front() == '0') bits.remove_prefix(1);
    const int size = bits.size() > 3 ? 1000 : std::stoi(std::string(bits));
    return six ? is_six(address) && size <= 128 : is_four(address) && size <= 32;
}

// Groups of digits of one width, with one separator between them or, to newer servers, none: 6, 8 or 20 bytes.
bool is_mac(std::string_view text) {
    const std::size_t width = text.find_first_of(":-.");
    if (width == text.npos) return matches("^([0-9a-fA-F]{12}|[0-9a-fA-F]{16}|[0-9a-fA-F]{40})$", text);
    if (width != (text[width] == '.' ? 4 : 2)) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool between = i % (width + 1) == width;
        if (between ? text[i] != text[width] : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
    }
    const std::size_t groups = (text.size() + 1) / (width + 1), bytes = groups * width / 2;
    return (text.size() + 1) % (width + 1) == 0 && (bytes == 6 || bytes == 8 || bytes == 20);
}

std::string only(std::string_view text, bool (*wanted)(char)) {
    std::string result;
    std::ranges::copy_if(text, std::back_inserter(result), wanted);
    return result;
}

int value_of(char digit) {
    return digit - '0';
}

// A number whose digits, every second of which from the right counts twice, add up to tens.
bool is_card(std::string_view text) {
    const std::string digits = only(text, is_digit);
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const int one = value_of(digits[digits.size() - 1 - i]) * (i % 2 == 0 ? 1 : 2);
        sum += one > 9 ? one - 9 : one;
    }
    return sum % 10 == 0 && matches(card, digits);
}

std::string book_number(std::string_view text) {
    return only(text, [](char c) { return std::string_view("- \t\n\f\r").find(c) == std::string_view::npos; });
}

bool is_isbn10(std::string_view text) {
    const std::string number = book_number(text);
    if (number.size() != 10) return false;
    int sum = 0;
    for (std::size_t i = 0; i < 10; ++i) {
        const bool ten = i == 9 && number[i] == 'X';
        if (!ten && !is_digit(number[i])) return false;
        sum += static_cast<int>(i + 1) * (ten ? 10 : value_of(number[i]));
    }
    return sum % 11 == 0;
}

bool is_isbn13(std::string_view text) {
    const std::string number = book_number(text);
    if (number.size() != 13 || !std::ranges::all_of(number, is_digit)) return false;
    int sum = 0;
    for (std::size_t i = 0; i < 13; ++i) sum += (i % 2 == 0 ? 1 : 3) * value_of(number[i]);
    return sum % 10 == 0;
}

// A date, and behind the first "t" of either case a time; what follows a second one is passed over.
bool is_date_time(std::string_view text) {
    const std::string small = lower(text);
    const std::size_t begin = small.find('t');
    if (begin == small.npos || !cel::parse_date(small.substr(0, begin))) return false;
    const std::string time = small.substr(begin + 1, small.find('t', begin + 1) - begin - 1);
    return matches(time_of_day, time);
}

template <std::size_t most>
bool has_at_most(std::string_view text) {
    return text.size() <= most;
}

bool is_host(std::string_view text) {
    const std::vector<std::string> labels = split(text, '.');
    return text.size() <= 255 && std::ranges::all_of(labels, [](const std::string& l) { return l.size() <= 63; });
}

constexpr std::string_view uuid_fix = "write it like 550e8400-e29b-41d4-a716-446655440000";
constexpr std::string_view isbn_fix = "write the number with its check digit";

constexpr std::array formats{
    CrdFormat{"bsonobjectid", "^[0-9a-fA-F]{24}$", nullptr, "is no object id of BSON", "write 24 hexadecimal digits"},
    CrdFormat{"byte", "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$", nullptr,
              "is not base64", "encode it: printf %s VALUE | base64 -w0"},
    CrdFormat{"cidr", "", is_range, "is no range of addresses", "write a range such as 10.0.0.0/8"},
    CrdFormat{"creditcard", "", is_card, "is no number of a credit card", "write the number with its check digit"},
    CrdFormat{"date", "", [](std::string_view text) { return cel::parse_date(text).has_value(); }, "is no date",
              "write it like 2026-01-31"},
    CrdFormat{"date-time", "", is_date_time, "is no time of RFC 3339", "write it like 2026-01-31T12:00:00Z"},
    CrdFormat{"duration", "", [](std::string_view text) { return cel::parse_schema_duration(text).has_value(); },
              "is no duration", "write it like 1h30m or 2 days"},
    CrdFormat{"email", mail, nullptr, "is no address of mail", "write it like name@example.org"},
    CrdFormat{"hexcolor", "^#?([0-9a-fA-F]{3}){1,2}$", nullptr, "is no colour", "write it like #0080ff"},
    CrdFormat{"hostname", host, is_host, "is no name of a host", "write it like node-1 or node-1.example.org"},
    CrdFormat{"ipv4", "", is_four, "is no IPv4 address", "write an address such as 10.0.0.1"},
    CrdFormat{"ipv6", "", is_six, "is no IPv6 address", "write an address such as 2001:db8::1"},
    CrdFormat{"isbn", "", [](std::string_view text) { return is_isbn10(text) || is_isbn13(text); }, "is no ISBN",
              isbn_fix},
    CrdFormat{"isbn10", "", is_isbn10, "is no ISBN of 10 digits", isbn_fix},
    CrdFormat{"isbn13", "", is_isbn13, "is no ISBN of 13 digits", isbn_fix},
    CrdFormat{"k8s-long-name", R"(^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$)", has_at_most<253>,
              "is no name of up to 253 lower-case letters, digits, '-' and '.'",
              "begin and end each part with a letter or digit"},
    CrdFormat{"k8s-short-name", "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", has_at_most<63>,
              "is no name of up to 63 lower-case letters, digits and '-'", "begin and end it with a letter or digit"},
    CrdFormat{"mac", "", is_mac, "is no hardware address", "write it like 00:1a:2b:3c:4d:5e"},
    CrdFormat{"rgbcolor",
              R"(^rgb\((\s*(0|[1-9][0-9]?|1[0-9]{0,2}|2[0-4][0-9]|25[0-5])\s*,){2}\s*(0|[1-9][0-9]?|1[0-9]{0,2}|)"
              R"(2[0-4][0-9]|25[0-5])\s*\)$)",
              nullptr, "is no colour", "write it like rgb(0,128,255)"},
    CrdFormat{"ssn", "^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$", [](std::string_view text) { return text.size() == 11; },
              "is no number of the form 123-45-6789", "write it with its dashes"},
    CrdFormat{"uri", "", [](std::string_view text) { return cel::parse_url(text).has_value(); },
              "is no URL and no path from the root", "write it like https://example.org/path"},
    CrdFormat{"uuid", "^(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$", nullptr, "is no UUID", uuid_fix},
    CrdFormat{"uuid3", "^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$", nullptr,
              "is no UUID of version 3", uuid_fix},
    CrdFormat{"uuid4", "^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$", nullptr,
              "is no UUID of version 4", uuid_fix},
    CrdFormat{"uuid5", "^(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$", nullptr,
              "is no UUID of version 5", uuid_fix},
};

// Without dashes.
std::string plain(std::string_view name) {
    return only(name, [](char c) { return c != '-'; });
}

}  // namespace

const CrdFormat* crd_format(std::string_view name) {
    const std::string wanted = plain(name);
    const auto found = std::ranges::find_if(formats, [&](const CrdFormat& one) { return plain(one.name) == wanted; });
    return found == formats.end() ? nullptr : &*found;
}

bool holds(const CrdFormat& format, std::string_view text) {
    return (format.pattern.empty() || matches(format.pattern, text)) && (format.holds == nullptr || format.holds(text));
}

}  // namespace ktrain::lint
