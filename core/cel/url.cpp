// URLs, as Go's net/url reads them for a request.
#include "core/cel/url.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/ascii.h"
#include "core/base/names.h"

namespace ktrain::cel {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

using ascii::is_letter;

bool is_unreserved(char c) {
    return ascii::is_alphanumeric(c) || std::string_view("-_.~").find(c) != std::string_view::npos;
}

// "https:..." -> "https"; empty when there is none; nullopt for ":" in front.
std::optional<std::string_view> scheme_of(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_letter(c)) continue;
        if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
            if (i == 0) return "";
            continue;
        }
        if (c != ':') return "";
        return i == 0 ? std::nullopt : std::optional(text.substr(0, i));
    }
    return "";
}

bool valid_port(std::string_view port) {
    return port.empty() || (port[0] == ':' && port.find_first_not_of("0123456789", 1) == port.npos);
}

bool valid_user(std::string_view user) {
    return std::all_of(user.begin(), user.end(), [](char c) {
        return is_unreserved(c) || std::string_view(":!$&'()*+,;=%@").find(c) != std::string_view::npos;
    });
}

// A name may have escapes of bytes beyond ASCII, and few marks besides letters and digits.
std::optional<std::string> host_name(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x80 || is_unreserved(c)) continue;
        if (c == '%') {
            if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 8 || hex_digit(text[i + 2]) < 0) return std::nullopt;
            continue;
        }
        if (std::string_view("!$&'()*+,;=:[]<>\"").find(c) == std::string_view::npos) return std::nullopt;
    }
    return unescape_percent(text, false);
}

// "user@host:80" into the URL; false when it is none.
bool read_authority(std::string_view authority, Url& url) {
    if (const std::size_t at = authority.rfind('@'); at != authority.npos) {
        if (!valid_user(authority.substr(0, at)) || !unescape_percent(authority.substr(0, at), false)) return false;
        authority.remove_prefix(at + 1);
    }
    std::string_view name = authority, port;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.rfind(']');
        if (end == authority.npos) return false;
        name = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
    } else if (const std::size_t colon = authority.rfind(':'); colon != authority.npos) {
        port = authority.substr(colon);
        if (!valid_port(port)) return false;
        name = authority.substr(0, colon);
    }
    const auto host = host_name(authority);
    if (!valid_port(port) || !host) return false;
    url.host = *host;
    url.hostname = *unescape_percent(name, false);
    url.port = port.empty() ? "" : port.substr(1);
    return true;
}

// The path as Go writes it: as it is when every character may be, else escaped anew.
std::optional<std::string> escaped_path(std::string_view path) {
    const auto plain = unescape_percent(path, false);
    if (!plain) return std::nullopt;
    const auto fine = [](char c) {
        return is_unreserved(c) || std::string_view("!$&'()*+,;=:@[]/%").find(c) != std::string_view::npos;
    };
    if (std::all_of(path.begin(), path.end(), fine)) return std::string(path);
    std::string escaped;
    for (char c : *plain) {
        const bool kept = is_unreserved(c) || std::string_view("$&+,/:;=@").find(c) != std::string_view::npos;
        escaped += kept ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return escaped;
}

}  // namespace

std::optional<std::string> unescape_percent(std::string_view text, bool query) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            plain += query && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return std::nullopt;
        plain += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
    }
    return plain;
}

std::optional<Url> parse_url(std::string_view text) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (text.empty() || std::any_of(text.begin(), text.end(), control)) return std::nullopt;
    const auto scheme = scheme_of(text);
    if (!scheme) return std::nullopt;
    Url url;
    url.scheme = lower(*scheme);
    std::string_view rest = text.substr(scheme->empty() ? 0 : scheme->size() + 1);
    rest = rest.substr(0, rest.find('#'));
    const std::size_t mark = std::min(rest.find('?'), rest.size());
    if (mark < rest.size()) url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
    if (!rest.starts_with('/')) return url.scheme.empty() ? std::nullopt : std::optional(url);  // "mailto:a@b"
    if (rest.starts_with("//") && !url.scheme.empty()) {
        const std::string_view authority = rest.substr(2, std::min(rest.find('/', 2), rest.size()) - 2);
        if (!read_authority(authority, url)) return std::nullopt;
        rest.remove_prefix(2 + authority.size());
    }
    auto path = escaped_path(rest);
    if (!path) return std::nullopt;
    url.path = std::move(*path);
    return url;
}

}  // namespace ktrain::cel
