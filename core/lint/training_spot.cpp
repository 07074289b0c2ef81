// Nodes that are taken away: what a job must have to live on them, and whether it asks for them at all.
#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/training.h"

namespace ktrain::lint {
namespace {

void check_checkpoint(Training& training, const PodGroup& group, Asked spot) {
    const Container* trainer = group.trainer();
    if (trainer == nullptr || training.lost || keeps_anything(group, *trainer)) return;
    if (trainer->launch.launcher == Launcher::ktrain && spot != Asked::yes) return;
    const Spot selector = group.spec["nodeSelector"];
    training.lost = true;
    training.add("KR301", (selector ? selector : group.spec["affinity"]).key_place(),
                 std::string(spot == Asked::yes ? "the pods are for nodes" : "the pods may be on nodes") +
                     " that are taken away, and nothing they write outlives them",
                 "mount a PersistentVolumeClaim and write checkpoints there, or use other nodes");
}

// Whether the policy leaves out of the count what is no fault of the program.
bool ignores_disruptions(Value policy) {
    return std::ranges::any_of(policy["rules"].items(), [](const yaml::Node& node) {
        const Value rule(node);
        if (rule["action"].text() != "Ignore") return false;
        return std::ranges::any_of(rule["onPodConditions"].items(), [](const yaml::Node& condition) {
            return Value(condition)["type"].text() == "DisruptionTarget";
        });
    });
}

Json ignore_disruptions() {
    return {{"action", "Ignore"},
            {"onPodConditions", Json::array({{{"type", "DisruptionTarget"}, {"status", "True"}}})}};
}

// Jobs of other kinds: their operators count every pod that fails, and have no policy to leave some out.
void check_retries(const Training& training) {
    const Workload& work = training.work;
    const bool set = work.is("JobSet", "jobset.x-k8s.io");
    if (!set && group_of(work.object->api_version) != "kubeflow.org") return;
    const Spot limit = set ? work.spec["failurePolicy"]["maxRestarts"] : work.spec["runPolicy"]["backoffLimit"];
    const std::int64_t retries = Value(limit).number().value_or(0);
    if (retries <= 20 || (set && work.spec["failurePolicy"]["rules"])) return;
    training.add(
        "KR305", limit.place(),
        "a fault of the program is tried " + std::to_string(retries) + " times: lost nodes are counted like faults",
        set ? "lower it, and add a rule to failurePolicy that fails the set on other faults"
            : "lower it, and use restartPolicy: ExitCode, with codes from 128 on for faults that may pass");
}

void check_backoff(const Training& training, const PodGroup& group, Asked spot) {
    const Spot job = training.work.spec;
    if (!training.work.is("Job", "batch") && !training.work.is("CronJob", "batch")) return;
    const Spot limit = job["backoffLimit"], policy = job["podFailurePolicy"];
    const std::int64_t retries = Value(limit).number().value_or(6);
    const bool many = retries > 20;
    const bool few = spot != Asked::no && !limit;
    if (ignores_disruptions(Value(policy)) || (!many && !few) || job["backoffLimitPerIndex"]) return;
    Diagnostic& found = training.add("KR305", (limit ? limit : job["backoffLimit"]).place(),
                                     many ? "a fault of the program is tried " + std::to_string(retries) +
                                                " times: lost nodes are counted like faults"
                                          : "6 interruptions end the job: that is the backoffLimit where none is set",
                                     "add a podFailurePolicy that ignores DisruptionTarget, and a small backoffLimit");
    const bool never = group.spec["restartPolicy"].text() == "Never";
    if (!never || (policy && !policy["rules"])) return;  // the policy is for that alone
    if (policy) found.changes.push_back(appended(policy, "rules", ignore_disruptions()));
    if (!policy)
        found.changes.push_back(added(job, {"podFailurePolicy", "rules"}, Json::array({ignore_disruptions()})));
}

// Objects of Karpenter among these, or names of its labels.
bool has_karpenter(const PodGroup& group) {
    return mentions_nodes(group, "karpenter.sh/") || mentions_nodes(group, "karpenter.k8s.aws/");
}

void check_disruption(const Training& training) {
    for (const PodGroup& group : training.work.groups) {
        if (!has_karpenter(group) || !group.has_gpu()) continue;
        const Spot annotations = group.metadata["annotations"];
        if (annotations["karpenter.sh/do-not-disrupt"] || annotations["karpenter.sh/do-not-evict"]) continue;
        Diagnostic& found = training.add(
            "KR310", annotations.key_place(), "Karpenter may move the pods while they train, to save a node",
            "write the annotation karpenter.sh/do-not-disrupt: \"true\" in the pod template");
        const Spot holder = group.metadata ? group.metadata : group.owner["template"];
        if (group.metadata)
            found.changes.push_back(added(holder, {"annotations", "karpenter.sh/do-not-disrupt"}, "true"));
        else if (holder)
            found.changes.push_back(added(holder, {"metadata", "annotations", "karpenter.sh/do-not-disrupt"}, "true"));
        return;
    }
}

bool says_spot(const Spot& metadata) {
    const auto says = [](std::string_view text) {
        const std::string word = lower(text);
        for (const char* mark : {"spot", "preemptible"}) {
            const std::size_t at = word.find(mark);
            const std::size_t end = at + std::string_view(mark).size();
            const auto is_letter = [&](std::size_t i) { return word[i] >= 'a' && word[i] <= 'z'; };
            if (at == std::string::npos) continue;
            if ((at == 0 || !is_letter(at - 1)) && (end == word.size() || !is_letter(end))) return true;
        }
        return false;
    };
    if (says(metadata["name"].text())) return true;
    return std::ranges::any_of(Value(metadata)["labels"].members(), [&](const yaml::Entry& entry) {
        return says(entry.key.text) || says(entry.value.text);
    });
}

void check_selector(const Training& training) {
    const Workload& work = training.work;
    bool only = false, any = false;
    const PodGroup* first = nullptr;
    for (const PodGroup& group : work.groups) {
        const Asked spot = asks_spot(group);
        any = any || spot != Asked::no;
        only = only || spot == Asked::yes;
        if (spot == Asked::yes && first == nullptr) first = &group;
    }
    const Spot name = work.object->root["metadata"]["name"];
    if (!any && says_spot(work.object->root["metadata"])) {
        training.add("KR315", name.place(),
                     "the job is called one for spot nodes, and neither selects nor tolerates them",
                     "select them: karpenter.sh/capacity-type: spot, or the label of your cloud");
    } else if (only && work.pods() > 1 && work.trains && !work.spec["elasticPolicy"]) {
        training.add(
            "KR315", first->spec["nodeSelector"].key_place(),
            "each of " + std::to_string(work.pods()) + " pods may be taken away, and all of them stop with the first",
            "make the job elastic, or use nodes that stay for it", Severity::info);
    }
}

}  // namespace

void check_spot(Training& training) {
    if (!training.work.batch()) return;
    for (const PodGroup& group : training.work.groups) {
        if (!group.spec) continue;
        const Asked spot = asks_spot(group);
        if (spot != Asked::no) check_checkpoint(training, group, spot);
        check_backoff(training, group, spot);
    }
    check_retries(training);
    check_disruption(training);
    check_selector(training);
}

}  // namespace ktrain::lint
