// Several lines at the bottom of a terminal that are drawn anew in place.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/term/session.h"

namespace ktrain::term {

// On stderr, where it is a terminal that can move its cursor and is wide enough; elsewhere it does nothing.
class Panel {
public:
    static constexpr int min_width = 60;

    explicit Panel(Session& session) : session_(session) {}
    ~Panel();  // clears
    Panel(const Panel&) = delete;
    Panel& operator=(const Panel&) = delete;

    // False without a terminal that can show it, and with --quiet.
    bool usable() const;
    // Whether it is time to draw that many lines: ten times a second, and at once when there is more to show.
    bool due(std::size_t lines) const;
    // Draws these lines in place of the last ones; none may be wider than the terminal.
    void show(const std::vector<std::string>& lines);
    void clear();

private:
    std::string erasure() const;

    Session& session_;
    std::chrono::steady_clock::time_point drawn_{};
    std::vector<std::size_t> widths_;  // of the lines that are there
};

}  // namespace ktrain::term
