// The axes of the grid, and the tables that its cells point into.
#include "core/estimate/what_if.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include "core/base/error.h"
#include "core/model/method_lora.h"
#include "core/spec/rules.h"

namespace ktrain {
namespace {

using Values = std::vector<std::int64_t>;

struct Axis {
    std::string_view name, label, field;
    std::int64_t (*get)(const TrainingSpec&);
    void (*set)(TrainingSpec&, std::int64_t);
    Values (*values)(const Estimate&);             // beside the spec's own; none: it changes nothing of this job
    std::span<const std::string_view> names = {};  // of the values from 0 on, where a number says nothing
};

Values batches(const Estimate&) {
    return {1, 2, 4, 8, 16, 32, 64};
}

// The largest powers of two up to the model's positions, or to 16,384 tokens.
Values lengths(const Estimate& start) {
    constexpr std::int64_t longest = 16384, least = 32;
    constexpr std::size_t most = 6;
    if (start.shape.hidden == 0) return {};
    const std::int64_t positions = start.shape.max_positions;
    Values values;
    for (std::int64_t value = longest; value >= least && values.size() < most; value /= 2)
        if (positions == 0 || value <= positions) values.insert(values.begin(), value);
    return values;
}

Values ranks(const Estimate& start) {
    if (!uses_lora(start.spec.method)) return {};
    return {8, 16, 64};
}

bool has_layers(const Estimate& start) {
    return start.step && start.shape.hidden > 0;
}

constexpr std::array<std::string_view, 2> switch_names{"false", "true"};

Values switches(const Estimate& start) {
    return has_layers(start) ? Values{0, 1} : Values{};
}

Values gpu_counts(const Estimate& start) {
    return has_layers(start) ? Values{1, 2, 8} : Values{};
}

// By what is shared: nothing, gradients, weights.
constexpr std::array<std::string_view, 5> strategies{"ddp", "zero1", "zero2", "zero3", "fsdp"};

Values sharings(const Estimate& start) {
    return has_layers(start) ? Values{0, 2, 3, 4} : Values{};
}

// Without a strategy several GPUs share nothing.
std::int64_t strategy_of(const TrainingSpec& spec) {
    const auto found = std::ranges::find(strategies, spec.parallel.strategy);
    return found == strategies.end() ? 0 : found - strategies.begin();
}

// In the order of the page.
constexpr std::array axes{
    Axis{"batch", "Micro-batch", "training.per_device_train_batch_size",
         [](const TrainingSpec& spec) { return spec.training.per_device_train_batch_size; },
         [](TrainingSpec& spec, std::int64_t value) { spec.training.per_device_train_batch_size = value; }, batches},
    Axis{"length", "Tokens of a sequence", "objective.max_length",
         [](const TrainingSpec& spec) { return spec.objective.max_length; },
         [](TrainingSpec& spec, std::int64_t value) { spec.objective.max_length = value; }, lengths},
    Axis{"rank", "Rank of LoRA", "method.r", [](const TrainingSpec& spec) { return spec.method.r; },
         [](TrainingSpec& spec, std::int64_t value) { spec.method.r = value; }, ranks},
    Axis{"checkpointing", "Gradient checkpointing", "training.gradient_checkpointing",
         [](const TrainingSpec& spec) { return std::int64_t{spec.training.gradient_checkpointing}; },
         [](TrainingSpec& spec, std::int64_t value) { spec.training.gradient_checkpointing = value != 0; }, switches,
         switch_names},
    Axis{"gpus", "GPUs of a node", "resources.gpus_per_node",
         [](const TrainingSpec& spec) { return std::max<std::int64_t>(1, spec.resources.gpus_per_node); },
         [](TrainingSpec& spec, std::int64_t value) { spec.resources.gpus_per_node = value; }, gpu_counts},
    Axis{"sharing", "What GPUs share", "parallel.strategy", strategy_of,
         [](TrainingSpec& spec, std::int64_t value) {
             spec.parallel.strategy = strategies.at(static_cast<std::size_t>(value));
         },
         sharings, strategies},
};

// The numbers of things that are met again and again.
class Table {
public:
    std::size_t number(Json thing) {
        const auto [found, is_new] = numbers_.emplace(thing.dump(), things_.size());
        if (is_new) things_.push_back(std::move(thing));
        return found->second;
    }
    Json take() { return std::move(things_); }

private:
    std::map<std::string, std::size_t> numbers_;
    Json things_ = Json::array();
};

struct Chosen {
    const Axis* axis;
    Values values;
    std::size_t start;  // index of the spec's own
};

std::vector<Chosen> chosen_axes(const Estimate& start) {
    std::vector<Chosen> list;
    for (const Axis& axis : axes) {
        Values values = axis.values(start);
        if (values.empty()) continue;
        const std::int64_t own = axis.get(start.spec);
        values.push_back(own);
        std::ranges::sort(values);
        values.erase(std::unique(values.begin(), values.end()), values.end());
        const auto at = static_cast<std::size_t>(std::ranges::find(values, own) - values.begin());
        list.push_back({&axis, std::move(values), at});
    }
    return list;
}

Json to_json(const Chosen& chosen) {
    Json json = {{"name", chosen.axis->name},
                 {"label", chosen.axis->label},
                 {"field", chosen.axis->field},
                 {"values", chosen.values},
                 {"names", nullptr},
                 {"start", chosen.start}};
    if (!chosen.axis->names.empty()) json["names"] = chosen.axis->names;
    return json;
}

// The rules of specs that are broken.
std::vector<std::string> broken_rules(const TrainingSpec& spec) {
    spec::Report report("");
    spec::check_rules(spec, report);
    std::vector<std::string> messages;
    for (Diagnostic& problem : report.problems())
        if (problem.severity == Severity::error) messages.push_back(std::move(problem.message));
    return messages;
}

// [[GPUs, bytes]]: what is needed differs between cards that have no room for all that the allocator would take.
Json needs(const Estimate& estimate) {
    Json runs = Json::array();
    for (const Fit& fit : estimate.fits) {
        if (fit.gpu.memory == 0) continue;
        const std::int64_t bytes = fit.gpu.memory - fit.headroom;
        if (!runs.empty() && runs.back()[1] == bytes)
            runs.back()[0] = runs.back()[0].get<int>() + 1;
        else
            runs.push_back(Json::array({1, bytes}));
    }
    return runs;
}

class Grid {
public:
    Grid(const Estimate& start, const Count& count)
        : count_(count), chosen_(chosen_axes(start)), broken_(broken_rules(start.spec)) {
        fill(start.spec, 0);
    }

    Json take() {
        Json list = Json::array();
        for (const Chosen& chosen : chosen_) list.push_back(to_json(chosen));
        return {{"axes", std::move(list)},  {"texts", texts_.take()}, {"lines", lines_.take()},
                {"phases", phases_.take()}, {"kinds", kinds_.take()}, {"cells", std::move(cells_)}};
    }

private:
    void fill(TrainingSpec spec, std::size_t depth) {
        if (depth == chosen_.size()) {
            cells_.push_back(kinds_.number(cell(spec)));
            return;
        }
        for (const std::int64_t value : chosen_[depth].values) {
            chosen_[depth].axis->set(spec, value);
            fill(spec, depth + 1);
        }
    }

    Json cell(const TrainingSpec& spec) {
        for (const std::string& message : broken_rules(spec))
            if (std::ranges::find(broken_, message) == broken_.end()) return texts_.number(message);
        try {
            return cell(count_(spec));
        } catch (const Error& error) {
            if (error.kind != ErrorKind::input) throw;
            return texts_.number(error.message);
        }
    }

    Json cell(const Estimate& estimate) {
        Json lines = Json::array(), phases = Json::array();
        for (const MemoryLine& line : estimate.memory.lines)
            lines.push_back(
                lines_.number(Json::array({texts_.number(line.label), line.bytes, texts_.number(line.formula)})));
        Json trainable = estimate.trainable_parameters ? Json(*estimate.trainable_parameters) : Json(nullptr);
        if (!estimate.step)
            return Json::array({estimate.needed, nullptr, nullptr, nullptr, nullptr, std::move(trainable), nullptr,
                                nullptr, std::move(lines), std::move(phases), nullptr, nullptr, needs(estimate)});
        const StepMemory& step = *estimate.step;
        for (const StepPhase& phase : step.phases)
            phases.push_back(phases_.number(Json::array({texts_.number(phase.name), phase.bytes})));
        return Json::array({estimate.needed, step.active, step.reserved, step.outside, step.host, std::move(trainable),
                            texts_.number(step.margin), texts_.number(step.peak_phase), std::move(lines),
                            std::move(phases), step.low, step.high, needs(estimate)});
    }

    const Count& count_;
    std::vector<Chosen> chosen_;
    std::vector<std::string> broken_;  // by the spec itself, which is counted all the same
    Table texts_, lines_, phases_, kinds_;
    Json cells_ = Json::array();
};

}  // namespace

Json what_if(const Estimate& start, const Count& count) {
    return Grid(start, count).take();
}

}  // namespace ktrain
