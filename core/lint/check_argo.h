// The parts of the check of Workflows: what they share, and the variables ({{...}}) and where they can be read.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/lint/value.h"

namespace ktrain::lint {

// Values of the Workflow by their name: its templates, or the tasks or steps of one of them.
using ArgoNames = std::map<std::string_view, Value, std::less<>>;

struct ArgoScope {
    Value model;                                 // the template
    std::string_view group;                      // "tasks" or "steps"; "": a template that runs a container
    Value workflow;                              // its spec, where the parameters of the Workflow are all known
    const ArgoNames* templates = nullptr;        // of the Workflow
    const ArgoNames* arguments = nullptr;        // the parameters of the Workflow
    ArgoNames parameters, artifacts;             // inputs of the template
    const ArgoNames* globals = nullptr;          // outputs that templates give the Workflow; null: others may, too
    const ArgoNames* calls = nullptr;            // all tasks or steps of the group
    std::function<bool(std::string_view)> done;  // whether the results of that task or step are known here
    Value own = {};                              // the task or step itself: hooks may read its results
};

// The items of a list by their names.
ArgoNames named_in(Value list);

// Reports KT022 on one object.
class ArgoReport {
public:
    ArgoReport(const Object& object, Findings& findings) : object_(object), findings_(findings) {}

    // At the value, or at its key; under the path of `owner` where Argo names no more than that.
    void at(Value value, std::string message, std::string fix, Value owner = {}) const {
        add(locate(object_, value).place(), std::move(message), std::move(fix), owner);
    }
    void key(Value value, std::string message, std::string fix, Value owner = {}) const {
        add(locate(object_, value).key_place(), std::move(message), std::move(fix), owner);
    }
    // The member is not there.
    void missing(Value parent, std::string_view member, std::string message, std::string fix) const {
        findings_.add("KT022", locate(object_, parent)[member].place(), std::move(message), std::move(fix));
    }
    // Of what fails while the Workflow runs, and does not end it.
    void warn(Value value, std::string message, std::string fix) const {
        findings_.add("KT022", locate(object_, value).place(), std::move(message), std::move(fix), Severity::warning);
    }
    const Object& object() const { return object_; }

private:
    void add(Place place, std::string message, std::string fix, Value owner) const {
        if (owner) place.path = locate(object_, owner).path;
        findings_.add("KT022", std::move(place), std::move(message), std::move(fix));
    }

    const Object& object_;
    Findings& findings_;
};

// The `depends` of a task, "a && (b.Succeeded || c)".
struct ArgoDepends {
    struct Part {
        std::string_view task;
        std::string_view result;  // "Succeeded", or ""
    };
    std::vector<Part> parts;
    std::string problem;  // why it cannot be read
};

// The text lives as long as the result. check_argo_depends.cpp
ArgoDepends read_argo_depends(std::string_view text);

// KT022 of a `depends` by itself: whether it can be read, and the results that it names. check_argo_depends.cpp
void check_argo_depends(const ArgoReport& report, Value depends, const ArgoNames& tasks);

// KT022 for the tasks of scope.model. check_argo_dag.cpp
void check_argo_dag(const ArgoReport& report, ArgoScope scope);

// KT022 for each variable below the node that Argo cannot resolve. Expressions ({{=...}}) and words that Argo does not
// know are left alone, as it does. Source: argo-workflows workflow/validate.
void check_argo_variables(const ArgoReport& report, const yaml::Node& node, const ArgoScope& scope);

// KT022: templates, tasks and steps by themselves. `spec`: of the Workflow. check_argo_templates.cpp
void check_argo_templates(const ArgoReport& report, Value spec, const ArgoNames& templates);

// KT022, warnings: `when` of a step or task, and the retryStrategy of a template. check_argo_runs.cpp
void check_argo_condition(const ArgoReport& report, Value when);
void check_argo_retries(const ArgoReport& report, Value strategy);

// KT022: what a template of the list takes and gives back, its deadlines and its metrics. check_argo_outputs.cpp
void check_argo_outputs(const ArgoReport& report, Value model, Value list);
void check_argo_metrics(const ArgoReport& report, Value metrics);

}  // namespace ktrain::lint
