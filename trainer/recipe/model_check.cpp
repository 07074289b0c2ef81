// Checks by names, shapes and types alone.
#include "trainer/recipe/model_check.h"

#include "core/base/json.h"
#include "core/model/family.h"
#include "core/model/weight_names.h"
#include "trainer/objective/text_objective.h"

namespace ktrain::trainer {
namespace {

struct Headed {
    ModelShape shape;
    bool new_head = false;
};

// The model as it will be trained. How many labels a new head has is in the data; here one stands for them.
Headed with_head(const TrainingSpec& spec, const ModelFolder& folder) {
    const ModelShape& shape = folder.config.shape;
    if (folder.head) return {shape, folder.head_is_new};
    const auto own =
        read_score_head(parse_json(folder.config_text, folder.path + "/config.json"), folder.path + "/config.json");
    if (!own && !text_objective(spec.objective).scores_texts) return {shape};
    return {with_score_head(shape, own ? own->size() : 1), !own};
}

}  // namespace

std::vector<TensorDecl> stored_tensors(const std::vector<TensorDecl>& tensors, const ModelShape& shape, bool new_head) {
    std::vector<TensorDecl> stored;
    for (const TensorDecl& tensor : tensors) {
        const bool elsewhere = (shape.tied && tensor.name == token_head) || (new_head && tensor.name == score_tensor);
        if (tensor.role != Role::adapter && !elsewhere) stored.push_back(tensor);
    }
    return stored;
}

WeightsWanted weights_wanted(const ModelShape& shape) {
    return {std::string(find_family(shape.family)->names->root), shape.tied || shape.labels > 0};
}

void check_model(const TrainingSpec& spec, const ModelFolder& folder) {
    const Headed model = with_head(spec, folder);
    const std::vector<TensorDecl> tensors = inventory(model.shape, spec.method, spec.model.dtype);
    if (folder.fresh) return;
    require_weights(folder);
    check_weights(folder.path, stored_tensors(tensors, model.shape, model.new_head), weights_wanted(model.shape));
}

}  // namespace ktrain::trainer
