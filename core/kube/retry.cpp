// In words: what went wrong, when it is tried again, and for how long that goes on.
#include "core/kube/retry.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"

namespace ktrain::kube {
namespace {

// Whole seconds, and never none.
std::string seconds(std::chrono::milliseconds time) {
    return human_duration(std::max(std::chrono::ceil<std::chrono::seconds>(time), std::chrono::seconds(1)));
}

}  // namespace

std::string words_of(const Retry& retry) {
    std::string out =
        fmt::format("{}; trying again in {} (attempt {})", retry.why, seconds(retry.pause), retry.attempt);
    if (retry.left) out += fmt::format(", for up to {} more", seconds(*retry.left));
    return out;
}

}  // namespace ktrain::kube
