// Drawing of the progress bar.
#include "cli/term/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/term/output.h"
#include "core/base/text.h"

namespace ktrain::term {
namespace {

// Time left by the pace since the bar began; empty until there is a pace.
std::string time_left(std::uint64_t first, std::uint64_t done, std::uint64_t total, double seconds) {
    if (done <= first || done >= total || seconds < 0.5) return "";
    const double pace = static_cast<double>(done - first) / seconds;
    const auto left = static_cast<long long>(static_cast<double>(total - done) / pace);
    return "  " + human_duration(std::chrono::seconds(left)) + " left";
}

}  // namespace

Progress::Progress(Session& session) : session_(session), began_(session.clock.steady()) {}

Progress::~Progress() {
    try {
        clear();
    } catch (...) {  // stderr is gone; the work is not
    }
}

void Progress::show(std::string_view label, std::uint64_t done, std::uint64_t total, std::string_view detail) {
    if (session_.quiet || !session_.err_redraws()) return;
    const auto now = session_.clock.steady();
    if (label != label_) {
        label_ = label;
        began_ = now;
        first_done_ = done;
    } else if (visible_ && done < total && now - drawn_ < std::chrono::milliseconds(100)) {
        return;
    }
    drawn_ = now;
    const double share = total == 0 ? 0 : static_cast<double>(std::min(done, total)) / static_cast<double>(total);
    constexpr int cells = 24;
    const int full = static_cast<int>(share * cells);
    std::string bar;
    for (int i = 0; i < cells; ++i) bar += i < full ? "█" : "░";
    const double seconds = std::chrono::duration<double>(now - began_).count();
    std::string tail = std::string(detail) + time_left(first_done_, done, total, seconds);
    const std::string head = fmt::format("{} ", label);
    const int room = session_.err.width() - static_cast<int>(head.size()) - cells - 8;
    if (static_cast<int>(tail.size()) > room) tail.resize(static_cast<std::size_t>(std::max(0, room)));
    session_.err.write(
        fmt::format("\r\x1b[K{}{} {:3.0f}%  {}", head, ink(bar, Ink::blue, session_.err_color()), share * 100, tail));
    visible_ = true;
}

void Progress::line(std::string_view text) {
    clear();
    session_.note(text);
}

void Progress::clear() {
    if (!visible_) return;
    session_.err.write("\r\x1b[K");
    visible_ = false;
}

}  // namespace ktrain::term
