// Hours and dollars of a whole training, from what its spec says.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/estimate/cost.h"
#include "core/estimate/estimate.h"
#include "core/estimate/time.h"
#include "core/estimate/token_counts.h"

namespace ktrain {

struct JobOptions {
    double tokens = 0;                // of one epoch; 0: those of `data`, or as many as training.max_steps takes
    std::optional<TokenCounts> data;  // of the rows that are trained
    double mean_length = 0;           // tokens of a row; 0: by `data`, else max_length
    double packing_efficiency = 0;    // share of computed tokens that is no padding; 0: by the lengths of rows
    double tokens_per_second = 0;     // measured, of one GPU; 0: by the MFU of such trainings
    double seconds_between_interruptions = 0;  // mean, of the whole job; 0: none
    Capacity capacity = Capacity::on_demand;
    std::chrono::sys_days today;  // prices are old or not as of this day
};

struct JobEstimate {
    std::int64_t gpus = 1;
    TimeEstimate time;
    Capacity capacity = Capacity::on_demand;
    std::vector<Offer> offers;  // cheapest first; they point into the prices
    std::string dates;          // "prices as of ..."; empty without offers
    std::vector<std::string> warnings;
};

// Nothing when no GPU was asked for, when the tokens are not known, and for models that take none.
// Errors: as estimate_time and offers.
std::optional<JobEstimate> estimate_job(const Estimate& estimate, const JobOptions& options, const PriceTable& prices);

// {gpus, time, capacity, offers, dates}
Json to_json(const JobEstimate& job);

}  // namespace ktrain
