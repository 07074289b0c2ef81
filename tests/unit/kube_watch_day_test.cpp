// A day of watching jobs through a control plane that closes, forgets, refuses, restarts and falls silent.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "core/kube/job_watch.h"
#include "tests/support/flaky_api.h"
#include "tests/support/worlds.h"

using namespace ktrain;
using namespace ktrain::kube;
using namespace std::chrono_literals;

namespace {

struct Day {
    test::FakeClock clock;
    test::FlakyApi api;
    test::MemoryFiles files;
    Connection connection;
    Auth auth{connection, files, clock, nullptr, false};
    KubeClient client{api, auth, clock, ServerName{"https://server", "here"}, {}};
    std::minstd_rand random;
    int jobs = 0;
    std::chrono::milliseconds slowest{0};  // from the end of a job until it was seen

    explicit Day(unsigned seed) : api(clock, seed), random(seed) {}

    void pass(JobWatch& watch) {
        watch.step();
        watch.refresh();
        client.turn(1s);
    }
    void live_a_job();
    Json job(int retry, const char* end) const;
    static Json pod(const std::string& uid, const char* phase);
};

Json Day::job(int retry, const char* end) const {
    Json out{{"metadata", {{"uid", "u" + std::to_string(jobs)}}}, {"status", {{"active", 2}, {"failed", retry}}}};
    if (end != nullptr) out["status"]["conditions"] = Json::array({{{"type", end}, {"status", "True"}}});
    return out;
}

Json Day::pod(const std::string& uid, const char* phase) {
    return {{"metadata", {{"uid", "p"}, {"ownerReferences", Json::array({{{"uid", uid}}})}}},
            {"status", {{"phase", phase}}}};
}

// A job that lives for up to an hour, has pods that come and go, and ends in one of three ways.
void Day::live_a_job() {
    ++jobs;
    const std::string uid = "u" + std::to_string(jobs);
    api.put("jobs", "cnn", job(0, nullptr));
    JobWatch watch(client, "team", "cnn");
    api.calm = true;
    while (!watch.listed() || !watch.job()) pass(watch);
    api.calm = false;
    const auto end = clock.passed + std::chrono::seconds(300 + random() % 3300);
    for (int retry = 0; clock.passed < end;) {
        if (random() % 100 == 0) {
            api.put("jobs", "cnn", job(++retry, nullptr));
            api.put("pods", "cnn-" + std::to_string(random() % 4), pod(uid, random() % 2 == 0 ? "Failed" : "Running"));
        }
        pass(watch);
    }
    const auto way = random() % 3;
    api.put("jobs", "cnn", way == 0 ? Json() : job(0, way == 1 ? "Complete" : "Failed"));
    const auto seen = [&] {
        if (way == 0) return !watch.job();
        return watch.job() && watch.job()->phase == (way == 1 ? Phase::complete : Phase::failed);
    };
    const auto ended = clock.passed;
    // The next one of that name comes soon, and must not be taken for the one that was deleted.
    const bool again = way == 0 && random() % 2 == 0;
    if (again) {
        ++jobs;
        api.put("jobs", "cnn", job(0, nullptr));
    }
    while (!seen() && clock.passed - ended < 1h) pass(watch);
    REQUIRE(seen());
    slowest = std::max(slowest, clock.passed - ended);
    if (way != 0 || again) api.put("jobs", "cnn", Json());
}

}  // namespace

TEST_CASE("job watch: no end of a job is missed in a day of faults") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        CAPTURE(seed);
        Day day(seed);
        while (day.clock.passed < 24h) day.live_a_job();
        MESSAGE("jobs ", day.jobs, ", faults ", day.api.faults, ", slowest ", day.slowest.count() / 1000, " s");
        CHECK(day.jobs > 30);
        CHECK(day.api.faults > 5000);
        // A watch that has died unheard is given up half a minute after its time, which is ten minutes at most.
        CHECK(day.slowest < 12min);
    }
}
