// Writing of checkpoints beside the training: copied in memory first, then written by a thread.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "trainer/state/checkpoint.h"

namespace ktrain::trainer {

class Saver {
public:
    struct Saved {
        std::string path;
        std::int64_t step = 0;
        double seconds = 0;  // that the writing took
    };

    // Not `in_background`: save() returns when the checkpoint is written.
    Saver(Files& files, std::string output_dir, bool in_background)
        : checkpoints_(files, std::move(output_dir)), in_background_(in_background) {}
    // Waits for what is being written. Its error is lost: whoever cares calls wait().
    ~Saver() = default;

    // In the background: takes the memory that copies of this size need. Else the first one would: the system makes new
    // memory much slower than it copies.
    void reserve(std::size_t bytes);

    // Writes a checkpoint as Checkpoints::save does. In the background its content is copied (once, into memory that is
    // kept for the next one) before this returns. wait() must have returned since the last one. Errors: those of
    // Checkpoints::save, when not in the background.
    void save(std::int64_t step, std::vector<CheckpointFile> content, const Keep& keep);

    // The checkpoint that has been written since the last call. Errors: those of its writing.
    std::optional<Saved> poll();
    // The same, once it is written.
    std::optional<Saved> wait();

    const Checkpoints& checkpoints() const { return checkpoints_; }

private:
    void own(std::vector<CheckpointFile>& content);

    Checkpoints checkpoints_;
    bool in_background_;
    std::unique_ptr<char[]> copy_;
    std::size_t capacity_ = 0;
    std::future<void> reserved_;  // these two last: their ends are waited for before anything else goes
    std::future<Saved> running_;
};

}  // namespace ktrain::trainer
