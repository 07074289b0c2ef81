// Services and the addresses behind them: what each type of Service may say, names of ports, families of addresses.
#include <algorithm>
#include <set>

#include "core/base/api_names.h"
#include "core/base/ip.h"
#include "core/base/text.h"
#include "core/lint/facts.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

struct Service {
    std::string type;
    bool headless;
    bool external;  // a request may come from outside of the cluster
};

Service kind_of(const Spot& spec) {
    std::string type(spec["type"].text());
    if (type.empty()) type = "ClusterIP";
    const std::vector<Spot> ips = spec["clusterIPs"].items();
    const bool headless = spec["clusterIP"].text() == "None" || (!ips.empty() && ips.front().text() == "None");
    const bool external =
        type == "LoadBalancer" || type == "NodePort" || (type == "ClusterIP" && size_of(spec["externalIPs"]) > 0);
    return {std::move(type), headless, external};
}

void check_ports(const Spot& spec, const Service& service, Findings& findings) {
    const Spot ports = spec["ports"];
    if (size_of(ports) == 0 && !service.headless && service.type != "ExternalName" &&
        (!ports || ports.is(yaml::Kind::sequence)))
        require(findings, ports, "only a headless Service (clusterIP: None) and one of type ExternalName have none");
    std::set<std::string, std::less<>> names;
    std::set<std::string> node_ports;
    for (const Spot& port : ports.items()) {
        const Spot name = port["name"];
        if (size_of(ports) > 1 && name.text().empty())
            require(findings, name, "several ports are told apart by their names");
        if (!name.text().empty() && !names.emplace(name.text()).second)
            findings.add("KT018", name.place(), "another port has the name " + shown(name.text()) + " already",
                         "give each port its own name");
        const Spot node_port = port["nodePort"];
        const std::int64_t number = number_of(node_port).value_or(0);
        if (number < 0)
            findings.add("KT004", node_port.place(), "nodePort must be 0 to 65535, got " + shown(node_port.text()),
                         "write one from the cluster's range, or none", Severity::warning);
        if (number == 0) continue;
        if (service.type == "ClusterIP")
            forbid(findings, node_port, "the type of the Service is ClusterIP, not NodePort or LoadBalancer");
        const std::string_view protocol = port["protocol"].text();
        const std::string identity = std::to_string(number) + "/" + std::string(protocol.empty() ? "TCP" : protocol);
        if (!node_ports.insert(identity).second)
            findings.add("KT018", node_port.place(), "another port has the node port " + identity + " already",
                         "give each port its own node port, or none");
    }
}

void check_load_balancer(const Spot& spec, const Service& service, Findings& findings) {
    if (service.type != "LoadBalancer") {
        const std::string why = "the type of the Service is " + printable(service.type) + ", not LoadBalancer";
        if (size_of(spec["loadBalancerSourceRanges"]) > 0) forbid(findings, spec["loadBalancerSourceRanges"], why);
        for (const char* field : {"allocateLoadBalancerNodePorts", "loadBalancerClass"})
            forbid(findings, spec[field], why);
    }
    const Spot policy = spec["externalTrafficPolicy"];
    if (!service.external && !policy.text().empty())
        forbid(findings, policy, "no request comes from outside to a Service of type " + printable(service.type));
    const Spot health = spec["healthCheckNodePort"];
    const bool local = service.type == "LoadBalancer" && policy.text() == "Local";
    if (number_of(health).value_or(0) != 0 && !local)
        forbid(findings, health, "it is for type LoadBalancer with externalTrafficPolicy Local");
}

void check_addresses(const Spot& spec, const Service& service, Findings& findings) {
    const Spot ip = spec["clusterIP"];
    if (ip && !ip.is(yaml::Kind::string)) return;  // KT004
    const Spot ips = spec["clusterIPs"];
    const std::vector<Spot> items = ips.items();
    if (service.type == "ExternalName") {
        const std::string_view why = "a Service of type ExternalName has no address of the cluster";
        if (!items.empty() || !ip.text().empty()) {
            Spot where = ips ? ips : ip;
            where.path = ips.path;
            forbid(findings, where, why);
        }
        if (size_of(spec["ipFamilies"]) > 0) forbid(findings, spec["ipFamilies"], why);
        forbid(findings, spec["ipFamilyPolicy"], why);
        if (spec["externalName"].text().empty())
            require(findings, spec["externalName"], "a Service of type ExternalName stands for this name");
        return;
    }
    if (service.headless && (service.type == "NodePort" || service.type == "LoadBalancer")) {
        Place where = (ip ? ip : ips).place();
        where.path = join_path(ips.path, std::size_t{0});
        findings.add("KT030", where, "a Service of type " + service.type + " cannot be headless (clusterIP: None)",
                     "remove clusterIP, or the type");
    }
    for (std::size_t i = 0; i < std::max<std::size_t>(items.size(), ip ? 1 : 0); ++i) {
        const Spot address = items.empty() ? ip : items[i];
        const std::string problem = format_problem("ip", address.text());
        if (address.text().empty() || address.text() == "None" || problem.empty()) continue;
        Place where = address.place();
        where.path = join_path(ips.path, i);
        findings.add("KT006", where, "the address " + shown(address.text()) + " " + problem,
                     "write an address, None, or leave it to the cluster");
    }
    if (items.empty()) return;
    if (ip.text() != items.front().text())
        contradict(findings, ips, "the first of clusterIPs must be clusterIP: " + shown(ip.text()),
                   "leave clusterIPs out, or write the same in both");
    if (items.front().text() == "None" && items.size() > 1)
        contradict(findings, ips, "None is the only one of clusterIPs or none of them", "remove the others");
    if (items.size() > 2)
        findings.add("KT006", ips.place(), "clusterIPs has " + std::to_string(items.size()) + " items, at most 2",
                     "keep one of each family");
}

// Source: pkg/registry/core/service/storage/alloc.go
void check_families(const Spot& spec, Findings& findings) {
    const Spot policy = spec["ipFamilyPolicy"];
    if (policy.text() != "SingleStack") return;
    for (const char* field : {"clusterIPs", "ipFamilies"}) {
        if (size_of(spec[field]) == 2)
            contradict(findings, policy, "ipFamilyPolicy is SingleStack, and " + std::string(field) + " has two items",
                       "write PreferDualStack or RequireDualStack, or keep one of the two");
    }
}

// Labels, whose place is that of the map to the server.
void check_selector(const Spot& selector, Findings& findings) {
    for (const Spot& label : selector.members()) {
        const std::string key = yaml::key_text(*label.key);
        const std::string of_key = qualified_name_problem(key);
        const std::string of_value = label.is(yaml::Kind::string) ? label_value_problem(label.text()) : "";
        Place where = of_key.empty() ? label.place() : label.key_place();
        where.path = selector.path;
        if (!of_key.empty())
            findings.add("KT007", where, "the label " + shown(key) + " " + of_key, "write another key");
        else if (!of_value.empty())
            findings.add("KT006", where,
                         "the value " + shown(label.text()) + " of the label " + shown(key) + " " + of_value,
                         "write another value");
    }
}

void check_affinity(const Spot& spec, Findings& findings) {
    const Spot seconds = spec["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"];
    const std::int64_t number = number_of(seconds).value_or(1);
    constexpr std::int64_t day = 86'400;
    if (spec["sessionAffinity"].text() != "ClientIP" || (number >= 1 && number <= day)) return;
    findings.add("KT004", seconds.place(), "timeoutSeconds must be 1 to 86400, got " + shown(seconds.text()),
                 "write a number from 1 to 86400");
}

bool is_family(std::string_view address, std::string_view family) {
    const std::optional<Ip> ip = parse_ip(address);
    return ip && ip->four == (family != "IPv6");
}

// Of a host with its domain, the dot of the root allowed.
std::string full_name_problem(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    const std::string problem = format_problem("dns-subdomain", text);
    if (!problem.empty() || text.find('.') != std::string_view::npos) return problem;
    return "has no domain: two parts and a dot at least";
}

// Names of a list that may be "", which is a name like others.
void check_slice_ports(const Spot& ports, Findings& findings) {
    std::set<std::string, std::less<>> names;
    for (const Spot& port : ports.items()) {
        const Spot name = port["name"];
        if (names.emplace(name.text()).second) continue;
        findings.add("KT018", name.place(), "another port has the name " + shown(name.text()) + " already",
                     "give each port its own name");
    }
}

// The annotation from before the field, which is read where the field is not there.
void check_source_ranges(const Spot& service, Findings& findings) {
    const Spot ranges = service["metadata"]["annotations"]["service.beta.kubernetes.io/load-balancer-source-ranges"];
    const Spot spec = service["spec"];
    if (!ranges.is(yaml::Kind::string) || size_of(spec["loadBalancerSourceRanges"]) > 0) return;
    if (kind_of(spec).type != "LoadBalancer")
        return forbid(findings, ranges, "the type of the Service is not LoadBalancer");
    if (trim(ranges.text()).empty()) return;
    for (const std::string& range : split(ranges.text(), ',')) {
        const std::string problem = format_problem("padded-cidr", range);
        if (!problem.empty())
            findings.add("KT006", ranges.place(), "the range " + shown(trim(range)) + " " + problem,
                         std::string(format_fix("padded-cidr")));
    }
}

}  // namespace

void check_service(const Spot& service, Findings& findings) {
    if (!service["spec"]) require(findings, service["spec"]["ports"], "a Service has ports");
    check_source_ranges(service, findings);
}

void check_service_spec(const Spot& spec, Findings& findings) {
    const Service service = kind_of(spec);
    check_ports(spec, service, findings);
    check_load_balancer(spec, service, findings);
    check_addresses(spec, service, findings);
    check_families(spec, findings);
    check_selector(spec["selector"], findings);
    check_affinity(spec, findings);
}

void check_endpoint_slice(const Spot& slice, Findings& findings) {
    const std::string_view family = slice["addressType"].text();
    check_slice_ports(slice["ports"], findings);
    if (family != "IPv4" && family != "IPv6" && family != "FQDN") return;
    for (const Spot& endpoint : slice["endpoints"].items()) {
        const Spot addresses = endpoint["addresses"];
        for (std::size_t i = 0; i < size_of(addresses); ++i) {
            const yaml::Node& node = addresses.node->items[i];
            const std::string_view text = node.is_scalar() ? std::string_view(node.text) : std::string_view();
            if (node.kind != yaml::Kind::string && node.kind != yaml::Kind::null) continue;  // KT004
            Place where{"", node.line, node.column, join_path(addresses.path, i)};
            std::string problem = family == "FQDN" ? full_name_problem(text) : format_problem("endpoint-ip", text);
            if (problem.empty() && family != "FQDN" && !is_family(text, family)) {
                problem = "is no " + std::string(family) + " address";
                where.path = addresses.path;
            }
            if (!problem.empty())
                findings.add("KT006", where, "the address " + shown(text) + " " + problem,
                             "write an address of the addressType " + std::string(family));
        }
    }
}

void check_endpoint_subset(const Spot& subset, Findings& findings) {
    if (size_of(subset["addresses"]) + size_of(subset["notReadyAddresses"]) == 0)
        findings.add("KT008", subset.place(), "the subset has neither addresses nor notReadyAddresses",
                     "add addresses, or remove the subset");
    const Spot ports = subset["ports"];
    if (size_of(ports) < 2) return;
    for (const Spot& port : ports.items()) {
        if (port["name"].text().empty()) require(findings, port["name"], "several ports are told apart by their names");
    }
}

}  // namespace ktrain::lint
