// Internet addresses and networks: read as Go's net/netip does, without zones and IPv4 in IPv6.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/cel/value.h"

namespace ktrain::cel {

std::optional<Ip> parse_ip(std::string_view text);
std::optional<Cidr> parse_cidr(std::string_view text);  // "10.0.0.0/8"; bits behind the prefix may be set

std::string to_text(const Ip& ip);  // canonical, as RFC 5952 has it
std::string to_text(const Cidr& cidr);

Cidr masked(const Cidr& cidr);                         // without the bits behind the prefix
bool same_prefix(const Ip& a, const Ip& b, int bits);  // of one family, and the first bits are equal

}  // namespace ktrain::cel
