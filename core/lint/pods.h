// The checks of pods by subject, all called for each pod template by check_pod_templates() (check_pods.cpp).
//
// They decide what the API server's own validation decides (kubernetes pkg/apis/core/validation) after its defaults;
// what the schema says already (types, closed sets, required fields, single formats) is left to check_structure().
#pragma once

#include <vector>

#include "core/lint/value.h"

namespace ktrain::lint {

enum class Role { main, init, sidecar, ephemeral };

struct PodContainer {
    Value value;
    Role role;
};

struct Pod {
    Value metadata;
    Value spec;
    std::vector<PodContainer> containers;  // ephemeral ones included
    std::vector<std::string_view> claims;  // names of volumes that the object adds
    bool is_pod;                           // a Pod itself, no template of one
    const Reporter& report;
    Value workflow = {};        // of a Workflow's template: the spec of that, whose volumes it may mount
    bool open_volumes = false;  // some of its volumes may be elsewhere

    // Its own volumes and those of its Workflow.
    std::vector<Value> volumes() const;
    Value volume(std::string_view name) const;
    Value security() const { return spec["securityContext"]; }
};

void check_volumes(const Pod& pod);            // check_volumes.cpp, KT017 and KT044
void check_mounts(const Pod& pod);             // check_mounts.cpp, KT017
void check_environment(const Pod& pod);        // check_environment.cpp, KT041
void check_handlers(const Pod& pod);           // check_handlers.cpp, KT040
void check_amounts(const Pod& pod);            // check_amounts.cpp, KT016
void check_security(const Pod& pod);           // check_security.cpp, KT042
void check_scheduling(const Pod& pod);         // check_scheduling.cpp, KT024
void check_template_metadata(const Pod& pod);  // check_template_metadata.cpp, KT007
void check_pod_fields(const Pod& pod);         // check_pod_fields.cpp, KT043
void check_pod_annotations(const Pod& pod);    // check_pod_annotations.cpp, KT006, KT024, KT042 and KT043

// Parts that several of them need.
void check_projections(const Pod& pod, Value projected);  // check_projected.cpp
void check_downward_file(const Pod& pod, Value file);
void check_field_ref(const Pod& pod, std::string_view rule, Value ref, bool volume);  // check_environment.cpp
void check_resource_ref(const Pod& pod, std::string_view rule, Value ref, bool volume);
// What is wrong with a path inside a volume, to follow its quotation, or "": it is relative and has no "..", and where
// `reserved`, it does not begin with "..".
std::string inner_path_problem(std::string_view path, bool reserved);
// KT044 for a path that has such a problem.
void check_inner_path(const Pod& pod, Value path, bool reserved);

// KT013: a label selector, wherever one stands: operators and values, keys, label values. check_selectors.cpp
void check_label_selector(const Reporter& report, Value selector);
// Whether the selector selects what has these labels.
bool selects(Value selector, Value labels);

}  // namespace ktrain::lint
