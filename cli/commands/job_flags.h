// The flags of `ktrain estimate` that are about time and money.
#pragma once

#include <optional>
#include <string>

#include "cli/term/flags.h"
#include "cli/term/session.h"
#include "core/estimate/job.h"

namespace ktrain {

class JobFlags {
public:
    void declare(term::Flags& flags);
    // Hours and dollars of the estimate, where they can be told. Problems of a price file are shown on stderr; nothing
    // is returned when they are errors, and `failed` is set. Errors: as estimate_job; Error{usage} for flags that
    // contradict each other or that no job is known for.
    // `teacher`: parameters of what a distillation learns from.
    std::optional<JobEstimate> read(term::Session& session, const Estimate& estimate, std::int64_t teacher,
                                    bool& failed);
    // What the flags say, and prices(); nothing when the price file has errors, which are shown on stderr.
    // Errors: Error{usage} for flags that contradict each other or are no numbers.
    std::optional<JobOptions> options(term::Session& session, const TrainingSpec& spec);
    const PriceTable& prices() const { return prices_; }
    // prices() alone. False when the price file has errors, which are shown on stderr.
    bool load_prices(term::Session& session);
    bool has_speed() const { return !throughput_.empty() || !from_run_.empty(); }

private:
    double speed(const term::Session& session, const TrainingSpec& spec) const;
    void read_tokens(term::Session& session, const TrainingSpec& spec, JobOptions& options) const;
    bool asked() const;  // by any flag

    std::string tokens_, tokens_from_, mean_length_, packing_efficiency_, throughput_, from_run_, interruptions_;
    std::string prices_path_, capacity_ = "on-demand";
    PriceTable prices_;  // offers point into it
};

// Hours by part, and the cheapest instances.
std::string job_report(const JobEstimate& job);

}  // namespace ktrain
