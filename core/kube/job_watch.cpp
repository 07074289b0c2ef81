// One workload with its pods and events, followed live.
#include "core/kube/job_watch.h"

#include <algorithm>
#include <set>
#include <string_view>

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

// A workload whose pods have no name of it yet (a RayJob without a cluster) has none: its own name matches nothing.
std::string pods_selected(const Workload& workload) {
    const std::string selector = pod_selector(*workload.kind, workload.object);
    return selector.empty() ? std::string(workload.kind->pod_label) + "=" + workload.name() : selector;
}

}  // namespace

JobWatch::JobWatch(KubeClient& client, const std::string& in_namespace, const std::string& name)
    : JobWatch(client, in_namespace,
               Workload{workload_kind("batch", "Job"), *built_in_resource("batch/v1", "Job"),
                        Json{{"metadata", {{"name", name}}}}}) {}

JobWatch::JobWatch(KubeClient& client, const std::string& in_namespace, const Workload& workload)
    : uid_(workload.uid()),
      client_(client),
      kind_(workload.kind),
      resource_(workload.resource),
      job_feed_(client, resource_, in_namespace, {"", "metadata.name=" + workload.name()}),
      pod_feed_(client, core("Pod"), in_namespace, {pods_selected(workload), ""}),
      job_event_feed_(
          client, core("Event"), in_namespace,
          {"", "involvedObject.kind=" + std::string(kind_->kind) + ",involvedObject.name=" + workload.name()}),
      pod_event_feed_(client, core("Event"), in_namespace,
                      {"", telling_event_selector(kind_->children[0].kind.empty())}),
      name_(workload.name()) {
    // No selector knows the names of pods that are yet to come.
    pod_event_feed_.keep_only([prefix = name_ + "-"](const Json& event) {
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

// The job that is followed, with its kind, which lists leave out; null when it is not there.
Json JobWatch::find_job() const {
    const auto found = job_feed_.objects().find(name_);
    if (found == job_feed_.objects().end() || (!uid_.empty() && meta(found->second, "uid") != uid_)) return nullptr;
    Json out = found->second;
    out["apiVersion"] = resource_.api_version();
    out["kind"] = resource_.kind;
    return out;
}

// The pods of a Job are told from those of an earlier one of its name by their owner; in other kinds there may be a
// Job between the two, and their label has to do.
Objects JobWatch::own_pods() const {
    Objects out;
    for (const auto& [name, pod] : pod_feed_.objects()) out.push_back(&pod);
    if (kind_->shape != StatusShape::job) return out;
    std::erase_if(out, [&](const Json* pod) {
        const Json& owners = at_path(*pod, {"metadata", "ownerReferences"});
        return !owners.empty() &&
               std::none_of(owners.begin(), owners.end(), [&](const Json& o) { return string_or(o, "uid") == uid_; });
    });
    return out;
}

bool JobWatch::refresh() {
    const bool job_changed = job_feed_.take_changed();
    const bool pods_changed = pod_feed_.take_changed();
    const bool job_events_changed = job_event_feed_.take_changed();
    const bool pod_events_changed = pod_event_feed_.take_changed();
    if (!job_changed && !pods_changed && !job_events_changed && !pod_events_changed) return false;
    job_.reset();
    const Json object = find_job();
    if (uid_.empty()) uid_ = meta(object, "uid");
    const Objects own = own_pods();
    if (!object.is_null()) {
        job_ = workload_state(object);
        add_pods(*job_, object, own);
    }
    std::vector<PodState> pods = pods_of(object, own);
    std::set<std::string_view> here;
    for (const PodState& pod : pods) here.insert(pod.name);
    for (const PodState& pod : pods_)
        if (pod.failed() && !here.contains(pod.name)) lost_[pod.name] = pod;
    for (const auto& [name, pod] : lost_) pods.push_back(pod);
    pods_ = std::move(pods);
    std::vector<Json> events = values(job_event_feed_);
    for (Json& event : values(pod_event_feed_)) events.push_back(std::move(event));
    WorkloadState own_job;
    own_job.kind = kind_;
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
