// Flags that stand for fields of a spec, and those that say how to count.
#include "cli/commands/estimate_input.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/term/output.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/model/find.h"
#include "core/spec/choices.h"

namespace ktrain {
namespace {

struct FieldFlag {
    std::string_view flag, field, value, help;
    std::vector<std::string_view> choices = {};
};

// In the order of help.
const std::array<FieldFlag, 8>& field_flags() {
    static const std::array<FieldFlag, 8> table{{
        {"model", "model.model_name_or_path", "MODEL", "Catalog model, folder with config.json, or a count such as 7B"},
        {"params", "model.model_name_or_path", "COUNT", "Parameters of a model whose sizes are guessed, such as 7B"},
        {"method",
         "method.type",
         "METHOD",
         "Training method",
         {spec::choices::method.begin(), spec::choices::method.end()}},
        {"r", "method.r", "RANK", "Rank of LoRA"},
        {"batch-size", "training.per_device_train_batch_size", "N", "Samples of a batch on each GPU"},
        {"max-length", "objective.max_length", "N", "Tokens of a sequence"},
        {"dtype", "model.dtype", "TYPE", "Storage type of the weights"},
        {"gpu", "resources.gpu", "GPU", "Answer for this GPU: exit code 3 when it does not fit"},
    }};
    return table;
}
enum Index : std::size_t { model, params, method, rank, batch_size, max_length, dtype, gpu };

bool is_dtype(std::string_view name) {
    return std::ranges::find(spec::choices::dtype, name) != spec::choices::dtype.end();
}

}  // namespace

Json to_json(const EstimateAnswer& answer) {
    Json json = to_json(answer.memory);
    if (answer.job) json["job"] = to_json(*answer.job);
    return json;
}

void EstimateInput::declare(term::Flags& flags) {
    static_assert(flag_count == std::tuple_size_v<std::remove_cvref_t<decltype(field_flags())>>);
    input_.declare(flags, false);
    for (std::size_t i = 0; i < flag_count; ++i) {
        const FieldFlag& row = field_flags()[i];
        flags.add(&values_[i], {.name = std::string(row.flag),
                                .value = std::string(row.value),
                                .help = std::string(row.help),
                                .choices = row.choices});
    }
    flags.add(&profile_, {.name = "profile",
                          .value = "PROFILE",
                          .help = "Formulas to use: by component, or the handbook's",
                          .choices = {"detailed", "docs"}});
    flags.add(&framework_, {.name = "framework",
                            .value = "NAME",
                            .help = "Code that trains: what it keeps differs",
                            .choices = {"ktrain", "accelerate", "litgpt", "torchtitan", "torchtune"}});
    flags.add(&calibration_path_, {.name = "calibration",
                                   .value = "FILE",
                                   .help = "Correct the answer by what --calibrate has learned",
                                   .complete = term::Complete::file});
}

// Runs are of ktrain, and the handbook's formulas are to the byte.
void EstimateInput::read_calibration(const term::Session& session) {
    if (calibration_path_.empty()) return;
    if (profile() == Profile::docs || framework_ != "ktrain")
        throw Error(ErrorKind::usage, "--calibration is learned from what ktrain holds, by profile detailed", {},
                    "leave out --profile and --framework");
    calibration_ = ktrain::read_calibration(session.files.read(calibration_path_), calibration_path_);
}

void EstimateInput::declare_output(term::Flags& flags) {
    flags.add(&output_, {.name = "output",
                         .short_name = 'o',
                         .value = "FORMAT",
                         .help = "Output format",
                         .choices = {"table", "json", "yaml", "markdown"}});
}

// A model without a spec is taken as it is published: as its config says, else in 16 bits.
bool EstimateInput::dtype_is_open() const {
    const auto says_it = [](const std::string& set) { return set.starts_with("model.dtype="); };
    return !input_.has_file() && !values_[dtype] && std::ranges::none_of(input_.sets(), says_it);
}

std::vector<spec::Override> EstimateInput::overrides() const {
    std::vector<spec::Override> list;
    for (std::size_t i = 0; i < flag_count; ++i) {
        const FieldFlag& row = field_flags()[i];
        if (values_[i]) list.push_back({std::string(row.field), *values_[i], "--" + std::string(row.flag)});
    }
    if (values_[model] == "simple_cnn") list.front().path = "model.type";  // a type, every other model is a name
    if (!input_.has_file()) list.push_back({"metadata.name", "estimate", "--model"});
    if (dtype_is_open() && values_[model] != "simple_cnn") list.push_back({"model.dtype", "bfloat16", "--model"});
    return list;
}

std::string EstimateInput::first_given() const {
    if (input_.has_file()) return "FILE";
    if (!input_.sets().empty()) return "--set";
    for (std::size_t i = 0; i < flag_count; ++i)
        if (values_[i]) return "--" + std::string(field_flags()[i].flag);
    if (profile() == Profile::docs) return "--profile docs";
    if (framework_ != "ktrain") return "--framework";
    return job_.asked() ? "flag of time and money" : "";
}

std::optional<TrainingSpec> EstimateInput::read(term::Session& session) {
    if (values_[model] && values_[params])
        throw Error(ErrorKind::usage, "--model and --params both name the model", {}, "give one of them");
    if (values_[params] && !parameter_count(*values_[params]))
        throw Error(ErrorKind::usage, fmt::format("--params is no count: \"{}\"", printable(*values_[params])), {},
                    "write a number of parameters such as 7B or 350M; --model takes names");
    if (!input_.has_file() && !values_[model] && !values_[params])
        throw Error(ErrorKind::usage, "ktrain estimate needs a spec or --model", {},
                    "for example: ktrain estimate --model llama-2-7b --method lora");
    read_calibration(session);
    return input_.read(session, overrides());
}

ModelShape EstimateInput::shape(const term::Session& session, const TrainingSpec& spec) const {
    try {
        return find_model(spec.model, session.files);
    } catch (const Error& error) {
        throw located(error);
    }
}

TrainingSpec EstimateInput::typed(TrainingSpec spec, const ModelShape& shape) const {
    if (dtype_is_open() && is_dtype(shape.dtype)) spec.model.dtype = shape.dtype;
    return spec;
}

Estimate EstimateInput::count(TrainingSpec spec, const ModelShape& shape, Profile profile,
                              const ModelShape* other) const {
    try {
        Estimate result = estimate(typed(std::move(spec), shape), shape, profile, framework_, other);
        if (dtype_is_open() && result.shape.family != "simple_cnn")
            result.assumptions.push_back(
                fmt::format("weights in {}: no spec says otherwise (model.dtype)", result.spec.model.dtype));
        apply(calibration_, calibration_path_, result);
        return result;
    } catch (const Error& error) {
        throw located(error);
    }
}

std::optional<ModelShape> EstimateInput::other_model(const term::Session& session, TrainingSpec spec) const {
    const ObjectiveSpec& objective = spec.objective;
    const bool teacher = objective.type == "distillation" && !objective.teacher_model_name_or_path.empty();
    const bool reference = !objective.precompute_ref_log_probs && !objective.ref_model_name_or_path.empty();
    if (!teacher && !(reference && (objective.type == "dpo" || objective.type == "kto"))) return std::nullopt;
    spec.model.model_name_or_path = teacher ? objective.teacher_model_name_or_path : objective.ref_model_name_or_path;
    try {
        return shape(session, spec);
    } catch (const Error&) {
        // A reference in a folder of the pod is taken to be as large as the model.
        if (reference && spec.model.model_name_or_path.find('/') != std::string::npos) return std::nullopt;
        throw;
    }
}

Estimate EstimateInput::count(const term::Session& session, const TrainingSpec& spec, Profile profile) const {
    const auto other = other_model(session, spec);
    return count(spec, shape(session, spec), profile, other ? &*other : nullptr);
}

std::optional<EstimateAnswer> EstimateInput::answer(term::Session& session) {
    const auto spec = read(session);
    if (!spec) return std::nullopt;
    EstimateAnswer answer;
    answer.other = other_model(session, *spec);
    answer.memory = count(*spec, shape(session, *spec), profile(), answer.other ? &*answer.other : nullptr);
    std::vector<std::string>& warnings = answer.memory.warnings;
    std::ranges::move(unused(answer.memory), std::back_inserter(warnings));
    JobAnswer job = job_.read(session, answer.memory, answer.other ? answer.other->parameters : 0);
    if (job.failed) return std::nullopt;
    answer.job = std::move(job.job);
    if (!job.unknown.empty()) answer.memory.assumptions.push_back(std::move(job.unknown));
    if (answer.job) std::ranges::copy(answer.job->warnings, std::back_inserter(warnings));
    return answer;
}

std::vector<std::string> EstimateInput::unused(const Estimate& result) const {
    std::vector<std::string> warnings;
    if (values_[rank] && result.spec.method.type == "full")
        warnings.push_back("--r has no effect: method full has no LoRA matrices; add --method lora");
    if (values_[max_length] && result.shape.family == "simple_cnn")
        warnings.push_back("--max-length has no effect: simple_cnn takes images, not tokens");
    return warnings;
}

void EstimateInput::write(term::Session& session, const Json& json) const {
    session.out.write(term::render(json, output_ == "json" ? term::Format::json : term::Format::yaml));
}

}  // namespace ktrain
