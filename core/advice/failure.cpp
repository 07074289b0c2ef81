// Finds the containers that ended badly.
#include "core/advice/failure.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

// A container that has been restarted this often, and lately, will be again.
constexpr std::int64_t many_restarts = 3, many_kills = 2;
constexpr std::chrono::minutes lately{10};
constexpr std::chrono::hours in_a_row{1};  // of pods that took the same place

// Once is a retry; one that was killed for its memory, and had failed before, will be again.
std::int64_t enough(const Json& ended) {
    return string_or(ended, "reason") == "OOMKilled" ? many_kills : many_restarts;
}

bool is_peer_end(const Failure& failure) {
    const auto code = failure.code();
    return failure.reason() != "OOMKilled" && (code == 134 || code == 137 || code == 143);
}

}  // namespace

bool was_killed(const Failure& failure) {
    return (failure.code() == 137 && failure.reason() != "OOMKilled") ||
           (failure.code() == 255 && failure.reason() == "Unknown");
}

std::optional<Failure> failure_of(const Snapshot& snapshot, const Json& pod) {
    for (const Container& container : containers_of(pod)) {
        if (container.status == nullptr) continue;
        const Json& state = at_path(*container.status, {"state"});
        const Json& before = at_path(*container.status, {"lastState", "terminated"});
        Failure out{&pod, container, nullptr, false, {}};
        if (const Json& ended = at_path(state, {"terminated"}); ended.is_object()) {
            // An init container that failed before and succeeded then is in lastState only.
            if (number_at(ended, {"exitCode"}) != 0) out.ended = &ended;
        } else if (before.is_object()) {
            const bool waits = string_or(at_path(state, {"waiting"}), "reason") == "CrashLoopBackOff";
            const bool again = state.contains("running") &&
                               number_at(*container.status, {"restartCount"}) >= enough(before) &&
                               age(snapshot, time_at(before, {"finishedAt"})) < lately;
            out.restarted = true;
            if (waits || (again && number_at(before, {"exitCode"}) != 0)) out.ended = &before;
        }
        if (out.ended == nullptr) continue;
        out.at = time_at(*out.ended, {"finishedAt"});
        return out;
    }
    return std::nullopt;
}

std::vector<const Json*> pods_in_question(const Snapshot& snapshot) {
    std::vector<const Json*> out = current_pods(snapshot);
    std::set<std::string> done;  // places whose pod has come to a good end
    for (const Json* pod : out)
        if (phase_of(*pod) == "Succeeded") done.insert(slot_of(snapshot, *pod));
    std::map<std::string, std::vector<Failure>> replaced;  // by place
    for (const Json& pod : snapshot.pods) {
        if (phase_of(pod) != "Failed" || std::ranges::find(out, &pod) != out.end()) continue;
        const std::string slot = slot_of(snapshot, pod);
        const bool disrupted = string_or(condition_of(pod, "DisruptionTarget"), "status") == "True";
        if (slot.empty() || done.contains(slot) || disrupted) continue;
        if (auto one = failure_of(snapshot, pod); one && age(snapshot, one->at) < in_a_row)
            replaced[slot].push_back(std::move(*one));
    }
    for (const auto& [place, all] : replaced) {
        const auto last = std::ranges::max_element(all, {}, &Failure::at);
        const auto alike =
            std::ranges::count_if(all, [&](const Failure& one) { return one.reason() == last->reason(); });
        if (alike >= enough(*last->ended) && age(snapshot, last->at) < lately) out.push_back(last->pod);
    }
    return out;
}

std::vector<Failure> failures(const Snapshot& snapshot) {
    std::vector<Failure> out;
    for (const Json* pod : pods_in_question(snapshot))
        if (auto one = failure_of(snapshot, *pod)) out.push_back(std::move(*one));
    std::stable_sort(out.begin(), out.end(), [](const Failure& a, const Failure& b) {
        const auto key = [](const Failure& f) {
            return std::make_tuple(f.at.value_or(kube::Time::max()), is_peer_end(f), kube::meta(*f.pod, "name"));
        };
        return key(a) < key(b);
    });
    return out;
}

}  // namespace ktrain::advice
