// Measured peaks as CSV (the columns of docs/estimate.md, "Measured rows") and how close estimates come to them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/estimate/conditions.h"
#include "core/estimate/step_memory.h"

namespace ktrain {

struct MeasuredRow {
    std::string id;
    std::string family;  // the repository that the figure is from
    std::string metric;  // active, allocated, reserved, process; empty: not said, taken as reserved
    bool complete = false;
    Conditions conditions;
    std::int64_t peak = 0;  // bytes on one GPU
    int line = 0;
};

struct MeasuredRows {
    std::vector<MeasuredRow> rows;
    std::vector<std::string> left_out;  // "O36: not a training step", one for each row that cannot be estimated
};

// Errors: Error{input} with file and line: no CSV, a missing column, a number that is none, an unknown word. A row
// whose model is not known, that is no training step, or that has no batch or length, is left out and named.
MeasuredRows read_measured(std::string_view text, const std::string& file);

struct Scored {
    const MeasuredRow* row;
    std::int64_t estimate = 0;
    double error = 0;  // estimate / measured - 1
};

struct Score {
    std::string family;  // empty: all rows
    std::int64_t rows = 0;
    double median = 0, p90 = 0;           // of the absolute error
    double within_10 = 0, within_20 = 0;  // shares of the rows
    double bias = 0;                      // mean of the signed error
};

// In the order of the rows. The figure of a row is compared with the estimate that its metric names.
std::vector<Scored> score_rows(const std::vector<MeasuredRow>& rows, const Fitted& fitted = {});
// All rows first, then each family in alphabetical order. Nothing without rows.
std::vector<Score> summarise(const std::vector<Scored>& scored);

}  // namespace ktrain
