// A clock that only moves when somebody sleeps, and an environment made of a map, for tests.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/world.h"

namespace ktrain::test {

class FakeClock : public Clock {
public:
    std::chrono::system_clock::time_point wall{std::chrono::seconds(1'800'000'000)};
    std::chrono::milliseconds passed{0};
    std::vector<std::chrono::milliseconds> sleeps;
    int signal = 0;

    std::chrono::system_clock::time_point now() const override { return wall + passed; }
    std::chrono::steady_clock::time_point steady() const override {
        return std::chrono::steady_clock::time_point(std::chrono::hours(1)) + passed;
    }
    bool sleep(std::chrono::milliseconds duration) override {
        sleeps.push_back(duration);
        passed += duration;
        return signal == 0;
    }
    int stop_signal() const override { return signal; }
};

class FakeEnv final : public Env {
public:
    std::map<std::string, std::string> values;
    std::optional<std::string> get(const std::string& name) const override {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional<std::string>(found->second);
    }
};

}  // namespace ktrain::test
