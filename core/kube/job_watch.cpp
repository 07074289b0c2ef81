// One job with its pods and events, followed live.
#include "core/kube/job_watch.h"

#include <algorithm>

namespace ktrain::kube {
namespace {

Resource core(std::string_view kind) {
    return *built_in_resource("v1", kind);
}

std::vector<Json> values(const Feed& feed) {
    std::vector<Json> out;
    for (const auto& [name, object] : feed.objects()) out.push_back(object);
    return out;
}

}  // namespace

JobWatch::JobWatch(KubeClient& client, const std::string& in_namespace, const std::string& name)
    : job_feed_(client, *built_in_resource("batch/v1", "Job"), in_namespace, {"", "metadata.name=" + name}),
      pod_feed_(client, core("Pod"), in_namespace, {"batch.kubernetes.io/job-name=" + name, ""}),
      event_feed_(client, core("Event"), in_namespace, {"", "involvedObject.kind=Job,involvedObject.name=" + name}),
      name_(name) {}

void JobWatch::step() {
    job_feed_.step();
    if (job_feed_.objects().empty() && uid_.empty()) return;
    pod_feed_.step();
    if (!events_readable_) return;
    try {
        event_feed_.step();
    } catch (const Error& error) {
        if (error.kind != ErrorKind::denied) throw;
        events_readable_ = false;
    }
}

bool JobWatch::refresh() {
    const bool job_changed = job_feed_.take_changed();
    const bool pods_changed = pod_feed_.take_changed();
    const bool events_changed = event_feed_.take_changed();
    if (!job_changed && !pods_changed && !events_changed) return false;
    job_.reset();
    if (const auto found = job_feed_.objects().find(name_); found != job_feed_.objects().end()) {
        JobState state = job_state(found->second);
        if (uid_.empty()) uid_ = state.uid;
        if (state.uid == uid_) job_ = std::move(state);
    }
    std::vector<Json> own;
    for (Json& pod : values(pod_feed_)) {
        const Json& owners = at_path(pod, {"metadata", "ownerReferences"});
        const bool ours =
            std::any_of(owners.begin(), owners.end(), [&](const Json& o) { return string_or(o, "uid") == uid_; });
        if (ours || owners.empty()) own.push_back(std::move(pod));
    }
    std::vector<PodState> pods = pod_states(own);
    for (const PodState& pod : pods_) {
        const bool here = std::any_of(pods.begin(), pods.end(), [&](const PodState& p) { return p.name == pod.name; });
        if (!here && pod.failed()) lost_[pod.name] = pod;
    }
    for (const auto& [name, pod] : lost_) pods.push_back(pod);
    pods_ = std::move(pods);
    events_ = telling_events(values(event_feed_), name_, pods_);
    return true;
}

std::string JobWatch::trouble() const {
    for (const Feed* feed : {&job_feed_, &pod_feed_})
        if (!feed->trouble().empty()) return feed->trouble();
    return {};
}

}  // namespace ktrain::kube
