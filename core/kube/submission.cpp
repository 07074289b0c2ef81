// Puts a bundle of objects on the cluster: all checked first, then created as one, or taken back as one.
#include "core/kube/submission.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain::kube {
namespace {

// Thrown inside run() to unwind to the taking back.
struct Stopped {};

Error combined(const std::vector<Error>& errors, std::size_t of) {
    if (errors.size() == 1) return errors.front();
    std::string message = fmt::format("the server refuses {} of {} objects:", errors.size(), of);
    for (const Error& error : errors) message += "\n  - " + error.message;
    return {errors.front().kind, message, {}, errors.front().hint};
}

Error other_job(const BundleObject& job) {
    return {ErrorKind::conflict,
            fmt::format("there is another {} \"{}\" in namespace \"{}\", made from another spec",
                        lower(job.resource.kind), job.name, job.namespace_),
            {},
            fmt::format("remove it: ktrain cancel {0} -n {1}; or give this one another metadata.name; or see what it "
                        "does: ktrain status {0} -n {1}",
                        job.name, job.namespace_)};
}

Error not_ours(const BundleObject& object) {
    return {ErrorKind::conflict,
            fmt::format("{} exists in namespace \"{}\" and belongs to something else than job \"{}\"", object.label,
                        object.namespace_, object.owner),
            {},
            fmt::format("give the job another metadata.name; or, when nobody needs it: kubectl delete {} -n {}",
                        object.label, object.namespace_)};
}

Error going(const BundleObject& object) {
    return {ErrorKind::conflict,
            fmt::format("{} in namespace \"{}\" is still being deleted", object.label, object.namespace_),
            {},
            "try again in a moment"};
}

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

// A webhook with side effects, as it says itself, is not asked in a dry run: the server refuses that one alone.
// Source: apiserver pkg/admission/plugin/webhook/errors/statuserror.go.
bool wants_no_trial(const Error& error) {
    return error.message.find("does not support dry run") != std::string::npos;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
    constexpr std::array<std::string_view, 5> names{"created", "configured", "unchanged", "not checked", "kept"};
    return names[static_cast<std::size_t>(outcome)];
}

Submission::Submission(KubeClient& client, std::vector<Json> objects, const std::string& default_namespace)
    : client_(client) {
    for (BundleObject& object : make_bundle(client, std::move(objects), default_namespace))
        entries_.push_back({std::move(object)});
    id_ = fmt::format("{:08x}{:08x}", client.jitter(std::chrono::milliseconds(0x7fffffff)).count(),
                      client.clock().now().time_since_epoch().count() & 0xffffffff);
}

std::vector<Submission::SubmittedJob> Submission::jobs() const {
    std::vector<SubmittedJob> out;
    for (const Entry& entry : entries_)
        if (entry.role == Role::job) out.push_back({entry.kind, entry.resource, entry.namespace_, entry.object});
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

void Submission::check(const Report& report) {
    std::vector<Error> errors;
    for (Entry& entry : entries_) {
        try {
            try {
                check_entry(entry, report);
            } catch (const Error& error) {
                if (!wants_no_trial(error)) throw;
                check_by_looking(entry, report);
            }
        } catch (const Error& error) {
            if (about_all(error)) throw;
            errors.push_back(error);
        }
    }
    if (!errors.empty()) throw combined(errors, entries_.size());
}

void Submission::check_entry(Entry& entry, const Report& report) {
    if (new_namespaces_.contains(entry.namespace_)) return report({entry.label, Outcome::unchecked});
    if (entry.resource.kind == "Namespace") return check_namespace(entry, report);
    if (entry.role == Role::job) return check_job(entry, report);
    const Written written = client_.apply(entry.resource, entry.namespace_, entry.object, true);
    entry.result = written.object;
    if (written.created) return report({entry.label, Outcome::created});
    entry.there = look_at(entry, written.object);
    const auto differences = changes(entry.there, written.object);
    entry.as_wanted = entry.readable && differences.empty();
    report({entry.label, differences.empty() ? Outcome::unchanged : Outcome::configured,
            entry.role == Role::shared ? differences : std::vector<std::string>()});
}

// An object that exists, as it is. What would serve the job alone must be the job's. Errors: Error{conflict}.
Json Submission::look_at(Entry& entry, const Json& after) {
    Json there;
    try {
        const auto found = client_.find(entry.resource, entry.namespace_, entry.name);
        there = found ? *found : after;
    } catch (const Error& error) {
        if (error.kind != ErrorKind::denied || entry.role == Role::owned) throw;
        entry.readable = false;
        there = after;  // may be written, not read: what would be there then is all that can be known
    }
    if (!meta(there, "deletionTimestamp").empty()) throw going(entry);
    if (entry.role == Role::owned && !serves_job(there, entry.owner)) throw not_ours(entry);
    return there;
}

// Few users may write namespaces: one that is there already is good enough.
void Submission::check_namespace(Entry& entry, const Report& report) {
    try {
        const Written written = client_.apply(entry.resource, "", entry.object, true);
        entry.result = written.object;
        if (written.created) {
            new_namespaces_.insert(entry.name);
            return report({entry.label, Outcome::created});
        }
        entry.there = look_at(entry, written.object);
        const auto differences = changes(entry.there, written.object);
        entry.as_wanted = entry.readable && differences.empty();
        report({entry.label, differences.empty() ? Outcome::unchanged : Outcome::configured, differences});
    } catch (const Error& error) {
        if (about_all(error) || (error.kind != ErrorKind::denied && error.kind != ErrorKind::conflict)) throw;
        bool there = true;  // when not even that may be read, the next object in it tells
        try {
            there = client_.find(entry.resource, "", entry.name).has_value();
        } catch (const Error& unreadable) {
            if (unreadable.kind != ErrorKind::denied) throw;
        }
        if (!there) throw;
        entry.kept = true;
        report({entry.label, Outcome::kept});
    }
}

void Submission::check_job(Entry& entry, const Report& report) {
    try {
        entry.result = client_.create(entry.resource, entry.namespace_, entry.object, true);
        report({entry.label, Outcome::created});
    } catch (const Error& error) {
        if (error.kind != ErrorKind::conflict) throw;
        const auto there = client_.find(entry.resource, entry.namespace_, entry.name);
        if (!there) throw;
        keep_job(entry, *there, report);
    }
}

// A job that is there already: this one, or none of ours.
void Submission::keep_job(Entry& entry, const Json& there, const Report& report) {
    if (label_value(there, label_digest) != label_value(entry.object, label_digest)) throw other_job(entry);
    if (!meta(there, "deletionTimestamp").empty()) throw going(entry);
    entry.there = entry.result = there;
    entry.uid = meta(there, "uid");
    report({entry.label, Outcome::unchanged});
}

// Of an object that the server will not try out: what is there is known, what will be is not.
void Submission::check_by_looking(Entry& entry, const Report& report) {
    const auto there = client_.find(entry.resource, entry.namespace_, entry.name);
    if (there && entry.role == Role::job) return keep_job(entry, *there, report);
    if (there) entry.there = look_at(entry, *there);
    report({entry.label, Outcome::unchecked});
}

bool Submission::run(const Report& report) {
    try {
        for (Entry& entry : entries_)
            if (entry.role == Role::shared) write(entry, report);
        for (Entry& entry : entries_)
            if (entry.role == Role::job) run_job(entry, report);
        return true;
    } catch (const Error& error) {
        const std::vector<std::string> left = take_back();
        if (left.empty()) throw;
        throw Error(error.kind, error.message + "; could not remove again: " + join(left, ", "), error.where,
                    "when the server can be reached: remove them with kubectl delete, or submit again to complete it");
    } catch (const Stopped&) {
        const std::vector<std::string> left = take_back();
        if (left.empty()) return false;
        throw Error(ErrorKind::unreachable, "interrupted, and could not remove again: " + join(left, ", "), {},
                    "remove them with kubectl delete, or submit again to complete it");
    } catch (...) {
        take_back();
        throw;
    }
}

// What is new and has no owner carries this call's id; what is there keeps the id that it has.
Json Submission::marked(const Entry& entry) const {
    Json object = entry.object;
    const std::string id = entry.there.is_null() ? id_ : annotation(entry.there, annotation_submission);
    if (!id.empty()) object["metadata"]["annotations"][std::string(annotation_submission)] = id;
    return object;
}

// Applies one object; with a `job` as its owner.
void Submission::write(Entry& entry, const Report& report, const Entry* job) {
    if (stopped()) throw Stopped();
    if (entry.kept) return report({entry.label, Outcome::kept});
    if (entry.as_wanted && (job == nullptr || owned_by(entry.there, job->uid))) {
        entry.result = entry.there;
        return report({entry.label, Outcome::unchanged});
    }
    Json object = job == nullptr ? marked(entry) : entry.object;
    if (job != nullptr) {
        object["metadata"]["ownerReferences"] = Json::array({owner_of(*job, job->uid)});
    }
    const Deed before = entry.deed;
    if (entry.there.is_null() && before != Deed::created) entry.deed = Deed::unknown;
    try {
        const Written written = client_.apply(entry.resource, entry.namespace_, object, false);
        entry.result = written.object;
        entry.uid = meta(written.object, "uid");
        if (before != Deed::created) entry.deed = written.created ? Deed::created : Deed::nothing;
        const bool same = meta(entry.there, "resourceVersion") == meta(written.object, "resourceVersion");
        report({entry.label, written.created ? Outcome::created : same ? Outcome::unchanged : Outcome::configured});
    } catch (const Error& error) {
        if (!no_answer(error)) entry.deed = before;
        throw;
    }
}

// A job that starts as soon as it is there comes after what it needs, which is given to it then.
void Submission::run_job(Entry& job, const Report& report) {
    const auto write_owned = [&](const Report& told, const Entry* owner) {
        for (Entry& entry : entries_)
            if (entry.belongs_to(job)) write(entry, told, owner);
    };
    if (stopped()) throw Stopped();
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
        bool known = true;
        try {
            if (find_own(job, "")) return;
        } catch (const Error&) {
            known = false;  // take_back() asks once more
        }
        if (taken && known) throw other_job(job);
        throw error;
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
bool Submission::find_own(Entry& entry, const std::string& job_uid) {
    const auto there = client_.find(entry.resource, entry.namespace_, entry.name, Patience::certain);
    const bool own = there && (entry.role == Role::job
                                   ? annotation(*there, annotation_submitting) == id_
                                   : owned_by(*there, job_uid) || annotation(*there, annotation_submission) == id_);
    entry.deed = own ? Deed::created : Deed::nothing;
    if (own) entry.uid = meta(*there, "uid");
    return own;
}

// Removes what this call created, last first; returns what is or may be left.
std::vector<std::string> Submission::take_back() {
    std::vector<std::string> left;
    const auto job_of = [&](const Entry& entry) {
        const auto job = std::ranges::find_if(entries_, [&](const Entry& one) { return entry.belongs_to(one); });
        return job == entries_.end() || job->deed != Deed::created ? std::string() : job->uid;
    };
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        try {
            if (entry->deed == Deed::unknown) find_own(*entry, job_of(*entry));
            if (entry->deed == Deed::created)
                client_.remove(entry->resource, entry->namespace_, entry->name, entry->uid, false);
        } catch (const Error& error) {
            if (error.kind == ErrorKind::conflict) continue;  // another object by now: this call's is gone
            left.push_back(fmt::format("{} ({})", entry->label, error.message));
        }
    }
    return left;
}

}  // namespace ktrain::kube
