// Writing of checkpoints beside the training: copied in memory first, then written by a thread.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
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

    // Memory from the system; null where there is none. Tests have others.
    using Take = std::unique_ptr<char[]> (*)(std::size_t bytes);
    static std::unique_ptr<char[]> take_memory(std::size_t bytes);

    // Not `in_background`: save() returns when the checkpoint is written.
    Saver(Files& files, std::string output_dir, bool in_background, Take take = take_memory)
        : checkpoints_(files, std::move(output_dir)), in_background_(in_background), take_(take) {}
    // Waits for what is being written. Its error is lost: whoever cares calls wait().
    ~Saver() = default;

    // In the background: takes the memory that copies of this size need. Else the first one would: the system makes new
    // memory much slower than it copies.
    void reserve(std::size_t bytes);
    // The memory of the copy, in bytes.
    std::size_t held() const { return capacity_; }

    // Writes a checkpoint as Checkpoints::save does. In the background its content is copied (once, into memory that is
    // kept for the next one) before this returns; where there is no memory for that, this checkpoint and all others are
    // written as if not in the background. `at_once`: the caller would wait anyway, so that nothing is copied. wait()
    // must have returned since the last one. Errors: those of Checkpoints::save, when not in the background.
    void save(std::int64_t step, std::vector<CheckpointFile> content, const Keep& keep, bool at_once = false);

    // That there was no memory, once.
    std::optional<std::string> trouble() { return std::exchange(trouble_, std::nullopt); }

    // The checkpoint that has been written since the last call. Errors: those of its writing.
    std::optional<Saved> poll();
    // The same, once it is written.
    std::optional<Saved> wait();

    const Checkpoints& checkpoints() const { return checkpoints_; }

private:
    bool make_room(std::size_t size);
    void own(std::vector<CheckpointFile>& content);

    Checkpoints checkpoints_;
    bool in_background_;
    Take take_;
    std::optional<std::string> trouble_;
    std::unique_ptr<char[]> copy_;
    std::size_t capacity_ = 0;
    std::future<void> reserved_;  // these two last: their ends are waited for before anything else goes
    std::future<Saved> running_;
};

}  // namespace ktrain::trainer
