// The checks of what trains, or computes on GPUs, by subject; all called for an object by check_training().
//
// They are policy: the API server takes all of it. None has anything to say about what `ktrain generate` writes.
#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/lint/workload.h"

namespace ktrain::lint {

// Serves all rules of the families KG (but KG101 and KG111), KD and KR.
void check_training(const Object& object, const Bundle& bundle, Findings& findings);

// What the checks of one object share.
struct Training {
    const Workload& work;
    const Bundle& bundle;
    Findings& findings;
    std::set<std::string, std::less<>> said = {};  // what is said once for all groups
    bool lost = false;                             // KR301 or KR302 was found: what a run writes does not outlive it

    // Whether it is the first time: groups of a job have much in common, and one cause gets one finding.
    bool once(std::string what) { return said.insert(std::move(what)).second; }
    Diagnostic& add(std::string_view rule, const Place& place, std::string message, std::string fix = "",
                    std::optional<Severity> severity = {}) const {
        return findings.add(rule, place, std::move(message), std::move(fix), severity);
    }
};

void check_devices(Training& training);     // training_devices.cpp: KG102 to KG105, KG109, KG110
void check_nodes(Training& training);       // training_nodes.cpp: KG106, KG113, KG114
void check_needs(Training& training);       // training_needs.cpp: KG107, KG108, KG112, KR306
void check_launch(Training& training);      // training_launch.cpp: KD201 to KD205
void check_peers(Training& training);       // training_peers.cpp: KD206, KD211, KD214, KD216
void check_rendezvous(Training& training);  // training_rendezvous.cpp: KD212, KD213
void check_shm(Training& training);         // training_shm.cpp: KD207, KD208
void check_network(Training& training);     // training_network.cpp: KD209, KD210, KD215, KD217
void check_kept(Training& training);        // training_kept.cpp: KR302 to KR304
void check_spot(Training& training);        // training_spot.cpp: KR301, KR305, KR310, KR315
void check_ends(Training& training);        // training_ends.cpp: KR307 to KR309, KR316
void check_restarts(Training& training);    // training_restarts.cpp: KR312 to KR314
void check_budget(const Object& object, const Bundle& bundle, Findings& findings);  // training_budget.cpp: KR311

// Adds a value below the spot, at a path of members, with those of them that are not there.
Change added(const Spot& to, std::initializer_list<std::string_view> path, Json value);
// Adds an item to a list that is a member of the spot, with the list if there is none.
Change appended(const Spot& to, std::string_view list, Json item);
Change removed(const Spot& spot);
Change replaced(const Spot& spot, Json value);

// "the pods have", or "the pods of Master and Worker have" where not all groups of the workload are meant.
std::string pods_have(const Workload& work, const std::vector<const PodGroup*>& groups);

// What the pod asks of its nodes.
enum class Asked { no, may_be, yes };
// Whether the nodes must have the label's value, or may (among others, or by a toleration of a taint of that name).
Asked asks(const PodGroup& group, std::string_view label, std::string_view value);
// The values of a label that the nodes may have; empty: any.
std::vector<std::string_view> node_values(const PodGroup& group, std::string_view label);
// Whether a node selector, a required affinity or a toleration has a name that begins so.
bool mentions_nodes(const PodGroup& group, std::string_view prefix);
// Interruptible nodes: asked for, or tolerated.
Asked asks_spot(const PodGroup& group);

// Whether what is in the volume outlives the pod. A volume that is not in the list of the pod may.
bool is_persistent(Value volume);
// Whether anything that the container may write to outlives the pod: a volume, or a place by its address ("s3://").
bool keeps_anything(const PodGroup& group, const Container& container);

}  // namespace ktrain::lint
