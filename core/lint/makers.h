// What operators make of parts of their kinds - pods, Jobs, claims: who checks the parts before that, and what an
// operator writes over.
#pragma once

#include <functional>

#include "core/lint/object.h"

namespace ktrain::lint {

enum class Made { claims, jobs, jobs_of_pods };

// A part of a custom resource that a kind of Kubernetes is made of.
struct Part {
    std::string_view group;
    std::string_view kinds;                     // separated by blanks
    std::string_view path;                      // as in KindSchema::templates()
    std::string_view api_version, kind, field;  // whose field has the type of the part
    Made made;                                  // jobs_of_pods: the part is a Job's pods alone
};

// The pod templates of the object, by its schema, that pods are made from.
std::vector<PodTemplate> find_templates(const Object& object);
// Whether the server of the kind takes pod templates as its schema has them, and nobody looks into them before pods are
// made.
bool leaves_pods(const Object& object);
// Whether the operator writes the field at the path itself, whatever stands there.
bool writes_over(const Object& object, std::string_view path);
// Parts of the object other than its pod templates; `use` is called for each that is there and something is made of.
void each_part(const Object& object, const std::function<void(const Part&, const Spot&)>& use);
// What is refused: "Jobs".
std::string_view name_of(Made made);
// To follow what is wrong with a part: ": a JobSet is made with it, and its Jobs are refused".
std::string refused_later(const Object& object, std::string_view made);

}  // namespace ktrain::lint
