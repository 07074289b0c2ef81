// Puts the memory, the fit and what has to be said about them together.
#include "core/estimate/estimate.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/estimate/estimate_notes.h"
#include "core/estimate/handbook.h"
#include "core/estimate/spec_conditions.h"
#include "core/model/adapters.h"
#include "core/model/guess.h"
#include "core/model/method_lora.h"

namespace ktrain {
namespace {

// What has no layers of known sizes is counted with the handbook's lines.
StepMemory detailed(const TrainingSpec& spec, const ModelShape& shape, std::string_view framework,
                    const ModelShape* other) {
    if (shape.hidden == 0) return plain_memory(handbook_memory(spec, shape));
    return step_memory(conditions_of(spec, shape, framework, other != nullptr ? other->parameters : 0));
}

Fit fit(const Gpu& gpu, std::int64_t bytes) {
    if (gpu.memory == 0) return {gpu, false, 0};
    return {gpu, bytes <= gpu.memory, gpu.memory - bytes};
}

Json to_json(const Fit& fit) {
    Json json = {{"gpu", fit.gpu.id}, {"memory_bytes", nullptr}, {"fits", nullptr}, {"headroom_bytes", nullptr}};
    if (fit.gpu.memory > 0)
        json.update({{"memory_bytes", fit.gpu.memory}, {"fits", fit.fits}, {"headroom_bytes", fit.headroom}});
    return json;
}

Json to_json(const MemoryLine& line) {
    Json json = {{"label", line.label}, {"bytes", line.bytes}, {"formula", line.formula}};
    if (!line.source.empty()) json["source"] = line.source;
    return json;
}

void add(const StepMemory& step, Json& json) {
    Json phases = Json::array();
    for (const StepPhase& phase : step.phases) phases.push_back({{"name", phase.name}, {"bytes", phase.bytes}});
    json.update({{"phases", std::move(phases)},
                 {"peak_phase", step.peak_phase},
                 {"active_bytes", step.active},
                 {"confidence", {{"low_bytes", step.low}, {"high_bytes", step.high}, {"basis", band_basis}}},
                 {"reserved_bytes", step.reserved},
                 {"outside_bytes", step.outside},
                 {"recommended_bytes", step.recommended},
                 {"host_bytes", step.host},
                 {"margin", step.margin}});
    if (!step.part.empty()) json["pipeline_stage"] = step.part;
}

Json inputs(const Estimate& result) {
    const TrainingSpec& spec = result.spec;
    const ModelShape& shape = result.shape;
    Json json = {{"model", shape.name},
                 {"family", shape.family},
                 {"source", shape.source},
                 {"parameters", shape.parameters},
                 {"trainable_parameters", nullptr},
                 {"hidden_size", shape.hidden},
                 {"num_hidden_layers", shape.layers},
                 {"dtype", spec.model.dtype},
                 {"weight_bits", weight_bits(spec)},
                 {"method", spec.method.type},
                 {"per_device_train_batch_size", spec.training.per_device_train_batch_size},
                 {"gpu", nullptr}};
    if (result.trainable_parameters) json["trainable_parameters"] = *result.trainable_parameters;
    if (uses_lora(spec.method)) json["r"] = spec.method.r;
    if (shape.family != "simple_cnn") json["max_length"] = counted_length(spec, shape);
    if (result.wanted) json["gpu"] = result.wanted->gpu.id;
    return json;
}

}  // namespace

void judge(Estimate& estimate) {
    estimate.wanted.reset();
    estimate.nearest.reset();
    estimate.fits.clear();
    const auto needed_on = [&](const Gpu& gpu) {
        return estimate.step ? recommended_on(*estimate.step, gpu.memory) : estimate.needed;
    };
    for (const Gpu& gpu : all_gpus()) estimate.fits.push_back(fit(gpu, needed_on(gpu)));
    const std::string& name = estimate.spec.resources.gpu;
    if (name.empty()) return;
    const Gpu gpu = find_gpu(name);
    if (gpu.memory == 0)
        throw Error(ErrorKind::input, fmt::format("the memory of {} is not known", gpu.id), {"", 0, 0, "resources.gpu"},
                    "leave the GPU out to see what is needed");
    estimate.wanted = fit(gpu, needed_on(gpu));
    for (const Fit& other : estimate.fits)
        if (!estimate.wanted->fits && !estimate.nearest && other.fits) estimate.nearest = other.gpu;
}

Estimate estimate(const TrainingSpec& spec, const ModelShape& shape, Profile profile, std::string_view framework,
                  const ModelShape* other) {
    Estimate result;
    result.profile = profile == Profile::docs ? "docs" : "detailed";
    result.framework = framework;
    result.spec = spec;
    // A bare count has no family; the handbook's rule needs no sizes.
    result.shape = profile == Profile::detailed && shape.family.empty() ? guessed_shape(shape) : shape;
    if (profile == Profile::detailed) result.step = detailed(spec, result.shape, framework, other);
    result.memory = result.step ? result.step->components : handbook_memory(spec, shape);
    result.needed = result.step ? result.step->recommended : result.memory.total();
    result.trainable_parameters = known_trained_parameters(result.shape, spec.method);
    judge(result);
    result.assumptions = assumptions_of(result);
    result.warnings = warnings_of(result);
    return result;
}

Json to_json(const Estimate& estimate) {
    Json components = Json::array();
    for (const MemoryLine& line : estimate.memory.lines) components.push_back(to_json(line));
    Json fits = Json::array();
    if (estimate.wanted)
        fits.push_back(to_json(*estimate.wanted));
    else
        for (const Fit& fit : estimate.fits) fits.push_back(to_json(fit));
    Json json = {{"profile", estimate.profile},
                 {"inputs", inputs(estimate)},
                 {"components", std::move(components)},
                 {"total", estimate.memory.total()},
                 {"fits", std::move(fits)},
                 {"nearest", estimate.nearest ? Json(estimate.nearest->id) : Json(nullptr)},
                 {"assumptions", estimate.assumptions},
                 {"warnings", estimate.warnings}};
    if (estimate.step) add(*estimate.step, json);
    return json;
}

}  // namespace ktrain
