// A bundle and a server to submit it to, for tests of submissions.
#pragma once

#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/kube/submission.h"
#include "tests/support/fake_cluster.h"

namespace ktrain::test {

using namespace kube;

inline Json object(const std::string& api_version, const std::string& kind, const std::string& name, bool owned) {
    Json out{{"apiVersion", api_version}, {"kind", kind}, {"metadata", {{"name", name}}}};
    if (owned) out["metadata"]["labels"][std::string(label_job)] = "cnn";
    return out;
}

inline std::vector<Json> bundle() {
    return {object("v1", "Namespace", "team", false), object("v1", "PersistentVolumeClaim", "data", false),
            object("v1", "ConfigMap", "cnn-spec", true), object("batch/v1", "Job", "cnn", true)};
}

inline constexpr const char* job_path =
    "POST /apis/batch/v1/namespaces/team/jobs?fieldValidation=Strict&fieldManager=ktrain";

// A server on which everything works and nothing exists but the namespace.
struct SubmissionWorld : FakeCluster {
    std::vector<std::string> said;

    SubmissionWorld() {
        http.reply("PATCH /api/v1/namespaces/team?", 200, R"({"metadata":{"resourceVersion":"1"}})");
        http.reply("PATCH /api/v1/namespaces/team/", 201, R"({"metadata":{"uid":"new"}})");
        http.reply("POST ", 201, R"({"metadata":{"uid":"job-uid"}})");
        http.reply("PATCH /apis/batch/v1/namespaces/team/jobs/cnn?", 200);
        http.reply("DELETE ", 200);
    }
    Submission::Report report() {
        return [this](const Step& step) {
            said.push_back(step.label + " " + std::string(name_of(step.outcome)));
            for (const std::string& change : step.changes) said.push_back(change);
        };
    }
    // check() and run(); the error's message, or "stopped", or "done".
    std::string submit() {
        try {
            Submission submission(*client, bundle(), "team");
            submission.check([](const Step&) {});
            checked = http.requests.size();
            return submission.run(report()) ? "done" : "stopped";
        } catch (const Error& error) {
            return error.message;
        }
    }
    // Requests after the checks, one per line.
    std::string writes() const {
        std::vector<std::string> lines = http.log();
        lines.erase(lines.begin(), lines.begin() + static_cast<long>(checked));
        return "\n" + join(lines, "\n");
    }
    std::size_t checked = 0;
};

}  // namespace ktrain::test
