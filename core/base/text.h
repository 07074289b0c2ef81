// Small text helpers: nearest word, joining, printing of bytes and durations, cleaning of hostile text.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain {

// The candidate nearest to `word` by edit distance (transpositions count once) if it is near enough to be a typo,
// else empty.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

std::string join(const std::vector<std::string>& words, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);

// "13.5 GB" (decimal, 3 digits), "12.6 GiB" (binary).
std::string human_bytes(std::uint64_t bytes);
std::string human_gib(std::uint64_t bytes);
std::string human_count(std::uint64_t count);               // 6738415616 -> "6.74B"
std::string grouped(std::int64_t number);                   // 6738415616 -> "6,738,415,616"
std::string human_duration(std::chrono::seconds duration);  // "2h05m", "3m20s", "45s", "3d04h" as kubectl prints ages

// A duration as people and kubectl write it: "90", "90s", "5m", "1h30m", "48h", "2d". nullopt when it is none.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

// Control characters (terminal escapes among them) and invalid UTF-8 replaced, so that text from files and servers
// can be shown on a terminal; newlines and tabs stay when `multiline`.
std::string printable(std::string_view text, bool multiline = false);

// printable() text of `most` characters at most: a longer one is cut, and ends in "…". For names that others gave.
std::string brief(std::string_view text, std::size_t most = 40);

bool valid_utf8(std::string_view text);

}  // namespace ktrain
