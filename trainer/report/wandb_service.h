// The requests of a W&B run: begun, its history streamed, ended.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/kube/http.h"
#include "trainer/report/wandb.h"

namespace ktrain::trainer {

// Used by one thread. No call throws; what an outcome says never holds the key.
class WandbService {
public:
    enum class Answer { done, later, never };  // later: trying again may help
    struct Outcome {
        Answer answer = Answer::done;
        std::string why = {};
        std::int64_t lines = 0;  // that are there now and were not before
    };
    struct Line {
        std::int64_t step = 0;  // of the training
        Json values;
    };
    // The place of a line in a history: lines up to the newest that the service has are there.
    struct Stand {
        std::int64_t step = -1;
        std::size_t kind = 0;  // of the lines of a step
        auto operator<=>(const Stand&) const = default;
    };

    WandbService(const WandbSettings& settings, std::unique_ptr<kube::Http> http);

    // Makes the run, or finds it when it is there.
    Outcome open();
    // Appends to the history what the service does not have yet, and sets the summary. Without lines it says that the
    // run is alive.
    Outcome send(const std::vector<Line>& lines, const Json& summary);
    Outcome close(int exit_code);

    std::string url() const;  // for people; empty before open()

private:
    Outcome post(const std::string& path, const Json& body, Json& reply);
    Outcome stream(const Json& body);

    WandbSettings settings_;
    std::unique_ptr<kube::Http> http_;
    std::string entity_, project_;
    std::int64_t history_lines_ = 0;  // that the service has
    Stand known_;                     // the newest of them when the run was opened
};

}  // namespace ktrain::trainer
