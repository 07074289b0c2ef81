// Numbers of events as text.
#include "cli/commands/run_text.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "core/base/text.h"

namespace ktrain {

double number_of(const Json& event, const char* key) {
    const Json& value = at_path(event, {key});
    return value.is_number() ? value.get<double>() : 0.0;
}

std::uint64_t count_of(const Json& event, const char* key) {
    return static_cast<std::uint64_t>(number_of(event, key));
}

std::string seconds_text(double seconds) {
    if (seconds < 60) return fmt::format("{:.1f}s", seconds);
    return human_duration(std::chrono::seconds(std::llround(seconds)));
}

std::string loss_text(const Json& event, const char* key) {
    return at_path(event, {key}).is_number() ? fmt::format("{:.4f}", number_of(event, key)) : "-";
}

std::string percent_text(const Json& event, const char* key) {
    return at_path(event, {key}).is_number() ? fmt::format("{:.2f}%", 100 * number_of(event, key)) : "-";
}

std::string epoch_text(const Json& event) {
    const double epoch = number_of(event, "epoch");
    return epoch == std::floor(epoch) ? fmt::format("{:.0f}", epoch) : fmt::format("{:.1f}", epoch);
}

std::string speed_text(const Json& event) {
    if (const double tokens = number_of(event, "tokens_per_second"); tokens > 0)
        return fmt::format("{:.0f} tokens/s", tokens);
    return fmt::format("{:.0f} samples/s", number_of(event, "samples_per_second"));
}

}  // namespace ktrain
