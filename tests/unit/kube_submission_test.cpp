// All or nothing: what a submission sends, and what it takes back when something fails.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/base/text.h"
#include "core/kube/submission.h"
#include "tests/support/fake_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;
using test::FakeCluster;

namespace {

Json object(const std::string& api_version, const std::string& kind, const std::string& name, bool owned) {
    Json out{{"apiVersion", api_version}, {"kind", kind}, {"metadata", {{"name", name}}}};
    if (owned) out["metadata"]["labels"][std::string(label_job)] = "cnn";
    return out;
}

std::vector<Json> bundle() {
    return {object("v1", "Namespace", "team", false), object("v1", "PersistentVolumeClaim", "data", false),
            object("v1", "ConfigMap", "cnn-spec", true), object("batch/v1", "Job", "cnn", true)};
}

constexpr const char* job_path = "POST /apis/batch/v1/namespaces/team/jobs?fieldValidation=Strict&fieldManager=ktrain";

// A server on which everything works and nothing exists but the namespace.
struct World : FakeCluster {
    std::vector<std::string> said;

    World() {
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

}  // namespace

TEST_CASE("submission: shared objects first, then the job held back, then what it owns, then the job is let go") {
    World world;
    CHECK(world.submit() == "done");
    CHECK(world.writes() == R"(
PATCH /api/v1/namespaces/team/persistentvolumeclaims/data
POST /apis/batch/v1/namespaces/team/jobs
PATCH /api/v1/namespaces/team/configmaps/cnn-spec
PATCH /apis/batch/v1/namespaces/team/jobs/cnn)");
    CHECK(world.said == std::vector<std::string>{"namespace/team unchanged", "persistentvolumeclaim/data created",
                                                 "configmap/cnn-spec created", "job.batch/cnn created"});
    const Json posted = Json::parse(world.http.requests.at(world.checked + 1).body);
    CHECK(posted["spec"]["suspend"] == true);
    CHECK(label_value(posted, label_digest).size() == 16);
    const Json owned = Json::parse(world.http.requests.at(world.checked + 2).body);
    CHECK(owned["metadata"]["ownerReferences"][0]["uid"] == "job-uid");
    const Json let_go = Json::parse(world.http.requests.back().body);
    CHECK(let_go["metadata"]["uid"] == "job-uid");
    CHECK(let_go["metadata"]["annotations"][std::string(annotation_submitting)].is_null());
    CHECK(let_go["spec"]["suspend"] == false);
    CHECK(Json::parse(world.http.requests.at(world.checked).body)["metadata"]["ownerReferences"].is_null());
}

TEST_CASE("submission: a failure in the middle removes what was created, and only that") {
    World world;
    world.http.reply("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?fieldValidation=Strict&fieldManager=ktrain",
                     201, "{}");
    world.http.reply("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?fieldValidation=Strict&fieldManager=ktrain",
                     403, R"({"kind":"Status","code":403,"message":"no"})");
    CHECK(world.submit().find("not allowed to apply configmap/cnn-spec") == 0);
    CHECK(world.writes() == R"(
PATCH /api/v1/namespaces/team/persistentvolumeclaims/data
POST /apis/batch/v1/namespaces/team/jobs
PATCH /api/v1/namespaces/team/configmaps/cnn-spec
DELETE /apis/batch/v1/namespaces/team/jobs/cnn
DELETE /api/v1/namespaces/team/persistentvolumeclaims/data)");
    CHECK(world.http.requests.at(world.checked + 3).body.find(R"("uid":"job-uid")") != std::string::npos);
}

TEST_CASE("submission: a stop signal at any request leaves all or nothing") {
    World whole;
    REQUIRE(whole.submit() == "done");
    for (std::size_t n = whole.checked + 1; n <= whole.http.requests.size(); ++n) {
        CAPTURE(n);
        World world;
        world.http.on_request = [&](std::size_t number) {
            if (number == n) world.clock.signal = 2;
        };
        const std::string end = world.submit();
        if (n == whole.http.requests.size()) {
            CHECK(end == "done");  // the job has been let go: it is there
            continue;
        }
        CHECK(end == "stopped");
        // Every object that was created has been deleted.
        std::size_t created = 0, deleted = 0;
        for (const std::string& line : world.http.log()) deleted += line.starts_with("DELETE") ? 1u : 0u;
        for (const std::string& line : world.said) created += line.ends_with(" created") ? 1u : 0u;
        const bool posted = world.writes().find("POST") != std::string::npos;
        CHECK(deleted == created + (posted ? 1u : 0u));
    }
}

TEST_CASE("submission: a POST without an answer is looked up, never sent again") {
    World world;
    std::string id;
    world.http.reply(job_path, 201);  // the check
    world.http.trouble(job_path, Trouble::lost);
    SUBCASE("it came through") {
        world.http.on_request = [&](std::size_t) {
            const HttpRequest& last = world.http.requests.back();
            if (last.method != "POST" || last.path.find("dryRun") != std::string::npos) return;
            Json job = Json::parse(last.body);
            job["metadata"]["uid"] = "found";
            world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, job.dump());
        };
        CHECK(world.submit() == "done");
        CHECK(Json::parse(world.http.requests.back().body)["metadata"]["uid"] == "found");
    }
    SUBCASE("it did not") {
        CHECK(world.submit().find("the connection to") == 0);
        CHECK(world.writes().find("DELETE /apis/batch") == std::string::npos);
        CHECK(world.writes().find("DELETE /api/v1/namespaces/team/persistentvolumeclaims/data") != std::string::npos);
    }
    SUBCASE("another one is there: it is left alone") {
        world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, R"({"metadata":{"uid":"other"}})");
        CHECK(world.submit().find("the connection to") == 0);
        CHECK(world.writes().find("DELETE /apis/batch") == std::string::npos);
    }
    std::size_t posts = 0;
    for (const HttpRequest& request : world.http.requests)
        if (request.method == "POST" && request.path.find("dryRun") == std::string::npos) ++posts;
    CHECK(posts == 1);
}

TEST_CASE("submission: what cannot be removed again is named") {
    World world;
    world.http.reply("DELETE /api", 503, "");
    world.http.trouble("DELETE /apis", Trouble::connect);
    world.http.reply("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?", 201, "{}");
    world.http.trouble("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?", Trouble::connect);
    const std::string message = world.submit();
    CHECK(message.find("could not remove again: ") != std::string::npos);
    CHECK(message.find("job.batch/cnn (") != std::string::npos);
    CHECK(message.find("persistentvolumeclaim/data (") != std::string::npos);
}

TEST_CASE(
    "submission: the same job again is unchanged, another one of the name is a conflict, a half-made one is finished") {
    const auto there = [](const std::string& digest, const std::string& extra) {
        Json job{{"metadata", {{"uid", "old"}, {"labels", {{std::string(label_digest), digest}}}}}};
        job.merge_patch(Json::parse(extra));
        return job.dump();
    };
    std::string digest;
    {
        World world;
        world.submit();
        digest = label_value(Json::parse(world.http.requests.at(world.checked + 1).body), label_digest);
    }
    World world;
    world.http.reply(job_path, 409, R"({"kind":"Status","code":409,"reason":"AlreadyExists"})");
    SUBCASE("the same") {
        world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, there(digest, "{}"));
        CHECK(world.submit() == "done");
        CHECK(world.said.back() == "job.batch/cnn unchanged");
        CHECK(world.writes().find("POST") == std::string::npos);
        CHECK(world.writes().find("PATCH /apis/batch") == std::string::npos);
    }
    SUBCASE("half-made by a submission that was killed") {
        world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200,
                         there(digest, R"({"metadata":{"annotations":{"ktrain.dev/submitting":"x"}}})"));
        CHECK(world.submit() == "done");
        CHECK(world.writes().find("PATCH /apis/batch") != std::string::npos);
    }
    SUBCASE("another") {
        world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, there("other", "{}"));
        CHECK(world.submit() == "there is another job \"cnn\" in namespace \"team\", made from another spec");
    }
    SUBCASE("going away") {
        world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200,
                         there(digest, R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})"));
        CHECK(world.submit().find("still being deleted") != std::string::npos);
    }
}

TEST_CASE("submission: what is there as it is wanted is not written again") {
    World world;
    for (const char* name : {"persistentvolumeclaims/data", "configmaps/cnn-spec"}) {
        const std::string path = fmt::format("/api/v1/namespaces/team/{}", name);
        const std::string there =
            R"({"metadata":{"uid":"u","annotations":{"ktrain.dev/job":"cnn"},"labels":{"ktrain.dev/job":"cnn"},)"
            R"("ownerReferences":[{"uid":"job-uid"}]}})";
        world.http.reply("PATCH " + path, 200, there);
        world.http.reply("GET " + path, 200, there);
    }
    CHECK(world.submit() == "done");
    CHECK(world.writes() == R"(
POST /apis/batch/v1/namespaces/team/jobs
PATCH /apis/batch/v1/namespaces/team/jobs/cnn)");
}

TEST_CASE("submission: what a webhook does not let be tried out is written unseen") {
    World world;
    world.http.reply(
        "PATCH /api/v1/namespaces/team/persistentvolumeclaims/data?dryRun=All", 400,
        R"({"kind":"Status","code":400,"reason":"BadRequest","message":"admission webhook \"w.example.org\" does not support dry run"})");
    world.http.reply("GET /api/v1/namespaces/team/persistentvolumeclaims/data", 404, R"({"kind":"Status","code":404})");
    CHECK(world.submit() == "done");
    CHECK(world.writes().find("PATCH /api/v1/namespaces/team/persistentvolumeclaims/data") != std::string::npos);
}

TEST_CASE("submission: all refusals come together, before anything is stored") {
    World world;
    world.http.reply("PATCH /api/v1/namespaces/team/configmaps", 422,
                     R"({"kind":"Status","code":422,"message":"bad"})");
    world.http.reply(job_path, 403, R"({"kind":"Status","code":403,"message":"no"})");
    const std::string message = world.submit();
    CHECK(message.find("the server refuses 2 of 4 objects:\n  - ") == 0);
    for (const HttpRequest& request : world.http.requests)
        CHECK((request.method == "GET" || request.path.find("dryRun=All") != std::string::npos));
}

TEST_CASE("submission: what lies in a new namespace is not said to be checked") {
    World world;
    world.http.reply("PATCH /api/v1/namespaces/team?fieldValidation=Strict&fieldManager=ktrain&dryRun=All", 201);
    Submission submission(*world.client, bundle(), "team");
    submission.check(world.report());
    CHECK(world.said == std::vector<std::string>{"namespace/team created", "persistentvolumeclaim/data not checked",
                                                 "job.batch/cnn not checked", "configmap/cnn-spec not checked"});
}

TEST_CASE("submission: a namespace that may not be written is taken as it is, if it is there") {
    World world;
    world.http.reply("PATCH /api/v1/namespaces/team?fieldValidation=Strict&fieldManager=ktrain&dryRun=All", 403);
    world.http.reply("GET /api/v1/namespaces/team", 200);
    CHECK(world.submit() == "done");
    CHECK(world.said.front() == "namespace/team kept");
    World missing;
    missing.http.reply("PATCH /api/v1/namespaces/team?fieldValidation=Strict&fieldManager=ktrain&dryRun=All", 403,
                       R"({"kind":"Status","code":403,"message":"no"})");
    CHECK(missing.submit().find("not allowed to apply namespace/team") == 0);
}

TEST_CASE("submission: an object of somebody else where one is to serve the job alone is refused, and never touched") {
    World world;
    world.http.reply("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?", 200, R"({"metadata":{}})");
    const std::string path = "GET /api/v1/namespaces/team/configmaps/cnn-spec";
    SUBCASE("of nobody we know") {
        world.http.reply(path, 200, R"({"metadata":{"labels":{"app":"web"}}})");
        CHECK(world.submit() ==
              "configmap/cnn-spec exists in namespace \"team\" and belongs to something else than job \"cnn\"");
    }
    SUBCASE("of another job") {
        world.http.reply(path, 200, R"({"metadata":{"labels":{"ktrain.dev/job":"bert"}}})");
        CHECK(world.submit().find("belongs to something else") != std::string::npos);
    }
    SUBCASE("going away") {
        world.http.reply(path, 200, R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})");
        CHECK(world.submit().find("configmap/cnn-spec in namespace \"team\" is still being deleted") == 0);
    }
    SUBCASE("unreadable") {
        world.http.reply(path, 403, R"({"kind":"Status","code":403,"message":"no"})");
        CHECK(world.submit().find("not allowed to get configmap/cnn-spec") == 0);
    }
    for (const HttpRequest& request : world.http.requests)
        CHECK((request.method == "GET" || request.path.find("dryRun=All") != std::string::npos));
}

TEST_CASE("submission: what an earlier job of the name left, or this job owns, is taken over") {
    for (const char* there : {R"({"metadata":{"labels":{"ktrain.dev/job":"cnn"}}})",
                              R"({"metadata":{"ownerReferences":[{"kind":"Job","name":"cnn","uid":"old"}]}})"}) {
        CAPTURE(there);
        World world;
        world.http.reply("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?", 200, R"({"metadata":{}})");
        world.http.reply("GET /api/v1/namespaces/team/configmaps/cnn-spec", 200, there);
        CHECK(world.submit() == "done");
        CHECK(world.writes().find("DELETE") == std::string::npos);
    }
}

TEST_CASE("submission: an apply without an answer is looked up before anything is taken back") {
    const std::string stored =
        "PATCH /api/v1/namespaces/team/persistentvolumeclaims/data?"
        "fieldValidation=Strict&fieldManager=ktrain";
    World world;
    world.http.reply(stored + "&dryRun=All", 201);
    world.http.trouble(stored, Trouble::lost);
    const auto answer = [&](const std::string& id) {
        world.http.on_request = [&world, id](std::size_t) {
            const HttpRequest& last = world.http.requests.back();
            if (last.method != "PATCH" || last.path.find("dryRun") != std::string::npos) return;
            if (last.path.find("persistentvolumeclaims") == std::string::npos) return;
            Json claim = Json::parse(last.body);
            claim["metadata"]["uid"] = "found";
            if (!id.empty()) claim["metadata"]["annotations"][std::string(annotation_submission)] = id;
            world.http.reply("GET /api/v1/namespaces/team/persistentvolumeclaims/data", 200, claim.dump());
        };
    };
    SUBCASE("it came through: removed by its uid") {
        answer("");
        CHECK(world.submit().find("the connection to") == 0);
        CHECK(world.http.log().back() == "DELETE /api/v1/namespaces/team/persistentvolumeclaims/data");
        CHECK(Json::parse(world.http.requests.back().body)["preconditions"]["uid"] == "found");
    }
    SUBCASE("somebody else's came through: left alone") {
        answer("another submission");
        CHECK(world.submit().find("the connection to") == 0);
        CHECK(world.writes().find("DELETE") == std::string::npos);
    }
    SUBCASE("it did not") {
        const std::string message = world.submit();
        CHECK(message.find("the connection to") == 0);
        CHECK(message.find("could not remove") == std::string::npos);
        CHECK(world.writes().find("DELETE") == std::string::npos);
    }
    SUBCASE("nobody can tell: it is named") {
        world.http.trouble("GET /api/v1/namespaces/team/persistentvolumeclaims/data", Trouble::connect);
        CHECK(world.submit().find("could not remove again: persistentvolumeclaim/data (") != std::string::npos);
    }
}

TEST_CASE("submission: a job whose answer was lost is found also after a stop signal") {
    World world;
    world.http.reply(job_path, 201);  // the check
    world.http.trouble(job_path, Trouble::lost);
    world.http.on_request = [&](std::size_t) {
        const HttpRequest& last = world.http.requests.back();
        if (last.method != "POST" || last.path.find("dryRun") != std::string::npos) return;
        world.clock.signal = 2;
        Json job = Json::parse(last.body);
        job["metadata"]["uid"] = "found";
        world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, job.dump());
    };
    CHECK(world.submit() == "stopped");
    CHECK(world.writes().find("DELETE /apis/batch/v1/namespaces/team/jobs/cnn") != std::string::npos);
}

TEST_CASE("submission: a name that is taken after a POST was sent again may be this call's own job") {
    World world;
    world.http.reply(job_path, 201);  // the check
    world.http.reply(job_path, 503, "", {{"retry-after", "1"}});
    world.http.reply(job_path, 409, R"({"kind":"Status","code":409,"reason":"AlreadyExists"})");
    bool own = true;
    SUBCASE("it is") {}
    SUBCASE("it is not") {
        own = false;
    }
    world.http.on_request = [&](std::size_t) {
        const HttpRequest& last = world.http.requests.back();
        if (last.method != "POST" || last.path.find("dryRun") != std::string::npos) return;
        Json job = Json::parse(last.body);
        job["metadata"]["uid"] = "found";
        if (!own) job["metadata"]["annotations"][std::string(annotation_submitting)] = "another submission";
        world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, job.dump());
    };
    const std::string end = world.submit();
    if (own) {
        CHECK(end == "done");
        CHECK(Json::parse(world.http.requests.back().body)["metadata"]["uid"] == "found");
    } else {
        CHECK(end.find("there is another job \"cnn\"") == 0);
        CHECK(world.writes().find("DELETE /apis/batch") == std::string::npos);
    }
}

TEST_CASE("submission: a changed object that other jobs use too is told with its changes, its mark is kept") {
    World world;
    const std::string claim = "/api/v1/namespaces/team/persistentvolumeclaims/data";
    world.http.reply("PATCH " + claim, 200, R"({"kind":"PersistentVolumeClaim","spec":{"size":"2Gi","new":true}})");
    world.http.reply("GET " + claim, 200,
                     R"({"kind":"PersistentVolumeClaim","spec":{"size":"1Gi"},
                                  "metadata":{"annotations":{"ktrain.dev/submission":"first"}}})");
    Submission submission(*world.client, bundle(), "team");
    submission.check(world.report());
    const std::vector<std::string> said(world.said.begin() + 1, world.said.begin() + 4);
    CHECK(said == std::vector<std::string>{"persistentvolumeclaim/data configured", "spec.size: 1Gi -> 2Gi",
                                           "spec.new: nothing -> true"});
    CHECK(submission.run(world.report()));
    for (const HttpRequest& request : world.http.requests) {
        if (request.path.find(claim) == std::string::npos || request.path.find("dryRun") != std::string::npos) continue;
        if (request.method == "PATCH") CHECK(annotation(Json::parse(request.body), annotation_submission) == "first");
    }
}

TEST_CASE("submission: an unforeseen exception takes back what was created as well") {
    World world;
    const auto broken = [](const Step& step) {
        if (step.label.starts_with("job")) throw std::runtime_error("the report failed");
    };
    Submission submission(*world.client, bundle(), "team");
    submission.check([](const Step&) {});
    CHECK_THROWS_AS(submission.run(broken), std::runtime_error);
    CHECK(join(world.http.log(), " ").find("DELETE /apis/batch/v1/namespaces/team/jobs/cnn") != std::string::npos);
    CHECK(submission.old_jobs().empty());
    CHECK(submission.new_jobs().size() == 1);
}
