// In words: what went wrong, when it is tried again, and for how long that goes on.
#include "core/kube/retry.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/text.h"

namespace ktrain::kube {
namespace {

// Whole seconds, and never none.
std::string seconds(std::chrono::milliseconds time) {
    return human_duration(std::max(std::chrono::ceil<std::chrono::seconds>(time), std::chrono::seconds(1)));
}

}  // namespace

std::optional<std::chrono::seconds> retry_after(const HttpReply& reply) {
    const std::string_view text = reply.header("retry-after");
    long seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
    return std::chrono::seconds(std::clamp(seconds, 1L, 3600L));  // 0 would be a storm
}

std::string rules_of(const HttpReply& reply) {
    const std::string_view schema = reply.header("x-kubernetes-pf-flowschema-uid");
    const std::string_view level = reply.header("x-kubernetes-pf-prioritylevel-uid");
    if (reply.status != 429 || schema.empty()) return {};
    std::string out = fmt::format(" (flow schema {}", printable(brief(std::string(schema))));
    if (!level.empty()) out += fmt::format(", priority level {}", printable(brief(std::string(level))));
    return out + ")";
}

std::string words_of(const Retry& retry) {
    std::string out =
        fmt::format("{}; trying again in {} (attempt {})", retry.why, seconds(retry.pause), retry.attempt);
    if (retry.left) out += fmt::format(", for up to {} more", seconds(*retry.left));
    return out;
}

}  // namespace ktrain::kube
