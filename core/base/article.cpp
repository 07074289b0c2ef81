// Chooses the article by how the name begins when it is read out.
#include "core/base/article.h"

#include <algorithm>

#include "core/base/ascii.h"

namespace ktrain {

namespace {

// "eight", "eighty", "eleven thousand".
bool number_takes_an(std::string_view name) {
    const std::size_t digits = std::min(name.size(), name.find_first_not_of("0123456789"));
    return name.starts_with('8') || (digits % 3 == 2 && (name.starts_with("11") || name.starts_with("18")));
}

// Letter by letter: "MPIJob", "L4", "x".
bool is_spelt(std::string_view name) {
    if (name.size() < 2) return true;
    return ascii::is_digit(name[1]) || (ascii::is_upper(name[0]) && ascii::is_upper(name[1]));
}

}  // namespace

std::string with_article(std::string_view name) {
    const std::string_view vowels = is_spelt(name) ? "aefhilmnorsx" : "aeio";  // "a URL", "a User"
    const bool an = !name.empty() &&
                    (number_takes_an(name) || vowels.find(ascii::to_lower(name.front())) != std::string_view::npos);
    return (an ? "an " : "a ") + std::string(name);
}

}  // namespace ktrain
