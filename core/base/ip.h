// Internet addresses and networks: read as Go's net/netip does, without zones and IPv4 in IPv6.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ktrain {

struct Ip {
    std::array<std::uint8_t, 16> bytes{};  // the first four of an IPv4 address
    bool four = true;
};

struct Cidr {
    Ip ip;
    int bits = 0;
};

std::optional<Ip> parse_ip(std::string_view text);
std::optional<Cidr> parse_cidr(std::string_view text);  // "10.0.0.0/8"; bits behind the prefix may be set

std::string to_text(const Ip& ip);  // canonical, as RFC 5952 has it
std::string to_text(const Cidr& cidr);

Cidr masked(const Cidr& cidr);                         // without the bits behind the prefix
bool same_prefix(const Ip& a, const Ip& b, int bits);  // of one family, and the first bits are equal

// What an address is for, as Go's methods of these names have it.
bool is_unspecified(const Ip& ip);
bool is_loopback(const Ip& ip);
bool is_multicast(const Ip& ip);
bool is_link_local_multicast(const Ip& ip);
bool is_link_local_unicast(const Ip& ip);
bool is_global_unicast(const Ip& ip);

}  // namespace ktrain
