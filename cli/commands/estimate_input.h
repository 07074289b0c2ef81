// What every question of `ktrain estimate` starts from: a spec with flags over it, its model, and how to count.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands/job_flags.h"
#include "cli/commands/spec_input.h"
#include "core/base/exit_code.h"
#include "core/estimate/calibration.h"

namespace ktrain {

// The usual answer: memory, and hours and dollars where they can be told.
struct EstimateAnswer {
    Estimate memory;                  // its warnings are those of flags and job too
    std::optional<ModelShape> other;  // that the objective names
    std::optional<JobEstimate> job;

    int code() const { return !memory.wanted || memory.wanted->fits ? exit_code::done : exit_code::no; }
};

// That of the memory, and "job" where there is one.
Json to_json(const EstimateAnswer& answer);

class EstimateInput {
public:
    void declare(term::Flags& flags);
    void declare_job(term::Flags& flags) { job_.declare(flags); }
    void declare_output(term::Flags& flags);

    // What is given of a spec, flags over it, the way to count and the job: "FILE", "--gpu"; empty when nothing is.
    std::string first_given() const;
    bool has_spec() const { return input_.has_file(); }
    // The spec, flags over it. Problems are shown on stderr; nothing is returned when they are errors, and the exit
    // code is exit_code::invalid. Errors: Error{usage} without a model; those of --calibration.
    std::optional<TrainingSpec> read(term::Session& session);

    // Errors: as find_model, with their place in the file or among the flags.
    ModelShape shape(const term::Session& session, const TrainingSpec& spec) const;
    // What a distillation learns from. Errors: as shape().
    std::optional<ModelShape> other_model(const term::Session& session, TrainingSpec spec) const;
    // The type of the weights is that of the shape where neither a spec nor a flag says it.
    TrainingSpec typed(TrainingSpec spec, const ModelShape& shape) const;
    Estimate count(TrainingSpec spec, const ModelShape& shape, Profile profile,
                   const ModelShape* other = nullptr) const;
    // The same, with the model that the objective names. Errors: as shape() and estimate().
    Estimate count(const term::Session& session, const TrainingSpec& spec, Profile profile) const;

    // Problems of the spec or of a price file are shown on stderr; nothing is returned when they are errors, and the
    // exit code is exit_code::invalid.
    std::optional<EstimateAnswer> answer(term::Session& session);

    // Nobody has said the type of the weights: it is that of the published model, else bfloat16.
    bool dtype_is_open() const;
    Profile profile() const { return profile_ == "docs" ? Profile::docs : Profile::detailed; }
    const std::string& framework() const { return framework_; }
    JobFlags& job() { return job_; }
    bool said(const std::string& path) const { return input_.said(path); }
    Error located(Error error) const { return input_.located(std::move(error)); }
    bool is_calibrated() const { return !calibration_path_.empty(); }
    const Calibration& calibration() const { return calibration_; }
    const std::string& calibration_file() const { return calibration_path_; }
    const std::string& format() const { return output_; }
    bool for_people() const { return output_ == "table"; }
    void write(term::Session& session, const Json& json) const;

private:
    std::vector<spec::Override> overrides() const;
    // Flags that were given and change nothing.
    std::vector<std::string> unused(const Estimate& result) const;
    void read_calibration(const term::Session& session);

    static constexpr std::size_t flag_count = 8;
    SpecInput input_;
    JobFlags job_;
    std::array<std::optional<std::string>, flag_count> values_;
    std::string profile_ = "detailed";
    std::string framework_ = "ktrain";
    std::string calibration_path_;
    Calibration calibration_;
    std::string output_ = "table";
};

// A question beside the usual one: a flag that asks it, and what it answers. The table of them is in estimate.cpp.
class EstimateQuestion {
public:
    virtual ~EstimateQuestion() = default;
    virtual void declare(term::Flags& flags) = 0;
    virtual bool asked() const = 0;
    // Whether -o may be this format; every question has a table, JSON and YAML.
    virtual bool has_format(std::string_view format) const { return format != "markdown"; }
    // Whether its answer follows --calibration.
    virtual bool is_calibrated() const { return false; }
    // The exit code.
    virtual int answer(term::Session& session, EstimateInput& input) = 0;
};

std::unique_ptr<EstimateQuestion> ask_calibrate();  // --calibrate
std::unique_ptr<EstimateQuestion> ask_compare();    // --compare
std::unique_ptr<EstimateQuestion> ask_find();       // --find, --budget, --deadline
std::unique_ptr<EstimateQuestion> ask_largest();    // --max-batch, --max-seq
std::unique_ptr<EstimateQuestion> ask_recommend();  // --recommend
std::unique_ptr<EstimateQuestion> ask_report();     // --report
std::unique_ptr<EstimateQuestion> ask_schema();     // --schema
std::unique_ptr<EstimateQuestion> ask_score();      // --score

}  // namespace ktrain
