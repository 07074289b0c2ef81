// Assumptions and warnings of profile detailed, and what both profiles warn of.
#include "core/estimate/estimate_notes.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/estimate/handbook_notes.h"
#include "core/estimate/parted.h"
#include "core/estimate/pod_needs.h"
#include "core/estimate/spec_conditions.h"
#include "core/model/family.h"
#include "core/spec/trainer_limits.h"

namespace ktrain {
namespace {

bool is_full(const TrainingSpec& spec) {
    return spec.method.type == "full";
}

void add_sharing(const TrainingSpec& spec, const StepMemory& step, std::vector<std::string>& lines) {
    const ParallelSpec& parallel = spec.parallel;
    const std::int64_t gpus = spec::gpus_of_job(spec);
    if (gpus > 1 && !spec::shares_work(parallel))
        lines.push_back("every GPU holds the whole model and all gradients (data parallel)");
    if (parallel.tp_size > 1)
        lines.push_back("GPUs that share layers share the tokens between them too, and the logits by classes");
    if (!step.part.empty())
        lines.push_back(
            fmt::format("the {} GPUs of the pipeline need the most; each optimizer step runs {} batches "
                        "through it, one forward and one backward at a time",
                        step.part, spec.training.gradient_accumulation_steps));
    if (step.host > 0)
        lines.push_back(fmt::format("offloading takes {} of the memory of each node, pinned buffers included",
                                    human_gib(static_cast<std::uint64_t>(step.host))));
}

// What stands beside the model that trains.
std::string_view companions_of(const TrainingSpec& spec) {
    const bool full = is_full(spec);
    const ObjectiveSpec& objective = spec.objective;
    if (objective.type == "distillation") return "the teacher's weights and logits are on the same GPUs";
    if (objective.type == "ppo")
        return full ? "policy and value model train; the reference and the reward model are whole copies beside them"
                    : "policy, value and reward model are adapters on the same frozen weights, which are the reference";
    if (objective.type != "dpo" && objective.type != "kto") return "";
    if (objective.precompute_ref_log_probs) return "the reference has scored all rows before training, and is gone";
    if (full || !objective.ref_model_name_or_path.empty()) return "the reference is a whole frozen model, as large";
    return "the reference is the frozen weights with the adapters off";
}

std::vector<std::string> detailed_assumptions(const Estimate& estimate) {
    const TrainingSpec& spec = estimate.spec;
    std::vector<std::string> lines{
        "what is in use peaks in one phase of a step; the lines are each component's own peak, which is what an "
        "allocator "
        "reserves that keeps blocks by size",
        fmt::format("recommended is {}", estimate.step->margin)};
    add_sharing(spec, *estimate.step, lines);
    if (const std::string_view companions = companions_of(spec); !companions.empty()) lines.emplace_back(companions);
    if (spec.objective.max_length != counted_length(spec, estimate.shape))
        lines.push_back(fmt::format("sequences have {} tokens, as many as the model has positions",
                                    counted_length(spec, estimate.shape)));
    if (estimate.shape.hidden == 0) lines.push_back("no layers of known sizes: counted with the handbook's formulas");
    if (!estimate.shape.note.empty()) lines.push_back(estimate.shape.note);
    return lines;
}

// More GPUs of the same size do not help a model fit that each of them holds whole.
std::string whole_warning(const Estimate& result) {
    const std::int64_t gpus = spec::gpus_of_job(result.spec);
    const auto parted = parted_over(result, gpus);
    return fmt::format("{} GPUs that each hold the whole model do not help it fit{}", gpus,
                       parted ? fmt::format(": parted over them (parallel.strategy: fsdp), {} would be recommended for "
                                            "each",
                                            human_gib(static_cast<std::uint64_t>(parted->recommended)))
                              : "");
}

// Weights that are there twice: those of the reference are the frozen ones with the adapters off.
std::string reference_warning(const Estimate& result) {
    std::int64_t bytes = 0;
    for (const MemoryLine& line : result.memory.lines)
        if (line.label == "companions") bytes = line.bytes;
    return fmt::format(
        "the reference model takes {} beside LoRA, whose frozen weights are a reference already: leave "
        "objective.ref_model_name_or_path out unless it is another model",
        human_gib(static_cast<std::uint64_t>(bytes)));
}

// A model whose shape is known, and that nothing here trains.
std::string untrained_family(const Estimate& result) {
    if (result.framework != "ktrain" || !result.step || find_shape_family(result.shape.family) == nullptr) return "";
    return fmt::format("{} can only be estimated: ktrain run trains the families {}", result.shape.family,
                       family_list());
}

}  // namespace

std::vector<std::string> assumptions_of(const Estimate& estimate) {
    return estimate.step ? detailed_assumptions(estimate) : handbook_assumptions(estimate.spec, estimate.shape);
}

std::vector<std::string> warnings_of(const Estimate& result) {
    std::vector<std::string> lines;
    for (Diagnostic& warning : spec::trainer_warnings(result.spec)) lines.push_back(std::move(warning.message));
    if (std::string family = untrained_family(result); !family.empty()) lines.push_back(std::move(family));
    if (!result.step && !is_full(result.spec) && result.trainable_parameters)
        lines.push_back(handbook_lora_warning(result));
    if (result.step && result.wanted && !result.wanted->fits && is_whole_on_each(result))
        lines.push_back(whole_warning(result));
    if (result.step && has_reference_beside_adapters(result.spec)) lines.push_back(reference_warning(result));
    if (result.step)
        if (const std::string shortage = memory_shortage(result.spec, pod_needs(result)); !shortage.empty())
            lines.push_back("resources.memory: " + shortage);
    if (result.wanted && needs_bfloat16(result.spec) && !result.wanted->gpu.bf16)
        lines.push_back(fmt::format("{} has no bfloat16: use float16, or another GPU", result.wanted->gpu.id));
    return lines;
}

}  // namespace ktrain
