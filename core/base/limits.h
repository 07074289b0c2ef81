// How large a text may be that ktrain reads whole: one table, so that every command refuses the same file.
#pragma once

#include <cstdint>

namespace ktrain::limits {

// In bytes. What is larger is something else than was meant, and reading on would only fill the memory.
inline constexpr std::uint64_t file = 256u << 20;        // a file of no kind below: training logs and states
inline constexpr std::uint64_t kubeconfig = 16u << 20;   // a thousand clusters with their certificates
inline constexpr std::uint64_t manifests = 64u << 20;    // ten thousand objects; an API server takes 1.5 MiB in one
inline constexpr std::uint64_t model_config = 1u << 20;  // config.json has some KiB
inline constexpr std::uint64_t spec = 1u << 20;          // with every field said some 10 KiB

// The remedy, for messages that name the limit.
inline constexpr const char* remedy = "check that it is the right file; larger ones must be split";

}  // namespace ktrain::limits
