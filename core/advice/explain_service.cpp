// Why requests to a Service reach no pod, though the pods may be well.
#include <fmt/format.h>

#include "core/advice/explain.h"
#include "core/base/text.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

Finding about(const Json& service, std::string cause, std::string summary) {
    Finding out;
    out.cause = std::move(cause);
    out.summary = std::move(summary);
    out.object = ref_of(service);
    out.command = fmt::format("kubectl get endpointslices -n {} -l kubernetes.io/service-name={}",
                              kube::meta(service, "namespace"), kube::meta(service, "name"));
    out.weight = weight::owner;
    return out;
}

std::string text_of(const Json& labels) {
    std::vector<std::string> parts;
    for (const auto& [key, value] : labels.items())
        parts.push_back(key + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
    return join(parts, ", ");
}

bool has_port(const Json& pod, const std::string& name) {
    for (const Container& container : containers_of(pod))
        for (const Json& port : at_path(*container.spec, {"ports"}))
            if (string_or(port, "name") == name) return true;
    return false;
}

Finding no_pods(const Snapshot& snapshot, const Json& service) {
    const std::string wanted = text_of(at_path(service, {"spec", "selector"}));
    Finding out = about(service, "service-without-pods",
                        fmt::format("the Service {} selects {}, and no pod has these labels: requests time out",
                                    kube::meta(service, "name"), wanted));
    for (const Json& pod : snapshot.pods) {
        out.evidence.push_back(
            fmt::format("{} has the labels {}", ref_of(pod).text(), text_of(at_path(pod, {"metadata", "labels"}))));
        break;
    }
    if (!snapshot.near_labels.empty())
        out.evidence.push_back("pods of the namespace have " +
                               join({snapshot.near_labels.begin(), snapshot.near_labels.end()}, ", "));
    if (out.evidence.empty()) out.evidence.push_back("spec.selector is " + wanted);
    out.remedy = "make spec.selector of the Service the labels of the pod template";
    return out;
}

}  // namespace

void explain_service(const Case& c, std::vector<Finding>& out) {
    const auto& service = c.snapshot.service;
    if (!service || at_path(*service, {"spec", "selector"}).empty()) return;
    const bool is_root = string_or(c.snapshot.root, "kind") == "Service";
    if (c.snapshot.pods.empty() && !is_root) return;  // what keeps the pods from being made is told
    const Json* reached = nullptr;
    for (const Json& pod : c.snapshot.pods)
        if (has_labels(pod, at_path(*service, {"spec", "selector"}))) reached = &pod;
    if (reached == nullptr) return out.push_back(no_pods(c.snapshot, *service));
    for (const Json& port : at_path(*service, {"spec", "ports"})) {
        const std::string name = string_or(port, "targetPort");
        if (name.empty() || has_port(*reached, name)) continue;
        Finding one = about(*service, "service-port-missing",
                            fmt::format("the Service {} leads to the port {}, which no container of its pods has",
                                        kube::meta(*service, "name"), printable(name)));
        one.evidence.push_back("targetPort is " + printable(name));
        one.remedy = "name the port in the container, or give targetPort the number that it listens on";
        out.push_back(std::move(one));
    }
}

}  // namespace ktrain::advice
