// Checkpoint folders: written whole or not at all, believed only when their manifest agrees.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/world.h"

namespace ktrain::trainer {

struct CheckpointFile {
    std::string name;
    std::string text;  // the content, or its beginning
    // What follows lies elsewhere in memory, such as in tensors; `owner` keeps it there.
    std::vector<std::string_view> memory = {};
    std::shared_ptr<const void> owner = {};

    std::vector<std::string_view> pieces() const;
};

// Sizes and checksums of files by name, as in manifest.json and run.json. `checksum` is a name of Checksum.
Json describe_files(const std::vector<CheckpointFile>& files, std::string_view checksum);

// Writes the files into a folder that is there, and describes them. Errors: those of Files::write.
Json write_files(Files& files, const std::string& folder, const std::vector<CheckpointFile>& content,
                 std::string_view checksum);

// Which folders stay when a new one is there: those of the `newest` highest steps (0: all), and `best` (a path).
struct Keep {
    std::int64_t newest = 0;
    std::string best;
};

// The checkpoints of one output folder: "checkpoint-<step>".
class Checkpoints {
public:
    Checkpoints(Files& files, std::string output_dir) : files_(files), output_dir_(std::move(output_dir)) {}

    std::string path_of(std::int64_t step) const;
    std::vector<std::int64_t> steps() const;  // ascending; folders by name only, valid or not
    // The folders that checkpoints of these runs lie in: the output folder, then "superseded-<n>", the newest first.
    std::vector<std::string> places() const;

    // Writes the files and then manifest.json under a temporary name, renames the folder, and only then removes
    // what `keep` does not name. An older folder of this step is replaced. A valid checkpoint outlives a kill at any
    // moment: finish_partial() finds it. Errors: of Files::write, nothing new is left then; Error{failed} when the
    // folder cannot be renamed, finish_partial() tries it again.
    std::string save(std::int64_t step, const std::vector<CheckpointFile>& content, const Keep& keep);

    // Empty when the folder is complete and every file has the size and checksum of its manifest; else what is wrong.
    std::string problem(const std::string& folder) const;

    // The newest valid folder. `warn` hears of each damaged one that was passed over.
    std::optional<std::string> newest(const std::function<void(const std::string&)>& warn) const;

    // Moves every checkpoint that does not lead to `step` of `folder` (empty: the start of a run) into a new folder
    // "superseded-<n>" of the output folder, and the metrics with them: later ones, and all when `folder` is elsewhere.
    // So none is lost, and none is taken for one of the run that goes on from there. Returns the new folder, or empty
    // when there was nothing to move. Errors: Error{failed} when they cannot be moved.
    std::string supersede(const std::string& folder, std::int64_t step);

    // Puts the whole checkpoint in place that a run was killed over, and removes what is not whole. To be called before
    // newest(), by whoever holds the lock of the folder. Errors: Error{failed} when it cannot be renamed.
    void finish_partial();

private:
    void put_in_place(std::int64_t step);
    void remove_old(std::int64_t step, const Keep& keep);

    Files& files_;
    std::string output_dir_;
};

}  // namespace ktrain::trainer
