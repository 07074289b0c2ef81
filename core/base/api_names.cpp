// The syntax of names, labels and keys as apimachinery's validation has it (pkg/util/validation).
#include "core/base/api_names.h"

#include <algorithm>
#include <cctype>

#include "core/base/ascii.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

using ascii::is_digit;
using ascii::is_lower;
bool is_lower_alnum(char c) {
    return is_lower(c) || is_digit(c);
}

std::string too_long(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return "";
    return "has " + std::to_string(text.size()) + " characters, at most " + std::to_string(limit) + " are allowed";
}

template <typename Predicate>
bool all(std::string_view text, Predicate predicate) {
    return std::all_of(text.begin(), text.end(), predicate);
}

// [A-Za-z0-9], and inside also '-', '_' and '.'
bool is_word(std::string_view text) {
    return !text.empty() && ascii::is_alphanumeric(text.front()) && ascii::is_alphanumeric(text.back()) &&
           all(text, [](char c) { return ascii::is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_label(std::string_view text) {
    return !text.empty() && is_lower_alnum(text.front()) && is_lower_alnum(text.back()) &&
           all(text, [](char c) { return is_lower_alnum(c) || c == '-'; });
}

}  // namespace

std::string dns_label_problem(std::string_view text) {
    if (is_label(text)) return too_long(text, 63);
    return "must be lower-case letters, digits and '-', with a letter or digit at both ends";
}

std::string dns_label_1035_problem(std::string_view text) {
    if (is_label(text) && is_lower(text.front())) return too_long(text, 63);
    return "must be lower-case letters, digits and '-', begin with a letter and end with a letter or digit";
}

std::string dns_subdomain_problem(std::string_view text) {
    std::vector<std::string> labels = split(text, '.');
    bool fine = !text.empty() && std::all_of(labels.begin(), labels.end(), is_label);
    if (fine) return too_long(text, 253);
    return "must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends";
}

std::string qualified_name_problem(std::string_view text) {
    std::size_t slash = text.find('/');
    if (slash != std::string_view::npos) {
        std::string prefix = dns_subdomain_problem(text.substr(0, slash));
        if (!prefix.empty()) return "has a prefix that is no domain: it " + prefix;
        text.remove_prefix(slash + 1);
    }
    if (is_word(text)) return too_long(text, 63);
    return "must be letters, digits, '-', '_' and '.', with a letter or digit at both ends, behind an optional domain "
           "and '/'";
}

std::string label_value_problem(std::string_view text) {
    if (text.empty() || is_word(text)) return too_long(text, 63);
    return "must be empty or letters, digits, '-', '_' and '.', with a letter or digit at both ends";
}

std::string port_name_problem(std::string_view text) {
    bool fine =
        is_label(text) && std::any_of(text.begin(), text.end(), is_lower) && text.find("--") == std::string_view::npos;
    if (fine) return too_long(text, 15);
    return "must be lower-case letters, digits and single '-', with at least one letter";
}

std::string env_name_problem(std::string_view text) {
    if (!text.empty() && all(text, [](char c) { return c >= ' ' && c < 0x7f && c != '='; })) return "";
    return "must be printable ASCII characters other than '='";
}

std::string path_segment_problem(std::string_view text) {
    if (text == "." || text == "..") return "may not be a dot or two";
    return text.find_first_of("/%") == std::string_view::npos ? "" : "may not contain / or %";
}

std::string config_key_problem(std::string_view text) {
    const bool fine = !text.empty() &&
                      all(text, [](char c) { return ascii::is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
    if (!fine) return "must be letters, digits, '-', '_' and '.'";
    if (text == ".") return "must not be '.'";
    return text.starts_with("..") ? "must not begin with '..'" : too_long(text, 253);
}

bool has_backsteps(std::string_view path) {
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (path.substr(begin, end - begin) == "..") return true;
        begin = end + 1;
    }
    return false;
}

std::string to_dns_label(std::string_view text) {
    std::string label;
    for (char c : text) {
        char lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        label += is_lower_alnum(lower) ? lower : '-';
    }
    std::size_t begin = label.find_first_not_of('-');
    if (begin == std::string::npos) return "";
    label = label.substr(begin, label.find_last_not_of('-') - begin + 1);
    return dns_label_problem(label).empty() ? label : "";
}

}  // namespace ktrain
