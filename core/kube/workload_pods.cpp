// The pods of a workload with their ranks, and what they add to what its status tells.
#include "core/kube/workload_pods.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/base/labels.h"
#include "core/kube/fields.h"
#include "core/kube/http.h"
#include "core/kube/node_gpus.h"
#include "core/kube/status.h"

namespace ktrain::kube {
namespace {

// Anywhere in an object: pod templates of all kinds have their limits in another place.
bool asks_for_accelerator(const Json& value, int depth = 0) {
    if (!value.is_structured() || depth > 24) return false;
    for (const auto& [key, part] : value.items()) {
        if (key == "limits" || key == "requests") {
            for (const auto& [resource, amount] : part.items())
                if (is_accelerator(resource)) return true;
        } else if (asks_for_accelerator(part, depth + 1)) {
            return true;
        }
    }
    return false;
}

std::string key_of(std::string_view namespace_, std::string_view selector) {
    return std::string(namespace_) + " " + std::string(selector);
}

}  // namespace

Objects pointers(const std::vector<Json>& objects) {
    Objects out;
    for (const Json& object : objects) out.push_back(&object);
    return out;
}

std::vector<PodState> pods_of(const Json& workload, const Objects& pods) {
    const WorkloadKind* kind = workload_kind(workload);
    std::vector<PodState> out;
    for (const Json* pod : pods) {
        out.push_back(pod_state(*pod));
        if (kind != nullptr) out.back().rank = rank_of(*kind, workload, *pod);
    }
    std::sort(out.begin(), out.end(), [](const PodState& a, const PodState& b) {
        return std::tie(a.rank, a.created, a.name) < std::tie(b.rank, b.created, b.name);
    });
    return out;
}

void add_pods(WorkloadState& state, const Json& workload, const Objects& pods) {
    int running = 0, on_nodes = 0;
    for (const PodState& pod : pods_of(workload, pods)) {
        state.restarts += pod.restarts;
        if (pod.rank >= 0) state.wanted = std::max(state.wanted, pod.rank + 1);
        if (pod.ended) continue;
        running += pod.running;
        on_nodes += !pod.node.empty();
    }
    for (const Json* pod : pods)
        if (!state.progress.told()) state.progress = progress_of(*pod);
    if (state.ended()) return;
    state.ready = std::max(state.ready, running);
    if (state.phase == Phase::pending && running > 0)
        state.phase = Phase::running;
    else if (state.phase == Phase::pending && on_nodes > 0)
        state.phase = Phase::starting;
}

bool trains(const Workload& workload) {
    const StatusShape shape = workload.kind->shape;
    if (shape != StatusShape::job && shape != StatusShape::workflow) return true;
    return !label_value(workload.object, label_job).empty() || !label_value(workload.object, label_digest).empty() ||
           asks_for_accelerator(at_path(workload.object, {"spec"}));
}

std::vector<WorkloadState> states_of(KubeClient& client, const std::string& in_namespace,
                                     const std::vector<Workload>& workloads) {
    std::vector<WorkloadState> out;
    std::set<std::string> labels;  // that the pods wanted have
    for (const Workload& one : workloads) {
        out.push_back(workload_state(one.object));
        if (!out.back().ended()) labels.emplace(one.kind->pod_label);
    }
    std::map<std::string, std::vector<Json>> pods;  // by namespace and selector
    for (const std::string& label : labels) {
        try {
            for (Json& pod : client.list(*built_in_resource("v1", "Pod"), in_namespace, {label, ""}).items) {
                const std::string key = key_of(meta(pod, "namespace"), label + "=" + label_value(pod, label));
                pods[key].push_back(std::move(pod));
            }
        } catch (const Error& error) {  // the rest of the answer is worth having
            if (error.general) throw;
            if (error.kind != ErrorKind::denied && error.kind != ErrorKind::not_found && error.kind != ErrorKind::input)
                throw;
        }
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto found = pods.find(key_of(out[i].namespace_, pod_selector(*workloads[i].kind, workloads[i].object)));
        if (found != pods.end() && !out[i].ended()) add_pods(out[i], workloads[i].object, pointers(found->second));
    }
    return out;
}

std::optional<std::vector<Json>> pending_workloads(KubeClient& client, const char* version,
                                                   const std::string& in_namespace, const std::string& queue) {
    const auto text =
        client.read("/apis/visibility.kueue.x-k8s.io/" + std::string(version) + "/namespaces/" +
                    percent_encode(in_namespace) + "/localqueues/" + percent_encode(queue) + "/pendingworkloads");
    if (!text) return std::nullopt;
    const Json answer = parse_answer(*text);
    const Json& items = at_path(answer, {"items"});
    return items.is_array() ? items.get<std::vector<Json>>() : std::vector<Json>();
}

std::map<std::string, int> queue_positions(KubeClient& client, const std::vector<WorkloadState>& states) {
    std::set<std::pair<std::string, std::string>> queues;
    for (const WorkloadState& state : states)
        if (state.phase == Phase::queued && !state.queue.empty()) queues.insert({state.namespace_, state.queue});
    std::map<std::string, int> out;
    for (const auto& [namespace_, queue] : queues) {
        for (const char* version : visibility_versions) {
            std::optional<std::vector<Json>> pending;
            try {
                pending = pending_workloads(client, version, namespace_, queue);
            } catch (const Error& error) {
                if (error.kind == ErrorKind::bug || client.clock().stop_signal() != 0) throw;
                if (about_all(error)) return out;  // who serves this is not the server, and may be away
            }
            if (!pending) continue;
            for (const Json& item : *pending)
                for (const Json& owner : at_path(item, {"metadata", "ownerReferences"}))
                    out[string_or(owner, "uid")] = int_at(item, {"positionInLocalQueue"}) + 1;
            break;
        }
    }
    return out;
}

}  // namespace ktrain::kube
