// Goes through all combinations, with what they share computed once.
#include "core/estimate/find.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/find_machines.h"
#include "core/estimate/spec_conditions.h"
#include "core/estimate/step_figures.h"
#include "core/model/adapters.h"
#include "core/model/guess.h"

namespace ktrain {
namespace {

constexpr std::array<std::int64_t, 12> micro_batches{1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
constexpr std::int64_t most_nodes = 16;
constexpr std::array<std::string_view, 3> methods{"full", "lora", "qlora"};

// zero1 is no better than zero2 in memory or time, and zero3 is fsdp with DeepSpeed's buffers.
constexpr std::array<std::string_view, 3> strategies{"ddp", "fsdp", "zero2"};
static_assert(std::ranges::is_sorted(strategies));

// A method with what does not change with GPUs and batches. Of the spec and the conditions the rest is set again and
// again.
struct Method {
    TrainingSpec spec;
    Conditions conditions;
    ModelWork work;
};

// One combination that fits.
struct Trial {
    std::int64_t micro_batch = 1, accumulation = 1, max_steps = 0;
    bool checkpointing = false;
    Sharding sharding = Sharding::none;
    std::string strategy;
    std::int64_t needed = 0;
    TimeFigures time;
    double seconds = 0;  // to compare: sharding makes nothing faster, whatever single measurements of it say

    // What is as fast is better without sharding and checkpointing, and with fewer launches.
    auto order() const { return std::tuple(seconds, sharding, checkpointing, -micro_batch); }
};

class Search {
public:
    explicit Search(const FindInput& input) : input_(input) {
        const TrainingArgs& args = input_.spec.training;
        ResourcesSpec& resources = input_.spec.resources;
        resources.gpus_per_node = std::max<std::int64_t>(resources.gpus_per_node, 1);
        input_.options.framework = input_.framework;
        if (const Multiplier* row = input.calibration.find(input.shape.family)) multiplier_ = row->value;
        known_ = job_tokens(input_.spec, input_.shape, input_.options);
        result_.per_million = known_ <= 0;
        result_.batch = args.per_device_train_batch_size * args.gradient_accumulation_steps * batch_units(input_.spec);
        if (input.fixed.micro_batch)
            micro_batches_ = {args.per_device_train_batch_size};
        else
            micro_batches_.assign(micro_batches.begin(), micro_batches.end());
        checkpointing_ = {args.gradient_checkpointing};
        if (!input.fixed.checkpointing) checkpointing_ = {false, true};
        strategies_.assign(strategies.begin(), strategies.end());
        if (input.fixed.strategy) strategies_ = {input_.spec.parallel.strategy};
    }

    FindResult run();

private:
    std::vector<Method> make_methods();
    Method make_method(std::string_view type) const;
    void try_machine(Method& method, const Machine& machine);
    void try_placement(Method& method, const Machine& machine);
    void try_strategy(Method& method, const Machine& machine, std::optional<Trial>& best);
    bool set_batch(TrainingSpec& spec) const;
    Trial trial_of(const Method& method) const;
    void set_time(const Method& method, const Machine& machine, Trial& trial) const;
    FoundPlan plan_of(const Method& method, const Machine& machine, const Trial& trial) const;
    FoundPlan priced(const Method& method, const Machine& machine, const Trial& trial) const;

    FindInput input_;
    double multiplier_ = 1;  // of a calibration
    double known_ = 0;       // tokens of the spec's own training, of one epoch or all steps
    std::vector<std::int64_t> micro_batches_;
    std::vector<bool> checkpointing_;
    std::vector<std::string> strategies_;
    std::optional<NearPlan> gap_;
    FindResult result_;
};

Method Search::make_method(std::string_view type) const {
    Method method{input_.spec, {}, {}};
    TrainingSpec& spec = method.spec;
    spec.method.type = type;
    if (type == "qlora" && !input_.fixed.quantization) spec.quantization.load_in_4bit = true;  // as the spec settles it
    method.conditions = conditions_of(spec, input_.shape, input_.framework, input_.options.other);
    method.work = job_work(spec, input_.shape, known_trained_parameters(input_.shape, spec.method));
    return method;
}

// A method that nobody asked for and that the model cannot have is left out.
std::vector<Method> Search::make_methods() {
    if (input_.fixed.method) return {make_method(input_.spec.method.type)};
    const QuantizationSpec& quantization = input_.spec.quantization;
    const bool quantised = quantization.load_in_4bit || quantization.load_in_8bit;
    std::vector<Method> result;
    std::optional<Error> refused;
    for (const std::string_view type : methods) {
        const bool not_four = quantization.load_in_8bit || (input_.fixed.quantization && !quantization.load_in_4bit);
        const bool contradicts = type == "full"    ? quantised
                                 : type == "qlora" ? not_four
                                                   : quantization.load_in_4bit;  // which is qlora
        if (contradicts) continue;
        try {
            result.push_back(make_method(type));
        } catch (const Error& error) {
            result_.notes.push_back(fmt::format("{} is left out: {}", type, error.message));
            refused = error;
        }
    }
    if (result.empty() && refused) throw Error(*refused);
    return result;
}

// The batch that these GPUs can have and that is nearest to the spec's, and the steps that see as many tokens. False
// when the micro-batch does not divide it, or it is more than an eighth away.
bool Search::set_batch(TrainingSpec& spec) const {
    const std::int64_t one = spec.training.per_device_train_batch_size * batch_units(spec);
    const std::int64_t unit = input_.fixed.micro_batch ? one : batch_units(spec);
    const double units = std::max(1.0, std::round(static_cast<double>(result_.batch) / static_cast<double>(unit)));
    const std::int64_t nearest = unit * static_cast<std::int64_t>(units);
    spec.training.gradient_accumulation_steps = std::max<std::int64_t>(1, nearest / one);
    if (input_.spec.training.max_steps > 0)
        spec.training.max_steps = std::max<std::int64_t>(
            1, static_cast<std::int64_t>(std::ceil(known_ / tokens_of_step(spec, input_.shape, input_.options))));
    return nearest % one == 0 && 8 * std::abs(nearest - result_.batch) <= result_.batch;
}

void Search::set_time(const Method& method, const Machine& machine, Trial& trial) const {
    TimeInput input = job_time(method.spec, input_.shape, method.work, machine.speed, input_.options);
    if (result_.per_million) {
        input.tokens = 1e6;
        input.epochs = 1;
        input.load_seconds = input.checkpoints = input.seconds_between_interruptions = 0;
    }
    trial.time = time_figures(input);
    trial.seconds = trial.time.total().mid;
    if (!input.conditions.sharded) return;
    input.conditions.sharded = false;
    trial.seconds = std::max(trial.seconds, time_figures(input).total().mid);
}

// Of the batches and GPUs that the method is set to.
Trial Search::trial_of(const Method& method) const {
    const TrainingArgs& args = method.spec.training;
    Trial trial;
    trial.micro_batch = args.per_device_train_batch_size;
    trial.accumulation = args.gradient_accumulation_steps;
    trial.max_steps = std::max<std::int64_t>(args.max_steps, 0);
    trial.checkpointing = args.gradient_checkpointing;
    trial.sharding = method.conditions.sharding;
    trial.strategy = method.spec.parallel.strategy;
    const StepFigures figures = step_figures(method.conditions);
    trial.needed = multiplied(figures.recommended, figures.outside, multiplier_);
    return trial;
}

FoundPlan Search::plan_of(const Method& method, const Machine& machine, const Trial& trial) const {
    FoundPlan plan;
    plan.gpu = machine.gpu.id;
    plan.gpu_memory = machine.gpu.memory;
    plan.nodes = method.spec.resources.nodes;
    plan.gpus_per_node = method.spec.resources.gpus_per_node;
    plan.micro_batch = trial.micro_batch;
    plan.accumulation = trial.accumulation;
    plan.max_steps = trial.max_steps;
    plan.checkpointing = trial.checkpointing;
    plan.batch = trial.micro_batch * trial.accumulation * batch_units(method.spec);
    plan.strategy = trial.strategy;
    plan.method = method.spec.method.type;
    if (!input_.fixed.dtype) plan.dtype = method.spec.model.dtype;
    // ktrain holds weights that train in float32.
    if (!plan.dtype.empty() && method.conditions.framework->own_kernels && method.conditions.full) {
        plan.bf16 = plan.dtype != "float32";
        plan.dtype.clear();
    }
    plan.needed = trial.needed;
    return plan;
}

FoundPlan Search::priced(const Method& method, const Machine& machine, const Trial& trial) const {
    FoundPlan plan = plan_of(method, machine, trial);
    const CostInput cost = job_cost(method.spec, machine.gpu.id, input_.options.capacity, trial.time);
    plan.tokens_per_second = trial.time.tokens_per_second * static_cast<double>(plan.gpus());
    plan.seconds = *cost.seconds;
    plan.offer = cheapest(*input_.prices, cost);
    return plan;
}

// All batches, with and without checkpointing, of a method on GPUs that share the work in one way.
void Search::try_strategy(Method& method, const Machine& machine, std::optional<Trial>& best) {
    TrainingSpec& spec = method.spec;
    for (const bool checkpointing : checkpointing_) {
        spec.training.gradient_checkpointing = checkpointing;
        if (!spec::go_together(spec)) continue;
        for (const std::int64_t micro_batch : micro_batches_) {
            spec.training.per_device_train_batch_size = micro_batch;
            const bool same_batch = set_batch(spec);
            set_batches(spec, method.conditions);
            ++result_.counts.examined;
            Trial trial = trial_of(method);
            const std::int64_t missing = trial.needed - machine.gpu.memory;
            if (missing > 0) {
                ++result_.counts.too_large;
                if (!gap_ || missing < gap_->missing_bytes)
                    gap_ = NearPlan{plan_of(method, machine, trial), "smallest gap", {}, {}, missing};
            } else if (!same_batch) {
                ++result_.counts.other_batch;
            } else {
                ++result_.counts.fit;
                set_time(method, machine, trial);
                if (!best || trial.order() < best->order()) best = std::move(trial);
            }
        }
    }
}

// GPUs that all have the same samples share them by their degrees alone.
void Search::try_placement(Method& method, const Machine& machine) {
    ParallelSpec& parallel = method.spec.parallel;
    const bool alone = spec::gpus_of_job(method.spec) <= parallel.tp_size * parallel.pp_size && !input_.fixed.strategy;
    std::optional<Trial> best;
    for (const std::string& strategy : alone ? std::vector<std::string>{""} : strategies_) {
        parallel.strategy = strategy;
        try_strategy(method, machine, best);
    }
    if (best) result_.plans.push_back(priced(method, machine, *best));
}

void Search::try_machine(Method& method, const Machine& machine) {
    ResourcesSpec& resources = method.spec.resources;
    method.conditions.gpu_memory = machine.gpu.memory;
    const std::int64_t first = input_.fixed.nodes ? input_.spec.resources.nodes : 1;
    const std::int64_t last = input_.fixed.nodes ? input_.spec.resources.nodes : most_nodes;
    for (const std::int64_t gpus : machine.gpus_per_node)
        for (std::int64_t nodes = first; nodes <= last; ++nodes) {
            resources.gpus_per_node = gpus;
            resources.nodes = nodes;
            try_placement(method, machine);
        }
}

FindResult Search::run() {
    std::vector<Method> all = make_methods();
    for (const Machine& machine : machines_of(input_, result_.notes))
        for (Method& method : all) try_machine(method, machine);
    if (result_.plans.empty() && gap_) result_.nearest = {*gap_};
    if (!result_.plans.empty()) {
        std::vector<NearPlan> near = nearest_plans(result_.plans, input_.limits);
        std::erase_if(result_.plans, [&](const FoundPlan& plan) { return !within(plan, input_.limits); });
        if (result_.plans.empty()) result_.nearest = std::move(near);
    }
    return std::move(result_);
}

}  // namespace

std::vector<std::string> input_notes(const FindInput& input) {
    std::vector<std::string> notes;
    if (const Multiplier* row = input.calibration.find(input.shape.family))
        notes.push_back(words_of(*row, input.calibration_file));
    if (input.options.guess) notes.push_back(words_of(*input.options.guess));
    return notes;
}

FindResult find_plans(const FindInput& input) {
    FindInput sized = input;
    if (input.shape.family.empty()) sized.shape = guessed_shape(input.shape);
    if (sized.shape.hidden == 0)
        throw Error(ErrorKind::input,
                    fmt::format("{} has no layers of known sizes, which a search needs", printable(input.shape.name)),
                    {"", 0, 0, "model"},
                    "name a model of the catalog such as llama-2-7b, or a folder with config.json");
    FindResult result = Search(sized).run();
    if (const std::string note = estimated_alone(result.plans); !note.empty() && sized.framework == "ktrain")
        result.notes.push_back(note);
    std::ranges::copy(input_notes(sized), std::back_inserter(result.notes));
    if (!sized.shape.note.empty()) result.notes.push_back(sized.shape.note);
    return result;
}

}  // namespace ktrain
