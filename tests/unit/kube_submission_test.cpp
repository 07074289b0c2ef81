// All or nothing: what a submission sends, and what it takes back when something fails.
#include <doctest/doctest.h>

#include "tests/support/submission_world.h"

using namespace ktrain;
using namespace ktrain::kube;
using namespace ktrain::test;

TEST_CASE("submission: shared objects first, then the job held back, then what it owns, then the job is let go") {
    SubmissionWorld world;
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
    SubmissionWorld world;
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
    SubmissionWorld whole;
    REQUIRE(whole.submit() == "done");
    for (std::size_t n = whole.checked + 1; n <= whole.http.requests.size(); ++n) {
        CAPTURE(n);
        SubmissionWorld world;
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
    SubmissionWorld world;
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

TEST_CASE("submission: what is removed again is named, since it may have been told of") {
    SubmissionWorld world;
    world.http.reply("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?", 201, "{}");
    world.http.reply("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?", 403,
                     R"({"kind":"Status","code":403,"message":"a policy refuses it"})");
    const std::string message = world.submit();
    CHECK_MESSAGE(message.ends_with("a policy refuses it; what was created has been removed again: job.batch/cnn, "
                                    "persistentvolumeclaim/data"),
                  message);
}

TEST_CASE("submission: what cannot be removed again is named") {
    SubmissionWorld world;
    world.http.reply("DELETE /api", 503, "");
    world.http.trouble("DELETE /apis", Trouble::connect);
    world.http.reply("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?", 201, "{}");
    world.http.trouble("PATCH /api/v1/namespaces/team/configmaps/cnn-spec?", Trouble::connect);
    const std::string message = world.submit();
    CHECK(message.find("could not remove again: ") != std::string::npos);
    CHECK(message.find("job.batch/cnn (") != std::string::npos);
    CHECK(message.find("persistentvolumeclaim/data (") != std::string::npos);
}

namespace {

// The bundle with another kind of job, and a server that has it.
struct OtherKind : SubmissionWorld {
    std::vector<Json> objects = bundle();

    OtherKind(const std::string& group, const std::string& version, const std::string& kind,
              const std::string& plural) {
        objects.back() = object(group + "/" + version, kind, "cnn", true);
        const Json resource{{"resource", plural}, {"responseKind", {{"kind", kind}}}, {"scope", "Namespaced"}};
        const Json served{{"version", version}, {"resources", Json::array({resource})}};
        const Json one{{"metadata", {{"name", group}}}, {"versions", Json::array({served})}};
        http.reply("GET /apis", 200, Json{{"kind", "APIGroupDiscoveryList"}, {"items", Json::array({one})}}.dump());
        const std::string answer = Json{{"kind", kind}, {"metadata", {{"uid", "job-uid"}}}}.dump();
        const std::string path = "/apis/" + group + "/" + version + "/namespaces/team/" + plural;
        http.reply("POST " + path, 201, answer);
        http.reply("PATCH " + path + "/cnn?", 200, answer);
    }
    std::string submit_all() {
        try {
            Submission submission(*client, objects, "team");
            submission.check([](const Step&) {});
            checked = http.requests.size();
            return submission.run(report()) ? "done" : "stopped";
        } catch (const Error& error) {
            return error.message;
        }
    }
    Json sent(std::size_t number) const { return Json::parse(http.requests.at(checked + number).body); }
};

}  // namespace

TEST_CASE("submission: a job of another kind is held back by its own field, and owns what serves it") {
    OtherKind world("kubeflow.org", "v1", "PyTorchJob", "pytorchjobs");
    CHECK(world.submit_all() == "done");
    CHECK(world.writes() == R"(
PATCH /api/v1/namespaces/team/persistentvolumeclaims/data
POST /apis/kubeflow.org/v1/namespaces/team/pytorchjobs
PATCH /api/v1/namespaces/team/configmaps/cnn-spec
PATCH /apis/kubeflow.org/v1/namespaces/team/pytorchjobs/cnn)");
    CHECK(at_path(world.sent(1), {"spec", "runPolicy", "suspend"}) == true);
    const Json owner = world.sent(2)["metadata"]["ownerReferences"][0];
    CHECK(owner["kind"] == "PyTorchJob");
    CHECK(owner["apiVersion"] == "kubeflow.org/v1");
    CHECK(at_path(world.sent(3), {"spec", "runPolicy", "suspend"}) == false);
    CHECK(world.said.back() == "pytorchjob.kubeflow.org/cnn created");
}

TEST_CASE("submission: a job that cannot be held back comes after what it needs, and owns it then") {
    OtherKind world("batch.volcano.sh", "v1alpha1", "Job", "jobs");
    const std::string map = "PATCH /api/v1/namespaces/team/configmaps/cnn-spec?fieldValidation";
    SUBCASE("all is well") {
        world.http.reply(map, 201, R"({"metadata":{"uid":"new"}})");  // the check
        world.http.reply(map, 201, R"({"metadata":{"uid":"new"}})");
        world.http.reply(map, 200, R"({"metadata":{"uid":"new"}})");
        CHECK(world.submit_all() == "done");
        CHECK(world.writes() == R"(
PATCH /api/v1/namespaces/team/persistentvolumeclaims/data
PATCH /api/v1/namespaces/team/configmaps/cnn-spec
POST /apis/batch.volcano.sh/v1alpha1/namespaces/team/jobs
PATCH /api/v1/namespaces/team/configmaps/cnn-spec
PATCH /apis/batch.volcano.sh/v1alpha1/namespaces/team/jobs/cnn)");
        CHECK(!world.sent(1)["metadata"].contains("ownerReferences"));
        CHECK(!world.sent(2).contains("spec"));
        CHECK(world.sent(3)["metadata"]["ownerReferences"][0]["uid"] == "job-uid");
        CHECK(!world.sent(4).contains("spec"));
    }
    SUBCASE("the job is refused: what was to serve it goes") {
        world.http.reply(
            "POST /apis/batch.volcano.sh/v1alpha1/namespaces/team/jobs?fieldValidation=Strict&fieldManager=ktrain", 201,
            R"({"kind":"Job"})");
        world.http.reply(
            "POST /apis/batch.volcano.sh/v1alpha1/namespaces/team/jobs?fieldValidation=Strict&fieldManager=ktrain", 403,
            R"({"kind":"Status","code":403,"message":"no"})");
        CHECK(world.submit_all().find("not allowed to create job.batch.volcano.sh/cnn") == 0);
        CHECK(world.writes().find("DELETE /api/v1/namespaces/team/configmaps/cnn-spec") != std::string::npos);
    }
}

TEST_CASE("submission: without a check all is created, and nothing that is there is overwritten unseen") {
    SubmissionWorld world;
    const auto run = [&] {
        try {
            Submission submission(*world.client, bundle(), "team", {.check = false});
            return std::string(submission.run(world.report()) ? "done" : "stopped");
        } catch (const Error& error) {
            return error.message;
        }
    };
    const std::string map = "POST /api/v1/namespaces/team/configmaps";
    SUBCASE("nothing is there") {
        CHECK(run() == "done");
        CHECK(world.writes() == R"(
POST /api/v1/namespaces
POST /api/v1/namespaces/team/persistentvolumeclaims
POST /apis/batch/v1/namespaces/team/jobs
POST /api/v1/namespaces/team/configmaps
PATCH /apis/batch/v1/namespaces/team/jobs/cnn)");
    }
    SUBCASE("an object of somebody else") {
        world.http.reply(map, 409);
        world.http.reply("GET /api/v1/namespaces/team/configmaps/cnn-spec", 200,
                         R"({"metadata":{"labels":{"app":"web"}}})");
        CHECK(run().find("belongs to something else") != std::string::npos);
        CHECK(world.writes().find("PATCH /api/v1/namespaces/team/configmaps") == std::string::npos);
        CHECK(world.writes().find("DELETE /apis/batch/v1/namespaces/team/jobs/cnn") != std::string::npos);
        CHECK(world.writes().find("DELETE /api/v1/namespaces/team/configmaps") == std::string::npos);
    }
    SUBCASE("its own object of an earlier call") {
        world.http.reply(map, 409);
        world.http.reply("GET /api/v1/namespaces/team/configmaps/cnn-spec", 200,
                         R"({"metadata":{"labels":{"ktrain.dev/job":"cnn"}}})");
        CHECK(run() == "done");
        CHECK(world.writes().find("PATCH /api/v1/namespaces/team/configmaps/cnn-spec") != std::string::npos);
    }
    SUBCASE("another job") {
        world.http.reply("POST /apis/batch/v1/namespaces/team/jobs", 409);
        world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, R"({"metadata":{"uid":"other"}})");
        CHECK(run().find("there is another job \"cnn\"") == 0);
        CHECK(world.writes().find("DELETE /apis") == std::string::npos);
    }
}

TEST_CASE("submission: without a check what others have made is changed only when that was said") {
    SubmissionWorld world;
    world.http.reply("POST /api/v1/namespaces/team/persistentvolumeclaims", 409);
    world.http.reply("GET /api/v1/namespaces/team/persistentvolumeclaims/data", 200, R"({"metadata":{"uid":"old"}})");
    std::vector<Json> objects = bundle();
    objects[1]["spec"]["storageClassName"] = "fast";
    world.http.reply("PATCH /api/v1/namespaces/team/persistentvolumeclaims/data", 200);
    for (const bool foreign : {false, true}) {
        Submission submission(*world.client, objects, "team", {.check = false, .replace = false, .foreign = foreign});
        std::string said = "done";
        try {
            submission.run(world.report());
        } catch (const Error& error) {
            said = error.message;
        }
        CHECK(said == (foreign ? "done"
                               : "persistentvolumeclaim/data is there, and was not made by ktrain; it would change: "
                                 "spec.storageClassName: nothing -> fast; what was created has been removed again: "
                                 "namespace/team"));
    }
}

TEST_CASE("submission: a job that is replaced is removed by its uid, and gone, before the new one comes") {
    SubmissionWorld world;
    world.http.reply(job_path, 409);
    const std::string there = R"({"metadata":{"uid":"old","labels":{"ktrain.dev/spec-digest":"other"}}})";
    world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, there);  // the check
    world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, there);  // still going
    world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 404);
    world.http.reply("GET /api/v1/namespaces/team/persistentvolumeclaims?", 200, R"({"items":[]})");
    const std::string create = "POST /apis/batch/v1/namespaces/team/jobs?fieldValidation=Strict&fieldManager=ktrain";
    world.http.reply(create, 201, R"({"metadata":{"name":"cnn-x7k2p"}})");  // tried out under another name
    world.http.reply(create, 201, R"({"metadata":{"uid":"job-uid"}})");
    Submission submission(*world.client, bundle(), "team", {.replace = true});
    submission.check(world.report());
    CHECK(world.said[2] == "job.batch/cnn replaced");
    world.checked = world.http.requests.size();
    CHECK(submission.run(world.report()));
    CHECK(world.writes().find(R"(
DELETE /apis/batch/v1/namespaces/team/jobs/cnn
GET /apis/batch/v1/namespaces/team/jobs/cnn
GET /apis/batch/v1/namespaces/team/jobs/cnn
POST /apis/batch/v1/namespaces/team/jobs
PATCH /api/v1/namespaces/team/configmaps/cnn-spec)") != std::string::npos);
    for (const HttpRequest& request : world.http.requests)
        if (request.method == "DELETE") CHECK(request.body.find(R"("uid":"old")") != std::string::npos);
    CHECK(world.said.back() == "job.batch/cnn created");
}
