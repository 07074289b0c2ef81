// `ktrain estimate`: what a job needs on each GPU, and which GPUs have it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/commands/commands.h"
#include "cli/commands/estimate_text.h"
#include "cli/commands/job_flags.h"
#include "cli/commands/spec_input.h"
#include "cli/term/output.h"
#include "core/base/exit_code.h"
#include "core/model/find.h"
#include "core/spec/choices.h"

namespace ktrain {
namespace {

class EstimateCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        input_.declare(flags, false);
        const auto override_flag = [&](std::size_t i) { return &values_[i]; };
        flags.add(override_flag(0), {.name = "model",
                                     .value = "MODEL",
                                     .help = "Catalog model, folder with config.json, or a count such as 7B"});
        flags.add(
            override_flag(1),
            {.name = "method", .value = "METHOD", .help = "Training method", .choices = {"full", "lora", "qlora"}});
        flags.add(override_flag(2), {.name = "r", .value = "RANK", .help = "Rank of LoRA"});
        flags.add(override_flag(3), {.name = "batch-size", .value = "N", .help = "Samples of a batch on each GPU"});
        flags.add(override_flag(4), {.name = "max-length", .value = "N", .help = "Tokens of a sequence"});
        flags.add(override_flag(5), {.name = "dtype", .value = "TYPE", .help = "Storage type of the weights"});
        flags.add(override_flag(6),
                  {.name = "gpu", .value = "GPU", .help = "Answer for this GPU: exit code 3 when it does not fit"});
        flags.add(&profile_, {.name = "profile",
                              .value = "PROFILE",
                              .help = "Formulas to use: by component, or the handbook's",
                              .choices = {"detailed", "docs"}});
        flags.add(&framework_, {.name = "framework",
                                .value = "NAME",
                                .help = "Code that trains: what it keeps differs",
                                .choices = {"ktrain", "accelerate", "litgpt", "torchtitan", "torchtune"}});
        flags.add(&max_batch_, {.name = "max-batch", .help = "Find the largest batch that fits the GPU"});
        flags.add(&max_seq_, {.name = "max-seq", .help = "Find the longest sequence that fits the GPU"});
        flags.add(&recommend_, {.name = "recommend", .help = "Show LoRA settings for a model of this size"});
        flags.add(&compare_, {.name = "compare", .help = "Show the handbook's formulas beside the components"});
        flags.add(&score_, {.name = "score",
                            .value = "CSV",
                            .help = "Compare with measured peaks, in the columns of docs/estimate.md"});
        job_.declare(flags);
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"table", "json", "yaml"}});
    }

    int run(term::Session& session) override {
        if (!score_.empty()) return score(session);
        if (!input_.has_file() && !values_[0])
            throw Error(ErrorKind::usage, "ktrain estimate needs a spec or --model", {},
                        "for example: ktrain estimate --model llama-2-7b --method lora");
        const auto spec = input_.read(session, overrides());
        if (!spec) return exit_code::invalid;
        if (compare_) return compare(session, *spec);
        if (recommend_) return recommend_lora(session, *spec);
        if (max_batch_ || max_seq_) return largest(session, *spec);
        Estimate result = make_estimate(session, *spec, profile());
        warn_of_unused(result);
        bool failed = false;
        const auto job = job_.read(session, result, failed);
        if (failed) return exit_code::invalid;
        if (job) std::ranges::copy(job->warnings, std::back_inserter(result.warnings));
        show(session, result, job);
        return !result.wanted || result.wanted->fits ? exit_code::done : exit_code::no;
    }

private:
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> fields_{{
        {"model.model_name_or_path", "--model"},
        {"method.type", "--method"},
        {"method.r", "--r"},
        {"training.per_device_train_batch_size", "--batch-size"},
        {"objective.max_length", "--max-length"},
        {"model.dtype", "--dtype"},
        {"resources.gpu", "--gpu"},
    }};

    // A model without a spec is taken as it is published: as its config says, else in 16 bits.
    bool dtype_is_open() const { return !input_.has_file() && !values_[5]; }
    static bool is_dtype(std::string_view name) {
        return std::ranges::find(spec::choices::dtype, name) != spec::choices::dtype.end();
    }

    std::vector<spec::Override> overrides() const {
        std::vector<spec::Override> list;
        for (std::size_t i = 0; i < fields_.size(); ++i)
            if (values_[i])
                list.push_back({std::string(fields_[i].first), *values_[i], std::string(fields_[i].second)});
        if (values_[0] == "simple_cnn") list.front().path = "model.type";  // a type, every other model is a name
        if (!input_.has_file()) list.push_back({"metadata.name", "estimate", "--model"});
        if (dtype_is_open() && values_[0] != "simple_cnn") list.push_back({"model.dtype", "bfloat16", "--model"});
        return list;
    }

    Profile profile() const { return profile_ == "docs" ? Profile::docs : Profile::detailed; }

    Estimate make_estimate(term::Session& session, TrainingSpec spec, Profile profile) const {
        try {
            const ModelShape shape = find_model(spec.model, session.files);
            if (dtype_is_open() && is_dtype(shape.dtype)) spec.model.dtype = shape.dtype;
            return estimate(spec, shape, profile, framework_);
        } catch (const Error& error) {
            throw input_.located(error);
        }
    }

    // Flags that were given and change nothing.
    void warn_of_unused(Estimate& result) const {
        if (values_[2] && result.spec.method.type == "full")
            result.warnings.push_back("--r has no effect: method full has no LoRA matrices; add --method lora");
        if (values_[4] && result.shape.family == "simple_cnn")
            result.warnings.push_back("--max-length has no effect: simple_cnn takes images, not tokens");
    }

    void show(term::Session& session, const Estimate& result, const std::optional<JobEstimate>& job) const {
        if (output_ != "table") {
            Json json = to_json(result);
            if (job) json["job"] = to_json(*job);
            session.out.write(term::render(json, output_ == "json" ? term::Format::json : term::Format::yaml));
            return;
        }
        const std::size_t width = session.out.is_terminal() ? static_cast<std::size_t>(session.out.width()) : 0;
        session.out.write(estimate_report(result, width));
        if (job) session.out.write(job_report(*job));
        session.out.flush();  // warnings come after the figures they are about
        for (const std::string& warning : result.warnings) session.warn(warning);
    }

    int compare(term::Session& session, const TrainingSpec& spec) const {
        const Estimate docs = make_estimate(session, spec, Profile::docs);
        const Estimate detailed = make_estimate(session, spec, Profile::detailed);
        session.out.write(output_ == "table"
                              ? compare_report(docs, detailed)
                              : term::render(compare_json(docs, detailed),
                                             output_ == "json" ? term::Format::json : term::Format::yaml));
        return !detailed.wanted || detailed.wanted->fits ? exit_code::done : exit_code::no;
    }

    int recommend_lora(term::Session& session, const TrainingSpec& spec) const {
        try {
            const Recommendation found = recommend(find_model(spec.model, session.files).parameters);
            session.out.write(
                output_ == "table"
                    ? recommend_report(found)
                    : term::render(recommend_json(found), output_ == "json" ? term::Format::json : term::Format::yaml));
            return exit_code::done;
        } catch (const Error& error) {
            throw input_.located(error);
        }
    }

    int largest(term::Session& session, const TrainingSpec& spec) const {
        if (max_batch_ && max_seq_)
            throw Error(ErrorKind::usage, "--max-batch and --max-seq each hold the other fixed", {},
                        "give one of them");
        try {
            const ModelShape shape = find_model(spec.model, session.files);
            const auto found = largest_that_fits(spec, shape, max_batch_ ? Extent::batch : Extent::length, framework_);
            const char* field = max_batch_ ? "training.per_device_train_batch_size" : "objective.max_length";
            session.out.write(output_ == "table"
                                  ? largest_report(found, spec, field)
                                  : term::render(largest_json(found, spec, field),
                                                 output_ == "json" ? term::Format::json : term::Format::yaml));
            return found ? exit_code::done : exit_code::no;
        } catch (const Error& error) {
            throw input_.located(error);
        }
    }

    int score(term::Session& session) const {
        const MeasuredRows measured = read_measured(session.files.read(score_), score_);
        session.out.write(
            output_ == "table"
                ? score_report(measured)
                : term::render(score_json(measured), output_ == "json" ? term::Format::json : term::Format::yaml));
        return exit_code::done;
    }

    SpecInput input_;
    JobFlags job_;
    std::array<std::optional<std::string>, fields_.size()> values_;
    bool compare_ = false, recommend_ = false, max_batch_ = false, max_seq_ = false;
    std::string score_;
    std::string profile_ = "detailed";
    std::string framework_ = "ktrain";
    std::string output_ = "table";
};

}  // namespace

std::unique_ptr<Subcommand> make_estimate() {
    return std::make_unique<EstimateCommand>();
}

}  // namespace ktrain
