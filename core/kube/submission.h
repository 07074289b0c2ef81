// Puts a bundle of objects on the cluster: all checked first, then created as one, or taken back as one.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/bundle.h"

namespace ktrain::kube {

enum class Outcome { created, configured, unchanged, unchecked, kept, replaced };

std::string_view name_of(Outcome outcome);

// What became of one object, or would.
struct Step {
    std::string label;  // "configmap/cnn-spec"
    Outcome outcome = Outcome::unchanged;
    std::vector<std::string> changes = {};  // of an object that other jobs use too, or of a job that is replaced
    bool foreign = false;                   // it is there, and ktrain has not made it
};

struct SubmissionOptions {
    bool check = true;     // check() comes before run(); else what is there is found out by creating
    bool replace = false;  // a job of the same name and another spec, or one that has ended, makes room for the new one
    bool foreign = true;   // what ktrain has not made may be changed, where that was not looked at before
};

// On a job that is half-made, with the id of the submission that makes it: it is suspended, where its kind can be, so
// it holds no node, until all that it needs is there.
inline constexpr std::string_view annotation_submitting = "ktrain.dev/submitting";
// Whether `generate` or a submission has made an object.
bool is_made(const Json& object);

// On what has no owner: the id of the submission that created it, so that this one knows it again after a request
// without an answer.
inline constexpr std::string_view annotation_submission = "ktrain.dev/submission";

class Submission {
public:
    using Report = std::function<void(const Step& step)>;

    // Errors: those of make_bundle().
    Submission(KubeClient& client, std::vector<Json> objects, const std::string& default_namespace,
               const SubmissionOptions& options = {});

    // Asks the server about every object without storing any. What lies in a namespace that is yet to be created cannot
    // be asked about, nor what a webhook sees that has side effects: it is reported as unchecked. Errors: one that
    // names every refusal; Error{conflict} when there is another job of that name, or an object of somebody else where
    // one is to serve the job alone.
    void check(const Report& report);

    // Shared objects first; then each job suspended, then what it owns, then the job is let go. A job of a kind that
    // cannot be suspended comes after what it owns. Objects that do not need each other are sent side by side. check()
    // comes first unless the options say otherwise. A job that is replaced is gone, except for its volumes, before the
    // new one is made.
    // False when the process was asked to stop; then, as after an error, what this call created has been removed again.
    // Errors: those of the client, extended by what is left when even the removing failed.
    bool run(const Report& report);

    // The jobs of the bundle, as they were given.
    struct SubmittedJob {
        const WorkloadKind* kind;
        Resource resource;
        std::string namespace_;
        Json object;
    };
    std::vector<SubmittedJob> jobs() const;
    // All objects in their order, as they were given, with their namespaces.
    std::vector<Json> given() const;
    // Those of the bundle that are yet to be created.
    const std::set<std::string>& new_namespaces() const { return new_namespaces_; }
    // The jobs that check() did not find on the server.
    std::vector<Json> new_jobs() const;
    // Those that it found, as they were then: they are left to run, or to be over.
    std::vector<Json> old_jobs() const;
    // All objects in their order: as the server has them now or would have them, as they were given where it was not
    // asked.
    std::vector<Json> objects() const;

private:
    // What this call did to an object: only what it created is ever taken back.
    enum class Deed { nothing, unknown, created };
    struct Entry : BundleObject {
        Json there;              // before this call; null: it was not
        bool kept = false;       // may not be written, but is there
        bool readable = true;    // `there` is what is there
        bool as_wanted = false;  // writing it would change nothing
        bool looked = true;      // check() has asked about it
        Json replaced;           // of a job: the one whose name it takes
        Deed deed = Deed::nothing;
        std::string uid;  // on the server, when known
        Json result;      // the server's last answer

        // Whether it is to be created, as far as is known without having asked.
        bool is_new() const { return !looked && there.is_null() && deed != Deed::created; }
    };

    void begin_checks();
    void check_entry(Entry& entry, const Report& report);
    Written try_apply(Entry& entry);
    void check_namespace(Entry& entry, const Report& report);
    void check_job(Entry& entry, const Report& report);
    void keep_job(Entry& entry, const Json& there, const Report& report);
    void replace_job(Entry& entry, const Json& there, const Report& report);
    void check_by_looking(Entry& entry, const Report& report);
    std::vector<std::string> job_changes(const Entry& job, const Json& there);
    Json look_at(Entry& entry, const Json& after);
    Json stated(const Entry& entry, const Entry* job) const;
    bool is_due(const Entry& entry, const Entry* job) const;
    void write_shared(const Report& report);
    void write_all(const std::vector<Entry*>& entries, const Report& report, const Entry* job);
    void write(Entry& entry, const Report& report, const Entry* job);
    Written put(Entry& entry, const Entry* job);
    void remove_old(Entry& job);
    void run_job(Entry& job, const Report& report);
    void post_job(Entry& job);
    void release(Entry& job);
    bool find_own(Entry& entry, const std::string& job_uid, Json* found = nullptr);
    struct Undone {
        std::vector<std::string> removed, left;  // labels; what is or may be left with the reason
    };
    Undone take_back();
    bool stopped() const { return client_.clock().stop_signal() != 0; }

    KubeClient& client_;
    SubmissionOptions options_;
    std::vector<Entry> entries_;
    std::set<std::string> new_namespaces_;
    std::string id_;  // of this call
};

}  // namespace ktrain::kube
