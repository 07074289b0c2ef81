// A W&B run in a folder of its own, which `wandb sync` sends later.
#pragma once

#include <memory>
#include <string>

#include "trainer/report/appended_file.h"
#include "trainer/report/wandb.h"
#include "trainer/report/wandb_history.h"

namespace ktrain::trainer {

// Frames a record as the log of W&B does, a variety of LevelDB's: blocks of 32 KiB, records cut at their ends.
// `at` is the size of the file so far.
std::string wandb_log_record(std::int64_t at, std::string_view record);
inline constexpr std::string_view wandb_log_header{":W&B\xE1\xBE\0", 7};

class WandbFile final : public Reporter {
public:
    explicit WandbFile(WandbSettings settings) : settings_(std::move(settings)) {}

    // Errors, here and below: those of Files and AppendedFile.
    void begin(const Beginning& beginning) override;
    void take(const Json& event) override;
    Json finish(int exit_code) override;

private:
    class Record;
    void write(const Record& record);

    WandbSettings settings_;
    std::string path_;
    WandbHistory history_;
    std::unique_ptr<AppendedFile> file_;
    std::int64_t records_ = 0, lines_ = 0;
};

}  // namespace ktrain::trainer
