// Rules about the resources of containers: extended resources, and CPU and memory beside a GPU.
#include <algorithm>

#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/devices.h"
#include "core/lint/makers.h"
#include "core/lint/quantities.h"
#include "core/lint/value.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

// A resource that no node has, such as a misspelt memory: KT003 reports it.
bool has_unknown_resource(const Spot& resources) {
    for (const char* list : {"limits", "requests"}) {
        for (const Spot& member : resources[list].members()) {
            if (!may_be_resource(yaml::key_text(*member.key))) return true;
        }
    }
    return false;
}

void check_extended(const Spot& resources, const std::string& name, const Reporter& report) {
    Spot limit = resources["limits"][name];
    Spot request = resources["requests"][name];
    for (const Spot& spot : {limit, request}) {
        std::optional<Quantity> amount = quantity_at(Value(spot));
        if (!amount || amount->whole()) continue;
        report.at("KG101", Value(spot), name + " must be a whole number, got " + shown(spot.text()),
                  "write " + std::to_string(amount->units_rounded_up()) +
                      "; to share a GPU, ask for a MIG or shared resource");
        return;
    }
    if (request && !limit) {
        report.under("KG101", Value(request), Value(resources), "limits", name + " is requested without a limit",
                     "write it under limits: the request follows",
                     {add_member(join_path(resources.path, "limits"), name, yaml::to_json(*request.node))});
        return;
    }
    std::optional<Quantity> wanted = quantity_at(Value(request));
    std::optional<Quantity> allowed = quantity_at(Value(limit));
    if (!wanted || !allowed || *wanted == *allowed) return;
    report.at("KG101", Value(request),
              "the request of " + name + " is " + shown(request.text()) + ", its limit " + shown(limit.text()) +
                  ": they must be equal",
              "write it under limits alone: the request follows");
}

// Any name with a domain may be a device; what is nearly the name of a known one is none that a node has.
void check_device_names(const Spot& resources, Findings& findings) {
    std::vector<std::string> said;
    for (const char* list : {"limits", "requests"}) {
        for (const Spot& member : resources[list].members()) {
            const std::string name = yaml::key_text(*member.key), meant = device_meant(name);
            if (meant.empty() || std::find(said.begin(), said.end(), name) != said.end()) continue;
            said.push_back(name);
            findings.add("KG101", member.key_place(), "no node has a resource " + shown(name) + ": the pod would wait",
                         "did you mean '" + meant + "'?", Severity::warning);
        }
    }
}

}  // namespace

void check_extended_resources(const Object& object, const Bundle&, Findings& findings) {
    const Reporter report(object, findings, leaves_pods(object));
    if (object.kind == "TrainJob") check_device_names(object.root["spec"]["trainer"]["resourcesPerNode"], findings);
    for (const PodTemplate& pod : object.templates) {
        for (const Spot& container : pod.containers()) {
            Spot resources = container["resources"];
            check_device_names(resources, findings);
            std::vector<std::string> names;
            for (const char* list : {"limits", "requests"}) {
                for (const Spot& member : resources[list].members()) {
                    std::string name = yaml::key_text(*member.key);
                    bool seen = std::find(names.begin(), names.end(), name) != names.end();
                    if (is_extended_resource(name) && !seen) names.push_back(name);
                }
            }
            for (const std::string& name : names) check_extended(resources, name, report);
        }
    }
}

void check_gpu_cpu_memory(const Object& object, const Bundle&, Findings& findings) {
    for (const PodTemplate& pod : object.templates) {
        for (const Spot& container : pod.containers()) {
            Spot limits = container["resources"]["limits"];
            bool gpu = false;
            for (const Spot& member : limits.members()) {
                std::optional<Quantity> amount = quantity_at(Value(member));
                gpu = gpu || (is_gpu_resource(yaml::key_text(*member.key)) && amount && *amount > Quantity());
            }
            if (!gpu || has_unknown_resource(container["resources"])) continue;
            std::vector<std::string> absent;
            for (const char* name : {"cpu", "memory"}) {
                if (!limits[name]) absent.push_back(std::string(name) + " limit");
                if (!limits[name] && !container["resources"]["requests"][name]) absent.back() = name;
            }
            if (absent.empty()) continue;
            // The container of a Workflow has the name of its template.
            const Spot name = pod.argo && !container["name"] ? pod.spec["name"] : container["name"];
            findings.add("KG111", container["resources"].key_place(),
                         (name.text().empty() ? "a container" : "container " + shown(name.text())) +
                             " has a GPU but sets no " + join(absent, " and no "),
                         "set cpu and memory under limits (the requests follow)");
        }
    }
}

}  // namespace ktrain::lint
