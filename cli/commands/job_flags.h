// The flags of `ktrain estimate` that are about time and money.
#pragma once

#include <optional>
#include <string>

#include "cli/term/flags.h"
#include "cli/term/output.h"
#include "cli/term/session.h"
#include "core/estimate/job.h"

namespace ktrain {

struct JobAnswer {
    std::optional<JobEstimate> job;  // where hours and dollars can be told
    std::string unknown;             // why the tokens of the data cannot be guessed
    bool failed = false;             // the price file has errors, which are shown on stderr
};

class JobFlags {
public:
    void declare(term::Flags& flags);
    // Hours and dollars of the estimate. Errors: as estimate_job; Error{usage} for flags that contradict each other or
    // that no job is known for. `other`: parameters of the model that the objective names.
    JobAnswer read(term::Session& session, const Estimate& estimate, std::int64_t other);
    // What the flags say, and prices(); nothing when the price file has errors, which are shown on stderr.
    // Errors: Error{usage} for flags that contradict each other or are no numbers.
    std::optional<JobOptions> options(term::Session& session, const TrainingSpec& spec);
    const PriceTable& prices() const { return prices_; }
    // prices() alone. False when the price file has errors, which are shown on stderr.
    bool load_prices(term::Session& session);
    bool asked() const;  // by any flag but --capacity

private:
    double speed(const term::Session& session, const TrainingSpec& spec) const;
    void read_tokens(term::Session& session, const TrainingSpec& spec, JobOptions& options) const;

    std::string tokens_, tokens_from_, mean_length_, packing_efficiency_, throughput_, from_run_, interruptions_;
    std::string prices_path_, capacity_ = "on-demand";
    PriceTable prices_;  // offers point into it
};

// Hours by part, and the cheapest instances.
std::string job_report(const JobEstimate& job);

// The parts of it that other formats share: "8 GPUs, 1.5e+07 tokens"; a table of times; the cheapest offers, and what
// there is to say below them (without offers, in their place): lines.
std::string job_headline(const JobEstimate& job);
term::Table time_table(const TimeEstimate& time);
term::Table offer_table(const JobEstimate& job);
std::string below_offers(const JobEstimate& job);

}  // namespace ktrain
