// Internet addresses and networks.
#include "core/base/ip.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ktrain {
namespace {

constexpr std::array<std::uint8_t, 12> four_in_six{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

int group(const Ip& ip, std::size_t i) {
    return ip.bytes[2 * i] << 8 | ip.bytes[2 * i + 1];
}

// The first of the longest run of at least two zero groups, and its length.
std::pair<std::size_t, std::size_t> longest_zeros(const Ip& ip) {
    std::size_t best = 0, length = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t end = i;
        while (end < 8 && group(ip, end) == 0) ++end;
        if (end - i > length) best = i, length = end - i;
    }
    return {best, length > 1 ? length : 0};
}

bool all_bytes(const Ip& ip, std::uint8_t first, std::uint8_t others, std::uint8_t last) {
    const std::size_t size = ip.four ? 4 : 16;
    for (std::size_t i = 0; i < size; ++i) {
        if (ip.bytes[i] != (i == 0 ? first : i + 1 == size ? last : others)) return false;
    }
    return true;
}

}  // namespace

std::optional<Ip> parse_ip(std::string_view text) {
    if (text.size() > 64 || text.find('\0') != text.npos) return std::nullopt;
    Ip ip;
    ip.four = text.find(':') == text.npos;
    // inet_pton refuses leading zeros in IPv4 and zones, as we want it.
    if (inet_pton(ip.four ? AF_INET : AF_INET6, std::string(text).c_str(), ip.bytes.data()) != 1) return std::nullopt;
    if (!ip.four && std::equal(four_in_six.begin(), four_in_six.end(), ip.bytes.begin())) return std::nullopt;
    return ip;
}

std::optional<Cidr> parse_cidr(std::string_view text) {
    const std::size_t slash = text.rfind('/');
    if (slash == text.npos) return std::nullopt;
    const auto ip = parse_ip(text.substr(0, slash));
    const std::string_view digits = text.substr(slash + 1);
    if (!ip || digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    int bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc() || end != digits.data() + digits.size() || digits[0] == '-') return std::nullopt;
    if (bits > (ip->four ? 32 : 128)) return std::nullopt;
    return Cidr{*ip, bits};
}

std::string to_text(const Ip& ip) {
    if (ip.four) return fmt::format("{}.{}.{}.{}", ip.bytes[0], ip.bytes[1], ip.bytes[2], ip.bytes[3]);
    const auto [start, length] = longest_zeros(ip);
    std::string text;
    for (std::size_t i = 0; i < 8; ++i) {
        if (length > 0 && i == start) {
            text += "::";
            i += length - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        text += fmt::format("{:x}", group(ip, i));
    }
    return text;
}

std::string to_text(const Cidr& cidr) {
    return to_text(cidr.ip) + "/" + std::to_string(cidr.bits);
}

Cidr masked(const Cidr& cidr) {
    Cidr result = cidr;
    for (int i = 0; i < 16; ++i) {
        const int kept = std::clamp(cidr.bits - 8 * i, 0, 8);
        result.ip.bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xff00 >> kept);
    }
    return result;
}

bool same_prefix(const Ip& a, const Ip& b, int bits) {
    return a.four == b.four && masked({a, bits}).ip.bytes == masked({b, bits}).ip.bytes;
}

bool is_unspecified(const Ip& ip) {
    return all_bytes(ip, 0, 0, 0);
}
bool is_loopback(const Ip& ip) {
    return ip.four ? ip.bytes[0] == 127 : all_bytes(ip, 0, 0, 1);
}
bool is_multicast(const Ip& ip) {
    return ip.four ? (ip.bytes[0] & 0xf0) == 0xe0 : ip.bytes[0] == 0xff;
}
bool is_link_local_multicast(const Ip& ip) {
    if (ip.four) return ip.bytes[0] == 224 && ip.bytes[1] == 0 && ip.bytes[2] == 0;
    return ip.bytes[0] == 0xff && (ip.bytes[1] & 0x0f) == 2;
}
bool is_link_local_unicast(const Ip& ip) {
    if (ip.four) return ip.bytes[0] == 169 && ip.bytes[1] == 254;
    return ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80;
}
bool is_global_unicast(const Ip& ip) {
    const bool broadcast = ip.four && all_bytes(ip, 255, 255, 255);
    return !broadcast && !is_unspecified(ip) && !is_loopback(ip) && !is_multicast(ip) && !is_link_local_unicast(ip);
}

}  // namespace ktrain
