// One job with its pods and events, followed live.
#include "core/kube/job_watch.h"

#include <algorithm>

namespace ktrain::kube {
namespace {

constexpr std::chrono::seconds events_pause{30};  // after they could not be read

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
    : client_(client),
      job_feed_(client, *built_in_resource("batch/v1", "Job"), in_namespace, {"", "metadata.name=" + name}),
      pod_feed_(client, core("Pod"), in_namespace, {"batch.kubernetes.io/job-name=" + name, ""}),
      job_event_feed_(client, core("Event"), in_namespace, {"", "involvedObject.kind=Job,involvedObject.name=" + name}),
      pod_event_feed_(client, core("Event"), in_namespace, {"", telling_pod_events()}),
      name_(name) {
    // No selector knows the names of pods that are yet to come.
    pod_event_feed_.keep_only([prefix = name + "-"](const Json& event) {
        return string_or(at_path(event, {"involvedObject"}), "name").starts_with(prefix);
    });
}

void JobWatch::step() {
    job_feed_.step();
    if (job_feed_.objects().empty() && uid_.empty()) return;
    pod_feed_.step();
    step_events();
}

// Events only explain: whether it goes on without a connection is for the job's feed to say.
void JobWatch::step_events() {
    const auto now = client_.clock().steady();
    if (!events_readable_ || now < events_due_) return;
    try {
        job_event_feed_.step();
        pod_event_feed_.step();
    } catch (const Error& error) {
        if (error.kind == ErrorKind::bug) throw;
        events_readable_ = error.kind != ErrorKind::denied || error.general;
        events_due_ = now + events_pause;
    }
}

bool JobWatch::refresh() {
    const bool job_changed = job_feed_.take_changed();
    const bool pods_changed = pod_feed_.take_changed();
    const bool job_events_changed = job_event_feed_.take_changed();
    const bool pod_events_changed = pod_event_feed_.take_changed();
    if (!job_changed && !pods_changed && !job_events_changed && !pod_events_changed) return false;
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
    std::vector<Json> events = values(job_event_feed_);
    for (Json& event : values(pod_event_feed_)) events.push_back(std::move(event));
    JobState own_job;
    own_job.name = name_;
    own_job.uid = uid_;
    events_ = telling_events(events, own_job, pods_);
    return true;
}

std::optional<Retry> JobWatch::trouble() const {
    for (const Feed* feed : {&job_feed_, &pod_feed_})
        if (auto trouble = feed->trouble()) return trouble;
    return std::nullopt;
}

}  // namespace ktrain::kube
