// The variables of a Workflow ({{...}}) and where they can be read.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "core/lint/value.h"

namespace ktrain::lint {

struct ArgoScope {
    Value model;                               // the template
    std::set<std::string, std::less<>> names;  // tasks or steps whose results are known here
    std::string_view group;                    // "tasks" or "steps"; "": a template that runs a container
    Value workflow;                            // its spec, where the parameters of the Workflow are all known
    std::string_view own = {};                 // the task or step itself: hooks may read its results
};

// KT022 for each variable below the node that Argo cannot resolve. Expressions ({{=...}}) and words that Argo does not
// know are left alone, as it does. Source: argo-workflows workflow/validate.
void check_argo_variables(const Object& object, const yaml::Node& node, const ArgoScope& scope, Findings& findings);

// KT022: templates, tasks and steps by themselves. `spec`: of the Workflow. check_argo_templates.cpp
void check_argo_templates(const Object& object, Value spec, Findings& findings);

}  // namespace ktrain::lint
