// Puts a bundle of objects on the cluster: all checked first, then created as one, or taken back as one.
#include "core/kube/submission.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/digest.h"
#include "core/base/text.h"

namespace ktrain::kube {
namespace {

// Thrown inside run() to unwind to the rolling back.
struct Stopped {};

bool passes(const Error& error) {  // not about one object: no use in asking about the others
    return error.kind == ErrorKind::unreachable || error.kind == ErrorKind::timed_out || error.kind == ErrorKind::failed;
}

Error combined(const std::vector<Error>& errors, std::size_t of) {
    if (errors.size() == 1) return errors.front();
    std::string message = fmt::format("the server refuses {} of {} objects:", errors.size(), of);
    for (const Error& error : errors) message += "\n  - " + error.message;
    return {errors.front().kind, message, {}, errors.front().hint};
}

Error other_job(const std::string& name, const std::string& in_namespace) {
    return {ErrorKind::conflict, fmt::format("there is another job \"{}\" in namespace \"{}\", made from another spec", name, in_namespace), {},
            fmt::format("remove it: ktrain cancel {0} -n {1}; or give this one another metadata.name; or see what it does: ktrain status {0} -n {1}",
                        name, in_namespace)};
}

// The label that identifies the job; jobs of others get the digest of their manifest.
void give_digest(Json& job) {
    if (!label_value(job, label_digest).empty()) return;
    const std::string digest = sha256(job.dump(-1, ' ', false, Json::error_handler_t::replace)).substr(0, 16);
    job["metadata"]["labels"][std::string(label_digest)] = digest;
}

bool queued_by_kueue(const Json& job) { return !label_value(job, "kueue.x-k8s.io/queue-name").empty(); }

}  // namespace

std::string_view name_of(Outcome outcome) {
    constexpr std::array<std::string_view, 5> names{"created", "configured", "unchanged", "not checked", "kept"};
    return names[static_cast<std::size_t>(outcome)];
}

Submission::Submission(KubeClient& client, std::vector<Json> objects, const std::string& default_namespace) : client_(client) {
    for (Json& object : objects) add(std::move(object), default_namespace);
    const auto rank = [](const Piece& piece) { return piece.resource.kind == "Namespace" ? -1 : static_cast<int>(piece.role); };
    std::stable_sort(pieces_.begin(), pieces_.end(), [&](const Piece& a, const Piece& b) { return rank(a) < rank(b); });
    for (Piece& piece : pieces_) {
        const bool served = std::any_of(jobs_.begin(), jobs_.end(), [&](const JobName& job) {
            return job.name == piece.owner && job.namespace_ == piece.namespace_;
        });
        if (piece.role == Role::owned && !served) piece.role = Role::shared;
    }
    id_ = fmt::format("{:08x}{:08x}", client.jitter(std::chrono::milliseconds(0x7fffffff)).count(),
                      client.clock().now().time_since_epoch().count() & 0xffffffff);
}

void Submission::add(Json object, const std::string& default_namespace) {
    Piece piece;
    piece.name = meta(object, "name");
    const std::string kind = string_or(object, "kind");
    if (!object.is_object() || kind.empty() || string_or(object, "apiVersion").empty())
        throw Error(ErrorKind::input, "there is a document that is no Kubernetes object: it has no apiVersion and kind");
    if (piece.name.empty())
        throw Error(ErrorKind::input, fmt::format("there is a {} without metadata.name", printable(kind)), {}, "give it a name");
    piece.resource = client_.resource(string_or(object, "apiVersion"), kind);
    if (piece.resource.namespaced) {
        piece.namespace_ = meta(object, "namespace");
        if (piece.namespace_.empty()) object["metadata"]["namespace"] = piece.namespace_ = default_namespace;
    }
    piece.label = piece.resource.label(piece.name);
    piece.owner = label_value(object, label_job);
    if (piece.resource.kind == "Job" && piece.resource.group == "batch") {
        piece.role = Role::job;
        give_digest(object);
        jobs_.push_back({piece.name, piece.namespace_});
        job_objects_.push_back(object);
    } else if (piece.resource.namespaced && !piece.owner.empty()) {
        piece.role = Role::owned;
    }
    piece.object = std::move(object);
    pieces_.push_back(std::move(piece));
}

void Submission::check(const Report& report) {
    std::vector<Error> errors;
    for (Piece& piece : pieces_) {
        try {
            check_piece(piece, report);
        } catch (const Error& error) {
            if (passes(error)) throw;
            errors.push_back(error);
        }
    }
    if (!errors.empty()) throw combined(errors, pieces_.size());
}

void Submission::check_piece(Piece& piece, const Report& report) {
    if (new_namespaces_.contains(piece.namespace_)) {
        report(piece.label, Outcome::unchecked);
        return;
    }
    if (piece.resource.kind == "Namespace") return check_namespace(piece, report);
    if (piece.role == Role::job) return check_job(piece, report);
    const Written written = client_.apply(piece.resource, piece.namespace_, piece.object, true);
    piece.existed = !written.created;
    piece.version = meta(written.object, "resourceVersion");
    report(piece.label, written.created ? Outcome::created : Outcome::configured);
}

// Few users may write namespaces: one that is there already is good enough.
void Submission::check_namespace(Piece& piece, const Report& report) {
    try {
        const Written written = client_.apply(piece.resource, "", piece.object, true);
        piece.existed = !written.created;
        piece.version = meta(written.object, "resourceVersion");
        if (written.created) new_namespaces_.insert(piece.name);
        report(piece.label, written.created ? Outcome::created : Outcome::configured);
    } catch (const Error& error) {
        if (error.kind != ErrorKind::denied && error.kind != ErrorKind::conflict) throw;
        bool there = true;  // when not even that may be read, the next object in it tells
        try {
            there = client_.find(piece.resource, "", piece.name).has_value();
        } catch (const Error& unreadable) {
            if (unreadable.kind != ErrorKind::denied) throw;
        }
        if (!there) throw;
        piece.existed = piece.skipped = true;
        report(piece.label, Outcome::kept);
    }
}

void Submission::check_job(Piece& piece, const Report& report) {
    try {
        client_.create(piece.resource, piece.namespace_, piece.object, true);
        report(piece.label, Outcome::created);
    } catch (const Error& error) {
        if (error.kind != ErrorKind::conflict) throw;
        const auto there = client_.find(piece.resource, piece.namespace_, piece.name);
        if (!there) throw;
        if (label_value(*there, label_digest) != label_value(piece.object, label_digest)) throw other_job(piece.name, piece.namespace_);
        if (!meta(*there, "deletionTimestamp").empty()) {
            throw Error(ErrorKind::conflict, fmt::format("the job \"{}\" is still being deleted", piece.name), {}, "try again in a moment");
        }
        piece.existed = true;
        piece.uid = meta(*there, "uid");
        report(piece.label, Outcome::unchanged);
    }
}

bool Submission::run(const Report& report) {
    try {
        for (Piece& piece : pieces_)
            if (piece.role == Role::shared) apply_piece(piece, piece.object, report);
        for (Piece& piece : pieces_)
            if (piece.role == Role::job) run_job(piece, report);
        return true;
    } catch (const Error& error) {
        const std::vector<std::string> left = roll_back();
        if (left.empty()) throw;
        throw Error(error.kind, error.message + "; could not remove again: " + join(left, ", "), error.where,
                    jobs_.empty() ? error.hint : fmt::format("when the server can be reached: ktrain cancel {} -n {}", jobs_.front().name, jobs_.front().namespace_));
    } catch (const Stopped&) {
        const std::vector<std::string> left = roll_back();
        if (left.empty()) return false;
        throw Error(ErrorKind::unreachable, "interrupted, and could not remove again: " + join(left, ", "));
    }
}

void Submission::apply_piece(Piece& piece, const Json& object, const Report& report) {
    if (stopped()) throw Stopped();
    if (piece.skipped) return report(piece.label, Outcome::kept);
    piece.attempted = !piece.existed;
    Written written;
    try {
        written = client_.apply(piece.resource, piece.namespace_, object, false);
    } catch (const Error& error) {
        if (!passes(error)) piece.attempted = false;  // refused: there is nothing to take back
        throw;
    }
    piece.uid = meta(written.object, "uid");
    piece.attempted = written.created;
    const bool same = !written.created && meta(written.object, "resourceVersion") == piece.version;
    report(piece.label, written.created ? Outcome::created : same ? Outcome::unchanged : Outcome::configured);
}

void Submission::run_job(Piece& job, const Report& report) {
    if (stopped()) throw Stopped();
    if (!job.existed) post_job(job);
    for (Piece& piece : pieces_) {
        if (piece.role != Role::owned || piece.owner != job.name || piece.namespace_ != job.namespace_) continue;
        Json object = piece.object;
        object["metadata"]["ownerReferences"] = Json::array(
            {{{"apiVersion", job.resource.api_version()}, {"kind", job.resource.kind}, {"name", job.name}, {"uid", job.uid}}});
        apply_piece(piece, object, report);
    }
    if (stopped()) throw Stopped();
    release(job);
    report(job.label, job.attempted ? Outcome::created : Outcome::unchanged);
}

void Submission::post_job(Piece& job) {
    Json object = job.object;
    object["spec"]["suspend"] = true;
    object["metadata"]["annotations"][std::string(annotation_submitting)] = id_;
    job.attempted = true;
    try {
        job.uid = meta(client_.create(job.resource, job.namespace_, object, false), "uid");
    } catch (const Error& error) {
        if (!was_created(job, error)) throw;
    }
}

// After a POST without an answer: whether the job is there, and ours. Errors: none, the answer is no then.
bool Submission::was_created(Piece& job, const Error& error) {
    if (error.kind == ErrorKind::conflict) job.attempted = false;  // somebody was faster
    if (error.kind != ErrorKind::unreachable && error.kind != ErrorKind::timed_out) return false;
    try {
        const auto there = client_.find(job.resource, job.namespace_, job.name);
        const bool ours = there && annotation(*there, annotation_submitting) == id_;
        job.attempted = ours;
        if (ours) job.uid = meta(*there, "uid");
        return ours;
    } catch (const Error&) {
        return false;
    }
}

// Lets the job go, also one that an earlier call left half-made. The uid makes sure that it is still the same one.
void Submission::release(const Piece& job) {
    if (job.existed) {
        const auto there = client_.find(job.resource, job.namespace_, job.name);
        if (!there || annotation(*there, annotation_submitting).empty()) return;
    }
    Json changes{{"metadata", {{"uid", job.uid}, {"annotations", {{std::string(annotation_submitting), nullptr}}}}}};
    if (!queued_by_kueue(job.object)) changes["spec"]["suspend"] = at_path(job.object, {"spec", "suspend"}) == true;
    client_.patch(job.resource, job.namespace_, job.name, changes);
}

// Removes what this call created, last first; returns what could not be removed.
std::vector<std::string> Submission::roll_back() {
    std::vector<std::string> left;
    for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
        if (!piece->attempted) continue;
        try {
            if (piece->role == Role::job && piece->uid.empty() && !was_created(*piece, Error(ErrorKind::unreachable, ""))) {
                if (piece->attempted) left.push_back(piece->label);
                continue;
            }
            client_.remove(piece->resource, piece->namespace_, piece->name, piece->uid, false);
        } catch (const Error& error) {
            left.push_back(fmt::format("{} ({})", piece->label, error.message));
        }
    }
    return left;
}

}  // namespace ktrain::kube
