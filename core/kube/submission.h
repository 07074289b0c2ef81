// Puts a bundle of objects on the cluster: all checked first, then created as one, or taken back as one.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/client.h"

namespace ktrain::kube {

// On a job and on what serves it alone: those objects are owned by the job and go when it goes.
inline constexpr std::string_view label_job = "ktrain.dev/job";
// Tells whether a job of the same name is the same job.
inline constexpr std::string_view label_digest = "ktrain.dev/spec-digest";

enum class Outcome { created, configured, unchanged, unchecked, kept };

std::string_view name_of(Outcome outcome);

// A job with the annotation below is half-made: it is suspended, so it holds no node, until all that it needs is there.
inline constexpr std::string_view annotation_submitting = "ktrain.dev/submitting";

class Submission {
public:
    // Gets each object as it is done: "configmap/cnn-spec" and what became of it.
    using Report = std::function<void(const std::string& label, Outcome outcome)>;

    // Objects without a namespace go to `default_namespace`. Errors: Error{input} for what is no object or names no
    // kind of this server.
    Submission(KubeClient& client, std::vector<Json> objects, const std::string& default_namespace);

    // Asks the server about every object without storing any. What lies in a namespace that is yet to be created cannot
    // be asked about: it is reported as unchecked. Errors: one that names every refusal; Error{conflict} when there is
    // another job of that name.
    void check(const Report& report);

    // Shared objects first; then each job suspended, then what it owns, then the job is let go. check() comes first.
    // False when the process was asked to stop; then, as after an error, what this call created has been removed again.
    // Errors: those of the client, extended by what is left when even the removing failed.
    bool run(const Report& report);

    // Names of the jobs of the bundle, with their namespaces.
    struct JobName {
        std::string name, namespace_;
    };
    const std::vector<JobName>& jobs() const { return jobs_; }
    const std::vector<Json>& job_objects() const { return job_objects_; }

private:
    enum class Role { shared, job, owned };
    struct Piece {
        Json object;
        Resource resource;
        std::string name, namespace_, label;
        Role role = Role::shared;
        std::string owner;       // owned: the job's name
        std::string version;     // resourceVersion that it had when it was checked
        std::string uid;         // of the object on the server, when known
        bool existed = false;    // before this call
        bool attempted = false;  // by this call, to create it
        bool skipped = false;    // may not be applied, but is there
    };

    void add(Json object, const std::string& default_namespace);
    void check_piece(Piece& piece, const Report& report);
    void check_namespace(Piece& piece, const Report& report);
    void check_job(Piece& piece, const Report& report);
    void apply_piece(Piece& piece, const Json& object, const Report& report);
    void run_job(Piece& job, const Report& report);
    void post_job(Piece& job);
    bool was_created(Piece& job, const Error& error);
    void release(const Piece& job);
    std::vector<std::string> roll_back();
    bool stopped() const { return client_.clock().stop_signal() != 0; }

    KubeClient& client_;
    std::vector<Piece> pieces_;
    std::vector<JobName> jobs_;
    std::vector<Json> job_objects_;
    std::set<std::string> new_namespaces_;
    std::string id_;  // of this call
};

}  // namespace ktrain::kube
