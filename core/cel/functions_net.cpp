// Functions of internet addresses and networks. Source: apiserver pkg/cel/library/{ip,cidr}.go.
#include "core/base/ip.h"
#include "core/base/text.h"
#include "core/cel/handlers.h"

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
    if (call.name == "isUnspecified") return is_unspecified(*address);
    if (call.name == "isLoopback") return is_loopback(*address);
    if (call.name == "isLinkLocalMulticast") return is_link_local_multicast(*address);
    if (call.name == "isLinkLocalUnicast") return is_link_local_unicast(*address);
    return is_global_unicast(*address);
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
    return network ? Value(ktrain::masked(*network)) : call.wrong();
}

Value cidr_ip(const Call& call) {
    const Cidr* network = call[0].as<Cidr>();
    return network ? Value(network->ip) : call.wrong();
}

}  // namespace ktrain::cel::handlers
