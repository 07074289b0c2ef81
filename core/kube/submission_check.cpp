// What a submission asks the server before it stores anything.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/text.h"
#include "core/kube/changes.h"
#include "core/kube/submission.h"
#include "core/kube/submission_errors.h"
#include "core/kube/workload_state.h"

namespace ktrain::kube {
namespace {

// A webhook with side effects, as it says itself, is not asked in a dry run: the server refuses that one alone.
// Source: apiserver pkg/admission/plugin/webhook/errors/statuserror.go.
bool wants_no_trial(const Error& error) {
    return error.message.find("does not support dry run") != std::string::npos;
}

// Whether `ktrain generate` has made it.
bool is_generated(const Json& object) {
    return label_value(object, "app.kubernetes.io/managed-by") == "ktrain";
}

}  // namespace

bool is_made(const Json& object) {
    return is_generated(object) || !annotation(object, annotation_submission).empty();
}

void Submission::check(const Report& report) {
    std::vector<Error> errors;
    bool begun = false;
    for (Entry& entry : entries_) {
        if (entry.resource.kind != "Namespace" && !std::exchange(begun, true)) begin_checks();
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

// Once it is known which namespaces are there.
void Submission::begin_checks() {
    KubeClient::Ahead ahead;
    for (const Entry& entry : entries_) {
        if (entry.resource.kind == "Namespace" || new_namespaces_.contains(entry.namespace_)) continue;
        if (entry.role == Role::job)
            ahead.create(entry.resource, entry.namespace_, entry.object, true);
        else
            ahead.apply(entry.resource, entry.namespace_, entry.object, true);
    }
    client_.begin(ahead);
}

void Submission::check_entry(Entry& entry, const Report& report) {
    if (new_namespaces_.contains(entry.namespace_)) return report({entry.label, Outcome::unchecked});
    if (entry.resource.kind == "Namespace") return check_namespace(entry, report);
    if (entry.role == Role::job) return check_job(entry, report);
    const Written written = try_apply(entry);
    entry.result = written.object;
    if (written.created) return report({entry.label, Outcome::created});
    entry.there = look_at(entry, written.object);
    const auto differences = changes(entry.there, written.object);
    entry.as_wanted = entry.readable && differences.empty();
    report({entry.label, differences.empty() ? Outcome::unchanged : Outcome::configured,
            entry.role == Role::shared ? differences : std::vector<std::string>(), !is_made(entry.there)});
}

// The server says that the spec is immutable, and not where it differs.
Written Submission::try_apply(Entry& entry) {
    try {
        return client_.apply(entry.resource, entry.namespace_, entry.object, true);
    } catch (const Error& refusal) {
        if (refusal.kind != ErrorKind::input || wants_no_trial(refusal)) throw;
        std::optional<Json> there;
        try {
            there = client_.find(entry.resource, entry.namespace_, entry.name);
        } catch (const Error&) {
            throw refusal;
        }
        if (there && entry.role == Role::owned && !serves_job(*there, entry.owner))
            throw not_ours(entry, client_.server());
        if (there)
            if (const auto error = cannot_change(entry, *there, wanted_changes(*there, entry.object), refusal))
                throw *error;
        throw;
    }
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
    if (entry.role == Role::owned && !serves_job(there, entry.owner)) throw not_ours(entry, client_.server());
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
        // Whoever made it has decided how strict it is: our labels may ask for less.
        entry.kept = is_generated(entry.object) && !is_generated(entry.there);
        if (entry.kept) return report({entry.label, Outcome::kept});
        entry.as_wanted = entry.readable && differences.empty();
        report({entry.label, differences.empty() ? Outcome::unchanged : Outcome::configured, differences,
                !is_made(entry.there)});
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

// A job that is there already: this one, or one that is to be replaced, or none of ours.
void Submission::keep_job(Entry& entry, const Json& there, const Report& report) {
    const bool same = label_value(there, label_digest) == label_value(entry.object, label_digest);
    if (options_.replace && (!same || workload_state(there).ended())) return replace_job(entry, there, report);
    if (!same) throw other_job(entry, job_changes(entry, there), client_.server());
    if (!meta(there, "deletionTimestamp").empty()) throw going(entry);
    entry.there = entry.result = there;
    entry.uid = meta(there, "uid");
    report({entry.label, Outcome::unchanged});
}

// What a job that is there was not made with. A spec lies in a ConfigMap, whose name tells its digest.
std::vector<std::string> Submission::job_changes(const Entry& job, const Json& there) {
    Json wanted = job.object;
    std::vector<std::string> out;
    for (const auto& [was, is] : mounted_config_maps(there, wanted)) {
        const auto own = std::ranges::find_if(entries_, [&, name = is](const Entry& one) {
            return one.resource.kind == "ConfigMap" && one.namespace_ == job.namespace_ && one.name == name;
        });
        std::optional<Json> before;
        try {
            if (own != entries_.end()) before = client_.find(own->resource, job.namespace_, was);
        } catch (const Error& error) {
            if (error.kind != ErrorKind::denied || error.general) throw;
        }
        if (!before && was != is) out.push_back(printable(fmt::format("configmap/{} -> configmap/{}", was, is)));
        if (!before) continue;
        for (std::string& one : file_changes(*before, own->object)) out.push_back(std::move(one));
    }
    for (std::string& one : wanted_changes(there, wanted)) out.push_back(std::move(one));
    return out;
}

// The new one is tried out under another name, since its own is taken.
void Submission::replace_job(Entry& entry, const Json& there, const Report& report) {
    Json trial = entry.object;
    trial["metadata"].erase("name");
    trial["metadata"]["generateName"] = entry.name.substr(0, 40) + "-";
    client_.create(entry.resource, entry.namespace_, trial, true);
    entry.replaced = there;
    report({entry.label, Outcome::replaced, job_changes(entry, there)});
}

// Of an object that the server will not try out: what is there is known, what will be is not.
void Submission::check_by_looking(Entry& entry, const Report& report) {
    const auto there = client_.find(entry.resource, entry.namespace_, entry.name);
    if (there && entry.role == Role::job) return keep_job(entry, *there, report);
    if (there) entry.there = look_at(entry, *there);
    report({entry.label, Outcome::unchecked});
}

}  // namespace ktrain::kube
