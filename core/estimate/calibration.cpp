// Comparison of runs with their estimates, and factors with their errors.
#include "core/estimate/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/error.h"
#include "core/estimate/estimate_notes.h"
#include "core/estimate/labels.h"
#include "core/estimate/step_figures.h"

namespace ktrain {
namespace {

double median_of(std::vector<double> numbers) {
    std::ranges::sort(numbers);
    const std::size_t middle = numbers.size() / 2;
    return numbers.size() % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
}

Multiplier multiplier_of(std::string family, const std::vector<double>& ratios) {
    const auto runs = static_cast<double>(ratios.size());
    const double median = median_of(ratios);
    return {std::move(family), std::ssize(ratios), median, 1 + (median - 1) * runs / (runs + 2)};
}

std::int64_t bytes_of(const Estimate& estimate, std::string_view label) {
    std::int64_t bytes = 0;
    for (const MemoryLine& line : estimate.memory.lines)
        if (line.label == label) bytes += line.bytes;
    return bytes;
}

// What a step adds, at its most.
std::int64_t step_bytes(const Estimate& estimate) {
    return bytes_of(estimate, labels::activations) + bytes_of(estimate, labels::checkpoints) +
           std::max(bytes_of(estimate, labels::logits), bytes_of(estimate, labels::working_set));
}

double error_of(const ComparedRun& run, double multiplier) {
    return std::abs(multiplier / run.ratio() - 1);
}

double multiplier_for(const Calibration& calibration, const ComparedRun& run) {
    const Multiplier* row = calibration.find(run.family);
    return row == nullptr ? 1 : row->value;
}

CalibrationScore score_of(std::span<const ComparedRun> runs, const Calibration& learned, const Multiplier& row) {
    CalibrationScore result{row.family, row.runs >= 3, 0, 0};
    std::vector<double> before, after;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (!row.family.empty() && runs[i].family != row.family) continue;
        std::vector<ComparedRun> others(runs.begin(), runs.end());
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        before.push_back(error_of(runs[i], 1));
        after.push_back(error_of(runs[i], multiplier_for(result.unseen ? learn(others) : learned, runs[i])));
    }
    result.before = median_of(before);
    result.after = median_of(after);
    return result;
}

}  // namespace

std::int64_t ComparedRun::measured() const {
    std::int64_t sum = 0;
    for (const ComparedComponent& component : components) sum += component.measured;
    return sum;
}

std::int64_t ComparedRun::estimated() const {
    std::int64_t sum = 0;
    for (const ComparedComponent& component : components) sum += component.estimated;
    return sum;
}

double ComparedRun::ratio() const {
    return static_cast<double>(measured()) / static_cast<double>(estimated());
}

ComparedRun compare(const RunRecord& record, const Estimate& estimate) {
    ComparedRun run{record.file, record.name, estimate.shape.family, {}, {}};
    for (const auto& [label, bytes] : record.memory) {
        if (const labels::Logged* row = labels::find_logged(label); row != nullptr && row->estimated)
            run.components.push_back(
                {label, bytes, label == labels::activations ? step_bytes(estimate) : bytes_of(estimate, label)});
        else
            run.left_out.push_back(label);
    }
    if (run.measured() <= 0 || run.estimated() <= 0)
        throw Error(ErrorKind::input, fmt::format("{} has nothing to compare with an estimate", record.file),
                    {record.file, 0, 0, "memory"}, "leave it out");
    return run;
}

const Multiplier* Calibration::find(std::string_view family) const {
    const auto row = std::ranges::find(rows, family, &Multiplier::family);
    if (row != rows.end()) return &*row;
    return rows.empty() ? nullptr : &rows.front();
}

Calibration learn(std::span<const ComparedRun> runs) {
    std::map<std::string, std::vector<double>> ratios;
    for (const ComparedRun& run : runs) {
        ratios[""].push_back(run.ratio());
        if (!run.family.empty()) ratios[run.family].push_back(run.ratio());
    }
    Calibration calibration;
    for (const auto& [family, numbers] : ratios) calibration.rows.push_back(multiplier_of(family, numbers));
    return calibration;
}

std::vector<CalibrationScore> score(std::span<const ComparedRun> runs) {
    const Calibration learned = learn(runs);
    std::vector<CalibrationScore> scores;
    for (const Multiplier& row : learned.rows) scores.push_back(score_of(runs, learned, row));
    return scores;
}

void apply(const Calibration& calibration, const std::string& file, Estimate& estimate) {
    const Multiplier* row = calibration.find(estimate.shape.family);
    if (!estimate.step || row == nullptr) return;
    StepMemory& step = *estimate.step;
    step.multiplier = row->value;
    step.recommended = multiplied(step.recommended, step.outside, row->value);
    step.reserved = multiplied(step.reserved, 0, row->value);
    step.margin += fmt::format("; what is not the context x {:.3f}, as calibrated", row->value);
    estimate.needed = step.recommended;
    judge(estimate);
    estimate.assumptions = assumptions_of(estimate);
    estimate.assumptions.push_back(words_of(*row, file) + "; the components are not");
}

std::string words_of(const Multiplier& row, const std::string& file) {
    return fmt::format("reserved and recommended are multiplied by {:.3f}, from {} run{} of {} ({})", row.value,
                       row.runs, row.runs == 1 ? "" : "s", row.family.empty() ? "any family" : row.family, file);
}

}  // namespace ktrain
