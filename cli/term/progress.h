// Progress of long work on stderr: a bar that redraws on a terminal, one line per change otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/term/session.h"

namespace ktrain::term {

class Progress {
public:
    explicit Progress(Session& session);
    ~Progress();  // clears the bar
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // Redraws at most ten times a second; `detail` is shown after the bar. Nothing off a terminal or with --quiet.
    void show(std::string_view label, std::uint64_t done, std::uint64_t total, std::string_view detail = "");
    // A lasting line: the bar is cleared, the line printed; the next show() draws the bar anew.
    void line(std::string_view text);
    void clear();

private:
    Session& session_;
    std::chrono::steady_clock::time_point began_;
    std::chrono::steady_clock::time_point drawn_{};
    std::uint64_t first_done_ = 0;
    bool visible_ = false;
    std::string label_;
};

}  // namespace ktrain::term
