// Estimates beside what was measured, and what that says of the estimator.
#include "core/estimate/measured.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace ktrain {
namespace {

std::int64_t estimate_of(const MeasuredRow& row, const Fitted& fitted) {
    const StepMemory memory = step_memory(row.conditions, fitted);
    if (row.metric == "active" || row.metric == "allocated") return memory.active;
    return memory.reserved + (row.metric == "process" ? memory.outside : 0);
}

// The value that `share` of the sorted values do not exceed.
double quantile(const std::vector<double>& sorted, double share) {
    const auto last = static_cast<double>(sorted.size() - 1);
    const double place = share * last;
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Score score_of(const std::string& family, const std::vector<double>& errors) {
    std::vector<double> sizes;
    double sum = 0;
    for (const double error : errors) {
        sizes.push_back(std::abs(error));
        sum += error;
    }
    std::ranges::sort(sizes);
    const auto count = static_cast<double>(sizes.size());
    const auto within = [&](double bound) {
        return static_cast<double>(std::ranges::count_if(sizes, [&](double size) { return size <= bound; })) / count;
    };
    return {family,
            static_cast<std::int64_t>(sizes.size()),
            quantile(sizes, 0.5),
            quantile(sizes, 0.9),
            within(0.1),
            within(0.2),
            sum / count};
}

}  // namespace

std::vector<Scored> score_rows(const std::vector<MeasuredRow>& rows, const Fitted& fitted) {
    std::vector<Scored> scored;
    for (const MeasuredRow& row : rows) {
        const std::int64_t bytes = estimate_of(row, fitted);
        scored.push_back({&row, bytes, static_cast<double>(bytes) / static_cast<double>(row.peak) - 1});
    }
    return scored;
}

std::vector<Score> summarise(const std::vector<Scored>& scored) {
    std::map<std::string, std::vector<double>> families;
    std::vector<double> all;
    for (const Scored& row : scored) {
        families[row.row->family].push_back(row.error);
        all.push_back(row.error);
    }
    std::vector<Score> scores;
    if (all.empty()) return scores;
    scores.push_back(score_of("", all));
    for (const auto& [family, errors] : families) scores.push_back(score_of(family, errors));
    return scores;
}

}  // namespace ktrain
