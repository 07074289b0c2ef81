// KT043: fields of pods that need each other, or that do not go together.
#include <algorithm>
#include <map>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/makers.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT043";

void check_dns(const Pod& pod) {
    const Value config = pod.spec["dnsConfig"];
    if (pod.spec["dnsPolicy"].text() == "None" && config["nameservers"].items().empty()) {
        const bool there = config.is(yaml::Kind::mapping);
        pod.report.missing(rule, there ? config : pod.spec, there ? "nameservers" : "dnsConfig",
                           "dnsPolicy None needs a name server", "add dnsConfig.nameservers, or remove dnsPolicy");
    }
    std::size_t size = 0;
    for (const yaml::Node& search : config["searches"].items()) size += Value(search).text().size() + 1;
    constexpr std::size_t most = 2048;
    if (size > most + 1)
        pod.report.at_key(rule, config["searches"],
                          "searches have " + std::to_string(size - 1) + " characters, at most 2048 are allowed",
                          "leave some out");
}

void check_names(const Pod& pod) {
    const Value node = pod.spec["nodeName"];
    const std::string problem = node.text().empty() ? "" : dns_subdomain_problem(node.text());
    if (!problem.empty()) pod.report.at(rule, node, "nodeName " + shown(node.text()) + " " + problem, "name a node");
    if (pod.is_pod && !node.text().empty() && !pod.spec["schedulingGates"].items().empty())
        pod.report.at(rule, node, "nodeName does not go with schedulingGates", "remove one of the two");
    const Value host = pod.spec["hostnameOverride"];
    if (!host) return;
    const std::string wrong =
        host.text().size() > 64 ? "has more than 64 characters" : dns_subdomain_problem(host.text());
    if (!wrong.empty())
        pod.report.at(rule, host, "hostnameOverride " + shown(host.text()) + " " + wrong, "write another name");
    for (const char* field : {"setHostnameAsFQDN", "hostNetwork"}) {
        if (pod.spec[field].truth())
            pod.report.at_key(rule, host, "hostnameOverride does not go with " + std::string(field),
                              "remove one of the two");
    }
}

// The port of the node that a port of a container takes, or 0.
std::int64_t node_port(const Pod& pod, Value port) {
    const std::int64_t written = port["hostPort"].number().value_or(0);
    const bool shared = pod.is_pod && pod.spec["hostNetwork"].truth();
    return written == 0 && shared ? port["containerPort"].number().value_or(0) : written;
}

void check_ports(const Pod& pod) {
    std::map<std::string, int> lines;  // of each port of the node
    bool together = false;
    for (const PodContainer& container : pod.containers) {
        // The server compares main containers with each other, and all others, sidecars too, with themselves.
        const bool main = container.role == Role::main;
        if (!main || !together) lines.clear();
        together = main;
        for (const yaml::Node& node : container.value["ports"].items()) {
            const Value port(node);
            const std::int64_t number = node_port(pod, port);
            if (number == 0) continue;
            const Value host = port["hostPort"];
            if (main && host && pod.spec["hostNetwork"].truth() && number != port["containerPort"].number())
                pod.report.at(rule, host, "with hostNetwork, hostPort must be the containerPort",
                              "remove hostPort, or write the same number");
            const std::string_view protocol = port["protocol"].text();
            const std::string key = std::string(protocol.empty() ? "TCP" : protocol) + "/" +
                                    std::string(port["hostIP"].text()) + "/" + std::to_string(number);
            const auto [first, is_new] = lines.emplace(key, node.line);
            if (is_new) continue;
            const std::string text = "the node's port " + std::to_string(number) + " is taken by the port on line " +
                                     std::to_string(first->second);
            host ? pod.report.at(rule, host, text, "give each port its own hostPort, or none")
                 : pod.report.missing(rule, port, "hostPort", text, "give each port of the pod its own number");
        }
    }
}

// Names are unique over containers and init containers; those of one list are in check_unique().
void check_container_names(const Pod& pod) {
    for (const PodContainer& container : pod.containers) {
        if (container.role == Role::main) continue;
        const Value name = container.value["name"];
        for (const PodContainer& other : pod.containers) {
            if (other.role != Role::main || name.text().empty() || other.value["name"].text() != name.text()) continue;
            pod.report.at("KT018", name,
                          "a container is already called " + shown(name.text()) + ": line " +
                              std::to_string(other.value["name"].node()->line),
                          "give each container of the pod its own name");
        }
    }
}

void check_restarts(const Pod& pod, const PodContainer& container) {
    const Value rules = container.value["restartPolicyRules"];
    if (!rules.items().empty() && !container.value["restartPolicy"])
        pod.report.missing(rule, container.value, "restartPolicy",
                           "restartPolicyRules need a restartPolicy beside them", "add restartPolicy to the container");
    for (const yaml::Node& node : rules.items()) {
        if (!Value(node)["exitCodes"] && Value(node))
            pod.report.missing(rule, node, "exitCodes", "a restart rule has no exitCodes", "add exitCodes");
    }
    for (const yaml::Node& node : container.value["resizePolicy"].items()) {
        const Value policy = Value(node)["restartPolicy"];
        if (policy.text() != "RestartContainer") continue;
        if (pod.spec["restartPolicy"].text() == "Never")
            pod.report.within(rule, policy, container.value["resizePolicy"],
                              "a container of a pod with restartPolicy Never cannot be restarted to resize it",
                              "write NotRequired");
        else if (container.role == Role::init)
            pod.report.at(rule, policy, "an init container cannot be restarted to resize it", "write NotRequired");
    }
    const std::string_view image = container.value["image"].text();
    if (pod.is_pod && trim(image) != image)
        pod.report.at(rule, container.value["image"], "image " + shown(image) + " has blanks around it", "remove them");
}

void check_ephemeral(const Pod& pod) {
    const Value list = pod.spec["ephemeralContainers"];
    if (!list.items().empty())
        pod.report.at_key(rule, list, "ephemeral containers cannot be created with a pod",
                          "remove them; kubectl debug adds one to a running pod");
}

void check_resource_claims(const Pod& pod) {
    for (const yaml::Node& node : pod.spec["resourceClaims"].items()) {
        const Value claim(node);
        if (claim["source"]) continue;  // of Kubernetes before 1.31
        const Value name = claim["resourceClaimName"];
        const Value model = claim["resourceClaimTemplateName"];
        if (bool(name) == bool(model) && claim)
            pod.report.at(rule, claim,
                          name ? "a resource claim has both resourceClaimName and resourceClaimTemplateName"
                               : "a resource claim names no ResourceClaim",
                          "give one of resourceClaimName and resourceClaimTemplateName");
        for (const Value& text : {name, model}) {
            const std::string problem = text ? dns_subdomain_problem(text.text()) : "";
            if (!problem.empty())
                pod.report.at(rule, text, "the name " + shown(text.text()) + " " + problem, "write another name");
        }
    }
}

// Without a class the server computes priority 0 and PreemptLowerPriority, and refuses what differs.
void check_priority(const Pod& pod) {
    const bool copied = leaves_pods(pod.report.object());  // other models are taken: their pods fail to come
    if (!(pod.is_pod || copied) || !pod.spec["priorityClassName"].text().empty()) return;
    if (pod.spec["preemptionPolicy"].text() == "Never")
        pod.report.at(rule, pod.spec["preemptionPolicy"],
                      "preemptionPolicy comes from the pod's priority class, and it has none",
                      "remove it, or name a priorityClassName of this policy");
    if (pod.spec["priority"].number().value_or(0) != 0)
        pod.report.at(rule, pod.spec["priority"], "priority comes from the pod's priority class, and it has none",
                      "remove it, or name a priorityClassName");
}

// The class of the runtime says what it needs for itself, and admission compares. Of a template it is a warning.
void check_overhead(const Pod& pod) {
    const Value overhead = pod.spec["overhead"];
    if (overhead.members().empty() || !pod.spec["runtimeClassName"].text().empty()) return;
    constexpr const char* text = "overhead comes from the pod's runtime class, and it has none";
    constexpr const char* fix = "remove it, or name a runtimeClassName";
    if (pod.is_pod)
        pod.report.at_key(rule, overhead, text, fix);
    else
        pod.report.note(rule, overhead, std::string(text) + ": its pods are refused", fix);
}

}  // namespace

void check_pod_fields(const Pod& pod) {
    check_dns(pod);
    check_names(pod);
    check_ports(pod);
    check_container_names(pod);
    for (const PodContainer& container : pod.containers) check_restarts(pod, container);
    check_ephemeral(pod);
    check_resource_claims(pod);
    check_priority(pod);
    check_overhead(pod);
}

}  // namespace ktrain::lint
