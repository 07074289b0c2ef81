// Submitting what is there already, or what the server will not have.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/base/names.h"
#include "core/kube/submission_errors.h"
#include "tests/support/submission_world.h"

using namespace ktrain;
using namespace ktrain::kube;
using namespace ktrain::test;

TEST_CASE(
    "submission: the same job again is unchanged, another one of the name is a conflict, a half-made one is finished") {
    const auto there = [](const std::string& digest, const std::string& extra) {
        Json job{{"metadata", {{"uid", "old"}, {"labels", {{std::string(label_digest), digest}}}}}};
        job.merge_patch(Json::parse(extra));
        return job.dump();
    };
    std::string digest;
    {
        SubmissionWorld world;
        world.submit();
        digest = label_value(Json::parse(world.http.requests.at(world.checked + 1).body), label_digest);
    }
    SubmissionWorld world;
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
    SubmissionWorld world;
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
    SubmissionWorld world;
    world.http.reply(
        "PATCH /api/v1/namespaces/team/persistentvolumeclaims/data?dryRun=All", 400,
        R"({"kind":"Status","code":400,"reason":"BadRequest","message":"admission webhook \"w.example.org\" does not support dry run"})");
    world.http.reply("GET /api/v1/namespaces/team/persistentvolumeclaims/data", 404, R"({"kind":"Status","code":404})");
    CHECK(world.submit() == "done");
    CHECK(world.writes().find("PATCH /api/v1/namespaces/team/persistentvolumeclaims/data") != std::string::npos);
}

TEST_CASE("submission: all refusals come together, before anything is stored") {
    SubmissionWorld world;
    world.http.reply("PATCH /api/v1/namespaces/team/configmaps", 422,
                     R"({"kind":"Status","code":422,"message":"bad"})");
    world.http.reply(job_path, 403, R"({"kind":"Status","code":403,"message":"no"})");
    const std::string message = world.submit();
    CHECK(message.find("the server refuses 2 of 4 objects:\n  - ") == 0);
    for (const HttpRequest& request : world.http.requests)
        CHECK((request.method == "GET" || request.path.find("dryRun=All") != std::string::npos));
}

TEST_CASE("submission: what lies in a new namespace is not said to be checked") {
    SubmissionWorld world;
    world.http.reply("PATCH /api/v1/namespaces/team?fieldValidation=Strict&fieldManager=ktrain&dryRun=All", 201);
    Submission submission(*world.client, bundle(), "team");
    submission.check(world.report());
    CHECK(world.said == std::vector<std::string>{"namespace/team created", "persistentvolumeclaim/data not checked",
                                                 "job.batch/cnn not checked", "configmap/cnn-spec not checked"});
}

TEST_CASE("submission: a namespace that may not be written is taken as it is, if it is there") {
    SubmissionWorld world;
    world.http.reply("PATCH /api/v1/namespaces/team?fieldValidation=Strict&fieldManager=ktrain&dryRun=All", 403);
    world.http.reply("GET /api/v1/namespaces/team", 200);
    CHECK(world.submit() == "done");
    CHECK(world.said.front() == "namespace/team kept");
    SubmissionWorld missing;
    missing.http.reply("PATCH /api/v1/namespaces/team?fieldValidation=Strict&fieldManager=ktrain&dryRun=All", 403,
                       R"({"kind":"Status","code":403,"message":"no"})");
    CHECK(missing.submit().find("not allowed to apply namespace/team") == 0);
}

TEST_CASE("submission: an object of somebody else where one is to serve the job alone is refused, and never touched") {
    SubmissionWorld world;
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
    for (const char* there :
         {R"({"metadata":{"labels":{"ktrain.dev/job":"cnn"}}})",
          R"({"metadata":{"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"cnn","uid":"old"}]}})"}) {
        CAPTURE(there);
        SubmissionWorld world;
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
    SubmissionWorld world;
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
    SubmissionWorld world;
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
    SubmissionWorld world;
    world.http.reply(job_path, 201);  // the check
    world.http.reply(job_path, 503, "", {{"retry-after", "1"}});
    world.http.reply(job_path, 409, R"({"kind":"Status","code":409,"reason":"AlreadyExists"})");
    std::string submission, digest;
    SUBCASE("it is") {}
    SUBCASE("it is that of another call with the same spec") {
        submission = "another submission";
    }
    SUBCASE("it is not") {
        submission = "another submission";
        digest = "another spec";
    }
    world.http.on_request = [&](std::size_t) {
        const HttpRequest& last = world.http.requests.back();
        if (last.method != "POST" || last.path.find("dryRun") != std::string::npos) return;
        Json job = Json::parse(last.body);
        job["metadata"]["uid"] = "found";
        if (!submission.empty()) job["metadata"]["annotations"][std::string(annotation_submitting)] = submission;
        if (!digest.empty()) job["metadata"]["labels"][std::string(label_digest)] = digest;
        world.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", 200, job.dump());
    };
    const std::string end = world.submit();
    if (digest.empty()) {
        CHECK(end == "done");
        CHECK(Json::parse(world.http.requests.back().body)["metadata"]["uid"] == "found");
    } else {
        CHECK(end.find("there is another job \"cnn\"") == 0);
        CHECK(world.writes().find("DELETE /apis/batch") == std::string::npos);
    }
}

TEST_CASE("submission: a namespace that somebody else has made keeps its labels") {
    for (const bool ours : {false, true}) {
        SubmissionWorld world;
        const std::string path = "/api/v1/namespaces/team", label = R"("app.kubernetes.io/managed-by":"ktrain")";
        const auto named = [&](const std::string& labels) {
            return R"({"kind":"Namespace","metadata":{"name":"team","resourceVersion":"1","labels":{)" + labels + "}}}";
        };
        world.http.reply("PATCH " + path + "?", 200, named(label + R"(,"strict":"no")"));
        world.http.reply("GET " + path, 200, named(ours ? label : R"("strict":"yes")"));
        std::vector<Json> objects = bundle();
        objects[0]["metadata"]["labels"] = Json::parse("{" + label + "}");
        Submission submission(*world.client, objects, "team");
        submission.check(world.report());
        CHECK(world.said.front() == (ours ? "namespace/team configured" : "namespace/team kept"));
    }
}

TEST_CASE("submission: a changed object that other jobs use too is told with its changes, its mark is kept") {
    SubmissionWorld world;
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
    SubmissionWorld world;
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

TEST_CASE("submission: of what differs it is said what nobody may change, for each kind of job") {
    const auto said = [](const char* group, const char* kind, const char* change) {
        BundleObject job;
        job.resource.group = group;
        job.resource.kind = kind;
        const std::string message = other_job(job, {change}, {"https://s", "here"}).message;
        return message.ends_with(" (immutable)");
    };
    CHECK(said("batch", "Job", "spec.template.spec.containers[t].image: a -> b"));
    CHECK(!said("batch", "Job", "spec.parallelism: 1 -> 2"));
    CHECK(!said("batch.volcano.sh", "Job", "spec.template: a -> b"));
    CHECK(said("jobset.x-k8s.io", "JobSet", "spec.replicatedJobs[node].replicas: 1 -> 2"));
    CHECK(!said("jobset.x-k8s.io", "JobSet", "spec.ttlSecondsAfterFinished: 1 -> 2"));
    CHECK(said("trainer.kubeflow.org", "TrainJob", "spec.runtimeRef.name: a -> b"));
    CHECK(!said("trainer.kubeflow.org", "TrainJob", "spec.trainer.numNodes: 1 -> 2"));
    CHECK(said("kubeflow.org", "PyTorchJob", "spec.runPolicy.managedBy: a -> b"));
    CHECK(!said("kubeflow.org", "PyTorchJob", "spec.runPolicy.managedByOthers: a -> b"));
}

TEST_CASE("submission: of an object that is there it is said which fields nobody may change") {
    SubmissionWorld world;
    const std::string path = "/api/v1/namespaces/team/";
    const auto refuse = [&](const char* name, const char* there) {
        world.http.reply("PATCH " + path + name, 422,
                         R"({"kind":"Status","code":422,"message":"spec: Forbidden: spec is immutable"})");
        world.http.reply("GET " + path + name, 200, there);
    };
    const auto submit = [&](const char* manifest) {
        try {
            Submission submission(*world.client, {Json::parse(manifest)}, "team");
            submission.check([](const Step&) {});
            return std::string("done");
        } catch (const Error& error) {
            return error.message;
        }
    };
    const std::string refused = "spec: Forbidden: spec is immutable";
    const std::string differs = "in namespace \"team\" is there, and what nobody may change of it differs:\n  - ";
    refuse("persistentvolumeclaims/data",
           R"({"metadata":{},"spec":{"storageClassName":"slow","resources":{"requests":{"storage":"1Gi"}}}})");
    CHECK(submit(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":
        {"storageClassName":"fast","resources":{"requests":{"storage":"2Gi"}}}})") ==
          "persistentvolumeclaim/data " + differs + "spec.storageClassName: slow -> fast (immutable)");
    CHECK(submit(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":
        {"storageClassName":"slow","resources":{"requests":{"storage":"1M"}}}})")
              .ends_with(refused));
    world.http.reply("PATCH " + path + "persistentvolumeclaims/less", 422,
                     R"({"kind":"Status","code":422,"message":"no","details":{"causes":[
        {"field":"spec","message":"Forbidden: spec is immutable after creation except resources.requests"},
        {"field":"spec.resources.requests.storage","message":"Forbidden: field can not be less than status.capacity"}]}})");
    world.http.reply(
        "GET " + path + "persistentvolumeclaims/less", 200,
        R"({"metadata":{},"spec":{"storageClassName":"slow","resources":{"requests":{"storage":"2Gi"}}}})");
    CHECK(submit(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"less"},"spec":
        {"storageClassName":"fast","resources":{"requests":{"storage":"1Gi"}}}})") ==
          "persistentvolumeclaim/less " + differs +
              "spec.storageClassName: slow -> fast (immutable)\n  - spec.resources.requests.storage: "
              "Forbidden: field can not be less than status.capacity");
    refuse("services/web", R"({"metadata":{},"spec":{"clusterIP":"10.0.0.1","ports":[{"port":80}]}})");
    CHECK(submit(R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":
        {"clusterIP":"None","ports":[{"port":81}]}})") ==
          "service/web " + differs + "spec.clusterIP: 10.0.0.1 -> None (immutable)");
    for (const bool sealed : {false, true}) {
        for (const char* kind : {"ConfigMap", "Secret"}) {
            const std::string name = fmt::format("words-{}", sealed);
            const Json there{
                {"kind", kind}, {"metadata", Json::object()}, {"immutable", sealed}, {"data", {{"token", "b25l"}}}};
            refuse(fmt::format("{}s/{}", lower(kind), name).c_str(), there.dump().c_str());
            const Json wanted{
                {"apiVersion", "v1"}, {"kind", kind}, {"metadata", {{"name", name}}}, {"data", {{"token", "dHdv"}}}};
            const std::string said = submit(wanted.dump().c_str());
            CHECK(said.ends_with(sealed ? " (immutable)" : refused));
            if (wanted["kind"] == "Secret") CHECK(said.find("dHdv") == std::string::npos);
        }
    }
}
