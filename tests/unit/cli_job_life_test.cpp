// The life of a job on the command line: submitted once and again, changed, watched, and what is said on the way.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <unistd.h>

#include "cli/commands/submit_checks.h"
#include "cli/term/output.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/spec/load.h"
#include "tests/support/cluster_world.h"

using namespace ktrain;
using test::ClusterWorld;
using test::FakeServer;

namespace {

constexpr const char* jobs = "/apis/batch/v1/namespaces/team/jobs";
constexpr const char* maps = "/api/v1/namespaces/team/configmaps/shared";

Json job_manifest(const std::string& digest = "same") {
    return Json::parse(fmt::format(R"({{"apiVersion":"batch/v1","kind":"Job","metadata":{{"name":"cnn",
        "labels":{{"ktrain.dev/spec-digest":"{}"}}}},"spec":{{"template":{{"spec":{{"restartPolicy":"Never","containers":[
        {{"name":"t","image":"new","env":[{{"name":"HF_TOKEN","value":"s3cr3t"}}],"resources":{{"limits":{{
        "nvidia.com/gpu":"8"}}}}}}]}}}}}}}})",
                                   digest));
}

struct LifeWorld : ClusterWorld {
    explicit LifeWorld(const std::string& digest = "same", const std::string& more = "") {
        files.contents["/job.yaml"] = job_manifest(digest).dump() + more;
        serve_text("GET /api/v1/namespaces/team HTTP", R"({"kind":"Namespace","metadata":{"name":"team"}})");
        serve_text("GET /api/v1/namespaces/team/limitranges?", R"({"kind":"LimitRangeList","items":[]})");
        serve_text("GET /api/v1/namespaces/team/resourcequotas?", R"({"kind":"ResourceQuotaList","items":[]})");
        serve_text("GET /api/v1/nodes?", R"({"kind":"NodeList","items":[{"metadata":{"name":"n"},"status":{
            "allocatable":{"cpu":"8","pods":"110","nvidia.com/gpu":"8"}}}]})");
        respond(fmt::format("POST {}", jobs), 201,
                Json{{"kind", "Job"}, {"metadata", {{"name", "cnn"}, {"uid", "u"}}}});
        respond(fmt::format("PATCH {}/cnn", jobs), 200,
                {{"kind", "Job"}, {"metadata", {{"name", "cnn"}, {"uid", "u"}}}});
    }
    void respond(const std::string& request, int status, const Json& body) {
        const std::string text = body.dump();
        server.route(request, fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n\r\n{}", status, text.size(), text));
    }
    // The name is taken by a job that is different in these ways.
    void take_name(const Json& changes) {
        Json there = job_manifest();
        there.merge_patch({{"metadata", {{"namespace", "team"}, {"uid", "old"}}}});
        there.merge_patch(changes);
        respond(fmt::format("POST {}", jobs), 409, {{"kind", "Status"}, {"code", 409}, {"reason", "AlreadyExists"}});
        respond(fmt::format("GET {}/cnn", jobs), 200, there);
    }
};

// Standard input as somebody types it.
class Typed {
public:
    explicit Typed(const std::string& text) : old_(::dup(STDIN_FILENO)) {
        int ends[2] = {-1, -1};
        REQUIRE(::pipe(ends) == 0);
        REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        ::dup2(ends[0], STDIN_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
    }
    ~Typed() {
        ::dup2(old_, STDIN_FILENO);
        ::close(old_);
    }
    Typed(const Typed&) = delete;
    Typed& operator=(const Typed&) = delete;

private:
    int old_;
};

// A ConfigMap that is there and would be changed, with a job.
struct SharedWorld : LifeWorld {
    explicit SharedWorld(bool own)
        : LifeWorld("same", R"(
---
{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"shared"},"data":{"a":"2"}})") {
        Json there = Json::parse(R"({"kind":"ConfigMap","metadata":{"name":"shared","uid":"m"},"data":{"a":"1"}})");
        if (own) there["metadata"]["annotations"]["ktrain.dev/submission"] = "1";
        respond(fmt::format("GET {}", maps), 200, there);
        there["data"]["a"] = "2";
        respond(fmt::format("PATCH {}", maps), 200, there);
    }
};

// What is thrown by `submit` with these words.
Error refusal(LifeWorld& world, std::vector<std::string> words) {
    words.insert(words.begin(), {"submit", "/job.yaml"});
    try {
        world.run(words);
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::bug, "nothing was thrown");
}

}  // namespace

TEST_CASE("submit: a job of the same spec that has failed is told so, with how to run it again") {
    LifeWorld world;
    world.take_name(Json::parse(R"({"status":{"conditions":[{"type":"Failed","status":"True","reason":
        "BackoffLimitExceeded"}]}})"));
    CHECK(world.run({"submit", "/job.yaml", "--context", "here"}) == 3);
    CHECK_MESSAGE(world.said("job cnn of the same spec has failed (BackoffLimitExceeded): nothing is started; "
                             "to run it again: ktrain submit --replace --context here, or ktrain cancel cnn -n team "
                             "--context here"),
                  world.err.text);
    CHECK(!world.said("follow it"));

    LifeWorld done;
    done.take_name(Json::parse(R"({"status":{"conditions":[{"type":"Complete","status":"True"}]}})"));
    CHECK(done.run({"submit", "/job.yaml"}) == 0);
}

TEST_CASE("submit: another spec under the name is refused with the fields that differ, and no secret") {
    LifeWorld world("other");
    world.take_name(Json::parse(R"({"metadata":{"labels":{"ktrain.dev/spec-digest":"same"}},"spec":{"template":{"spec":{
        "containers":[{"name":"t","image":"old","env":[{"name":"HF_TOKEN","value":"0ld"}],"resources":{"limits":{
        "nvidia.com/gpu":"4"}}}]}}}})"));
    const Error error = refusal(world, {});
    CHECK(error.kind == ErrorKind::conflict);
    CHECK_MESSAGE(
        error.message ==
            "there is another job \"cnn\" in namespace \"team\", made from another spec; what a job runs cannot "
            "be changed once it is there:\n"
            "  - spec.template.spec.containers[t].env[HF_TOKEN].value: another value (immutable)\n"
            "  - spec.template.spec.containers[t].image: old -> new (immutable)\n"
            "  - spec.template.spec.containers[t].resources.limits.nvidia.com/gpu: 4 -> 8 (immutable)",
        error.message);
    CHECK(error.hint.find("ktrain submit --replace") != std::string::npos);
}

TEST_CASE("submit: an object of others is changed only when somebody said so") {
    for (const bool own : {false, true}) {
        SharedWorld world(own);
        if (own) {
            CHECK(world.run({"submit", "/job.yaml"}) == 0);
            CHECK_MESSAGE(world.said("configmap/shared is there for other jobs too; it changes: data.a: 1 -> 2"),
                          world.err.text);
            continue;
        }
        CHECK(refusal(world, {}).message ==
              "nobody can be asked whether to change configmap/shared: this is no terminal");
        CHECK_MESSAGE(world.said("configmap/shared is there, and was not made by ktrain; it changes: data.a: 1 -> 2"),
                      world.err.text);
        CHECK(!world.asked_for(fmt::format("POST {}?fieldValidation=Strict&fieldManager=ktrain HTTP", jobs)));
        CHECK(world.run({"submit", "/job.yaml", "--yes"}) == 0);
        CHECK(world.asked_for(fmt::format("PATCH {}?fieldValidation=Strict&fieldManager=ktrain HTTP", maps)));
    }
}

TEST_CASE("submit: at a terminal somebody is asked, and only a yes is one") {
    for (const auto& [answer, code] :
         {std::pair{"y\n", 0}, {"Yes\n", 0}, {"n\n", 3}, {"\n", 3}, {"yep\n", 3}, {"", 3}}) {
        CAPTURE(answer);
        SharedWorld world(true);
        world.in.terminal = world.err.terminal = true;
        const Typed typed(answer);
        CHECK(world.run({"submit", "/job.yaml"}) == code);
        CHECK(world.said("change configmap/shared? [y/N] "));
        CHECK(world.said("nothing was created") == (code == 3));
        CHECK(world.asked_for(fmt::format("PATCH {}?fieldValidation=Strict&fieldManager=ktrain HTTP", maps)) ==
              (code == 0));
    }
}

TEST_CASE("submit: the plan of a spec with GPUs tells hours and dollars") {
    auto loaded = spec::load(real_files().read("examples/lora.yaml"), "lora.yaml");
    REQUIRE(loaded.problems.empty());
    loaded.spec.training.max_steps = 1000;
    ClusterWorld world;
    say_estimate(world.session, loaded.spec);
    CHECK_MESSAGE(world.err.text.find("of memory on a GPU, fits a100-40gb; about ") != std::string::npos,
                  world.err.text);
    CHECK_MESSAGE(world.err.text.find(" USD on ") != std::string::npos, world.err.text);
}

TEST_CASE("submit: another spec is told by its fields, though its ConfigMap has another name") {
    const auto bundle = [](const std::string& digest, const char* rate) {
        Json job = job_manifest(digest);
        Json& pod = job["spec"]["template"]["spec"];
        pod["volumes"] = Json::array({{{"name", "spec"}, {"configMap", {{"name", "cnn-spec-" + digest}}}}});
        Json map{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "cnn-spec-" + digest}}}};
        map["metadata"]["labels"]["ktrain.dev/job"] = "cnn";
        map["data"]["spec.yaml"] = fmt::format("training:\n  learning_rate: {}\n  seed: 1\n", rate);
        return std::pair{job, map};
    };
    const auto [job, map] = bundle("other", "1e-4");
    LifeWorld world;
    world.files.contents["/job.yaml"] = job.dump() + "\n---\n" + map.dump();
    const auto [old_job, old_map] = bundle("same", "2e-4");
    world.take_name(old_job);
    world.respond("GET /api/v1/namespaces/team/configmaps/cnn-spec-same", 200, old_map);
    world.respond("PATCH /api/v1/namespaces/team/configmaps/cnn-spec-other", 201, map);
    const std::string message = refusal(world, {}).message;
    CHECK_MESSAGE(message.ends_with("once it is there:\n  - training.learning_rate: 0.0002 -> 0.0001"), message);
}

TEST_CASE("submit: the plan tells GPUs and objects, a dry run that nothing was created") {
    LifeWorld world;
    CHECK(world.run({"submit", "/job.yaml", "--dry-run=server"}) == 0);
    CHECK_MESSAGE(world.said("1 pod with nvidia.com/gpu 8; 8 GPUs in all; 1 object\n"), world.err.text);
    CHECK_MESSAGE(world.said("objects: 1 to create (job.batch/cnn)\n"), world.err.text);
    CHECK_MESSAGE(world.said("dry run: nothing was created\n"), world.err.text);
    CHECK(world.run({"submit", "/job.yaml", "--dry-run=client"}) == 0);
    CHECK_MESSAGE(world.said("dry run: nothing was created, and no server was asked\n"), world.err.text);
    for (const std::string& request : world.server.requests())
        if (!request.starts_with("GET ")) CHECK(request.find("dryRun=All") != std::string::npos);
}

TEST_CASE("submit: the plan counts the GPUs of all kinds of jobs") {
    const Json pod =
        Json::parse(R"({"spec":{"containers":[{"name":"node","resources":{"limits":{"nvidia.com/gpu":4}}}]}})");
    const Json meta{{"name", "cnn"}};
    const Json replica{{"replicas", 3}, {"template", pod}};
    const std::vector<Json> kinds{
        {{"apiVersion", "kubeflow.org/v1"},
         {"kind", "PyTorchJob"},
         {"metadata", meta},
         {"spec", {{"pytorchReplicaSpecs", {{"Worker", replica}}}}}},
        {{"apiVersion", "kubeflow.org/v2beta1"},
         {"kind", "MPIJob"},
         {"metadata", meta},
         {"spec", {{"mpiReplicaSpecs", {{"Worker", replica}}}}}},
        {{"apiVersion", "jobset.x-k8s.io/v1alpha2"},
         {"kind", "JobSet"},
         {"metadata", meta},
         {"spec",
          {{"replicatedJobs",
            Json::array({{{"name", "a"}, {"replicas", 3}, {"template", {{"spec", {{"template", pod}}}}}}})}}}},
        {{"apiVersion", "trainer.kubeflow.org/v1alpha1"},
         {"kind", "TrainJob"},
         {"metadata", meta},
         {"spec", {{"trainer", {{"numNodes", 3}, {"resourcesPerNode", {{"limits", {{"nvidia.com/gpu", 4}}}}}}}}}}};
    LifeWorld world;
    Cluster cluster = ClusterFlags{}.open(world.session);
    for (const Json& job : kinds) {
        world.err.text.clear();
        say_plan(world.session, cluster, {job});
        CHECK_MESSAGE(world.said("3 pods with nvidia.com/gpu 4; 12 GPUs in all; 1 object\n"), world.err.text);
    }
}

TEST_CASE("submit: --priority is the class of the pods, which must be there") {
    LifeWorld world;
    world.respond("GET /apis/scheduling.k8s.io/v1/priorityclasses/high", 200, {{"kind", "PriorityClass"}});
    CHECK(world.run({"submit", "/job.yaml", "--priority", "high"}) == 0);
    CHECK(world.asked_for(R"("priorityClassName":"high")"));
    world.respond("GET /apis/scheduling.k8s.io/v1/priorityclasses/low", 404, {{"kind", "Status"}, {"code", 404}});
    CHECK(refusal(world, {"--priority", "low", "--generate-name"}).message.find("never run as it is") !=
          std::string::npos);
    CHECK_MESSAGE(world.said("there is no PriorityClass \"low\""), world.err.text);
}

TEST_CASE("submit: -v tells of each request, and nothing that is in it") {
    LifeWorld world;
    CHECK(world.run({"submit", "/job.yaml", "-v"}) == 0);
    CHECK_MESSAGE(world.said(fmt::format("POST {}?fieldValidation=Strict&fieldManager=ktrain: 201 in ", jobs)),
                  world.err.text);
    CHECK_MESSAGE(world.said("at once\n"), world.err.text);  // the questions of the preflight
    CHECK(!world.said("s3cr3t"));
    CHECK(!world.said("User-Agent"));
    ClusterWorld quiet;
    CHECK_THROWS(quiet.run({"status", "cnn"}));
    CHECK_MESSAGE(quiet.err.text.find(" in ") == std::string::npos, quiet.err.text);
}

TEST_CASE("list and prune: a job of a plain manifest is ktrain's once it was submitted") {
    LifeWorld world;
    world.serve("jobs", Json::parse(R"([{"metadata":{"name":"plain","namespace":"team","uid":"u","labels":{
        "ktrain.dev/spec-digest":"d"}},"spec":{"suspend":true}},{"metadata":{"name":"other","namespace":"team","uid":"o"}}])"));
    world.serve("pods", Json::array());
    CHECK(world.run({"list", "-o", "name"}) == 0);
    CHECK(world.out.text == "job.batch/plain\n");
    CHECK(world.run({"prune", "--yes"}) == 0);
    CHECK(world.asked_for("/jobs?labelSelector=ktrain.dev%2Fspec-digest"));
}

TEST_CASE("status -w: the exit code is that of wait") {
    for (const auto& [condition, code] : {std::pair{"Complete", 0}, {"Failed", 3}, {"", 3}}) {
        LifeWorld world;
        Json job = Json::parse(R"({"kind":"Job","metadata":{"name":"cnn","uid":"u","resourceVersion":"5"}})");
        world.serve_object(fmt::format("{}/cnn", jobs), job);
        if (*condition != '\0') job["status"]["conditions"] = Json::array({{{"type", condition}, {"status", "True"}}});
        world.serve("jobs", *condition == '\0' ? Json::array() : Json::array({job}));  // it was deleted meanwhile
        world.serve("pods", Json::array());
        world.serve("events", Json::array());
        CHECK_MESSAGE(world.run({"status", "-w", "cnn"}) == code, condition);
        CHECK(world.said("job.batch/cnn was deleted before its end\n") == (*condition == '\0'));
        for (const std::string& line : split(world.out.text, '\n')) CHECK_MESSAGE(line.size() <= 80, line);
    }
}

TEST_CASE("list: the table fits the terminal, and is whole elsewhere") {
    LifeWorld world;
    Json job = Json::parse(R"({"metadata":{"namespace":"team","uid":"u","labels":{"ktrain.dev/job":"x"},"annotations":{
        "ktrain.dev/progress":"{\"progressPercentage\":42,\"estimatedRemainingSeconds\":600}"}},"status":{"ready":1}})");
    job["metadata"]["name"] = std::string(30, 'n');
    job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] = std::string(40, 'q');
    world.serve("jobs", Json::array({job}));
    world.serve("pods", Json::array());
    CHECK(world.run({"list"}) == 0);
    CHECK(world.out.text.find(std::string(40, 'q')) != std::string::npos);
    world.out.text.clear();
    world.out.terminal = true;
    CHECK(world.run({"list"}) == 0);
    CHECK(world.out.text.find(std::string(16, 'n')) != std::string::npos);
    for (const std::string& line : split(world.out.text, '\n')) CHECK_MESSAGE(term::display_width(line) <= 80, line);
}

TEST_CASE("hints: a command to run next reaches the same cluster") {
    LifeWorld world;
    const auto hint = [&](const std::vector<std::string>& words) {
        try {
            world.run(words);
        } catch (const Error& error) {
            return error.hint;
        }
        return std::string();
    };
    world.respond(fmt::format("GET {}/no", jobs), 404, {{"kind", "Status"}, {"code", 404}});
    CHECK(hint({"status", "no", "--context", "here"}) == "see all: ktrain list -A --context here");
    CHECK(hint({"status", "no"}) == "see all: ktrain list -A");
    CHECK(hint({"status", "rayjob/no"}).starts_with("install it, or use another --context"));
    CHECK(hint({"logs", "pod/no"}).find("kubectl logs no") != std::string::npos);
    CHECK(hint({"list", "-l", "a in (b"}).starts_with("as kubectl has it"));
    CHECK(!world.asked_for("labelSelector"));
}

TEST_CASE("status: tells of a running job what its log says of its progress, where nothing else does") {
    LifeWorld world;
    const Json job =
        Json::parse(R"({"kind":"Job","metadata":{"name":"cnn","namespace":"team","uid":"u"},"status":{"active":1}})");
    const Json pod = Json::parse(R"({"metadata":{"name":"cnn-0-x","namespace":"team","uid":"p","labels":{
        "batch.kubernetes.io/job-name":"cnn"},"ownerReferences":[{"kind":"Job","name":"cnn","uid":"u","controller":true}]},
        "spec":{"containers":[{"name":"trainer"}]},"status":{"phase":"Running","containerStatuses":[
        {"name":"trainer","ready":true,"state":{"running":{"startedAt":"2026-11-22T03:04:05Z"}}}]}})");
    world.respond(fmt::format("GET {}/cnn", jobs), 200, job);
    world.serve("pods", Json::array({pod}));
    world.serve("events", Json::array());
    world.serve_text("GET /api/v1/namespaces/team/pods/cnn-0-x/log?",
                     "step 30/120  loss 1.9000  learning rate 0.0001  12 samples/s  2m05s left\n");
    CHECK(world.run({"status", "cnn"}) == 0);
    CHECK(world.out.text.find("Done:      25%\nLeft:      2m05s\nLoss:      1.9") != std::string::npos);
    CHECK(world.asked_for("/log?tailLines=20&limitBytes=65536&container=trainer"));
}
