// The newest lines of a log that were given out, to know them when the log is read again from a second on.
#include "core/kube/log_window.h"

#include <algorithm>
#include <functional>

namespace ktrain::kube {
namespace {

constexpr std::size_t prefix_length = 19;  // "2026-11-22T03:04:05"

// The length of a stamp that begins with a known second and is in UTC; 0 when it is another one.
std::size_t same_second(std::string_view line, std::string_view prefix) {
    if (prefix.empty() || !line.starts_with(prefix)) return 0;
    std::size_t at = prefix_length;
    if (at < line.size() && line[at] == '.') {
        const std::size_t digits = ++at;
        while (at < line.size() && line[at] >= '0' && line[at] <= '9') ++at;
        if (at == digits) return 0;
    }
    const bool ends = at < line.size() && line[at] == 'Z' && (at + 1 == line.size() || line[at + 1] == ' ');
    return ends ? at + 1 : 0;
}

}  // namespace

LogLine LogLineReader::read(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::size_t length = same_second(line, prefix_);
    if (length == 0) {
        const std::string_view word = line.substr(0, line.find(' '));
        const auto time = parse_time(word);
        if (!time) return {{}, line, 0, std::hash<std::string_view>{}(line)};
        length = word.size();
        second_ = std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count();
        // Only times in UTC can be known by their beginning.
        prefix_ = word.ends_with('Z') ? word.substr(0, prefix_length) : std::string_view();
    }
    return {line.substr(0, length), line.substr(std::min(line.size(), length + 1)), second_,
            std::hash<std::string_view>{}(line)};
}

void LogWindow::add(const LogLine& line) {
    // Far back: the clock was set. What comes from now on is asked for by the new time.
    if (seen_.empty() || line.second > newest_ || line.second < since()) {
        newest_ = line.second;
        std::erase_if(seen_, [this](const Seen& seen) { return seen.second < since(); });
    }
    seen_.push_back({line.second, line.key});
    at_ = seen_.size();
}

bool LogWindow::knows(const LogLine& line) {
    const auto found = std::find_if(seen_.begin() + static_cast<std::ptrdiff_t>(at_), seen_.end(),
                                    [&](const Seen& seen) { return seen.key == line.key; });
    if (found == seen_.end()) return false;
    at_ = static_cast<std::size_t>(found - seen_.begin()) + 1;
    return true;
}

}  // namespace ktrain::kube
