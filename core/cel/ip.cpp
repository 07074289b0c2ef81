// Internet addresses and networks.
#include "core/cel/ip.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ktrain::cel {
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

}  // namespace ktrain::cel
