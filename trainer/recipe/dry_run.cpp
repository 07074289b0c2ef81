// Assembles the answers of `ktrain run --dry-run`.
#include <algorithm>

#include "core/estimate/estimate.h"
#include "core/model/find.h"
#include "trainer/loop/runtime.h"
#include "trainer/recipe/causal_lm.h"
#include "trainer/recipe/image_classification.h"
#include "trainer/recipe/image_data.h"
#include "trainer/recipe/look.h"
#include "trainer/recipe/results.h"

namespace ktrain::trainer {
namespace {

std::string_view name_of(Role role) {
    switch (role) {
        case Role::embedding:
            return "embedding";
        case Role::linear:
            return "linear";
        case Role::convolution:
            return "convolution";
        case Role::norm:
            return "norm";
        case Role::head:
            return "head";
        case Role::adapter:
            return "adapter";
    }
    return "";
}

Json topology(const TrainingSpec& spec, std::int64_t samples) {
    const TrainingArgs& args = spec.training;
    const Steps steps = count_steps(args, samples);
    return {{"device", "cpu"},
            {"threads", prepare_runtime()},
            {"nodes", 1},
            {"world_size", 1},
            {"per_device_train_batch_size", args.per_device_train_batch_size},
            {"gradient_accumulation_steps", args.gradient_accumulation_steps},
            {"batch_size", args.per_device_train_batch_size * args.gradient_accumulation_steps},
            {"steps_per_epoch", steps.per_epoch},
            {"steps_total", steps.total}};
}

// Parameters, in all and those that train, by the role of their tensors.
Json model_json(const TrainingSpec& spec, const ModelShape& shape) {
    std::int64_t all = 0, trained = 0;
    Json roles = Json::object();
    for (const TensorDecl& tensor : inventory(shape, spec.method, spec.model.dtype)) {
        Json& role = roles[std::string(name_of(tensor.role))];
        if (role.is_null()) role = {{"parameters", std::int64_t{0}}, {"trainable", std::int64_t{0}}};
        const std::int64_t trains = tensor.trainable ? tensor.elements() : 0;
        role["parameters"] = role["parameters"].get<std::int64_t>() + tensor.elements();
        role["trainable"] = role["trainable"].get<std::int64_t>() + trains;
        all += tensor.elements();
        trained += trains;
    }
    return {{"name", shape.name}, {"family", shape.family},          {"method", spec.method.type},
            {"parameters", all},  {"trainable_parameters", trained}, {"roles", roles}};
}

Json memory_json(const TrainingSpec& spec, const ModelShape& shape) {
    const Estimate estimated = estimate(spec, shape);
    const Json all = to_json(estimated);
    return {{"profile", all["profile"]}, {"components", all["components"]}, {"total", estimated.step->active}};
}

Json assemble(const TrainingSpec& spec, const ModelShape& shape, std::int64_t samples, Json data, Json first_batch) {
    return {{"topology", topology(spec, samples)},
            {"model", model_json(spec, shape)},
            {"memory", memory_json(spec, shape)},
            {"data", std::move(data)},
            {"first_batch", std::move(first_batch)},
            {"output_dir", spec.output_dir},
            {"versions", versions()}};
}

}  // namespace

Json dry_run_causal_lm(const TrainingSpec& spec, const Host& host) {
    prepare_runtime();
    auto look = look_at_texts(spec, host);
    if (!look) return Json::object();
    return assemble(spec, look->shape, look->samples, std::move(look->data), std::move(look->first_batch));
}

Json dry_run_image_classifier(const TrainingSpec& spec, const Host&) {
    prepare_runtime();
    const ImageData data(spec);
    const Json info = data.info();
    return assemble(spec, find_model(spec.model, real_files()), info.at("train_size").get<std::int64_t>(), info,
                    data.first_batch());
}

}  // namespace ktrain::trainer
