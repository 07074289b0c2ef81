// Sizes with their unit, money with cents where it is little.
#include "core/estimate/amount_text.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace ktrain {

std::string gib(std::int64_t bytes) {
    return human_gib(static_cast<std::uint64_t>(bytes < 0 ? -bytes : bytes));
}

std::string dollars(double amount) {
    return amount < 100 ? fmt::format("${:.2f}", amount) : fmt::format("${:.0f}", amount);
}

std::string duration(double seconds) {
    return seconds < 7200 ? fmt::format("{:.1f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace ktrain
