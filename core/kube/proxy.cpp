// Which proxy the environment names for a server, by the rules of kubectl: those of Go, not of libcurl.
// Source: golang.org/x/net/http/httpproxy.
#include "core/kube/proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/kube/url.h"

namespace ktrain::kube {
namespace {

// An IP address; those of version 4 as ::ffff:a.b.c.d.
using Address = std::array<unsigned char, 16>;

std::optional<Address> parse_address(const std::string& text) {
    Address out{};
    if (::inet_pton(AF_INET6, text.c_str(), out.data()) == 1) return out;
    out = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (::inet_pton(AF_INET, text.c_str(), out.data() + 12) == 1) return out;
    return std::nullopt;
}

bool is_version4(const Address& address) {
    constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::equal(mapped.begin(), mapped.end(), address.begin());
}

bool same_bits(const Address& a, const Address& b, int bits) {
    const int whole = bits / 8;
    if (std::memcmp(a.data(), b.data(), static_cast<std::size_t>(whole)) != 0) return false;
    if (bits % 8 == 0) return true;
    const auto last = static_cast<std::size_t>(whole);
    return (a[last] ^ b[last]) >> (8 - bits % 8) == 0;
}

struct HostPort {
    std::string host, port;  // an address without brackets
};

// "host", "host:port", "[::1]:port", "::1".
HostPort split_port(const std::string& text) {
    const std::size_t bracket = text.find(']');
    const std::size_t colon = text.rfind(':');
    const bool bare = bracket == std::string::npos && text.find(':') != colon;  // a bare IPv6 address
    HostPort out{text, ""};
    if (colon != std::string::npos && !bare && (bracket == std::string::npos || colon > bracket))
        out = {text.substr(0, colon), text.substr(colon + 1)};
    if (out.host.starts_with('[') && out.host.ends_with(']')) out.host = out.host.substr(1, out.host.size() - 2);
    return out;
}

// The host, as a bare address, and the port of a URL.
HostPort target_of(const std::string& url) {
    const UrlAddress address = address_of(url);
    return {split_port(lower(address.host)).host, address.port};
}

// Whether one entry of NO_PROXY means that server.
bool excepts(const std::string& entry, const HostPort& server, const std::optional<Address>& address) {
    if (entry == "*") return true;
    if (const std::size_t slash = entry.find('/'); slash != std::string::npos) {
        const auto network = parse_address(entry.substr(0, slash));
        int bits = 0;
        const auto [end, error] = std::from_chars(entry.data() + slash + 1, entry.data() + entry.size(), bits);
        const bool version4 = entry.find(':') == std::string::npos;
        const int offset = version4 ? 96 : 0;
        return address && network && is_version4(*address) == version4 && error == std::errc() &&
               end == entry.data() + entry.size() && bits >= 0 && bits <= 128 - offset &&
               same_bits(*address, *network, bits + offset);
    }
    auto [name, port] = split_port(entry);
    if (name.empty() || (!port.empty() && port != server.port)) return false;
    if (const auto only = parse_address(name)) return address == only;
    if (name.starts_with("*.")) name.erase(0, 1);
    if (name.starts_with('.')) return server.host.ends_with(name);
    return server.host == name || server.host.ends_with("." + name);
}

bool is_this_machine(const HostPort& server, const std::optional<Address>& address) {
    static const Address loopback4{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
    static const Address loopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return server.host == "localhost" || (address && (same_bits(*address, loopback4, 104) || *address == loopback6));
}

std::string variable(const Env& env, const char* upper) {
    const std::string value = env.get(upper).value_or("");
    return value.empty() ? env.get(lower(upper)).value_or("") : value;
}

}  // namespace

std::string proxy_of(const std::string& server, const Env& env) {
    std::string proxy = variable(env, server.starts_with("https:") ? "HTTPS_PROXY" : "HTTP_PROXY");
    if (proxy.empty()) return {};
    if (proxy.find("://") == std::string::npos) proxy = "http://" + proxy;
    const HostPort target = target_of(server);
    const auto address = parse_address(target.host);
    if (is_this_machine(target, address)) return {};
    for (const std::string& entry : split(variable(env, "NO_PROXY"), ','))
        if (excepts(lower(std::string(trim(entry))), target, address)) return {};
    return proxy;
}

}  // namespace ktrain::kube
