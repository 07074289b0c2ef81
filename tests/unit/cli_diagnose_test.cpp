// `ktrain diagnose` as a person and a program see it: text, JSON, exit codes, and how little it asks of the server.
#include <doctest/doctest.h>

#include "core/base/text.h"
#include "tests/support/cluster_world.h"

namespace ktrain::test {
namespace {

std::string answer(const Json& body) {
    const std::string text = body.dump();
    return "HTTP/1.1 200 X\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
}

const std::string team = "/api/v1/namespaces/team/";

Json job_named(const std::string& name) {
    return {{"apiVersion", "batch/v1"},
            {"kind", "Job"},
            {"metadata",
             {{"name", name}, {"namespace", "team"}, {"uid", "u1"}, {"creationTimestamp", "2026-01-01T00:00:00Z"}}},
            {"spec", {{"parallelism", 1}}},
            {"status", {{"startTime", "2026-01-01T00:00:00Z"}, {"active", 1}}}};
}

// A pod of the job whose container ended with this code, or runs.
Json pod_of_job(int code) {
    const Json state =
        code < 0
            ? Json{{"running", Json::object()}}
            : Json{{"terminated", {{"exitCode", code}, {"reason", "Error"}, {"finishedAt", "2026-01-01T00:01:00Z"}}}};
    Json env = Json::array({{{"name", "KEY"}, {"value", "s3cr3t-value"}}});
    Json owner{{"kind", "Job"}, {"name", "cnn"}, {"uid", "u1"}, {"controller", true}};
    return {{"metadata", {{"name", "cnn-0"}, {"namespace", "team"}, {"ownerReferences", Json::array({owner})}}},
            {"spec",
             {{"nodeName", "n1"}, {"containers", Json::array({{{"name", "trainer"}, {"image", "i"}, {"env", env}}})}}},
            {"status",
             {{"phase", code < 0 ? "Running" : "Failed"},
              {"containerStatuses", Json::array({{{"name", "trainer"}, {"restartCount", 0}, {"state", state}}})}}}};
}

struct DiagnoseWorld : ClusterWorld {
    DiagnoseWorld(const Json& job, const Json& pods, const std::string& log = "") {
        server.route("GET /apis/batch/v1/namespaces/team/jobs/cnn", answer(job));
        server.route("GET " + team + "pods",
                     answer({{"kind", "PodList"}, {"metadata", Json::object()}, {"items", pods}}));
        server.route("GET " + team + "events",
                     answer({{"kind", "EventList"}, {"metadata", Json::object()}, {"items", Json::array()}}));
        server.route("GET /api/v1/nodes/n1", answer({{"kind", "Node"}, {"metadata", {{"name", "n1"}}}}));
        server.route("GET " + team + "resourcequotas",
                     answer({{"kind", "ResourceQuotaList"}, {"metadata", Json::object()}, {"items", Json::array()}}));
        server.route("GET " + team + "pods/cnn-0/log",
                     "HTTP/1.1 200 X\r\nContent-Length: " + std::to_string(log.size()) + "\r\n\r\n" + log);
    }
};

}  // namespace

TEST_CASE("diagnose: a failed pod is explained by its log, as JSON") {
    DiagnoseWorld world(job_named("cnn"), Json::array({pod_of_job(1)}),
                        "token=abcdef123456\nModuleNotFoundError: No module named 'peft'\n");
    CHECK(world.run({"diagnose", "cnn", "-o", "json"}) == 3);
    const Json out = parse_json(world.out.text, "out");
    REQUIRE(out["findings"].size() == 1);
    const Json& first = out["findings"][0];
    CHECK(first["cause"] == "module-missing");
    CHECK(first["severity"] == "error");
    CHECK(first["object"] == Json{{"kind", "Pod"}, {"namespace", "team"}, {"name", "cnn-0"}});
    CHECK(first["remedy"] != "");
    CHECK(first["evidence"].is_array());
    CHECK(world.out.text.find("s3cr3t") == std::string::npos);  // of the environment
    CHECK(world.out.text.find("abcdef123456") == std::string::npos);
    CHECK(world.server.requests().size() <= 15);
}

TEST_CASE("diagnose: reads 200 lines of a log, and fewer where they are so long that the last ones do not come") {
    const Json pods = Json::array({pod_of_job(9)});
    const std::string log = team + "pods/cnn-0/log?container=trainer&";
    DiagnoseWorld world(job_named("cnn"), pods, "no more data\n");
    CHECK(world.run({"diagnose", "cnn"}) == 3);
    CHECK(world.asked_for(log + "tailLines=200&limitBytes=65536"));
    CHECK_FALSE(world.asked_for(log + "tailLines=60"));

    DiagnoseWorld wide(job_named("cnn"), pods, std::string(65536, 'x'));
    wide.serve_text("GET " + log + "tailLines=60&limitBytes=65536", "ok\ntoken=abcdef123456 is no good\n");
    CHECK(wide.run({"diagnose", "cnn"}) == 3);
    CHECK(wide.out.text.find("its last words: token=") != std::string::npos);
    CHECK(wide.out.text.find("abcdef123456") == std::string::npos);
}

TEST_CASE("diagnose: an OOM kill has its own remedy where there is no limit, and commands reach the same cluster") {
    for (const bool limited : {false, true}) {
        Json pod = pod_of_job(137);
        pod["status"]["containerStatuses"][0]["state"]["terminated"]["reason"] = "OOMKilled";
        if (limited) pod["spec"]["containers"][0]["resources"]["limits"]["memory"] = "1Gi";
        DiagnoseWorld world(job_named("cnn"), Json::array({pod}));
        CHECK(world.run({"diagnose", "cnn", "-o", "json", "--context", "here"}) == 3);
        const Json first = parse_json(world.out.text, "out")["findings"][0];
        CHECK(first["cause"] == "oom-killed");
        CHECK(first["summary"].get<std::string>().find(limited ? "than it may (limit 1Gi)"
                                                               : "than its node had left") != std::string::npos);
        CHECK(first["remedy"].get<std::string>().starts_with(limited ? "raise the memory limit, use fewer"
                                                                     : "it has no memory limit"));
        CHECK(first["command"] == "kubectl --context here describe pod cnn-0 -n team");
    }
}

TEST_CASE("diagnose: why is another name of it, and its text fits a page") {
    DiagnoseWorld world(job_named("cnn"), Json::array({pod_of_job(137)}));
    CHECK(world.run({"why", "cnn"}) == 3);
    CHECK(world.out.text.starts_with("killed  Pod/cnn-0\n"));
    CHECK(world.out.text.find("\n  Remedy: ") != std::string::npos);
    for (const std::string& line : split(world.out.text, '\n'))
        if (!line.starts_with("  Next:")) CHECK(line.size() <= 80);
}

TEST_CASE("diagnose: a job that runs is well, whatever its log says") {
    DiagnoseWorld world(job_named("cnn"), Json::array({pod_of_job(-1)}), "CUDA out of memory\n");
    CHECK(world.run({"diagnose", "cnn"}) == 0);
    CHECK(world.out.text == "Job/cnn in namespace team: nothing is wrong\n");
    for (const std::string& request : world.server.requests()) CHECK(request.find("/log") == std::string::npos);
    CHECK(world.server.requests().size() <= 6);
}

TEST_CASE("diagnose: a job that somebody suspended is well, and who did it is said") {
    Json job = job_named("cnn");
    job["spec"]["suspend"] = true;
    job["metadata"]["managedFields"] = Json::array({{{"manager", "ktrain"},
                                                     {"time", "2026-01-01T00:30:00Z"},
                                                     {"fieldsV1", {{"f:spec", {{"f:suspend", Json::object()}}}}}}});
    for (const std::string format : {"text", "json"}) {
        DiagnoseWorld world(job, Json::array());
        CHECK(world.run({"diagnose", "cnn", "-o", format}) == 0);
        if (format == "text")
            CHECK(world.out.text ==
                  "Job/cnn in namespace team: nothing is wrong; suspended by ktrain at 2026-01-01T00:30:00Z\n");
        else
            CHECK(parse_json(world.out.text, "out")["suspended_by"] == "ktrain at 2026-01-01T00:30:00Z");
    }
}

TEST_CASE("diagnose: the events of its node are read for a container that was killed, and for no other") {
    const auto asks = [](const Json& pod) {
        DiagnoseWorld world(job_named("cnn"), Json::array({pod}));
        const Json told{{"involvedObject", {{"kind", "Node"}, {"name", "n1"}, {"uid", "n1"}}},
                        {"reason", "SystemOOM"},
                        {"message", "System OOM encountered, victim process: python, pid: 7"},
                        {"lastTimestamp", "2026-01-01T00:01:02Z"}};
        world.server.route(
            "GET /api/v1/namespaces/default/events",
            answer({{"kind", "EventList"}, {"metadata", Json::object()}, {"items", Json::array({told})}}));
        world.run({"diagnose", "cnn", "-o", "json"});
        std::string about;
        for (const std::string& request : world.server.requests())
            if (request.find("namespaces/default/events") != std::string::npos) about = request;
        return std::pair(about, parse_json(world.out.text, "out")["findings"][0]["cause"].get<std::string>());
    };
    const auto [request, cause] = asks(pod_of_job(137));
    CHECK(request.find("involvedObject.kind%3DNode%2CinvolvedObject.name%3Dn1") != std::string::npos);
    CHECK(cause == "node-out-of-memory");
    CHECK(asks(pod_of_job(1)) == std::pair<std::string, std::string>("", "exit-code"));
}

TEST_CASE("diagnose: who has the GPUs that a pod waits for is asked of the nodes that could take it") {
    Json pod = pod_of_job(-1);
    pod["metadata"]["creationTimestamp"] = "2025-12-31T23:00:00Z";
    pod["spec"].erase("nodeName");
    pod["spec"]["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] = 2;
    pod["status"] = {
        {"phase", "Pending"},
        {"conditions", Json::array({{{"type", "PodScheduled"},
                                     {"status", "False"},
                                     {"reason", "Unschedulable"},
                                     {"message", "0/1 nodes are available: 1 Insufficient nvidia.com/gpu."}}})}};
    const Json node{{"metadata", {{"name", "n1"}}},
                    {"status", {{"allocatable", {{"nvidia.com/gpu", "2"}, {"pods", "110"}}}}}};
    const Json other{{"metadata", {{"name", "notebook"}, {"namespace", "ml"}}},
                     {"spec", pod["spec"]},
                     {"status", {{"phase", "Running"}}}};
    const auto list = [](const char* kind, const Json& one) {
        return answer({{"kind", kind}, {"metadata", Json::object()}, {"items", Json::array({one})}});
    };
    for (const bool may : {true, false}) {
        DiagnoseWorld world(job_named("cnn"), Json::array({pod}));
        world.server.route("GET /api/v1/nodes", list("NodeList", node));
        if (may)
            world.server.route("GET /api/v1/pods", list("PodList", other));
        else
            world.server.route("GET /api/v1/pods", "HTTP/1.1 403 X\r\nContent-Length: 2\r\n\r\n{}");
        CHECK(world.run({"diagnose", "cnn", "-o", "json"}) == 3);
        const Json out = parse_json(world.out.text, "out");
        CHECK((out["findings"][0]["summary"].get<std::string>().find("ml/notebook has 2") != std::string::npos) == may);
        CHECK(out["unread"].empty());
    }
}

}  // namespace ktrain::test
