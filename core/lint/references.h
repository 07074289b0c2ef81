// What an object needs of others: claims, configuration, secrets, accounts, classes, queues; and the containers it has.
#pragma once

#include <string_view>
#include <vector>

#include "core/lint/value.h"

namespace ktrain::lint {

// A reference by name. `key`: of the data of a ConfigMap or a Secret, or nothing.
struct Reference {
    std::string_view kind;
    Value name;
    Value key = {};
    bool optional = false;
};

// In the order in which they stand. Names that are filled in later ("{{...}}") are left out.
std::vector<Reference> references_of(const Object& object);

// Containers and init containers of a pod template, without paths: cheaper than PodTemplate::containers().
std::vector<Value> containers_of(const PodTemplate& pod);
// Whether one of them has a limit of GPUs.
bool has_gpu(const PodTemplate& pod);

// Whether a name is there in every cluster, or comes with what clusters are made of.
bool is_well_known(std::string_view kind, std::string_view name);

}  // namespace ktrain::lint
