// What runs of ktrain held in memory beside what is estimated for them, and the factor that follows for other
// estimates.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/estimate/estimate.h"

namespace ktrain {

// A run.json (docs/trainer.md).
struct RunRecord {
    std::string file, name, digest;                            // digest: of its spec
    std::optional<TrainingSpec> spec;                          // of older runs it is not there
    std::vector<std::pair<std::string, std::int64_t>> memory;  // bytes by label
};
// Errors: Error{input} with the file for what is no JSON, no record of a run, one without memory, without a measured
// step, or of a version that logged other components or has other specs.
RunRecord read_run_record(std::string_view text, const std::string& file);

struct ComparedComponent {
    std::string label;
    std::int64_t measured = 0, estimated = 0;  // bytes
};

struct ComparedRun {
    std::string file, name, family;
    std::vector<ComparedComponent> components;
    std::vector<std::string> left_out;  // labels that no estimate has

    std::int64_t measured() const, estimated() const;  // of all components
    double ratio() const;                              // measured / estimated
};
// `estimate`: of the run's spec, with profile detailed, for no GPU. What a step adds to what is held is its activations
// and either the logits or the working set of a layer, whichever is more. Errors: Error{input} when either side is 0.
ComparedRun compare(const RunRecord& record, const Estimate& estimate);

struct Multiplier {
    std::string family;  // empty: of all runs, for families without a row
    std::int64_t runs = 0;
    double median = 1;  // of measured / estimated
    double value = 1;   // 1 + (median - 1) x runs / (runs + 2): few runs move it little
};

struct Calibration {
    std::vector<Multiplier> rows;  // that of all runs first, then families in alphabetical order

    // nullptr without any row.
    const Multiplier* find(std::string_view family) const;
};

Calibration learn(std::span<const ComparedRun> runs);

// Medians of the absolute error of totals.
struct CalibrationScore {
    std::string family;   // as Multiplier
    bool unseen = false;  // each run by what the others teach; else by what all do, itself among them: below 3 runs
    double before = 0, after = 0;
};
// For each row of learn().
std::vector<CalibrationScore> score(std::span<const ComparedRun> runs);

// {kind, version, multipliers: [{family, runs, median_ratio, multiplier}]}; the family of all runs is null.
Json to_json(const Calibration& calibration);
// The reverse. Errors: Error{input} with the file: no JSON, no calibration, one of another version, a multiplier that
// is not from 0.1 to 10.
Calibration read_calibration(std::string_view text, const std::string& file);

// Multiplies what is reserved and recommended, says so among the assumptions, and judges the GPUs anew. Estimates of
// profile docs stay as they are. `file`: named among the assumptions.
void apply(const Calibration& calibration, const std::string& file, Estimate& estimate);
// That it multiplies, in a sentence without its end.
std::string words_of(const Multiplier& multiplier, const std::string& file);

}  // namespace ktrain
