// A line of a W&B history from an event, and the summary, which holds the newest value of everything.
#pragma once

#include <chrono>
#include <optional>

#include "core/base/json.h"
#include "trainer/report/scalars.h"

namespace ktrain::trainer {

class WandbHistory {
public:
    using Time = std::chrono::system_clock::time_point;

    void begin(Time now) { began_ = now; }

    // As transformers' callback logs it: the scalars and "train/global_step"; nothing for an event without scalars.
    std::optional<Json> line(const Json& event, Time now) {
        const auto found = scalars(event);
        if (found.empty()) return std::nullopt;
        Json line = {{"train/global_step", event.at("step")},
                     {"_timestamp", std::chrono::duration<double>(now.time_since_epoch()).count()},
                     {"_runtime", std::chrono::duration<double>(now - began_).count()}};
        for (const auto& [tag, value] : found) line[tag] = value;
        summary_.update(line);
        return line;
    }

    const Json& summary() const { return summary_; }

private:
    Time began_{};
    Json summary_ = Json::object();
};

}  // namespace ktrain::trainer
