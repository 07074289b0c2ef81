// What is wrong with a workload: one root cause, with the object, the evidence and what to do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/json.h"
#include "core/kube/timestamp.h"

namespace ktrain::advice {

struct ObjectRef {
    std::string kind, namespace_, name;

    std::string text() const { return kind + "/" + name; }  // "Pod/cnn-0-x7k2p"
    bool operator==(const ObjectRef&) const = default;
};

ObjectRef ref_of(const Json& object);

struct Finding {
    std::string cause;  // stable id: "insufficient-gpu"
    Severity severity = Severity::error;
    std::string summary;  // one sentence, without a full stop
    ObjectRef object;
    std::vector<std::string> evidence;  // lines: what the cluster and the logs say, without values of secrets
    std::string remedy;                 // what to do, as a sentence
    std::string command;                // to run next; may be empty
    std::string said;                   // the line of a log that tells it; of other findings empty
    int weight = 0;                     // the more it explains, the higher: see the constants below
    std::optional<kube::Time> since;    // of two with the same weight the earlier one is the cause
    int count = 1;                      // pods or objects with this cause
};

// Weights by how direct a cause is. A consequence is shown only where nothing explains it.
namespace weight {
inline constexpr int consequence = 10, hint = 30, follower = 50, exit_code = 60, owner = 65, scheduling = 70,
                     queue = 72, group = 73, placement = 74, refused = 75, volume = 77, container = 78, ending = 80,
                     deletion = 95;
}

// {cause, severity, summary, object{kind,namespace,name}, evidence[], remedy, command, pods}
Json to_json(const Finding& finding);

// Causes first: by weight, then by time; one finding for each cause, with what the others of it were about as evidence;
// consequences and hints are left out where an explanation remains.
std::vector<Finding> ranked(std::vector<Finding> findings);

}  // namespace ktrain::advice
