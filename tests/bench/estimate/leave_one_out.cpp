// How the estimator does on families of measured rows that its fitted figures have not seen.
//
//   ktrain_bench_estimate [tests/golden/measured/measured_memory.csv]
//
// For each family the figures are fitted to all other families (the least median error on a grid) and the family is
// estimated with them. Exit code 0 when the median of all those errors is at most 12 %.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "core/base/world.h"
#include "core/estimate/measured.h"

using namespace ktrain;

namespace {

constexpr double bar = 0.12;

double median_error(const std::vector<MeasuredRow>& rows, const Fitted& fitted) {
    return summarise(score_rows(rows, fitted)).front().median;
}

Fitted fit(const std::vector<MeasuredRow>& rows) {
    Fitted best;
    double least = median_error(rows, best);
    for (double kept = 0.3; kept < 0.65; kept += 0.05)
        for (double logits = 8; logits <= 16; logits += 1)
            for (double varying = 1; varying <= 2.5; varying += 0.25) {
                const Fitted trial{kept, logits, varying};
                const double error = median_error(rows, trial);
                if (error < least) least = error, best = trial;
            }
    return best;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string path = argc > 1 ? argv[1] : "tests/golden/measured/measured_memory.csv";
    const MeasuredRows measured = read_measured(real_files().read(path), path);
    std::map<std::string, std::vector<MeasuredRow>> families;
    for (const MeasuredRow& row : measured.rows) families[row.family].push_back(row);
    std::vector<double> errors;
    for (const auto& [family, rows] : families) {
        std::vector<MeasuredRow> others;
        for (const MeasuredRow& row : measured.rows)
            if (row.family != family) others.push_back(row);
        const Fitted fitted = fit(others);
        const auto scored = score_rows(rows, fitted);
        for (const Scored& row : scored) errors.push_back(std::abs(row.error));
        fmt::print("{:24} {:3} rows: median {:.1f} % with selective {:.2f}, logits {:.0f} B, varying {:.2f}\n", family,
                   rows.size(), 100 * summarise(scored).front().median, fitted.selective_kept, fitted.logits_fp32,
                   fitted.varying);
    }
    std::ranges::sort(errors);
    const double median = errors[errors.size() / 2];
    fmt::print("median of {} rows, each fitted without its family: {:.1f} % (bar: at most {:.0f} %)\n", errors.size(),
               100 * median, 100 * bar);
    return median <= bar ? 0 : 1;
}
