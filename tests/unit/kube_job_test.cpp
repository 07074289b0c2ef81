// What jobs, pods, events, times and quotas mean.
#include <doctest/doctest.h>

#include <map>

#include "core/kube/job.h"
#include "core/kube/quota.h"
#include "core/kube/resource.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

Json job(const std::string& status, const std::string& spec = R"({"completions":2})") {
    return {{"metadata", {{"name", "cnn"}, {"namespace", "team"}, {"uid", "u"}}},
            {"spec", Json::parse(spec)},
            {"status", Json::parse(status)}};
}

Json pod(const std::string& name, int rank, const std::string& status, const std::string& extra = "{}") {
    Json out{{"metadata",
              {{"name", name}, {"annotations", {{"batch.kubernetes.io/job-completion-index", std::to_string(rank)}}}}},
             {"spec", {{"containers", {{{"name", "sidecar"}}, {{"name", "trainer"}}}}}},
             {"status", Json::parse(status)}};
    out.merge_patch(Json::parse(extra));
    return out;
}

std::string ended(int code, const std::string& reason, const std::string& at) {
    return R"({"phase":"Failed","containerStatuses":[{"name":"sidecar","state":{"running":{}}},{"name":"trainer","restartCount":1,"state":{"terminated":{"exitCode":)" +
           std::to_string(code) + R"(,"reason":")" + reason + R"(","finishedAt":")" + at + R"("}}}]})";
}

}  // namespace

TEST_CASE("job: only Complete and Failed are ends") {
    struct Case {
        const char* status;
        const char* spec;
        Phase phase;
    };
    const Case cases[] = {
        {"{}", "{}", Phase::pending},
        {R"({"active":2})", "{}", Phase::pending},
        {R"({"active":2,"ready":1})", "{}", Phase::running},
        {"{}", R"({"suspend":true})", Phase::suspended},
        {R"({"ready":1,"conditions":[{"type":"FailureTarget","status":"True"}]})", "{}", Phase::running},
        {R"({"ready":1,"conditions":[{"type":"SuccessCriteriaMet","status":"True"}]})", "{}", Phase::running},
        {R"({"conditions":[{"type":"Failed","status":"False"}]})", "{}", Phase::pending},
        {R"({"conditions":[{"type":"Failed","status":"True","reason":"DeadlineExceeded"}]})", "{}", Phase::failed},
        {R"({"conditions":[{"type":"Suspended","status":"False"},{"type":"Complete","status":"True"}]})",
         R"({"suspend":true})", Phase::complete},
        {R"({"conditions":"no list"})", R"("no map")", Phase::pending},
        {R"({"ready":"many","conditions":[1,null]})", "[]", Phase::pending},
    };
    for (const Case& one : cases) {
        CAPTURE(one.status);
        CHECK(workload_state(job(one.status, one.spec)).phase == one.phase);
    }
    CHECK(workload_state(job(cases[7].status)).reason == "DeadlineExceeded");
    CHECK(workload_state(job("{}")).wanted == 2);
}

TEST_CASE("pod: the training container decides, whatever stands beside it") {
    const PodState state = pod_state(pod("p", 3, ended(137, "OOMKilled", "2026-01-01T00:00:05Z")));
    CHECK(state.rank == 3);
    CHECK(state.status == "OOMKilled");
    CHECK(*state.exit_code == 137);
    CHECK(state.restarts == 1);
    CHECK(state.container == "trainer");
    CHECK(state.failed());
    CHECK(explain_exit(state) == "exit code 137 (out of memory), OOMKilled");
    const PodState evil = pod_state(pod("p", 0, R"({"phase":"Failed","reason":"\u001b[2JEvicted"})"));
    CHECK(explain_exit(evil).find('\x1b') == std::string::npos);
    CHECK(explain_exit(evil).ends_with("Evicted"));
    const PodState waiting = pod_state(pod(
        "p", 0,
        R"({"phase":"Pending","containerStatuses":[{"name":"trainer","state":{"waiting":{"reason":"ImagePullBackOff","message":"no such image"}}}]})"));
    CHECK(waiting.status == "ImagePullBackOff");
    CHECK(!waiting.begun);
    const PodState unscheduled = pod_state(pod(
        "p", 0,
        R"({"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/2 nodes"}]})"));
    CHECK(unscheduled.status == "Unschedulable");
    CHECK(unscheduled.message == "0/2 nodes");
    CHECK(
        pod_state(
            pod("p", 0,
                R"({"phase":"Pending","initContainerStatuses":[{"state":{"terminated":{"exitCode":1,"reason":"Error"}}}]})"))
            .status == "Init:Error");
    CHECK(
        pod_state(pod("p", 0, R"({"phase":"Running"})", R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:05Z"}})"))
            .status == "Terminating");
    CHECK(pod_state(Json::parse(R"({"status":[],"spec":7})")).phase == "Pending");
}

TEST_CASE("pod: an init container is done once it has ended well, a sidecar is not") {
    const Json pod = Json::parse(R"({"metadata":{"name":"a"},"spec":{"initContainers":[{"name":"fetch"},
        {"name":"side","restartPolicy":"Always"}],"containers":[{"name":"trainer"}]},"status":{"phase":"Running",
        "initContainerStatuses":[{"name":"fetch","state":{"terminated":{"exitCode":0}}},
        {"name":"side","state":{"terminated":{"exitCode":0}}}],
        "containerStatuses":[{"name":"trainer","state":{"running":{}}}]}})");
    std::map<std::string, bool> ended;
    for (const ContainerState& one : pod_state(pod).containers) ended[one.name] = one.ended;
    CHECK(ended == std::map<std::string, bool>{{"fetch", true}, {"side", false}, {"trainer", false}});
}

std::vector<PodState> states_of(const std::vector<Json>& pods) {
    std::vector<PodState> out;
    for (const Json& pod : pods) out.push_back(pod_state(pod));
    return out;
}

TEST_CASE("pod: the first failure is the cause, not those that follow it") {
    const auto pods = states_of({pod("a", 0, ended(134, "Error", "2026-01-01T00:00:05Z")),
                                 pod("b", 1, ended(1, "Error", "2026-01-01T00:00:05Z")),
                                 pod("c", 2, ended(137, "Error", "2026-01-01T00:00:06Z"))});
    REQUIRE(first_failure(pods) != nullptr);
    CHECK(first_failure(pods)->name == "b");
    CHECK(first_failure({}) == nullptr);
}

TEST_CASE("messages of servers: credentials in them are hidden, wherever they are kept") {
    const std::string said = "cannot pull https://bob:hunter2@registry/x, token=hunter2";
    const std::string shown = "cannot pull https://bob:***@registry/x, token=***";
    for (const std::string& status :
         {R"({"message":")" + said + "\"}",
          R"({"containerStatuses":[{"name":"trainer","state":{"waiting":{"reason":"ErrImagePull","message":")" + said +
              "\"}}}]}",
          R"({"containerStatuses":[{"name":"trainer","state":{"terminated":{"exitCode":1,"message":")" + said +
              "\"}}}]}",
          R"({"conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulerError","message":")" + said +
              "\"}]}"}) {
        CAPTURE(status);
        CHECK(pod_state(pod("a", 0, status)).message == shown);
    }
    CHECK(event_line({{"message", said}}).message == shown);
    CHECK(workload_state(job(R"({"conditions":[{"type":"Failed","status":"True","message":")" + said + "\"}]}"))
              .message == shown);
}

TEST_CASE("events: those of the job and its pods that tell something, oldest first") {
    const auto event = [](const char* kind, const char* name, const char* type, const char* reason, const char* last) {
        return Json{{"involvedObject", {{"kind", kind}, {"name", name}}},
                    {"type", type},
                    {"reason", reason},
                    {"message", "m\x1b[2J"},
                    {"lastTimestamp", last}};
    };
    const auto pods = states_of({pod("cnn-0-x", 0, "{}")});
    const auto lines = telling_events({event("Job", "cnn", "Warning", "FailedCreate", "2026-01-01T00:00:09Z"),
                                       event("Pod", "cnn-0-x", "Normal", "Pulled", "2026-01-01T00:00:01Z"),
                                       event("Pod", "cnn-0-x", "Warning", "MissingClusterDNS", "2026-01-01T00:00:09Z"),
                                       event("Pod", "cnn-0-x", "Normal", "Preempted", "2026-01-01T00:00:02Z"),
                                       event("Pod", "other", "Warning", "Failed", "2026-01-01T00:00:03Z")},
                                      workload_state(job("{}")), pods);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].reason == "Preempted");
    CHECK(lines[1].reason == "FailedCreate");
    CHECK(lines[0].message.find('\x1b') == std::string::npos);
    CHECK(obstacle(workload_state(job("{}")), {}, lines).text.find("the pods are refused") == 0);
    CHECK(obstacle(workload_state(job(R"({"conditions":[{"type":"Complete","status":"True"}]})")), {}, lines)
              .text.empty());
}

TEST_CASE("events: a series is as old as its last one") {
    Json event{{"metadata", {{"creationTimestamp", "2026-01-01T00:00:01Z"}}}};
    const auto last = [&] { return format_time(*event_time(event)); };
    CHECK(last() == "2026-01-01T00:00:01Z");
    event["eventTime"] = "2026-01-01T00:00:02.000000Z";
    CHECK(last() == "2026-01-01T00:00:02Z");
    event["lastTimestamp"] = "2026-01-01T00:00:03Z";
    CHECK(last() == "2026-01-01T00:00:03Z");
    event["series"]["lastObservedTime"] = "2026-01-01T00:00:04.000000Z";
    CHECK(last() == "2026-01-01T00:00:04Z");
    CHECK(event_line(event).last == event_time(event));
}

TEST_CASE("events: those of an earlier job of the same name are not this one's") {
    Json event{{"involvedObject", {{"kind", "Job"}, {"name", "cnn"}, {"uid", "u"}}}, {"reason", "FailedCreate"}};
    CHECK(telling_events({event}, workload_state(job("{}")), {}).size() == 1);
    event["involvedObject"]["uid"] = "before";
    CHECK(telling_events({event}, workload_state(job("{}")), {}).empty());
}

TEST_CASE("events: another Job whose name begins alike is no part of a JobSet") {
    Json set{
        {"apiVersion", "jobset.x-k8s.io/v1alpha2"}, {"kind", "JobSet"}, {"metadata", {{"name", "cnn"}, {"uid", "u"}}}};
    const auto told = [&](const char* name) {
        const Json event{{"involvedObject", {{"kind", "Job"}, {"name", name}, {"uid", "v"}}},
                         {"reason", "FailedCreate"}};
        return !telling_events({event}, workload_state(set), {}).empty();
    };
    CHECK(told("cnn-node-0"));
    CHECK_FALSE(told("cnn-2"));
    CHECK_FALSE(told("cnn"));
}

TEST_CASE("obstacle: the cause stays the same while the kubelet tries, or while a count goes up") {
    const auto waiting = [](const char* reason, const char* message) {
        return states_of(
            {pod("cnn-0-x", 0,
                 Json{{"phase", "Pending"},
                      {"containerStatuses",
                       {{{"name", "trainer"}, {"state", {{"waiting", {{"reason", reason}, {"message", message}}}}}}}}}
                     .dump())});
    };
    const WorkloadState state = workload_state(job("{}"));
    const Obstacle pull = obstacle(state, waiting("ErrImagePull", "no such image"), {});
    const Obstacle back_off = obstacle(state, waiting("ImagePullBackOff", "Back-off"), {});
    CHECK(pull.cause == back_off.cause);
    CHECK(pull.text == "pod cnn-0-x waits: ErrImagePull: no such image");
    std::vector<EventLine> events(2);
    events[0].object = events[1].object = "Pod/cnn-0-x";
    events[0].reason = "FailedScheduling";
    events[1].reason = "FailedMount";
    events[1].message = "first";
    const Obstacle mount = obstacle(state, waiting("ContainerCreating", ""), events);
    CHECK(mount.text == "pod cnn-0-x waits: FailedMount: first");
    events[1].message = "second";
    CHECK(obstacle(state, waiting("ContainerCreating", ""), events).cause == mount.cause);
    events[1].object = "Pod/another";
    CHECK(obstacle(state, waiting("ContainerCreating", ""), events).cause != mount.cause);
    CHECK(obstacle(state, waiting("ContainerCreating", ""), {}).text.empty());
}

TEST_CASE("time: RFC 3339 and nothing else") {
    CHECK(format_time(*parse_time("2026-11-22T03:04:05.123456789Z")) == "2026-11-22T03:04:05Z");
    CHECK(format_time(*parse_time("2026-11-22T03:04:05+02:00")) == "2026-11-22T01:04:05Z");
    CHECK(*parse_time("2026-11-22T03:04:05.1Z") < *parse_time("2026-11-22T03:04:05.12Z"));
    CHECK(format_time(*parse_time("9999-12-31T23:59:59Z")) == "2260-01-01T00:00:00Z");  // "never"
    CHECK(format_time(*parse_time("0001-01-01T00:00:00Z")) == "1970-01-01T00:00:00Z");  // Go's zero time
    for (const char* bad : {"", "2026-11-22", "2026-13-22T03:04:05Z", "2026-02-30T03:04:05Z", "2026-11-22T25:04:05Z",
                            "2026-11-22T03:04:05", "2026-11-22T03:04:05.Z", "2026-11-22 03:04:05Z"})
        CHECK(!parse_time(bad));
}

TEST_CASE("quota: no more pods run at a time than have to complete") {
    CHECK(pods_of(Json::parse(R"({"spec":{"parallelism":8,"completions":2}})")) == 2);
    CHECK(pods_of(Json::parse(R"({"spec":{"parallelism":2,"completions":8}})")) == 2);
    CHECK(pods_of(Json::parse(R"({"spec":{"parallelism":3}})")) == 3);
    CHECK(pods_of(Json::parse(R"({"spec":{"completions":3}})")) == 1);
    CHECK(pods_of(Json::parse(R"({"spec":{"parallelism":99999999999}})")) == 0x7fffffff);
}

TEST_CASE("quota: the limits of the bundle count with what the server says is in use, in their namespace only") {
    const auto quota = [](const std::string& name, const std::string& where, const std::string& more) {
        Json out = Json::parse(more);
        out["kind"] = "ResourceQuota";
        out["metadata"] = {{"name", name}, {"namespace", where}};
        return out;
    };
    const auto after = quotas_after(
        {quota("q", "team", R"({"spec":{"hard":{"pods":"9"}},"status":{"used":{"pods":"4"}}})")},
        {quota("q", "team", R"({"spec":{"hard":{"pods":"5"}}})"), quota("r", "team", R"({"spec":{"hard":{}}})"),
         quota("q", "other", R"({"spec":{"hard":{"pods":"0"}}})")},
        "team");
    REQUIRE(after.size() == 2);
    CHECK(after[0]["spec"]["hard"]["pods"] == "5");
    CHECK(after[0]["status"]["used"]["pods"] == "4");
    CHECK(meta(after[1], "name") == "r");
}

TEST_CASE("quota: pods are added up, what never fits is told from what must wait") {
    const Json wide = Json::parse(R"({"spec":{"parallelism":2,"template":{"spec":{
        "containers":[{"resources":{"limits":{"nvidia.com/gpu":8,"cpu":"4"},"requests":{"cpu":"500m"}}},{"resources":{"requests":{"cpu":1}}}],
        "initContainers":[{"resources":{"requests":{"memory":"1Gi"}}}]}}}})");
    const auto quota = [](const std::string& hard, const std::string& used = "{}") {
        return std::vector<Json>{{{"metadata", {{"name", "q"}}},
                                  {"spec", {{"hard", Json::parse(hard)}}},
                                  {"status", {{"used", Json::parse(used)}}}}};
    };
    CHECK(check_quotas(wide, quota(R"({"requests.nvidia.com/gpu":"16","cpu":"3","pods":"2","memory":"2Gi"})")).empty());
    auto findings = check_quotas(wide, quota(R"({"requests.nvidia.com/gpu":"15"})"));
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].never);
    CHECK(findings[0].message == "the job needs 16 requests.nvidia.com/gpu, quota \"q\" allows 15");
    CHECK(check_quotas(wide, quota(R"({"cpu":"2999m"})")).size() == 1);
    CHECK(check_quotas(wide, quota(R"({"limits.cpu":"7"})")).size() == 1);
    findings = check_quotas(wide, quota(R"({"pods":"3"})", R"({"pods":"2"})"));
    REQUIRE(findings.size() == 1);
    CHECK(!findings[0].never);
    CHECK(check_quotas(wide, quota(R"({"services":"0"})")).empty());
    CHECK(check_quotas(wide, {Json::parse(R"({"spec":{"hard":{"pods":"1"},"scopes":["BestEffort"]}})")}).empty());
}
