// Numbers of events as text.
#include "cli/commands/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr std::array works{RowWork{"labels", "reading labels", "read the labels of"},
                           RowWork{"tokenize", "tokenizing", "tokenized"}};
static_assert(std::ranges::is_sorted(works, {}, &RowWork::event));

}  // namespace

std::string classes_text(const Json& classes) {
    constexpr std::size_t most = 8;
    std::string text = fmt::format("{} classes: ", classes.size());
    for (std::size_t i = 0; i < std::min(classes.size(), most); ++i)
        text += (i == 0 ? "" : ", ") + brief(classes[i].get<std::string>());
    return classes.size() > most ? text + ", ..." : text;
}

std::string scored_text(const Json& data) {
    const bool pairs = string_or(data, "objective") == "reward";
    const std::string text =
        fmt::format("{} training and {} validation {} of at most {} tokens", count_of(data, "train_size"),
                    count_of(data, "val_size"), pairs ? "pairs" : "texts", count_of(data, "longest"));
    if (pairs) return text;
    const Json& classes = at_path(data, {"classes"});
    return text + ", " + (classes.is_array() ? classes_text(classes) : "to learn values (regression)");
}

const RowWork* find_row_work(std::string_view event) {
    const auto work = std::ranges::find(works, event, &RowWork::event);
    return work == works.end() ? nullptr : &*work;
}

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

std::string early_stop_text(const Json& event) {
    const double threshold = number_of(event, "threshold");
    return fmt::format(
        "stopped early at step {}: {} evaluations in a row were not better than {} {:.4f}{} "
        "(early_stopping_patience {}, early_stopping_threshold {})",
        count_of(event, "step"), count_of(event, "evaluations"), string_or(event, "metric"), number_of(event, "best"),
        threshold > 0 ? fmt::format(" by more than {}", threshold) : "", count_of(event, "patience"), threshold);
}

}  // namespace ktrain
