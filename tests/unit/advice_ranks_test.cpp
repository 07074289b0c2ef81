// Ranks that fail again and again, and the one for which all others waited.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/small_cluster.h"

namespace ktrain::advice {
namespace {

using namespace test;

// Of a cluster in which the node is.
std::string said(Objects objects) {
    objects.push_back(node());
    return verdict(objects);
}

// A rank of the Job, made so long ago, that ended or not.
Json rank(int index, const std::string& name, int made, const std::string& phase, const std::string& state) {
    Json out = pod(fmt::format("{{metadata: {{annotations: {{batch.kubernetes.io/job-completion-index: '{}'}}}}, "
                               "status: {{phase: {}, containerStatuses: [{{name: trainer, state: {}}}]}}}}",
                               index, phase, state),
                   name);
    out["metadata"]["creationTimestamp"] = ago(made);
    return out;
}

Json ended(int index, const std::string& name, int seconds, const std::string& reason, int code) {
    return rank(
        index, name, seconds + 60, "Failed",
        fmt::format("{{terminated: {{exitCode: {}, reason: {}, finishedAt: '{}'}}}}", code, reason, ago(seconds)));
}

Json running(int index, const std::string& name, int made = 20) {
    return rank(index, name, made, "Running", "{running: {}}");
}

Json log_of(const std::string& pod, const std::string& text) {
    return {{"kind", "PodLog"}, {"pod", pod}, {"container", "trainer"}, {"text", text}};
}

const std::string timed_out = "[rank0]: Watchdog caught collective operation timeout: WorkNCCL(SeqNum=5)";

Json ranks(int count) {
    return job(
        fmt::format("{{spec: {{completionMode: Indexed, completions: {0}, parallelism: {0}}}, status: {{active: "
                    "{0}}}}}",
                    count));
}

}  // namespace

TEST_CASE("ranks: a place where one pod after the other fails is in trouble, though the next one runs") {
    const Json first = ended(1, "job-1-a", 300, "OOMKilled", 137), second = ended(1, "job-1-b", 60, "OOMKilled", 137);
    CHECK(said({ranks(2), running(0, "job-0-a"), running(1, "job-1-c")}).empty());
    CHECK(said({ranks(2), running(0, "job-0-a"), first, running(1, "job-1-c")}).empty());  // a retry
    CHECK(said({ranks(2), running(0, "job-0-a"), first, second, running(1, "job-1-c")}) == "oom-killed Pod/job-1-b");
    const Json done = rank(1, "job-1-c", 20, "Succeeded", "{terminated: {exitCode: 0}}");
    CHECK(said({ranks(2), running(0, "job-0-a"), first, second, done}).empty());
    const Json other_end = ended(1, "job-1-a", 300, "Error", 1);
    CHECK(said({ranks(2), running(0, "job-0-a"), other_end, second, running(1, "job-1-c")}).empty());
    // Of other ends three make a row, and no old ones.
    const Json third = ended(1, "job-1-c", 30, "Error", 1);
    const Json others[] = {ended(1, "job-1-a", 300, "Error", 1), ended(1, "job-1-b", 60, "Error", 1)};
    CHECK(said({ranks(2), running(0, "job-0-a"), others[0], others[1], running(1, "job-1-d")}).empty());
    CHECK(said({ranks(2), running(0, "job-0-a"), others[0], others[1], third, running(1, "job-1-d")}) ==
          "exit-code Pod/job-1-c");
    CHECK(said({ranks(2), ended(1, "job-1-a", 3000, "OOMKilled", 137), ended(1, "job-1-b", 2000, "OOMKilled", 137),
                running(0, "job-0-a"), running(1, "job-1-c")})
              .empty());
}

TEST_CASE("ranks: a container that was killed for its memory twice within minutes will be again") {
    const auto restarted = [](int restarts, const std::string& reason) {
        return pod(
            fmt::format("{{status: {{containerStatuses: [{{name: trainer, restartCount: {}, state: {{running: "
                        "{{}}}}, lastState: {{terminated: {{exitCode: 137, reason: {}, finishedAt: '{}'}}}}}}]}}}}",
                        restarts, reason, ago(60)));
    };
    CHECK(said({job(), restarted(1, "OOMKilled")}).empty());
    CHECK(said({job(), restarted(2, "OOMKilled")}) == "oom-killed Pod/job-abcde");
    CHECK(said({job(), restarted(2, "Error")}).empty());
    CHECK(said({job(), restarted(3, "Error")}) == "killed Pod/job-abcde");
}

TEST_CASE("ranks: of ranks whose collective timed out the one that says nothing is the cause") {
    Objects objects{ranks(4)};
    for (const int index : {0, 1, 3}) {
        const std::string name = fmt::format("job-{}-a", index);
        objects.push_back(ended(index, name, 60, "Error", 134));
        objects.push_back(log_of(name, timed_out));
    }
    const Objects three = objects;
    for (const Json& silent : {running(2, "job-2-a", 3000), ended(2, "job-2-a", 59, "Error", 143)}) {
        objects = three;
        objects.push_back(silent);
        objects.push_back(log_of("job-2-a", "step 5"));
        objects.push_back(node());
        const auto findings = findings_of(objects);
        REQUIRE_FALSE(findings.empty());
        CHECK(findings[0].cause == "nccl-timeout");
        CHECK(findings[0].object.text() == "Pod/job-2-a");
        CHECK(findings[0].summary.starts_with("all ranks but rank 2 timed out"));
        CHECK(findings.size() == 1);
    }
    // Who has come since, and whose log was not read, is none.
    objects = three;
    objects.push_back(running(2, "job-2-b", 20));
    CHECK(said(objects) == "nccl-timeout Pod/job-0-a");
    objects = three;
    objects.push_back(ended(2, "job-2-a", 59, "Error", 143));
    CHECK(said(objects) == "nccl-timeout Pod/job-0-a");
    // What it says itself is the cause; where all timed out, or two are silent, none is named.
    objects = three;
    objects.push_back(ended(2, "job-2-a", 61, "Error", 1));
    objects.push_back(log_of("job-2-a", "torch.OutOfMemoryError: CUDA out of memory."));
    CHECK(said(objects) == "cuda-out-of-memory Pod/job-2-a");
    objects = three;
    objects.push_back(ended(2, "job-2-a", 60, "Error", 134));
    objects.push_back(log_of("job-2-a", timed_out));
    CHECK(said(objects) == "nccl-timeout Pod/job-0-a");
    objects = three;
    objects.push_back(running(2, "job-2-a"));
    objects.push_back(running(4, "job-4-a"));
    CHECK(said(objects) == "nccl-timeout Pod/job-0-a");
}

}  // namespace ktrain::advice
