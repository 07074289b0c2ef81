// Servers that answer nonsense: every JSON type at every place of every object ends in a value or in one Error.
#include <doctest/doctest.h>

#include "core/kube/job_watch.h"
#include "core/kube/quota.h"
#include "tests/support/fake_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;
using test::FakeCluster;

namespace {

const Resource jobs = *built_in_resource("batch/v1", "Job");

constexpr const char* job_text = R"({"apiVersion":"batch/v1","kind":"Job",
    "metadata":{"name":"cnn","namespace":"team","uid":"u","resourceVersion":"5","creationTimestamp":"2026-01-01T00:00:00Z",
        "labels":{"ktrain.dev/spec-digest":"d"},"ownerReferences":[{"uid":"u"}]},
    "spec":{"completions":2,"parallelism":2,"suspend":false,"template":{"spec":{"containers":[{"resources":
        {"limits":{"cpu":"1"},"requests":{"cpu":1}}}],"initContainers":[{"resources":{"limits":{"cpu":"1"}}}]}}},
    "status":{"active":1,"ready":1,"startTime":"2026-01-01T00:00:00Z","conditions":[{"type":"Failed","status":"True",
        "reason":"r","message":"m","lastTransitionTime":"2026-01-01T00:00:00Z"}]}})";

constexpr const char* pod_text = R"({"kind":"Pod","metadata":{"name":"cnn-0-x","resourceVersion":"5","annotations":
        {"batch.kubernetes.io/job-completion-index":"0"},"ownerReferences":[{"uid":"u"}]},
    "spec":{"nodeName":"n","containers":[{"name":"trainer"}]},
    "status":{"phase":"Pending","reason":"r","message":"m","conditions":[{"type":"PodScheduled","status":"False"}],
        "initContainerStatuses":[{"state":{"waiting":{"reason":"x"},"terminated":{"exitCode":1}}}],
        "containerStatuses":[{"name":"trainer","restartCount":1,"state":{"waiting":{"reason":"a","message":"b"},
            "terminated":{"exitCode":1,"reason":"c","finishedAt":"2026-01-01T00:00:00Z"}},"lastState":{"terminated":{}}}]}})";

constexpr const char* event_text =
    R"({"kind":"Event","metadata":{"name":"e","resourceVersion":"5"},"count":2,"type":"Warning",
    "involvedObject":{"kind":"Pod","name":"cnn-0-x","uid":"p"},"reason":"FailedMount","message":"m",
    "series":{"count":1,"lastObservedTime":"2026-01-01T00:00:00Z"},"lastTimestamp":"2026-01-01T00:00:00Z"})";

constexpr const char* quota_text = R"({"kind":"ResourceQuota","metadata":{"name":"q"},"spec":{"hard":{"pods":"1"},
    "scopes":[],"scopeSelector":{}},"status":{"used":{"pods":"1"}}})";

constexpr const char* groups_text = R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"x.org"},"versions":
    [{"version":"v1","resources":[{"resource":"things","responseKind":{"kind":"Thing"},"scope":"Namespaced"}]}]}]})";

constexpr const char* status_text = R"({"kind":"Status","code":422,"message":"m","reason":"Invalid","details":
    {"kind":"jobs","name":"n","retryAfterSeconds":1,"causes":[{"field":"f","message":"m"}]}})";

// Calls visit(variant) for the text with each of its values replaced by one of each type.
void each_variant(const std::string& text, const std::function<void(const Json&)>& visit) {
    const Json whole = Json::parse(text);
    std::vector<Json::json_pointer> places;
    const std::function<void(const Json&, const Json::json_pointer&)> collect = [&](const Json& value,
                                                                                    const Json::json_pointer& place) {
        places.push_back(place);
        if (value.is_object())
            for (const auto& [key, member] : value.items()) collect(member, place / key);
        for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) collect(value[i], place / i);
    };
    collect(whole, Json::json_pointer());
    for (const auto& place : places) {
        for (const char* other : {"null", "true", "7", "-1e300", "18446744073709551615", R"("9999-12-31T23:59:59Z")",
                                  "[]", "{}", R"([[1],"a",null,{"name":[]}])", R"({"name":{"name":1},"type":[]})"}) {
            Json variant = whole;
            variant[place] = Json::parse(other);
            visit(variant);
        }
    }
}

Error refusal(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    return {ErrorKind::bug, "it was accepted"};
}

}  // namespace

TEST_CASE("malformed: answers of another kind name the request, the server and what is wrong") {
    struct Case {
        const char* body;
        const char* message;
    };
    for (const Case& one :
         {Case{R"("text")", "it is no JSON object"}, Case{"", "it is no JSON object"},
          Case{R"({"kind":"Pod"})", "it is a Pod, not a Job"}, Case{R"({"kind":null})", "it is no Job: it has no kind"},
          Case{R"({"kind":[1]})", "it is no Job: it has no kind"}}) {
        FakeCluster cluster;
        cluster.http.reply("", 200, one.body);
        for (const Error& error : {refusal([&] { cluster.client->get(jobs, "team", "cnn"); }),
                                   refusal([&] { cluster.client->find(jobs, "team", "cnn"); }),
                                   refusal([&] { cluster.client->create(jobs, "team", {}, true); }), refusal([&] {
                                       cluster.client->apply(jobs, "team", {{"metadata", {{"name", "cnn"}}}}, true);
                                   }),
                                   refusal([&] { cluster.client->patch(jobs, "team", "cnn", {}); })}) {
            CHECK(error.kind == ErrorKind::failed);
            CHECK_MESSAGE(error.message.find(one.message) != std::string::npos, error.message);
            CHECK_MESSAGE(error.message.find("https://server (context \"here\")") != std::string::npos, error.message);
            CHECK_MESSAGE(error.message.find("in namespace \"team\"") != std::string::npos, error.message);
        }
    }
}

TEST_CASE("malformed: lists whose items are no objects are refused, wherever they are read") {
    struct Case {
        const char* body;
        const char* message;
    };
    for (const Case& one : {Case{R"({"items":"none"})", "its items are of type string, not array"},
                            Case{R"({"items":{"a":{}}})", "its items are of type object, not array"},
                            Case{R"({"items":[{},"text"]})", "one of its items is of type string, not object"},
                            Case{R"({"items":[null]})", "one of its items is of type null, not object"},
                            Case{R"({"items":[1]})", "one of its items is of type number, not object"},
                            Case{R"({"kind":"Job"})", "it is a Job, not a JobList"}}) {
        FakeCluster cluster;
        cluster.http.reply("GET /", 200, one.body);
        const Error error = refusal([&] { cluster.client->list(jobs, "team", {}); });
        CHECK(error.kind == ErrorKind::failed);
        CHECK_MESSAGE(error.message.find(one.message) != std::string::npos, error.message);
        CHECK_MESSAGE(error.message.find("(list jobs in namespace \"team\")") != std::string::npos, error.message);
        JobWatch watch(*cluster.client, "team", "cnn");
        const auto follow = [&] {
            watch.step();
            cluster.client->turn({});
            watch.step();
        };
        CHECK(refusal(follow).message == error.message);
    }
    FakeCluster empty;
    empty.http.reply("GET /", 200, R"({"items":null,"metadata":{"resourceVersion":"1"}})");
    CHECK(empty.client->list(jobs, "team", {}).items.empty());
    FakeCluster discovery;
    discovery.http.reply("GET /", 200, R"({"kind":"APIGroupDiscoveryList","items":[7]})");
    CHECK(refusal([&] { discovery.client->resource("x.org/v1", "Thing"); }).message.find("(read /apis)") !=
          std::string::npos);
}

TEST_CASE("malformed: text that is nested too deep is no answer") {
    FakeCluster cluster;
    cluster.http.reply("GET /", 200, R"({"kind":"Job","spec":)" + std::string(200'000, '['));
    CHECK(refusal([&] { cluster.client->get(jobs, "team", "cnn"); }).message.find("no JSON object") !=
          std::string::npos);
}

TEST_CASE("malformed: any type at any place of an object has a meaning or none, and breaks nothing") {
    const WorkloadState job = workload_state(Json::parse(job_text));
    const std::vector<PodState> pods{pod_state(Json::parse(pod_text))};
    const std::vector<EventLine> events = telling_events({Json::parse(event_text)}, job, pods);
    REQUIRE(events.size() == 1);
    std::size_t variants = 0;
    each_variant(job_text, [&](const Json& variant) {
        ++variants;
        obstacle(workload_state(variant), pods, events);
        check_quotas(variant, {Json::parse(quota_text)});
    });
    each_variant(pod_text, [&](const Json& variant) {
        const std::vector<PodState> states{pod_state(variant), pod_state(Json::parse(pod_text))};
        obstacle(job, states, events);
        if (const PodState* pod = first_failure(states)) explain_exit(*pod);
    });
    each_variant(event_text, [&](const Json& variant) { obstacle(job, pods, telling_events({variant}, job, pods)); });
    each_variant(quota_text, [&](const Json& variant) { check_quotas(Json::parse(job_text), {variant}); });
    each_variant(groups_text, [&](const Json& variant) { find_in_discovery(variant, "x.org/v1", "Thing"); });
    for (const int code : {400, 401, 403, 404, 409, 422, 429, 500})
        each_variant(status_text, [&](const Json& variant) {
            HttpReply reply;
            reply.status = code;
            reply.body = variant.dump();
            CHECK(!error_of(reply, {"get", "job.batch/cnn", "team"}, {"https://server", ""}).message.empty());
        });
    CHECK(variants > 300);
}

TEST_CASE("malformed: a watch takes any object and any event for what it is worth") {
    const auto follow = [](const Json& listed, const std::string& event) {
        FakeCluster cluster;
        cluster.http.reply("GET /apis/batch/v1/namespaces/team/jobs?fieldSelector", 200, listed.dump());
        cluster.http.reply("GET /api/v1/namespaces/team/", 200, R"({"metadata":{"resourceVersion":"5"}})");
        cluster.http.stream("GET /apis/batch/v1/namespaces/team/jobs?watch", {event + "\n"}, Trouble::none, true);
        cluster.http.stream("GET /api/v1/namespaces/team/pods?watch", {}, Trouble::none, true);
        cluster.http.stream("GET /api/v1/namespaces/team/events?watch", {}, Trouble::none, true);
        JobWatch watch(*cluster.client, "team", "cnn");
        for (int i = 0; i < 5; ++i) {
            try {
                watch.step();
                cluster.client->turn(std::chrono::seconds(40));
                watch.refresh();
            } catch (const Error& error) {
                CHECK(error.kind == ErrorKind::failed);
                return;
            }
        }
    };
    Json list{{"kind", "JobList"}, {"metadata", {{"resourceVersion", "5"}}}};
    list["items"] = Json::array({Json::parse(job_text)});
    Json event{{"type", "MODIFIED"}, {"object", Json::parse(job_text)}};
    event["object"]["metadata"]["resourceVersion"] = "6";
    Json refused{{"type", "ERROR"}, {"object", Json::parse(status_text)}};
    refused["object"]["code"] = 500;
    each_variant(list.dump(), [&](const Json& variant) { follow(variant, event.dump()); });
    each_variant(event.dump(), [&](const Json& variant) { follow(list, variant.dump()); });
    each_variant(refused.dump(), [&](const Json& variant) { follow(list, variant.dump()); });
}
