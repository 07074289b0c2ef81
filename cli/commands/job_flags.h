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
    std::optional<JobEstimate> read(term::Session& session, const Estimate& estimate, bool& failed);
    // The table that --prices names, or the built-in one. Problems of a file are shown on stderr; nullptr when they are
    // errors.
    const PriceTable* prices(term::Session& session) { return load_prices(session) ? &prices_ : nullptr; }

private:
    bool load_prices(term::Session& session);
    double speed(const term::Session& session, const Estimate& estimate) const;
    void read_tokens(term::Session& session, const TrainingSpec& spec, JobOptions& options) const;
    JobOptions options(term::Session& session, const Estimate& estimate) const;

    std::string tokens_, tokens_from_, mean_length_, packing_efficiency_, throughput_, from_run_, interruptions_;
    std::string prices_path_, capacity_ = "on-demand";
    PriceTable prices_;  // offers point into it
};

// Hours by part, and the cheapest instances.
std::string job_report(const JobEstimate& job);

}  // namespace ktrain
