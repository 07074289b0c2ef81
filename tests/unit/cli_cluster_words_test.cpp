// What commands on a cluster say: whose events, how to go on, and no password of a URL.
#include <doctest/doctest.h>

#include "cli/commands/cluster_flags.h"
#include "cli/commands/follow.h"
#include "core/base/error.h"
#include "core/base/shell.h"
#include "tests/support/cluster_world.h"

using namespace ktrain;
using test::ClusterWorld;

namespace {

Json job(const std::string& name, bool indexed = false) {
    Json out{{"kind", "Job"}, {"metadata", {{"name", name}, {"namespace", "team"}, {"uid", name + "-uid"}}}};
    out["spec"] = {{"completionMode", indexed ? "Indexed" : "NonIndexed"}, {"completions", 2}};
    return out;
}

Json event(const std::string& kind, const std::string& name, const std::string& uid) {
    static int number = 0;
    const std::string id = std::to_string(++number);
    return {{"metadata", {{"name", "e" + id}, {"resourceVersion", id}}},
            {"involvedObject", {{"kind", kind}, {"name", name}, {"uid", uid}}},
            {"reason", "R"},
            {"message", "about " + name}};
}

}  // namespace

TEST_CASE("events: those of a workload whose name begins alike are not this one's") {
    for (const bool indexed : {false, true}) {
        CAPTURE(indexed);
        ClusterWorld world;
        world.serve_object("/apis/batch/v1/namespaces/team/jobs/train", job("train", indexed));
        world.serve("jobs", Json::array({job("train", indexed), job("train-2", indexed)}));
        Json pod{{"metadata", {{"name", "train-0-aaaaa"}, {"uid", "p"}}}};
        pod["metadata"]["ownerReferences"] = Json::array({{{"uid", "train-uid"}}});
        world.serve("pods", Json::array({pod}));
        world.serve("events", Json::array({event("Job", "train", "train-uid"), event("Pod", "train-0-aaaaa", "p"),
                                           event("Pod", "train-1-bbbbb", "gone"), event("Pod", "train-ccccc", "gone"),
                                           event("PersistentVolumeClaim", "train-data", "c"),
                                           event("Job", "train-2", "train-2-uid"), event("Pod", "train-2-ddddd", "q"),
                                           event("Pod", "train-2-0-eeeee", "r"), event("Job", "train-3", "gone"),
                                           event("Pod", "train-3-0-fffff", "gone")}));
        CHECK(world.run({"events", "train", "-o", "json"}) == 0);
        std::vector<std::string> said;
        const Json answer = Json::parse(world.out.text);
        for (const Json& one : answer["events"]) said.push_back(one["message"].get<std::string>());
        CHECK(said == std::vector<std::string>{"about train", "about train-0-aaaaa",
                                               indexed ? "about train-1-bbbbb" : "about train-ccccc",
                                               "about train-data"});
        CHECK(world.asked_for("/namespaces/team/jobs?limit="));
        // Where every event is of what is there, the others of the namespace need not be known.
        ClusterWorld known;
        known.serve_object("/apis/batch/v1/namespaces/team/jobs/train", job("train", indexed));
        known.serve("pods", Json::array({pod}));
        known.serve("events", Json::array({event("Pod", "train-0-aaaaa", "p"), event("Job", "other", "o")}));
        CHECK(known.run({"events", "train", "-o", "json"}) == 0);
        CHECK(known.out.text.find("about train-0-aaaaa") != std::string::npos);
        CHECK_FALSE(known.asked_for("/namespaces/team/jobs?limit="));
    }
}

TEST_CASE("words of a command to run next mean to a shell what they are") {
    CHECK(shell_word("/home/ann/.kube/config") == "/home/ann/.kube/config");
    CHECK(shell_word("arn:aws:eks:eu-1:0:cluster/gpu") == "arn:aws:eks:eu-1:0:cluster/gpu");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("~/x") == "'~/x'");
    CHECK(shell_word("it's") == "'it'\\''s'");
    ClusterFlags flags;
    flags.choice.context = "a;touch x $(id)";
    flags.choice.kubeconfig = "/tmp/a b/kc";
    CHECK(cluster_words(flags, "team") == " -n team --context 'a;touch x $(id)' --kubeconfig '/tmp/a b/kc'");
}

TEST_CASE("top: the password of Prometheus' URL is not told") {
    ClusterWorld world;
    world.serve_text("GET /api/v1/nodes?", R"({"kind":"NodeList","items":[]})");
    world.serve_text("GET /api/v1/pods?", R"({"kind":"PodList","items":[]})");
    try {
        world.run({"top", "--prometheus", "http://ann:hunter2@127.0.0.1:1"});
        FAIL("there are metrics");
    } catch (const Error& error) {
        CHECK_MESSAGE(error.message.starts_with("http://127.0.0.1:1 gives no metrics: "), error.message);
        CHECK(error.message.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("a timeout that has begun with another job is over for the next one, which is looked at once") {
    ClusterWorld world;
    Json running = job("train");
    running["status"] = {{"active", 1}};
    world.serve("jobs", Json::array({running}));
    world.serve("pods", Json::array());
    world.serve("events", Json::array());
    Cluster cluster = ClusterFlags{}.open(world.session);
    const kube::Workload workload{kube::workload_kind("batch", "Job"),
                                  *kube::built_in_resource("batch/v1", "Job"),
                                  {{"metadata", {{"name", "train"}}}}};
    world.stop_when([polls = 0]() mutable { return ++polls > 200; });  // it would go on for an hour
    FollowOptions options{.logs = false, .timeout = std::chrono::hours(1), .cluster_words = ""};
    options.since = world.clock.steady() - std::chrono::hours(2);
    try {
        follow_workload(world.session, cluster, "team", workload, options);
        FAIL("it goes on");
    } catch (const Error& error) {
        CHECK_MESSAGE(error.message.starts_with("job train has not ended within 1h"), error.message);
    }
}
