// metrics.jsonl: one line of JSON for every log step, evaluation and epoch.
#pragma once

#include <memory>
#include <string>

#include "trainer/report/appended_file.h"
#include "trainer/report/reporter.h"

namespace ktrain::trainer {

class MetricsFile final : public Reporter {
public:
    explicit MetricsFile(std::string path) : path_(std::move(path)) {}

    // Opens or creates the file and drops what was written after the state that the run goes on from, so that a resumed
    // run leaves the file of an uninterrupted one. Errors: those of Files.
    void begin(const Beginning& beginning) override;

    // Appends a line for the events that the file is of. Errors: Error{failed} when the disk is full; the line is then
    // left out whole.
    void take(const Json& event) override;

private:
    std::string path_;
    std::unique_ptr<AppendedFile> file_;
};

}  // namespace ktrain::trainer
