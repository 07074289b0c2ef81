// Semantic versions.
#include "core/cel/semver.h"

#include <algorithm>
#include <charconv>

#include "core/base/text.h"

namespace ktrain::cel {
namespace {

bool is_numeric(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

bool is_identifier(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") == text.npos;
}

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    if (!is_numeric(text) || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) return std::nullopt;
    return number;
}

// "v1.02" -> "1.2.0"; nullopt for a short version with more behind its numbers.
std::optional<std::string> normal_form(std::string_view text) {
    if (text.starts_with('v')) text.remove_prefix(1);
    std::vector<std::string> parts;
    while (parts.size() < 2 && text.find('.') != text.npos) {
        parts.emplace_back(text.substr(0, text.find('.')));
        text.remove_prefix(text.find('.') + 1);
    }
    parts.emplace_back(text);
    for (std::string& part : parts) {
        if (part.size() < 2) continue;
        part.erase(0, std::min(part.find_first_not_of('0'), part.size()));
        if (part.empty() || part[0] < '0' || part[0] > '9') part.insert(0, "0");
    }
    if (parts.size() < 3 && parts.back().find_first_of("+-") != std::string::npos) return std::nullopt;
    while (parts.size() < 3) parts.emplace_back("0");
    return join(parts, ".");
}

std::strong_ordering order_of_identifiers(const std::string& left, const std::string& right) {
    const bool a = is_numeric(left), b = is_numeric(right);
    if (a != b) return a ? std::strong_ordering::less : std::strong_ordering::greater;
    if (a && left.size() != right.size()) return left.size() <=> right.size();
    return left <=> right;
}

}  // namespace

std::optional<Semver> parse_semver(std::string_view text, bool normalize) {
    if (text.size() > 1'000) return std::nullopt;
    std::string normal;
    if (normalize) {
        const auto form = normal_form(text);
        if (!form) return std::nullopt;
        text = normal = *form;
    }
    Semver version;
    for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t end = i < 2 ? text.find('.') : std::min(text.find_first_of("-+"), text.size());
        if (end == text.npos) return std::nullopt;
        const auto number = number_of(text.substr(0, end));
        if (!number) return std::nullopt;
        version.numbers[i] = *number;
        text.remove_prefix(i < 2 ? end + 1 : end);
    }
    const std::size_t plus = std::min(text.find('+'), text.size());
    if (plus < text.size()) {
        for (const std::string& part : split(text.substr(plus + 1), '.')) {
            if (!is_identifier(part)) return std::nullopt;
        }
    }
    if (plus == 0) return version;
    for (std::string& part : split(text.substr(1, plus - 1), '.')) {
        if (!is_identifier(part) || (is_numeric(part) && !number_of(part))) return std::nullopt;
        version.before.push_back(std::move(part));
    }
    return version;
}

std::strong_ordering order(const Semver& left, const Semver& right) {
    if (left.numbers != right.numbers) return left.numbers <=> right.numbers;
    if (left.before.empty() != right.before.empty()) {
        return left.before.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
    }
    const std::size_t shared = std::min(left.before.size(), right.before.size());
    for (std::size_t i = 0; i < shared; ++i) {
        const auto result = order_of_identifiers(left.before[i], right.before[i]);
        if (result != 0) return result;
    }
    return left.before.size() <=> right.before.size();
}

}  // namespace ktrain::cel
