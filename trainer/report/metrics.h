// metrics.jsonl: one line of JSON for every log step and epoch.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/json.h"

namespace ktrain::trainer {

class MetricsFile {
public:
    // Opens or creates the file and drops what was written after the state that the run goes on from (`step` steps and
    // `epoch` epochs; 0 and 0: everything), so that a resumed run leaves the file of an uninterrupted one.
    // Errors: those of Files.
    MetricsFile(std::string path, std::int64_t step, std::int64_t epoch);
    ~MetricsFile();
    MetricsFile(const MetricsFile&) = delete;
    MetricsFile& operator=(const MetricsFile&) = delete;

    // Appends one line; it is there for readers when this returns. Errors: Error{failed} when the disk is full; the
    // line is then left out whole.
    void add(const Json& line);

private:
    std::string path_;
    int file_ = -1;
    std::int64_t size_ = 0;
};

}  // namespace ktrain::trainer
