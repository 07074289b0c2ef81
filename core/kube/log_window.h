// The newest lines of a log that were given out, to know them when the log is read again from a second on.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/kube/timestamp.h"

namespace ktrain::kube {

// A line of a log with the time at its start: "2026-11-22T03:04:05.123456789Z text".
struct LogLine {
    std::string_view stamp;  // RFC 3339 as sent; empty when the line has none
    std::string_view text;
    std::int64_t second = 0;  // of the stamp, since 1970
    std::uint64_t key = 0;    // the same for the same stamp and text
};

// Splits lines; quick where neighbours share their second.
class LogLineReader {
public:
    LogLine read(std::string_view line);

private:
    std::string prefix_;  // "2026-11-22T03:04:05", read last
    std::int64_t second_ = 0;
};

// A server sends the lines of a log in the order of its file, without those older than the second it is asked for. So
// what was given out comes again as it was, perhaps without its beginning: the file is another one after a rotation.
// Standard output and error are stamped apart: stamps may be out of order, for less than `overlap`.
class LogWindow {
public:
    static constexpr std::int64_t overlap = 1;  // seconds

    // Remembers a line that is given out.
    void add(const LogLine& line);
    bool empty() const { return seen_.empty(); }
    std::int64_t newest() const { return newest_; }           // second
    std::int64_t since() const { return newest_ - overlap; }  // the second to ask for
    void rewind() { at_ = 0; }                                // the log is read again from since() on
    bool knows(const LogLine& line);                          // it was given out, and this is its turn
    bool catching_up() const { return at_ < seen_.size(); }   // some of it may come again
    void settle() { at_ = seen_.size(); }                     // none of it comes any more

private:
    struct Seen {
        std::int64_t second;
        std::uint64_t key;
    };
    std::vector<Seen> seen_;  // in the order of the file, all of since() or later
    std::size_t at_ = 0;      // those before have come again
    std::int64_t newest_ = 0;
};

}  // namespace ktrain::kube
