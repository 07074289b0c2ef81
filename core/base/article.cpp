// Chooses the article by how the name begins when it is read out.
#include "core/base/article.h"

#include "core/base/ascii.h"

namespace ktrain {

std::string with_article(std::string_view name) {
    const bool spelt = name.size() > 1 && ascii::is_upper(name[0]) && ascii::is_upper(name[1]);
    const std::string_view vowels = spelt ? "aefhilmnorsx" : "aeio";  // "a URL", "a User"
    const bool an = !name.empty() && vowels.find(ascii::to_lower(name.front())) != std::string_view::npos;
    return (an ? "an " : "a ") + std::string(name);
}

}  // namespace ktrain
