// Puts a bundle of objects on the cluster: all checked first, then created as one, or taken back as one.
#include "core/kube/submission.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/kube/changes.h"
#include "core/kube/claims.h"
#include "core/kube/submission_errors.h"

namespace ktrain::kube {
namespace {

// Kinds of which no object needs another one to be there first, sorted.
constexpr std::array<std::string_view, 7> independent{"ConfigMap",           "NetworkPolicy", "PersistentVolumeClaim",
                                                      "PodDisruptionBudget", "Secret",        "Service",
                                                      "ServiceAccount"};
static_assert(std::ranges::is_sorted(independent));

constexpr std::chrono::seconds longest_removal{150};  // of a job that is replaced, with its pods
constexpr std::chrono::milliseconds removal_pause{200};

// Thrown inside run() to unwind to the taking back.
struct Stopped {};

bool queued_by_kueue(const Json& job) {
    return !label_value(job, "kueue.x-k8s.io/queue-name").empty();
}

Json owner_of(const BundleObject& job, const std::string& uid) {
    return {{"apiVersion", job.resource.api_version()}, {"kind", job.resource.kind}, {"name", job.name}, {"uid", uid}};
}

bool owned_by(const Json& there, const std::string& uid) {
    const Json& owners = at_path(there, {"metadata", "ownerReferences"});
    return !uid.empty() &&
           std::any_of(owners.begin(), owners.end(), [&](const Json& one) { return string_or(one, "uid") == uid; });
}

}  // namespace

std::string_view name_of(Outcome outcome) {
    constexpr std::array<std::string_view, 6> names{"created",     "configured", "unchanged",
                                                    "not checked", "kept",       "replaced"};
    return names[static_cast<std::size_t>(outcome)];
}

Submission::Submission(KubeClient& client, std::vector<Json> objects, const std::string& default_namespace,
                       const SubmissionOptions& options)
    : client_(client), options_(options) {
    for (BundleObject& object : make_bundle(client, std::move(objects), default_namespace)) {
        entries_.push_back({std::move(object)});
        entries_.back().looked = options.check;
    }
    id_ = fmt::format("{:08x}{:08x}", client.jitter(std::chrono::milliseconds(0x7fffffff)).count(),
                      client.clock().now().time_since_epoch().count() & 0xffffffff);
}

std::vector<Submission::SubmittedJob> Submission::jobs() const {
    std::vector<SubmittedJob> out;
    for (const Entry& entry : entries_)
        if (entry.role == Role::job) out.push_back({entry.kind, entry.resource, entry.namespace_, entry.object});
    return out;
}

std::vector<Json> Submission::given() const {
    std::vector<Json> out;
    for (const Entry& entry : entries_) out.push_back(entry.object);
    return out;
}

std::vector<Json> Submission::new_jobs() const {
    std::vector<Json> out;
    for (const Entry& entry : entries_)
        if (entry.role == Role::job && entry.there.is_null()) out.push_back(entry.object);
    return out;
}

std::vector<Json> Submission::old_jobs() const {
    std::vector<Json> out;
    for (const Entry& entry : entries_)
        if (entry.role == Role::job && !entry.there.is_null()) out.push_back(entry.there);
    return out;
}

std::vector<Json> Submission::objects() const {
    std::vector<Json> out;
    for (const Entry& entry : entries_) out.push_back(entry.result.is_null() ? entry.object : entry.result);
    return out;
}

bool Submission::run(const Report& report) {
    try {
        write_shared(report);
        for (Entry& entry : entries_)
            if (entry.role == Role::job) run_job(entry, report);
        return true;
    } catch (const Error& error) {
        const Undone undone = take_back();
        if (undone.removed.empty() && undone.left.empty()) throw;
        Error told = error;
        if (!undone.removed.empty())
            told.message += "; what was created has been removed again: " + join(undone.removed, ", ");
        if (!undone.left.empty()) {
            told.message += "; could not remove again: " + join(undone.left, ", ");
            told.hint =
                "when the server can be reached: remove them with kubectl delete, or submit again to complete it";
        }
        throw told;
    } catch (const Stopped&) {
        const std::vector<std::string> left = take_back().left;
        if (left.empty()) return false;
        throw Error(ErrorKind::unreachable, "interrupted, and could not remove again: " + join(left, ", "), {},
                    "remove them with kubectl delete, or submit again to complete it");
    } catch (...) {
        take_back();
        throw;
    }
}

// What is new and has no owner carries this call's id; what is there keeps the id that it has.
Json Submission::stated(const Entry& entry, const Entry* job) const {
    Json object = entry.object;
    if (job != nullptr) {
        object["metadata"]["ownerReferences"] = Json::array({owner_of(*job, job->uid)});
        return object;
    }
    const std::string id = entry.there.is_null() ? id_ : annotation(entry.there, annotation_submission);
    if (!id.empty()) object["metadata"]["annotations"][std::string(annotation_submission)] = id;
    return object;
}

bool Submission::is_due(const Entry& entry, const Entry* job) const {
    return !entry.kept && !(entry.as_wanted && (job == nullptr || owned_by(entry.there, job->uid)));
}

// Objects that do not need each other, with a `job` as their owner: all are under way before the first is settled.
void Submission::write_all(const std::vector<Entry*>& entries, const Report& report, const Entry* job) {
    if (stopped()) throw Stopped();
    if (entries.size() > 1) {
        KubeClient::Ahead ahead;
        for (Entry* entry : entries) {
            if (!is_due(*entry, job)) continue;
            if (entry->is_new())
                ahead.create(entry->resource, entry->namespace_, stated(*entry, job), false);
            else
                ahead.apply(entry->resource, entry->namespace_, stated(*entry, job), false);
            if (entry->there.is_null() && entry->deed == Deed::nothing) entry->deed = Deed::unknown;
        }
        client_.begin(ahead);
    }
    for (Entry* entry : entries) write(*entry, report, job);
}

// Applies one object; with a `job` as its owner.
void Submission::write(Entry& entry, const Report& report, const Entry* job) {
    if (stopped()) throw Stopped();
    if (entry.kept) return report({entry.label, Outcome::kept});
    if (!is_due(entry, job)) {
        entry.result = entry.there;
        return report({entry.label, Outcome::unchanged});
    }
    const bool mine = entry.deed == Deed::created;
    if (entry.there.is_null() && !mine) entry.deed = Deed::unknown;
    try {
        const Written written = put(entry, job);
        if (entry.kept) return report({entry.label, Outcome::kept});
        entry.result = written.object;
        entry.uid = meta(written.object, "uid");
        if (!mine) entry.deed = written.created ? Deed::created : Deed::nothing;
        const bool same = meta(entry.there, "resourceVersion") == meta(written.object, "resourceVersion");
        report({entry.label, written.created ? Outcome::created : same ? Outcome::unchanged : Outcome::configured});
    } catch (const Error& error) {
        if (!no_answer(error)) entry.deed = mine ? Deed::created : Deed::nothing;
        throw;
    }
}

// What check() has not looked at may not be overwritten unseen: it is created, and looked at when it is there.
Written Submission::put(Entry& entry, const Entry* job) {
    if (entry.is_new()) {
        try {
            return {client_.create(entry.resource, entry.namespace_, stated(entry, job), false), true};
        } catch (const Error& error) {
            const bool namespace_ = entry.resource.kind == "Namespace" && error.kind == ErrorKind::denied;
            if (error.kind != ErrorKind::conflict && !namespace_) throw;
            if (namespace_ && !client_.find(entry.resource, "", entry.name)) throw;
            entry.kept = namespace_;
        }
        if (entry.kept) return {};
        entry.there = look_at(entry, Json());
        const bool own = annotation(entry.there, annotation_submission) == id_ ||
                         (job != nullptr && job->deed == Deed::created && owned_by(entry.there, job->uid));
        if (own) return {std::exchange(entry.there, Json()), true};  // by a request that was sent twice
        if (entry.role == Role::shared && !options_.foreign && !is_made(entry.there))
            if (const auto differences = wanted_changes(entry.there, entry.object); !differences.empty())
                throw not_made(entry, differences);
    }
    return client_.apply(entry.resource, entry.namespace_, stated(entry, job), false);
}

// In their order; those that need no other one side by side.
void Submission::write_shared(const Report& report) {
    std::vector<Entry*> together;
    for (Entry& entry : entries_) {
        if (entry.role != Role::shared) continue;
        const bool alone = std::ranges::find(independent, entry.resource.kind) == independent.end();
        if (alone) write_all(std::exchange(together, {}), report, nullptr);
        together.push_back(&entry);
        if (alone) write_all(std::exchange(together, {}), report, nullptr);
    }
    write_all(together, report, nullptr);
}

// The job whose name the new one takes, and what went with it, except for its volumes: they are the new one's then.
void Submission::remove_old(Entry& job) {
    const std::string uid = meta(job.replaced, "uid");
    keep_claims(client_, job.namespace_, {job.kind, job.resource, job.replaced});
    std::vector<Entry*> going{&job};
    // Its children may have its name, as the JobSet of a TrainJob: the new one would take them for its own.
    client_.remove_last(job.resource, job.namespace_, job.name, uid);
    for (Entry& entry : entries_) {
        if (!entry.belongs_to(job) || entry.there.is_null() || entry.resource.kind == "PersistentVolumeClaim") continue;
        client_.remove(entry.resource, entry.namespace_, entry.name, meta(entry.there, "uid"), false);
        going.push_back(&entry);
    }
    for (Entry* entry : going) {
        const std::string old = entry == &job ? uid : meta(entry->there, "uid");
        const auto end = client_.clock().steady() + longest_removal;
        for (;;) {
            const auto there = client_.find(entry->resource, entry->namespace_, entry->name);
            if (!there || meta(*there, "uid") != old) break;
            if (client_.clock().steady() > end) throw kube::going(*entry);
            if (!client_.clock().sleep(removal_pause)) throw Stopped();
        }
        entry->there = Json();
        entry->as_wanted = false;
    }
}

// A job that starts as soon as it is there comes after what it needs, which is given to it then.
void Submission::run_job(Entry& job, const Report& report) {
    const auto write_owned = [&](const Report& told, const Entry* owner) {
        std::vector<Entry*> owned;
        for (Entry& entry : entries_)
            if (entry.belongs_to(job)) owned.push_back(&entry);
        write_all(owned, told, owner);
    };
    if (stopped()) throw Stopped();
    if (!job.replaced.is_null()) remove_old(job);
    const bool last = job.there.is_null() && !job.can_be_held();
    if (last) write_owned(report, nullptr);
    if (stopped()) throw Stopped();
    if (job.there.is_null()) post_job(job);
    write_owned(last ? [](const Step&) {} : report, &job);
    if (stopped()) throw Stopped();
    release(job);
    report({job.label, job.deed == Deed::created ? Outcome::created : Outcome::unchanged});
}

// Never sent twice blindly: without an answer, or when the name is taken all of a sudden, the job is looked up. It is
// this call's when it carries its id.
void Submission::post_job(Entry& job) {
    Json object = job.object;
    if (job.can_be_held()) object.merge_patch(suspend_patch(*job.kind, true));
    object["metadata"]["annotations"][std::string(annotation_submitting)] = id_;
    job.deed = Deed::unknown;
    try {
        job.uid = meta(client_.create(job.resource, job.namespace_, object, false), "uid");
        job.deed = Deed::created;
    } catch (const Error& error) {
        const bool taken = error.kind == ErrorKind::conflict;
        if (!taken && !no_answer(error)) {
            job.deed = Deed::nothing;
            throw;
        }
        Json there;
        try {
            if (find_own(job, "", &there)) return;
        } catch (const Error&) {
            throw error;  // take_back() asks once more
        }
        if (!taken || there.is_null()) throw error;
        options_.replace = false;  // somebody else was first: only what check() has seen makes room
        keep_job(job, there, [](const Step&) {});
    }
}

// Lets the job go, also one that an earlier call left half-made. The uid makes sure that it is still the same one.
void Submission::release(Entry& job) {
    if (!job.there.is_null() && annotation(job.there, annotation_submitting).empty()) return;
    Json patch{{"metadata", {{"uid", job.uid}, {"annotations", {{std::string(annotation_submitting), nullptr}}}}}};
    if (job.can_be_held() && !queued_by_kueue(job.object))
        patch.merge_patch(suspend_patch(*job.kind, is_suspended(*job.kind, job.object)));
    job.result = client_.patch(job.resource, job.namespace_, job.name, patch);
}

// After a request without an answer: whether the object is there and from this call. Settles what it did.
bool Submission::find_own(Entry& entry, const std::string& job_uid, Json* found) {
    const auto there = client_.find(entry.resource, entry.namespace_, entry.name, Patience::certain);
    const bool own = there && (entry.role == Role::job
                                   ? annotation(*there, annotation_submitting) == id_
                                   : owned_by(*there, job_uid) || annotation(*there, annotation_submission) == id_);
    entry.deed = own ? Deed::created : Deed::nothing;
    if (own) entry.uid = meta(*there, "uid");
    if (found != nullptr && there) *found = *there;
    return own;
}

// Removes what this call created, last first.
Submission::Undone Submission::take_back() {
    Undone out;
    const auto job_of = [&](const Entry& entry) {
        const auto job = std::ranges::find_if(entries_, [&](const Entry& one) { return entry.belongs_to(one); });
        return job == entries_.end() || job->deed != Deed::created ? std::string() : job->uid;
    };
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        try {
            if (entry->deed == Deed::unknown) find_own(*entry, job_of(*entry));
            if (entry->deed != Deed::created) continue;
            client_.remove(entry->resource, entry->namespace_, entry->name, entry->uid, false);
            out.removed.push_back(entry->label);
        } catch (const Error& error) {
            if (error.kind == ErrorKind::conflict) continue;  // another object by now: this call's is gone
            out.left.push_back(fmt::format("{} ({})", entry->label, error.message));
        }
    }
    return out;
}

}  // namespace ktrain::kube
