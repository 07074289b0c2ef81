// The formats of texts that schemas name: times, addresses, identifiers.
#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "core/base/api_names.h"
#include "core/base/ascii.h"
#include "core/base/ip.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/crd_formats.h"
#include "core/lint/facts.h"

namespace ktrain::lint {
namespace {

using ascii::is_digit;

// Reads `count` digits off the front; -1 where there are none.
int take_number(std::string_view& text, std::size_t count) {
    if (text.size() < count || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(count), is_digit))
        return -1;
    int value = 0;
    for (char c : text.substr(0, count)) value = 10 * value + (c - '0');
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

bool is_date(std::string_view& text) {
    const int year = take_number(text, 4);
    const int month = take(text, '-') ? take_number(text, 2) : -1;
    const int day = take(text, '-') ? take_number(text, 2) : -1;
    if (year < 0 || month < 1 || month > 12 || day < 1) return false;
    constexpr std::array<int, 12> days{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[static_cast<std::size_t>(month - 1)] && (month != 2 || leap || day <= 28);
}

// RFC 3339 as Go reads it: a fraction of any length, "Z" or an offset.
bool is_time(std::string_view text) {
    if (!is_date(text) || !take(text, 'T')) return false;
    const int hour = take_number(text, 2);
    const int minute = take(text, ':') ? take_number(text, 2) : -1;
    const int second = take(text, ':') ? take_number(text, 2) : -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
    if (take(text, '.')) {
        const std::size_t end = text.find_first_not_of("0123456789");
        if (end == 0 || end == std::string_view::npos) return false;
        text.remove_prefix(end);
    }
    if (text == "Z") return true;
    if (!take(text, '+') && !take(text, '-')) return false;
    const int hours = take_number(text, 2);
    const int minutes = take(text, ':') ? take_number(text, 2) : -1;
    return hours >= 0 && hours <= 24 && minutes >= 0 && minutes <= 60 && text.empty();
}

bool is_micro_time(std::string_view text) {
    const std::size_t dot = text.find('.');
    return is_time(text) && dot != std::string_view::npos && text.find_first_not_of("0123456789", dot + 1) == dot + 7;
}

bool is_percent(std::string_view text) {
    return text.size() > 1 && text.ends_with('%') && std::all_of(text.begin(), text.end() - 1, is_digit);
}

// IPv4 in IPv6, too.
bool is_ipv6(std::string_view text) {
    in6_addr address{};
    return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

// An address as fields of Kubernetes take it: ::ffff:10.0.0.1 has two readings.
std::string ip_problem(std::string_view text) {
    if (parse_ip(text)) return "";
    return is_ipv6(text) ? "is an IPv4 address written as an IPv6 one" : "is no IP address";
}

// An address where something answers: not the one of this machine or of this link.
std::string endpoint_problem(std::string_view text) {
    const std::optional<Ip> ip = parse_ip(text);
    if (!ip) return ip_problem(text);
    if (is_loopback(*ip)) return ip->four ? "is in the loopback range" : "is the loopback address";
    if (is_link_local_unicast(*ip)) return "is in the link-local range";
    if (is_link_local_multicast(*ip)) return "is in the link-local multicast range";
    return is_unspecified(*ip) ? "stands for no address" : "";
}

// A range begins at its first address.
std::string cidr_problem(std::string_view text) {
    const std::optional<Cidr> range = parse_cidr(text);
    if (!range) return "is no range of addresses";
    if (masked(*range).ip.bytes == range->ip.bytes) return "";
    return "has bits set behind its first " + std::to_string(range->bits);
}

// Domain/name of a request to sign: a domain with a dot, and the name of a signer.
std::string signer_problem(std::string_view text) {
    const std::size_t slash = text.find('/');
    const bool parts = slash != std::string_view::npos && slash + 1 < text.size();
    if (!parts || text.substr(0, slash).find('.') == std::string_view::npos) return "must be DOMAIN/NAME";
    const std::string problem = dns_subdomain_problem(text.substr(0, slash));
    return problem.empty() ? "" : "has a domain that " + problem;
}

// Where the server would also take the beginning of a name.
std::string subdomain_prefix_problem(std::string_view text) {
    return dns_subdomain_problem(as_whole_name(text));
}

std::string said(bool good, const char* problem) {
    return good ? "" : problem;
}

// Of drivers, which the server compares in lower case.
std::string driver_problem(std::string_view text) {
    return dns_subdomain_problem(lower(text));
}

// DOMAIN/PATH, where the path is one of HTTP.
std::string domain_path_problem(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) return "must be DOMAIN/PATH";
    const std::string problem = dns_subdomain_problem(text.substr(0, slash));
    if (!problem.empty()) return "has a domain that " + problem;
    constexpr std::string_view plain = "/-._~%!$&'()*+,;=:";
    const bool good = std::ranges::all_of(text.substr(slash + 1), [&](char c) {
        return ascii::is_letter(c) || is_digit(c) || plain.find(c) != plain.npos;
    });
    return said(good, "has a path with other characters than those of addresses");
}

// NAME, or DOMAIN/NAME, of what a device has. Source: pkg/apis/resource/validation, validateQualifiedName.
std::string device_name_problem(std::string_view text) {
    const std::size_t slash = text.find('/');
    const bool bare = slash == std::string_view::npos;
    const std::string_view name = bare ? text : text.substr(slash + 1);
    if (name.find('/') != std::string_view::npos) return "";  // which the server does not look at
    const std::string problem = bare ? "" : driver_problem(text.substr(0, slash));
    if (!problem.empty()) return "has a domain that " + problem;
    constexpr std::size_t most_domain = 63, most_name = 32;
    if (!bare && slash > most_domain) return "has a domain of more than 63 characters";
    if (name.size() > most_name) return "has a name of more than 32 characters";
    const bool good = !name.empty() && !is_digit(name.front()) &&
                      std::ranges::all_of(name, [](char c) { return ascii::is_letter(c) || is_digit(c) || c == '_'; });
    return said(good, "has a name that is not letters, digits and '_', beginning with no digit");
}

// Source: pkg/apis/resource/validation, validateFullyQualifiedName.
std::string device_attribute_problem(std::string_view text) {
    return text.find('/') == std::string_view::npos ? "must be DOMAIN/NAME" : device_name_problem(text);
}

// A resource whose use of one container can be measured. Source: pkg/apis/core/validation,
// ValidateContainerResourceName.
std::string container_resource_problem(std::string_view text) {
    if (text.find('/') != std::string_view::npos || text.starts_with("hugepages-")) return qualified_name_problem(text);
    const bool own = text == "cpu" || text == "memory" || text == "ephemeral-storage";
    return said(own, "is no resource of a container");
}

std::string wildcard_problem(std::string_view text) {
    return dns_subdomain_problem(text.starts_with("*.") ? text.substr(2) : text);
}

struct Format {
    std::string_view name;
    std::string (*problem_of)(std::string_view);
    std::string_view fix;
};

constexpr std::string_view characters = "use the characters that the message names";

constexpr std::array formats{
    Format{"absolute-path", [](std::string_view text) { return said(text.starts_with('/'), "is no absolute path"); },
           "begin it with /"},
    Format{"api-version",
           [](std::string_view text) { return said(std::ranges::count(text, '/') < 2, "has more than one '/'"); },
           "write it like apps/v1"},
    Format{"config-key", config_key_problem, characters},
    Format{"container-resource", container_resource_problem, "write cpu or memory"},
    Format{"device-attribute", device_attribute_problem, "write it like gpu.example.org/model"},
    Format{"device-name", device_name_problem, "write it like memory, or gpu.example.org/memory"},
    Format{"dns-label", dns_label_problem, characters},
    Format{"dns-label-1035", dns_label_1035_problem, characters},
    Format{"dns-subdomain", dns_subdomain_problem, characters},
    Format{"dns-subdomain-prefix", subdomain_prefix_problem, characters},
    Format{"domain",
           [](std::string_view text) {
               return dns_subdomain_problem(text.ends_with('.') ? text.substr(0, text.size() - 1) : text);
           },
           characters},
    Format{"domain-path", domain_path_problem, "write it like example.org/controller"},
    Format{"driver-name", driver_problem, characters},
    Format{"endpoint-ip", endpoint_problem, "write an address such as 10.0.0.1"},
    Format{"extended-resource",
           [](std::string_view text) {
               const bool good =
                   is_extended_resource(text) && qualified_name_problem("requests." + std::string(text)).empty();
               return said(good, "is no name of an extended resource");
           },
           "write it like example.com/gpu"},
    Format{"ip", ip_problem, "write an address such as 10.0.0.1"},
    Format{"kind", [](std::string_view text) { return text.empty() ? "" : dns_label_1035_problem(lower(text)); },
           "write it like Pod"},
    Format{"label-value", label_value_problem, characters},
    Format{"masked-cidr", cidr_problem, "write a range such as 10.0.0.0/8"},
    Format{"micro-time", [](std::string_view text) { return said(is_micro_time(text), "is no time in microseconds"); },
           "write it like 2026-01-31T12:00:00.000000Z"},
    // Blanks around it are cut off. Source: pkg/apis/core/validation, ValidateService.
    Format{"padded-cidr", [](std::string_view text) { return cidr_problem(trim(text)); },
           "write a range such as 10.0.0.0/8"},
    Format{"path-segment", path_segment_problem, characters},
    Format{"percent",
           [](std::string_view text) { return said(is_percent(text), "is neither a number nor a percentage"); },
           "write a whole number, or one with %"},
    Format{"pool-name",
           [](std::string_view text) {
               for (const std::string& part : split(text, '/'))
                   if (std::string problem = dns_subdomain_problem(part); !problem.empty()) return problem;
               return std::string();
           },
           characters},
    Format{"port-name", port_name_problem, characters},
    Format{"provisioner", [](std::string_view text) { return qualified_name_problem(lower(text)); }, characters},
    Format{"qualified-name", qualified_name_problem, characters},
    Format{"rfc3339", [](std::string_view text) { return said(is_time(text), "is no time of RFC 3339"); },
           "write it like 2026-01-31T12:00:00Z"},
    Format{"signer", signer_problem, "write it like example.org/signer"},
    Format{"wildcard-subdomain", wildcard_problem, characters},
};
static_assert(std::ranges::is_sorted(formats, {}, &Format::name));

const Format* own_format(std::string_view name) {
    const auto found = std::ranges::lower_bound(formats, name, {}, &Format::name);
    return found != formats.end() && found->name == name ? &*found : nullptr;
}

}  // namespace

std::string as_whole_name(std::string_view prefix) {
    const bool open = prefix.size() > 1 && prefix.ends_with('-');
    return open ? std::string(prefix.substr(0, prefix.size() - 2)) + "a" : std::string(prefix);
}

std::string format_problem(std::string_view format, std::string_view text) {
    if (const Format* own = own_format(format)) return own->problem_of(text);
    const CrdFormat* of_crds = crd_format(format);
    return of_crds == nullptr || holds(*of_crds, text) ? "" : std::string(of_crds->problem);
}

std::string_view format_fix(std::string_view format) {
    if (const Format* own = own_format(format)) return own->fix;
    const CrdFormat* of_crds = crd_format(format);
    return of_crds == nullptr ? "" : of_crds->fix;
}

}  // namespace ktrain::lint
