// Commands that follow or cancel a job: what they say when they are interrupted, and while the server is away.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include "cli/commands/cluster_flags.h"
#include "cli/commands/follow.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "tests/support/cluster_world.h"
#include "tests/support/images.h"

using namespace ktrain;
using test::ClusterWorld;
using test::FakeServer;

namespace {


std::size_t count(const std::string& text, const std::string& word) {
    std::size_t n = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++n;
    return n;
}

const Json job = Json::parse(R"({"metadata":{"name":"cnn","uid":"u","resourceVersion":"5"},"status":{"active":1}})");
const Json pod = Json::parse(R"({"metadata":{"name":"cnn-0-x","resourceVersion":"5","ownerReferences":[{"uid":"u"}]},
    "status":{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}})");

// A pod's event.
Json event(int version, const std::string& about, const std::string& reason, int times) {
    return {{"metadata", {{"name", about + reason}, {"resourceVersion", std::to_string(version)}}},
            {"involvedObject", {{"kind", "Pod"}, {"name", about}}},
            {"type", "Warning"},
            {"reason", reason},
            {"message", "it failed " + std::to_string(times) + " times"},
            {"count", times},
            {"lastTimestamp", "2026-01-01T00:00:" + std::to_string(10 + version) + "Z"}};
}

std::string modified(const Json& object) {
    return Json{{"type", "MODIFIED"}, {"object", object}}.dump() + "\n";
}

// A job whose pod waits, with these events.
void serve_waiting(ClusterWorld& world, const Json& events = Json::array(), const std::string& more_events = "") {
    world.serve("jobs", Json::array({job}));
    world.serve("pods", Json::array({pod}));
    world.serve("events", events, more_events);
}

// The job cnn for a GET of its own, and no volume claims.
void serve_job(ClusterWorld& world, const Json& changes = Json::object()) {
    Json object = job;
    object["kind"] = "Job";
    object["metadata"]["namespace"] = "team";
    object.merge_patch(changes);
    world.serve_object("/apis/batch/v1/namespaces/team/jobs/cnn", object);
    object["metadata"]["name"] = "other";
    world.serve_object("/apis/batch/v1/namespaces/team/jobs/other", object);
    world.serve_text("GET /api/v1/namespaces/team/persistentvolumeclaims?",
                     R"({"kind":"PersistentVolumeClaimList","items":[]})");
}

bool asked_for(const ClusterWorld& world, const std::string& what) {
    for (const std::string& request : world.server.requests())
        if (request.find(what) != std::string::npos) return true;
    return false;
}

// A job with a running pod whose log has this answer; what `submit --wait --logs` does once the job is there.
int follow_with_logs(ClusterWorld& world, int log_status, const std::string& log) {
    Json running = pod;
    running["spec"] = Json::parse(R"({"containers":[{"name":"trainer"}]})");
    running["status"] =
        Json::parse(R"({"phase":"Running","containerStatuses":[{"name":"trainer","state":{"running":{}}}]})");
    world.serve("jobs", Json::array({job}));
    world.serve("pods", Json::array({running}));
    world.serve("events", Json::array());
    world.server.route("GET /api/v1/namespaces/team/pods/cnn-0-x/log",
                       fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n\r\n{}", log_status, log.size(), log));
    Cluster cluster = ClusterFlags{}.open(world.session);
    const kube::Workload workload{kube::workload_kind("batch", "Job"),
                                  *kube::built_in_resource("batch/v1", "Job"),
                                  {{"metadata", {{"name", "cnn"}}}}};
    return follow_workload(world.session, cluster, "team", workload,
                           {.logs = true, .timeout = {}, .cluster_words = ""});
}

}  // namespace

TEST_CASE("cancel: interrupted while the server does not answer, it says that the end is unknown") {
    for (const int signal : {2, 15}) {
        ClusterWorld world;
        serve_job(world);
        world.server.answer("", FakeServer::End::stall);
        world.stop_when([&] { return asked_for(world, "DELETE /"); }, signal);
        CHECK(world.run({"cancel", "cnn", "other", "--yes"}) == 128 + signal);
        CHECK_MESSAGE(world.err.text ==
                          "interrupted; whether job cnn was deleted is unknown; see: ktrain status cnn "
                          "-n team\n",
                      world.err.text);
        CHECK(world.out.text.empty());
        CHECK(!asked_for(world, "DELETE /apis/batch/v1/namespaces/team/jobs/other"));
    }
}

TEST_CASE("cancel: interrupted between two jobs, it says which one is left") {
    ClusterWorld world;
    serve_job(world);
    world.server.reply(200, "{}");
    world.stop_when([&] { return !world.out.text.empty(); });
    CHECK(world.run({"cancel", "cnn", "other", "-y"}) == 130);
    CHECK(world.out.text == "job.batch/cnn deleted\n");
    CHECK_MESSAGE(world.err.text == "interrupted; job other was not deleted\n", world.err.text);
}

TEST_CASE("cancel: interrupted while the pods end, it says that the job is deleted") {
    ClusterWorld world;
    serve_job(world);
    world.server.reply(200, "{}");
    world.server.answer("", FakeServer::End::stall);
    world.stop_when([&] { return asked_for(world, "/pods?"); });
    CHECK(world.run({"cancel", "cnn", "--yes", "--wait"}) == 130);
    CHECK_MESSAGE(world.err.text == "interrupted; job cnn is deleted, its pods may still be ending\n", world.err.text);
}

TEST_CASE("cancel: interrupted in a dry run, nothing was deleted") {
    ClusterWorld world;
    serve_job(world);
    world.server.answer("", FakeServer::End::stall);
    world.stop_when([&] { return asked_for(world, "DELETE /"); });
    CHECK(world.run({"cancel", "cnn", "--dry-run"}) == 130);
    CHECK(world.said("interrupted; nothing was deleted"));
}

TEST_CASE("cancel: only that very object, by its uid; without a terminal only with --yes") {
    ClusterWorld world;
    serve_job(world);
    world.server.reply(200, "{}");
    CHECK_THROWS_WITH_AS(world.run({"cancel", "job/cnn"}),
                         "nobody can be asked whether to delete job/cnn: this is no terminal", Error);
    CHECK(world.server.requests().empty());
    CHECK(world.run({"cancel", "cnn", "--yes", "-o", "name"}) == 0);
    CHECK(world.out.text == "job.batch/cnn\n");
    CHECK(asked_for(world, R"("preconditions":{"uid":"u"})"));
    CHECK(asked_for(world, R"("propagationPolicy":"Background")"));
}

TEST_CASE("cancel: a volume claim that the job owns is kept, unless told otherwise") {
    const std::string claims = R"({"kind":"PersistentVolumeClaimList","items":[{"metadata":{"name":"mine","uid":"p",
        "ownerReferences":[{"uid":"x"},{"uid":"u"}]}},{"metadata":{"name":"other","ownerReferences":[{"uid":"x"}]}}]})";
    for (const bool keep : {true, false}) {
        ClusterWorld world;
        serve_job(world);
        world.serve_text("GET /api/v1/namespaces/team/persistentvolumeclaims?", claims);
        world.serve_text("PATCH /api/v1/namespaces/team/persistentvolumeclaims/mine",
                         R"({"kind":"PersistentVolumeClaim"})");
        world.server.reply(200, "{}");
        CHECK(world.run({"cancel", "cnn", "--yes", keep ? "--keep-data" : "--keep-data=false"}) == 0);
        CHECK(world.said("persistentvolumeclaim/mine is kept") == keep);
        CHECK(asked_for(world, R"("ownerReferences":[{"uid":"x"}])") == keep);
        CHECK(!asked_for(world, "PATCH /api/v1/namespaces/team/persistentvolumeclaims/other"));
    }
}

TEST_CASE("suspend and resume: the field of the kind, once") {
    ClusterWorld world;
    serve_job(world);
    world.serve_text("PATCH /apis/batch", R"({"kind":"Job"})");
    CHECK_THROWS_AS(world.run({"suspend", "cnn"}), Error);  // its pod runs, and nobody can be asked
    CHECK(!asked_for(world, "PATCH"));
    CHECK(world.run({"suspend", "cnn", "--yes"}) == 0);
    CHECK(world.out.text == "job.batch/cnn suspended\n");
    CHECK(asked_for(world, R"({"spec":{"suspend":true},"metadata":{"uid":"u"}})"));
    CHECK(world.run({"resume", "cnn"}) == 0);
    CHECK_MESSAGE(world.said("job.batch/cnn is not suspended already"), world.err.text);
}

TEST_CASE("suspend: what Kueue decides is left to it, with what to do") {
    ClusterWorld world;
    serve_job(world, Json::parse(R"({"metadata":{"labels":{"kueue.x-k8s.io/queue-name":"gold"}}})"));
    try {
        world.run({"suspend", "cnn", "--yes", "--context", "here"});
        FAIL("it was suspended");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::conflict);
        CHECK(error.message == "Kueue decides when job.batch/cnn runs (queue \"gold\"): it would undo the change");
        CHECK_MESSAGE(error.hint.find("kueuectl stop workload -n team --context here $(kubectl get "
                                      "workloads.kueue.x-k8s.io -n team --context here ") != std::string::npos,
                      error.hint);
    }
    CHECK(!asked_for(world, "PATCH"));
}

TEST_CASE("names: one that two kinds have is ambiguous, and both are named") {
    ClusterWorld world;
    serve_job(world);
    world.serve_kinds(R"([{"metadata":{"name":"kubeflow.org"},"versions":[{"version":"v1","resources":[
        {"resource":"pytorchjobs","scope":"Namespaced","responseKind":{"kind":"PyTorchJob"}}]}]}])");
    world.serve_object("/apis/kubeflow.org/v1/namespaces/team/pytorchjobs/cnn",
                       Json::parse(R"({"kind":"PyTorchJob","metadata":{"name":"cnn","uid":"q"}})"));
    CHECK_THROWS_WITH_AS(world.run({"status", "cnn"}),
                         "\"cnn\" is the name of 2 workloads in namespace \"team\": job.batch/cnn, "
                         "pytorchjob.kubeflow.org/cnn",
                         Error);
    CHECK(world.run({"status", "pytorchjob/cnn", "-o", "name"}) == 0);
    CHECK(world.out.text == "pytorchjob.kubeflow.org/cnn\n");
}

TEST_CASE("list: all kinds that the server has, training ones unless --all") {
    ClusterWorld world;
    world.serve("pods", Json::array());
    world.serve("jobs", Json::parse(R"([{"metadata":{"name":"cleanup","namespace":"team","uid":"1"}},
        {"metadata":{"name":"cnn","namespace":"team","uid":"2","labels":{"ktrain.dev/job":"cnn"}},"status":{"ready":1}},
        {"metadata":{"name":"lora","namespace":"team","uid":"3"},"spec":{"template":{"spec":{"containers":[{"resources":
        {"limits":{"nvidia.com/gpu":"1"}}}]}}}}])"));
    CHECK(world.run({"list", "-o", "name"}) == 0);
    CHECK(world.out.text == "job.batch/cnn\njob.batch/lora\n");
    CHECK(world.run({"list"}) == 0);
    CHECK_MESSAGE(world.out.text.find("cnn    Job    Running   1/1     0") != std::string::npos, world.out.text);
    world.out.text.clear();
    CHECK(world.run({"list", "--all", "-o", "name"}) == 0);
    CHECK(world.out.text.find("cleanup") != std::string::npos);
    CHECK(world.run({"list", "--mine", "-l", "team=vision"}) == 0);
    CHECK(asked_for(world, "labelSelector=team%3Dvision%2Cktrain.dev%2Fspec-digest"));
}

TEST_CASE("list: a kind that is gone since the discovery was kept is none that the server has") {
    ClusterWorld world;
    serve_job(world);
    world.serve("pods", Json::array());
    world.serve("jobs", Json::parse(R"([{"metadata":{"name":"cnn","namespace":"team","uid":"1"}}])"));
    world.serve_kinds(R"([{"metadata":{"name":"kubeflow.org"},"versions":[{"version":"v1","resources":[
        {"resource":"pytorchjobs","scope":"Namespaced","responseKind":{"kind":"PyTorchJob"}}]}]}])");
    world.server.route("GET /apis/kubeflow.org/v1/",
                       "HTTP/1.1 404 X\r\nContent-Length: 19\r\n\r\n404 page not found\n");
    CHECK(world.run({"list", "--all", "-o", "name"}) == 0);
    CHECK(world.out.text == "job.batch/cnn\n");
    CHECK(asked_for(world, "GET /apis/kubeflow.org/v1/"));
    CHECK(world.run({"status", "cnn", "-o", "name"}) == 0);
}

TEST_CASE("wait --for: what is waited for decides the exit code") {
    const std::vector<std::pair<std::string, int>> failed{{"ended", 3}, {"complete", 3}, {"failed", 0}, {"running", 3}};
    for (const auto& [goal, code] : failed) {
        ClusterWorld world;
        serve_waiting(world);
        serve_job(world);
        Json ended = job;
        ended["status"] =
            Json::parse(R"({"conditions":[{"type":"Failed","status":"True","reason":"DeadlineExceeded"}]})");
        world.serve("jobs", Json::array({ended}));
        Json failed_pod = pod;
        failed_pod["status"] = Json::parse(R"({"phase":"Failed"})");
        world.serve("pods", Json::array({failed_pod}));
        CHECK_MESSAGE(world.run({"wait", "cnn", "--for", goal}) == code, goal);
        CHECK_MESSAGE(world.said("first failure: pod cnn-0-x"), world.err.text);
    }
    ClusterWorld running;
    serve_waiting(running);
    serve_job(running);
    Json ready = job;
    ready["status"]["ready"] = 1;
    running.serve("jobs", Json::array({ready}));
    CHECK(running.run({"wait", "cnn", "--for", "running"}) == 0);
    CHECK(running.said("job cnn: Running"));

    ClusterWorld gone;
    serve_waiting(gone);
    serve_job(gone);
    gone.serve("jobs", Json::array(), "");
    CHECK(gone.run({"wait", "cnn", "--for", "deleted"}) == 0);
    CHECK_MESSAGE(gone.said("job cnn: deleted\n"), gone.err.text);
    CHECK(gone.run({"wait", "cnn"}) == 3);
}

TEST_CASE("wait: interrupted before the server has answered, it does not say that the job runs") {
    for (const int signal : {2, 15}) {
        ClusterWorld world;
        world.server.answer("", FakeServer::End::stall);
        world.stop_when([&] { return world.asked(1); }, signal);
        CHECK(world.run({"wait", "cnn"}) == 128 + signal);
        CHECK_MESSAGE(world.said("interrupted; nothing is known of job cnn: the server has not told about it yet."),
                      world.err.text);
        CHECK(!world.said("runs on"));
    }
}

TEST_CASE("wait: interrupted later, it says that the job runs on, or how it was when last heard of") {
    ClusterWorld world;
    serve_waiting(world);
    serve_job(world);
    world.stop_when([&] { return world.said("job cnn: Pending"); });
    CHECK(world.run({"wait", "cnn"}) == 130);
    CHECK_MESSAGE(world.said("interrupted; job cnn runs on. Follow it: ktrain wait cnn -n team"), world.err.text);

    for (const int signal : {SIGTERM, SIGHUP}) {
        ClusterWorld ended;
        serve_waiting(ended);
        serve_job(ended);
        ended.stop_when([&] { return ended.said("job cnn: Pending"); }, signal);
        CHECK(ended.run({"wait", "cnn"}) == 143);
    }

    ClusterWorld away;
    serve_waiting(away);
    serve_job(away);
    away.serve("jobs", Json::array({job}), "", true);
    away.stop_when([&] { return away.said("trying again"); });
    CHECK(away.run({"wait", "cnn", "--timeout", "100s"}) == 130);
    CHECK_MESSAGE(away.said("trying again in 1s (attempt 2), for up to 1m40s more"), away.err.text);
    CHECK_MESSAGE(away.said("job cnn was Pending when the server was last heard of"), away.err.text);
}

TEST_CASE("wait and logs: events of the job's pods are told, once for each reason") {
    const Json events =
        Json::array({event(3, "other-0-x", "FailedScheduling", 1), event(4, "cnn-0-x", "FailedMount", 1)});
    const std::string more = modified(event(6, "cnn-0-x", "FailedMount", 2)) +
                             modified(event(7, "cnn-0-x", "FailedMount", 3)) +
                             modified(event(8, "cnn-0-x", "FailedAttachVolume", 1));
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"wait", "cnn"}, std::vector<std::string>{"logs", "-f", "cnn"}}) {
        ClusterWorld world;
        serve_waiting(world, events, more);
        serve_job(world);
        world.stop_when([&] { return world.said("FailedAttachVolume"); });
        CHECK(world.run(words) == 130);
        // What the next event follows within one turn is not told.
        CHECK_MESSAGE(count(world.err.text, "FailedMount") <= 1, world.err.text);
        CHECK_MESSAGE(world.said("pod cnn-0-x waits: FailedAttachVolume: it failed 1 times"), world.err.text);
        CHECK(!world.said("FailedScheduling"));
    }
}

TEST_CASE("submit --logs: without the right to read logs the job is followed all the same") {
    ClusterWorld world;
    world.stop_when([&] { return world.said("following without the logs"); });
    CHECK(follow_with_logs(world, 403, R"({"kind":"Status","code":403,"message":"pods/log is forbidden"})") == 130);
    CHECK_MESSAGE(world.said("following without the logs: not allowed to read the log of pod/cnn-0-x"),
                  world.err.text);
    CHECK_MESSAGE(world.said("interrupted; job cnn runs on"), world.err.text);
    CHECK(count(world.err.text, "forbidden") == 1);
}

TEST_CASE("submit --logs: a stop signal ends it while a credential plugin runs, and the plugin with it") {
    // The plugin gives a token at first; when the server refuses that for the log, it waits for ever.
    const test::TempFolder folder;
    const std::string pid_file = folder / "pid";
    test::write_file(folder / "login", fmt::format(R"(cd '{}' || exit
if [ -e asked ]; then echo $$ > pid.new; mv pid.new pid; sleep 600; fi
touch asked
echo '{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"t"}}}}'
)",
                                                   folder.path()));
    ClusterWorld world(
        test::make_certificate(),
        "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: ['" +
            (folder / "login") + "']}");
    world.stop_when([&] { return std::filesystem::exists(pid_file); });
    CHECK(follow_with_logs(world, 401, R"({"kind":"Status","code":401,"message":"Unauthorized"})") == 130);
    CHECK_MESSAGE(world.said("interrupted; job cnn runs on"), world.err.text);
    CHECK(!world.said("without the logs"));
    CHECK(::kill(std::stoi(real_files().read(pid_file)), 0) == -1);
}

TEST_CASE("an empty namespace, context or kubeconfig is none that was given, as of kubectl") {
    ClusterFlags cluster;
    term::Flags flags;
    cluster.declare(flags);
    const std::vector<std::string> words{"-n", "", "--context=", "--kubeconfig", ""};
    CHECK_NOTHROW(flags.parse("status", words));
    CHECK(cluster.choice.namespace_.empty());
    CHECK_THROWS(flags.parse("status", std::vector<std::string>{"--request-timeout="}));
}
