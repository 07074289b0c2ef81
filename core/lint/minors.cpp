// Sets of Kubernetes minor versions, such as 1.29 to 1.33.
#include "core/lint/minors.h"

#include <bit>
#include <charconv>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::lint {
namespace {

std::string version(int minor) {
    return "1." + std::to_string(minor);
}

// The minor of "1.31"; a patch level ("1.31.4", "v1.31") is read over. 0 for anything else.
int read_minor(std::string_view text) {
    if (text.starts_with('v')) text.remove_prefix(1);
    if (!text.starts_with("1.")) return 0;
    int minor = 0;
    const auto [end, problem] = std::from_chars(text.data() + 2, text.data() + text.size(), minor);
    const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const bool patch = rest.size() > 1 && rest[0] == '.' && rest.find_first_not_of("0123456789", 1) == rest.npos;
    return problem == std::errc() && (rest.empty() || patch) ? minor : 0;
}

}  // namespace

Minors Minors::parse(std::string_view text) {
    const std::size_t dash = text.find('-');
    const int low = read_minor(text.substr(0, dash));
    const int high = dash == std::string_view::npos ? low : read_minor(text.substr(dash + 1));
    if (low == 0 || high == 0)
        throw Error(ErrorKind::usage, "'" + printable(text) + "' is no version of Kubernetes", {},
                    "write 1.31, or a range: 1.29-1.33");
    if (low > high)
        throw Error(ErrorKind::usage, "the range '" + printable(text) + "' ends before it begins", {},
                    "write the older version first");
    if (low < first_minor || high > last_minor)
        throw Error(ErrorKind::usage, "Kubernetes " + version(low < first_minor ? low : high) + " is not known here",
                    {}, "the versions known are " + version(first_minor) + " to " + version(last_minor));
    Minors result;
    for (int minor = low; minor <= high; ++minor)
        result.bits |= static_cast<std::uint16_t>(1u << (minor - first_minor));
    return result;
}

int Minors::first() const {
    return first_minor + std::countr_zero(bits);
}

int Minors::last() const {
    return first_minor + 15 - std::countl_zero(bits);
}

std::string Minors::text() const {
    if (empty()) return "no version";
    return first() == last() ? version(first()) : version(first()) + " to " + version(last());
}

}  // namespace ktrain::lint
