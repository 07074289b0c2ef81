// Functions of internet addresses and networks. Source: apiserver pkg/cel/library/{ip,cidr}.go.
#include "core/base/text.h"
#include "core/cel/handlers.h"
#include "core/cel/ip.h"

namespace ktrain::cel::handlers {
namespace {

Value ip_or_failure(std::string_view text) {
    const auto ip = parse_ip(text);
    return ip ? Value(*ip) : fail("'" + brief(text, 60) + "' is no IP address");
}

Value cidr_or_failure(std::string_view text) {
    const auto cidr = parse_cidr(text);
    return cidr ? Value(*cidr) : fail("'" + brief(text, 60) + "' is no network in CIDR notation");
}

bool all_bytes(const Ip& ip, std::uint8_t first, std::uint8_t others, std::uint8_t last) {
    const std::size_t size = ip.four ? 4 : 16;
    for (std::size_t i = 0; i < size; ++i) {
        if (ip.bytes[i] != (i == 0 ? first : i + 1 == size ? last : others)) return false;
    }
    return true;
}

bool unspecified(const Ip& ip) {
    return all_bytes(ip, 0, 0, 0);
}
bool loopback(const Ip& ip) {
    return ip.four ? ip.bytes[0] == 127 : all_bytes(ip, 0, 0, 1);
}
bool multicast(const Ip& ip) {
    return ip.four ? (ip.bytes[0] & 0xf0) == 0xe0 : ip.bytes[0] == 0xff;
}
bool link_local_multicast(const Ip& ip) {
    if (ip.four) return ip.bytes[0] == 224 && ip.bytes[1] == 0 && ip.bytes[2] == 0;
    return ip.bytes[0] == 0xff && (ip.bytes[1] & 0x0f) == 2;
}
bool link_local_unicast(const Ip& ip) {
    if (ip.four) return ip.bytes[0] == 169 && ip.bytes[1] == 254;
    return ip.bytes[0] == 0xfe && (ip.bytes[1] & 0xc0) == 0x80;
}
bool global_unicast(const Ip& ip) {
    const bool broadcast = ip.four && all_bytes(ip, 255, 255, 255);
    return !broadcast && !unspecified(ip) && !loopback(ip) && !multicast(ip) && !link_local_unicast(ip);
}

// The second value as an address or a network, given as such or as a string.
Value second(const Call& call, Type wanted, Value (*read)(std::string_view)) {
    if (call.has(1, wanted)) return call[1];
    return call.has(1, Type::string) ? read(call[1].text()) : call.wrong();
}

}  // namespace

Value ip(const Call& call) {
    return call.has(0, Type::string) ? ip_or_failure(call[0].text()) : call.wrong();
}

Value is_ip(const Call& call) {
    return call.has(0, Type::string) ? Value(parse_ip(call[0].text()).has_value()) : call.wrong();
}

Value is_canonical(const Call& call) {
    if (!call.has(0, Type::string)) return call.wrong();
    const Value address = ip_or_failure(call[0].text());
    return address.failed() ? address : Value(to_text(*address.as<Ip>()) == call[0].text());
}

Value family(const Call& call) {
    const Ip* address = call[0].as<Ip>();
    return address ? Value(std::int64_t{address->four ? 4 : 6}) : call.wrong();
}

Value ip_is(const Call& call) {
    const Ip* address = call[0].as<Ip>();
    if (!address) return call.wrong();
    if (call.name == "isUnspecified") return unspecified(*address);
    if (call.name == "isLoopback") return loopback(*address);
    if (call.name == "isLinkLocalMulticast") return link_local_multicast(*address);
    if (call.name == "isLinkLocalUnicast") return link_local_unicast(*address);
    return global_unicast(*address);
}

Value cidr(const Call& call) {
    return call.has(0, Type::string) ? cidr_or_failure(call[0].text()) : call.wrong();
}

Value is_cidr(const Call& call) {
    return call.has(0, Type::string) ? Value(parse_cidr(call[0].text()).has_value()) : call.wrong();
}

Value contains_ip(const Call& call) {
    const Cidr* network = call[0].as<Cidr>();
    if (!network) return call.wrong();
    const Value address = second(call, Type::ip, ip_or_failure);
    return address.failed() ? address : Value(same_prefix(network->ip, *address.as<Ip>(), network->bits));
}

Value contains_cidr(const Call& call) {
    const Cidr* network = call[0].as<Cidr>();
    if (!network) return call.wrong();
    const Value value = second(call, Type::cidr, cidr_or_failure);
    if (value.failed()) return value;
    const Cidr& inner = *value.as<Cidr>();
    return network->bits <= inner.bits && same_prefix(network->ip, inner.ip, network->bits);
}

Value prefix_length(const Call& call) {
    const Cidr* network = call[0].as<Cidr>();
    return network ? Value(std::int64_t{network->bits}) : call.wrong();
}

Value masked(const Call& call) {
    const Cidr* network = call[0].as<Cidr>();
    return network ? Value(cel::masked(*network)) : call.wrong();
}

Value cidr_ip(const Call& call) {
    const Cidr* network = call[0].as<Cidr>();
    return network ? Value(network->ip) : call.wrong();
}

}  // namespace ktrain::cel::handlers
