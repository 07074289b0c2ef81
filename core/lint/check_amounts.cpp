// KT016: requests and limits of CPU, memory and huge pages, of containers and of whole pods; claims of devices.
#include <algorithm>
#include <map>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/pods.h"
#include "core/lint/quantities.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT016";
constexpr std::string_view huge_pages = "hugepages-";

// A limit of null is one of 0.
bool is_null(Value limits, std::string_view name) {
    return std::any_of(limits.members().begin(), limits.members().end(), [&](const yaml::Entry& entry) {
        return entry.key.text == name && entry.value.kind == yaml::Kind::null;
    });
}

bool is_huge(std::string_view name) {
    return name.starts_with(huge_pages);
}

// Whole pages alone. A name without a size is KT003.
void check_pages(const Reporter& report, std::string_view name, Value value) {
    const std::optional<Quantity> size = Quantity::parse(name.substr(huge_pages.size()));
    const std::optional<Quantity> amount = Quantity::parse(quantity_text(*value.node()));  // none beyond 2^63 units
    if (!size || !amount || *size <= Quantity() || amount->negative()) return;
    if (amount->units_rounded_up() % size->units_rounded_up() == 0) return;
    report.at(rule, value,
              shown(value.node()->text) + " of " + std::string(name) + " are no whole pages of " +
                  std::string(name.substr(huge_pages.size())),
              "write a multiple of the page");
}

void check_request(const Reporter& report, Value limits, std::string_view name, Value request) {
    const Value limit = limits[name];
    if (is_huge(name) && !limit)
        return report.at_key(rule, request, std::string(name) + " is requested without a limit",
                             "write it under limits: the request follows");
    const std::optional<Quantity> wanted = amount_of(request);
    const std::optional<Quantity> allowed = is_null(limits, name) ? Quantity() : amount_of(limit);
    if (!wanted || !allowed) return;
    if (is_huge(name) ? *wanted == *allowed : *wanted <= *allowed) return;
    report.at(rule, request,
              "the request of " + std::string(name) + " is " + shown(request.node()->text) + ", its limit " +
                  (limit ? shown(limit.node()->text) : "null, which is 0"),
              is_huge(name) ? "write it under limits alone: the request follows" : "raise the limit, or ask for less");
}

// Request and limit of every resource but devices, which KG101 looks after.
void check_lists(const Reporter& report, Value resources) {
    bool huge = false;
    bool basic = false;
    for (const char* list : {"limits", "requests"}) {
        for (const yaml::Entry& entry : resources[list].members()) {
            const std::string name = yaml::key_text(entry.key);
            const Value value(entry.value);
            basic = basic || name == "cpu" || name == "memory";
            if (is_huge(name)) {
                huge = true;
                if (value) check_pages(report, name, value);
            }
            if (name.starts_with("requests.") && name.find('/') != std::string::npos && value)
                report.at_key(rule, value, "no resource of a container is called " + shown(name),
                              "the prefix requests. is for quotas: write " + name.substr(9));
            if (list == std::string_view("requests") && value && !is_extended_resource(name))
                check_request(report, resources["limits"], name, value);
        }
    }
    if (huge && !basic)
        report.at_key(rule, resources, "huge pages need cpu or memory beside them", "set cpu and memory under limits");
}

void check_claims(const Pod& pod, Value resources) {
    std::vector<std::string_view> known;
    for (const yaml::Node& claim : pod.spec["resourceClaims"].items()) known.push_back(Value(claim)["name"].text());
    std::vector<std::string> seen;
    for (const yaml::Node& node : resources["claims"].items()) {
        const Value claim(node);
        const std::string_view name = claim["name"].text();
        if (name.empty()) continue;
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            const std::string near = nearest(name, known);
            pod.report.at(rule, claim, "the pod has no resource claim " + shown(name),
                          near.empty() ? "add it to the pod's resourceClaims" : "did you mean '" + near + "'?");
        }
        const std::string_view request = claim["request"].text();
        const std::string problem = request.empty() ? "" : dns_label_problem(request);
        if (!problem.empty())
            pod.report.at(rule, claim["request"], "request " + shown(request) + " " + problem,
                          "name a request of the claim");
        const std::string key = std::string(name) + "/" + std::string(request);
        const bool twice = std::any_of(seen.begin(), seen.end(), [&](const std::string& other) {
            return other == key || other == std::string(name) + "/" ||
                   (request.empty() && other.starts_with(std::string(name) + "/"));
        });
        if (twice) pod.report.at(rule, claim, "the claim " + shown(name) + " is there twice", "remove one of the two");
        seen.push_back(key);
    }
}

Quantity sum_of(const Pod& pod, std::string_view list, std::string_view name) {
    Quantity running;
    Quantity most;  // of what init containers need while they run
    for (const PodContainer& container : pod.containers) {
        const Value resources = container.value["resources"];
        std::optional<Quantity> amount = amount_of(resources[list][name]);
        if (!amount && list == "requests") amount = amount_of(resources["limits"][name]);
        if (!amount || container.role == Role::ephemeral) continue;
        if (container.role == Role::init) {
            most = std::max(most, running + *amount);
        } else {
            running = running + *amount;
        }
    }
    return std::max(running, most);
}

// What a pod with limits does not request it requests for its containers. Of a template, whose pods get that later,
// it is a warning.
void check_pod_limit(const Pod& pod, Value resources, const std::string& name, Value limit) {
    if (resources["requests"][name] || is_huge(name)) return;
    const std::optional<Quantity> amount = amount_of(limit);
    const Quantity sum = sum_of(pod, "requests", name);
    if (!amount || sum <= *amount) return;
    const std::string text = "the containers' requests of " + name + " add up to " + sum.text() +
                             ", more than the pod's limit " + shown(limit.node()->text);
    constexpr const char* fix = "give the pod at least as much as its containers";
    if (pod.is_pod)
        pod.report.under(rule, limit, resources, "requests", text, fix);
    else
        pod.report.note(rule, limit, text + ": its pods are refused", fix);
}

void check_pod_level(const Pod& pod) {
    const Value resources = pod.spec["resources"];
    if (!resources.is(yaml::Kind::mapping)) return;
    if (resources["claims"])
        pod.report.at_key(rule, resources["claims"], "resources of a whole pod take no claims",
                          "move them to a container");
    for (const char* list : {"limits", "requests"}) {
        for (const yaml::Entry& entry : resources[list].members()) {
            const std::string name = yaml::key_text(entry.key);
            const Value value(entry.value);
            if (!value) continue;
            if (name != "cpu" && name != "memory" && !is_huge(name)) {
                pod.report.at_key(rule, value, "resources of a whole pod cannot hold " + shown(name),
                                  "cpu, memory and huge pages can stand here; move it to a container");
                continue;
            }
            const bool requests = list == std::string_view("requests");
            const std::optional<Quantity> amount = amount_of(value);
            const Quantity sum = requests || is_huge(name) ? sum_of(pod, list, name) : Quantity();
            if (amount && sum > *amount)
                pod.report.at(rule, value,
                              "the containers' " + std::string(list) + " of " + name + " add up to " + sum.text() +
                                  ", more than the pod's " + shown(value.node()->text),
                              "give the pod at least as much as its containers");
            if (!requests) check_pod_limit(pod, resources, name, value);
        }
    }
    for (const PodContainer& container : pod.containers) {
        if (container.role != Role::main) continue;
        for (const yaml::Entry& entry : container.value["resources"]["limits"].members()) {
            const Value limit = resources["limits"][yaml::key_text(entry.key)];
            const std::optional<Quantity> own = amount_of(entry.value);
            const std::optional<Quantity> all = amount_of(limit);
            if (!own || !all || *own <= *all) continue;
            pod.report.at(rule, entry.value,
                          "the limit is " + shown(entry.value.text) + ", the whole pod's " + shown(limit.node()->text),
                          "lower it, or raise the pod's limit");
        }
    }
}

}  // namespace

void check_amounts(const Pod& pod) {
    for (const PodContainer& container : pod.containers) {
        const Value resources = container.value["resources"];
        if (!resources.is(yaml::Kind::mapping)) continue;
        if (container.role == Role::ephemeral && !resources.members().empty())
            pod.report.at_key(rule, resources, "an ephemeral container may not have resources", "remove them");
        check_lists(pod.report, resources);
        check_claims(pod, resources);
    }
    check_pod_level(pod);
    if (pod.spec["resources"].is(yaml::Kind::mapping)) check_lists(pod.report, pod.spec["resources"]);
}

}  // namespace ktrain::lint
