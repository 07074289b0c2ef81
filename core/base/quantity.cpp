// Kubernetes quantities: exact arithmetic in nano-units on 128-bit integers.
#include "core/base/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "core/base/ascii.h"

namespace ktrain {
namespace {

__extension__ typedef __int128 Wide;

constexpr Wide nano = 1'000'000'000;
constexpr Wide max_nanos = Wide{std::numeric_limits<std::int64_t>::max()} * nano;

struct Suffix {
    std::string_view text;
    int power_of_ten;  // of a unit
    int power_of_two;
};

// In the order of text(): the last one whose unit divides the value is used.
constexpr std::array<Suffix, 16> suffixes{{{"n", -9, 0},
                                           {"u", -6, 0},
                                           {"m", -3, 0},
                                           {"", 0, 0},
                                           {"k", 3, 0},
                                           {"M", 6, 0},
                                           {"G", 9, 0},
                                           {"T", 12, 0},
                                           {"P", 15, 0},
                                           {"E", 18, 0},
                                           {"Ki", 0, 10},
                                           {"Mi", 0, 20},
                                           {"Gi", 0, 30},
                                           {"Ti", 0, 40},
                                           {"Pi", 0, 50},
                                           {"Ei", 0, 60}}};

constexpr Wide nanos_of(const Suffix& suffix) {
    Wide unit = nano << suffix.power_of_two;
    for (int i = 0; i < suffix.power_of_ten; ++i) unit *= 10;
    for (int i = 0; i > suffix.power_of_ten; --i) unit /= 10;
    return unit;
}

using ascii::is_digit;

// Digits with at most one dot, and what follows them.
struct Split {
    std::string whole;
    std::string fraction;
    std::string_view suffix;
};

std::optional<Split> split_number(std::string_view text) {
    Split split;
    std::size_t at = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) split.whole += text[at];
    if (at < text.size() && text[at] == '.') {
        for (++at; at < text.size() && is_digit(text[at]); ++at) split.fraction += text[at];
    }
    if (split.whole.empty() && split.fraction.empty()) return std::nullopt;
    split.suffix = text.substr(at);
    return split;
}

std::optional<Suffix> find_suffix(std::string_view text) {
    for (const Suffix& suffix : suffixes) {
        if (suffix.text == text) return suffix;
    }
    if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
    std::string_view digits = text.substr(text[1] == '+' ? 2 : 1);
    int exponent = 0;
    auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (digits.empty() || (text[1] == '+' && digits[0] == '-')) return std::nullopt;
    if (problem != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    if (exponent > 1000 || exponent < -1000) return std::nullopt;
    return Suffix{"", exponent, 0};
}

// The digits as an integer; nullopt beyond `limit`.
std::optional<Wide> to_integer(std::string_view digits, Wide limit) {
    Wide value = 0;
    for (char c : digits) {
        value = value * 10 + (c - '0');
        if (value > limit) return std::nullopt;
    }
    return value;
}

// whole.fraction * 10^power in nano-units, rounded up.
std::optional<Wide> decimal_nanos(const Split& split, int power) {
    std::string digits = split.whole + split.fraction;
    long shift = power + 9 - static_cast<long>(split.fraction.size());
    bool round_up = false;
    if (shift < 0) {
        std::size_t cut = std::min(digits.size(), static_cast<std::size_t>(-shift));
        round_up = digits.find_first_not_of('0', digits.size() - cut) != std::string::npos;
        digits.resize(digits.size() - cut);
    } else if (digits.find_first_not_of('0') != std::string::npos) {
        digits.append(static_cast<std::size_t>(shift), '0');
    }
    std::optional<Wide> value = to_integer(digits, max_nanos);
    if (!value) return std::nullopt;
    return *value + (round_up ? 1 : 0);
}

// whole.fraction * 2^power in nano-units, rounded up.
std::optional<Wide> binary_nanos(const Split& split, int power) {
    constexpr std::size_t exact_digits = 18;  // of the fraction; the rest only rounds up
    Wide unit = Wide{1} << power;
    std::optional<Wide> whole = to_integer(split.whole, max_nanos / nano / unit);
    if (!whole) return std::nullopt;
    std::string digits = split.fraction.substr(0, exact_digits);
    bool rest = split.fraction.find_first_not_of('0', digits.size()) != std::string::npos;
    digits.resize(exact_digits, '0');
    Wide scaled = *to_integer(digits, max_nanos) * unit;  // of 10^-18 units: below 10^18 * 2^60 < 2^127
    Wide part = scaled / nano + (scaled % nano != 0 || rest ? 1 : 0);
    return *whole * unit * nano + part;
}

}  // namespace

Quantity Quantity::of_units(std::int64_t units) {
    Quantity quantity;
    quantity.nanos_ = Wide{units} * nano;
    return quantity;
}

std::optional<Quantity> Quantity::parse(std::string_view text) {
    bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    std::optional<Split> split = split_number(text);
    if (!split) return std::nullopt;
    std::optional<Suffix> suffix = find_suffix(split->suffix);
    if (!suffix) return std::nullopt;
    std::optional<Wide> nanos = suffix->power_of_two > 0 ? binary_nanos(*split, suffix->power_of_two)
                                                         : decimal_nanos(*split, suffix->power_of_ten);
    if (!nanos || *nanos > max_nanos) return std::nullopt;
    Quantity quantity;
    quantity.nanos_ = negative ? -*nanos : *nanos;
    return quantity;
}

std::string Quantity::suggest(std::string_view text) {
    constexpr std::string_view units = "kmgtpe";
    constexpr std::string_view proper = "kMGTPE";
    std::string number;
    std::string word;
    for (char c : text) {
        if (c == ' ' || c == ',' || c == '_') continue;
        if (word.empty() && (is_digit(c) || c == '.' || c == '-' || c == '+')) {
            number += c;
        } else {
            word += static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
        }
    }
    if (word.ends_with("bytes")) word.resize(word.size() - 4);
    if (word.ends_with('b')) word.pop_back();
    std::size_t unit = word.empty() ? std::string_view::npos : units.find(word[0]);
    bool binary = word.size() == 2 && word[1] == 'i';
    if (!word.empty() && (unit == std::string_view::npos || (word.size() > 1 && !binary))) return "";
    std::string suggestion = number;
    if (!word.empty()) suggestion += binary && unit == 0 ? 'K' : proper[unit];
    if (binary) suggestion += 'i';
    return suggestion != text && parse(suggestion) ? suggestion : "";
}

std::int64_t Quantity::units_rounded_up() const {
    return static_cast<std::int64_t>(nanos_ / nano + (nanos_ % nano > 0 ? 1 : 0));
}

std::int64_t Quantity::milli_rounded_up() const {
    constexpr Wide micro = nano / 1000;
    Wide milli = nanos_ / micro + (nanos_ % micro > 0 ? 1 : 0);
    constexpr Wide limit = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::clamp(milli, -limit, limit));
}

Quantity Quantity::operator+(const Quantity& other) const {
    Quantity sum;
    sum.nanos_ = std::clamp(nanos_ + other.nanos_, -max_nanos, max_nanos);
    return sum;
}

Quantity Quantity::operator*(std::int64_t factor) const {
    Quantity product;
    Wide limit = factor == 0 ? 0 : max_nanos / (factor < 0 ? -Wide{factor} : Wide{factor});
    bool fits = factor == 0 || (nanos_ <= limit && nanos_ >= -limit);
    product.nanos_ = fits ? nanos_ * factor : (negative() == (factor < 0) ? max_nanos : -max_nanos);
    return product;
}

std::string Quantity::text() const {
    if (nanos_ == 0) return "0";
    const Suffix* best = &suffixes.front();  // nano always divides
    for (const Suffix& suffix : suffixes) {
        if (nanos_ % nanos_of(suffix) == 0) best = &suffix;
    }
    std::string digits;
    Wide count = nanos_ / nanos_of(*best);
    for (Wide rest = count < 0 ? -count : count; rest > 0; rest /= 10) {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    }
    return (negative() ? "-" : "") + digits + std::string(best->text);
}

}  // namespace ktrain
