// The checksums by which checkpoints and stores of tokens tell whether they are whole.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ktrain::trainer {

// What manifest.json holds for each file: 128 bits of XXH3, about ten times as fast as SHA-256, so that checking takes
// less than reading. It finds damage; against forgery there is `model_hash`, which is a SHA-256.
inline constexpr std::string_view checkpoint_checksum = "xxh128";

// A checksum in the making, by the name that it has in manifest.json and run.json.
class Checksum {
public:
    // "xxh128" (hexadecimal as `xxh128sum` prints it), or "sha256" as in older checkpoints. Errors: Error{bug} for
    // others.
    explicit Checksum(std::string_view name);
    ~Checksum();

    void add(std::string_view data);
    std::string hex();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ktrain::trainer
