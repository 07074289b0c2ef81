// Composition of the live panel.
#include "cli/commands/run_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/commands/run_text.h"
#include "cli/term/output.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr std::size_t most_means = 256;
constexpr std::size_t label_width = 10, bar_width = 24;

std::string bar(double share) {
    std::string text;
    const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * bar_width);
    for (std::size_t i = 0; i < bar_width; ++i) text += i < full ? "█" : "░";
    return text;
}

}  // namespace

void Sparkline::add(double value) {
    if (!std::isfinite(value)) return;
    sum_ += value;
    if (++count_ < stretch_) return;
    means_.push_back(sum_ / static_cast<double>(count_));
    sum_ = 0;
    count_ = 0;
    if (means_.size() < most_means) return;
    for (std::size_t i = 0; i < most_means / 2; ++i) means_[i] = (means_[2 * i] + means_[2 * i + 1]) / 2;
    means_.resize(most_means / 2);
    stretch_ *= 2;
}

std::string Sparkline::text(std::size_t width) const {
    static constexpr std::string_view blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const std::size_t cells = std::min(width, means_.size());
    if (cells == 0) return "";
    std::vector<double> heights;
    for (std::size_t i = 0; i < cells; ++i) {
        const std::size_t begin = i * means_.size() / cells, end = (i + 1) * means_.size() / cells;
        double sum = 0;
        for (std::size_t k = begin; k < end; ++k) sum += means_[k];
        heights.push_back(sum / static_cast<double>(end - begin));
    }
    const auto [low, high] = std::ranges::minmax(heights);
    std::string text;
    for (const double height : heights) {
        const double share = high > low ? (height - low) / (high - low) : 0;
        text += blocks[static_cast<std::size_t>(std::lround(share * (std::size(blocks) - 1)))];
    }
    return text;
}

void RunPanel::take(const Json& event) {
    const std::string kind = string_or(event, "event");
    if (kind == "progress") {
        progress_ = event;
        course_.add(number_of(event, "loss"));
    } else if (kind == "step") {
        progress_ = step_ = event;  // a fast run may come to no other progress event
    }
}

std::string RunPanel::progress(bool color) const {
    const auto done = count_of(progress_, "step"), total = count_of(progress_, "steps_total");
    const double share = total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total);
    std::string text =
        fmt::format("{} {:3.0f}%  step {}/{}", term::ink(bar(share), term::Ink::blue, color), 100 * share, done, total);
    if (done < total) text += fmt::format("  {} left", seconds_text(number_of(progress_, "eta_seconds")));
    return text;
}

std::string RunPanel::loss(std::size_t width) const {
    const std::string newest = loss_text(progress_, "loss") + "  ";
    return newest + course_.text(width > newest.size() ? width - newest.size() : 0);
}

std::string RunPanel::speed() const {
    std::string text = speed_text(progress_);
    if (step_.is_object())
        text += fmt::format("   learning rate {:.3g}   gradient norm {:.3g}", number_of(step_, "learning_rate"),
                            number_of(step_, "grad_norm"));
    return text;
}

std::string RunPanel::memory() const {
    std::vector<std::string> parts;
    for (const auto& [label, bytes] : at_path(step_, {"memory"}).items())
        if (bytes.is_number() && bytes.get<double>() > 0)
            parts.push_back(label + " " + human_bytes(bytes.get<std::uint64_t>()));
    return join(parts, "  ");
}

std::vector<std::string> RunPanel::lines(std::size_t width, bool color) const {
    if (!progress_.is_object() || width <= label_width + bar_width) return {};
    const std::size_t room = width - label_width;
    std::vector<std::string> found;
    const auto add = [&](std::string_view label, const std::string& body) {
        if (!body.empty())
            found.push_back(term::ink(fmt::format("{:<{}}", label, label_width), term::Ink::dim, color) +
                            term::cut(body, room));
    };
    add("training", progress(color));
    add("loss", loss(std::min<std::size_t>(room, 60)));
    add("speed", speed());
    // What does not fit into one line gets a second, cut between two components.
    const std::string all = memory();
    const std::size_t blank = all.size() <= room ? std::string::npos : all.rfind("  ", room);
    add("memory", all.substr(0, blank));
    if (blank != std::string::npos) add("", all.substr(blank + 2));
    return found;
}

}  // namespace ktrain
