// Ingress and NetworkPolicy: backends and their ports, paths, peers, ranges of ports and of addresses.
#include <algorithm>

#include "core/base/api_names.h"
#include "core/base/ip.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/facts.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

std::optional<Cidr> range_of(std::string_view text) {
    return format_problem("masked-cidr", text).empty() ? parse_cidr(text) : std::nullopt;
}

bool is_inside(const Cidr& inner, const Cidr& outer) {
    return inner.bits > outer.bits && same_prefix(inner.ip, outer.ip, outer.bits);
}

void check_backend_resource(const Spot& resource, Findings& findings) {
    if (!resource.is(yaml::Kind::mapping)) return;
    for (const char* field : {"kind", "name"}) {
        const Spot there = resource[field];
        if (there.text().empty() && (!there || there.is(yaml::Kind::string)))
            require(findings, there, "a backend names its resource");
        const std::string problem = path_segment_problem(there.text());
        if (!there.text().empty() && !problem.empty())
            findings.add("KT007", there.place(), std::string(field) + " " + shown(there.text()) + " " + problem,
                         "write the " + std::string(field) + " of an object");
    }
    const Spot group = resource["apiGroup"];
    const std::string problem = dns_subdomain_problem(group.text());
    if (group.is(yaml::Kind::string) && !problem.empty())
        findings.add("KT007", group.place(), "the group " + shown(group.text()) + " " + problem,
                     "remove it, or write a domain");
}

}  // namespace

void check_ingress(const Spot& spec, Findings& findings) {
    if (size_of(spec["rules"]) > 0 || spec["defaultBackend"]) return;
    findings.add("KT008", spec.key_place(), "the Ingress has neither rules nor a defaultBackend", "add rules");
}

void check_ingress_annotation(const Spot& ingress, Findings& findings) {
    constexpr std::string_view key = "kubernetes.io/ingress.class";
    const Spot annotations = ingress["metadata"]["annotations"];
    Spot old = annotations[key];
    if (annotations.is(yaml::Kind::mapping)) old.node = annotations.node->find(key);  // null: the empty text
    const Spot name = ingress["spec"]["ingressClassName"];
    const std::string_view text = old.is(yaml::Kind::null) ? "" : old.text();
    if ((old.is(yaml::Kind::string) || old.is(yaml::Kind::null)) && name.is(yaml::Kind::string) && text != name.text())
        contradict(findings, old, "the class " + shown(text) + " is not the ingressClassName, " + shown(name.text()),
                   "remove the annotation, which is of older clusters");
}

void check_ingress_backend(const Spot& backend, Findings& findings) {
    check_backend_resource(backend["resource"], findings);
    const Spot service = backend["service"];
    if (!service || backend["resource"]) return;
    Place where = service["port"].key_place();
    where.path = backend.path;
    const bool name = !service["port"]["name"].text().empty();
    const bool number = number_of(service["port"]["number"]).value_or(0) != 0;
    if (name && number)
        findings.add("KT030", where, "the port of a backend has a name and a number", "keep one of them");
    if (!name && !number && !service["port"]["number"].is(yaml::Kind::string))
        findings.add("KT008", where, "the port of the backend has neither a name nor a number",
                     "add port.number or port.name");
}

void check_ingress_path(const Spot& path, Findings& findings) {
    const Spot text = path["path"];
    const std::string_view type = path["pathType"].text();
    if (type != "Exact" && type != "Prefix") return;
    if (text.text().empty() && (!text || text.is(yaml::Kind::string))) {
        findings.add("KT008", text.place(), "the path is missing: the pathType " + std::string(type) + " compares it",
                     "write a path that begins with /");
        return;
    }
    const std::string lowered = lower(text.text());
    for (const char* sequence : {"//", "/./", "/../", "%2f"}) {
        if (lowered.find(sequence) != std::string::npos)
            findings.add("KT006", text.place(), "the path " + shown(text.text()) + " may not contain " + sequence,
                         "write the path without it");
    }
    for (const char* end : {"/..", "/."}) {
        if (lowered.ends_with(end))
            findings.add("KT006", text.place(), "the path " + shown(text.text()) + " may not end with " + end,
                         "write the path without it");
    }
}

void check_ingress_rule(const Spot& rule, Findings& findings) {
    const Spot host = rule["host"];
    if (!host.text().empty() && format_problem("ip", host.text()).empty())
        findings.add("KT006", host.place(), "the host " + shown(host.text()) + " is an address",
                     "write a name, or remove host");
}

void check_ingress_class(const Spot& parameters, Findings& findings) {
    const Spot space = parameters["namespace"];
    const std::string_view scope = parameters["scope"].text();
    if (scope == "Namespace") {
        if (!space) return require(findings, space, "the scope of the parameters is Namespace");
        const std::string problem = dns_label_problem(space.text());
        if (space.is(yaml::Kind::string) && !problem.empty())
            findings.add("KT007", space.place(), "the namespace " + shown(space.text()) + " " + problem);
    } else if (scope == "Cluster" || scope.empty()) {
        forbid(findings, space, "the scope of the parameters is Cluster");
    }
}

void check_policy_peer(const Spot& peer, Findings& findings) {
    const bool block = static_cast<bool>(peer["ipBlock"]);
    const bool selector = peer["podSelector"] || peer["namespaceSelector"];
    if (!block && !selector)
        findings.add("KT008", peer.place(), "the peer says nothing of whom it is",
                     "add podSelector, namespaceSelector or ipBlock");
    if (block && selector)
        contradict(findings, peer, "a peer with ipBlock has no podSelector and no namespaceSelector",
                   "write two peers");
}

void check_policy_port(const Spot& port, Findings& findings) {
    const Spot end = port["endPort"];
    if (!end) return;
    const std::optional<std::int64_t> first = number_of(port["port"]);
    if (!port["port"]) return forbid(findings, end, "it ends a range that begins with port, which is missing");
    if (!first) return forbid(findings, end, "it ends a range that begins with port, which is no number");
    const std::optional<std::int64_t> last = number_of(end);
    if (last && *last < *first)
        contradict(findings, end, "endPort " + shown(end.text()) + " is less than port " + shown(port["port"].text()),
                   "write a number of at least " + printable(port["port"].text()));
}

void check_ip_block(const Spot& block, Findings& findings) {
    const std::optional<Cidr> outer = range_of(block["cidr"].text());
    if (!outer) return;
    for (const Spot& except : block["except"].items()) {
        const std::optional<Cidr> inner = range_of(except.text());
        if (inner && !is_inside(*inner, *outer))
            contradict(findings, except, shown(except.text()) + " is no part of " + shown(block["cidr"].text()),
                       "write a smaller range inside of it");
    }
}

void check_service_ranges(const Spot& spec, Findings& findings) {
    const std::vector<Spot> ranges = spec["cidrs"].items();
    if (size_of(spec["cidrs"]) != 2 || ranges.size() != 2) return;
    const std::optional<Cidr> first = range_of(ranges[0].text()), second = range_of(ranges[1].text());
    if (first && second && first->ip.four == second->ip.four)
        contradict(findings, spec["cidrs"], "both ranges are of IPv" + std::string(first->ip.four ? "4" : "6"),
                   "keep one of each family");
}

}  // namespace ktrain::lint
