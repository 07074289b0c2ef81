// Pods that run together and that the nodes could not take together, were they empty: waiting for others does not help.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "core/advice/explain.h"
#include "core/advice/explain_placement.h"
#include "core/advice/placement.h"
#include "core/advice/room.h"
#include "core/base/text.h"
#include "core/kube/pod_resources.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

// Whether the pods are told where they meet: indexed Jobs may be shards, too, which know nothing of each other.
bool is_told_of_peers(const Json& pod_spec) {
    const std::string text = pod_spec.dump(-1, ' ', false, Json::error_handler_t::replace);
    return std::ranges::any_of(std::array<std::string_view, 4>{"MASTER_ADDR", "torchrun", "rdzv", "ktrain run"},
                               [&](std::string_view sign) { return text.find(sign) != std::string::npos; });
}

// Ranks of one run wait for each other; pods of other workloads make room when they end.
bool run_together(const Json& root) {
    const std::string kind = string_or(root, "kind");
    if (kind == "Job")
        return string_or(at_path(root, {"spec"}), "completionMode") == "Indexed" &&
               (!kube::label_value(root, "ktrain.dev/job").empty() ||
                is_told_of_peers(at_path(root, {"spec", "template", "spec"})));
    return kind == "JobSet" || kind == "TrainJob" || kind == "MPIJob" || kind == "LeaderWorkerSet" ||
           (string_or(root, "apiVersion").starts_with("kubeflow.org/") && kind.ends_with("Job"));
}

// The pods that are there or wait, those alike as one.
std::vector<PodShare> living_shares(const Snapshot& snapshot) {
    std::map<std::string, PodShare> shares;
    for (const Json& pod : snapshot.pods) {
        if (phase_of(pod) == "Succeeded" || phase_of(pod) == "Failed" || !kube::meta(pod, "deletionTimestamp").empty())
            continue;
        std::string key = controller_of(pod).uid + "/" + join(selection_of(pod), ",");
        for (const auto& [name, amount] : kube::pod_requests(at_path(pod, {"spec"}))) key += name + amount.text();
        const auto known = shares.find(key);
        if (known != shares.end())
            ++known->second.count;
        else
            shares.emplace(std::move(key), PodShare{pod, 1});
    }
    std::vector<PodShare> out;
    for (auto& [key, share] : shares) out.push_back(std::move(share));
    return out;
}

// Whether a name stands in a text by itself: "job-1" not in "job-12".
bool has_word(const std::string& text, const std::string& name) {
    const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-'; };
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
    }
    return false;
}

// Whether the pod was there when others ended, and what it said, if it has ended, is known.
bool was_there(const Snapshot& snapshot, const Json& pod, const std::optional<kube::Time>& ended) {
    const auto made = time_at(pod, {"metadata", "creationTimestamp"});
    if (ended && made && *made >= *ended) return false;
    return phase_of(pod) != "Failed" ||
           std::ranges::any_of(snapshot.logs, [&](const LogTail& log) { return log.pod == kube::meta(pod, "name"); });
}

bool is_timeout(const Finding& finding) {
    return finding.cause == "nccl-timeout" || finding.cause == "rendezvous-timeout";
}

// "no node has that much free now".
bool lacks_free_room(const Finding& finding) {
    return finding.severity == Severity::warning && finding.cause.starts_with("insufficient-");
}

}  // namespace

void explain_gang(const Case& c, std::vector<Finding>& findings) {
    if (!c.snapshot.all_nodes || !run_together(c.snapshot.root) || std::ranges::none_of(findings, lacks_free_room))
        return;
    const auto shortage = lacks_room(living_shares(c.snapshot), *c.snapshot.nodes);
    if (!shortage) return;
    for (Finding& finding : findings) {
        if (!lacks_free_room(finding)) continue;
        finding.severity = Severity::error;
        finding.summary = finding.summary.substr(0, finding.summary.find(':')) + ": " + shortage->message;
        finding.remedy = shortage->remedy + ": the pods of this job run together, and wait for each other";
        for (const Json& pod : c.snapshot.pods) {
            const std::string kept = ref_of(pod) == finding.object ? kept_off_nodes(pod, *c.snapshot.nodes) : "";
            if (kept.empty()) continue;
            finding.summary += "; " + kept;
            finding.remedy =
                "let the pods on these nodes (mend or uncordon them, or tolerate the taint), or " + finding.remedy;
        }
    }
}

void explain_awaited_pod(const Case& c, std::vector<Finding>& findings) {
    static constexpr std::array<std::string_view, 3> causes{"connection-refused", "dns", "service-unreachable"};
    const auto is_one = [](const Finding& finding) { return std::ranges::find(causes, finding.cause) != causes.end(); };
    for (const Json& pod : c.snapshot.pods) {
        const ObjectRef ref = ref_of(pod);
        const auto trouble = std::ranges::find_if(findings, [&](const Finding& one) {
            return one.object == ref && one.weight > weight::follower && !is_one(one);
        });
        if (trouble == findings.end()) continue;
        const std::string host = string_or(at_path(pod, {"spec"}), "hostname", ref.name);
        for (Finding& finding : findings) {
            // A pod that waits has never been there.
            const bool before =
                phase_of(pod) == "Pending" || !finding.since || !trouble->since || *trouble->since <= *finding.since;
            if (is_one(finding) && before && has_word(finding.said, host)) finding.weight = weight::follower;
        }
    }
}

void explain_silent_rank(const Case& c, std::vector<Finding>& findings) {
    const auto first = std::ranges::find_if(findings, is_timeout);
    if (first == findings.end()) return;
    const Json* silent = nullptr;
    std::optional<kube::Time> ended;  // the first of the others
    std::size_t others = 0;
    std::string job;
    for (const Json& pod : c.snapshot.pods)
        if (ref_of(pod) == first->object) job = controller_of(pod).uid;
    for (const Json* pod : current_pods(c.snapshot)) {
        if (controller_of(*pod).uid != job) continue;  // what else runs beside the ranks
        const ObjectRef ref = ref_of(*pod);
        const auto said =
            std::ranges::find_if(findings, [&](const Finding& one) { return one.object == ref && is_timeout(one); });
        if (said != findings.end()) {
            ++others;
            if (said->since && (!ended || *said->since < *ended)) ended = said->since;
            continue;
        }
        if (silent != nullptr || place_of(*pod).empty()) return;
        silent = pod;
    }
    if (silent != nullptr && !was_there(c.snapshot, *silent, ended)) return;
    if (silent == nullptr || others < 2) return;
    const ObjectRef ref = ref_of(*silent);
    const auto of_silent = [&](const Finding& one) { return one.object == ref; };
    if (std::ranges::any_of(findings,
                            [&](const Finding& one) { return of_silent(one) && one.weight > weight::follower; }))
        return;
    std::erase_if(findings, of_silent);
    const std::string place = place_of(*silent);
    for (Finding& finding : findings) {
        if (!is_timeout(finding)) continue;
        finding.summary = fmt::format("all ranks but {} timed out, so that it is the one that they waited for: {}",
                                      place.empty() ? ref.text() : place, finding.summary);
        finding.evidence.insert(finding.evidence.begin(), fmt::format("{} reports no time-out", ref.text()));
        finding.object = ref;
        finding.remedy = "see what that rank did at the time: its log, its data loader, its node";
        finding.command = fill("kubectl logs {pod} -n {namespace}", words_of(c, *silent));
    }
}

}  // namespace ktrain::advice
