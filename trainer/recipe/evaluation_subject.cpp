// The model of an evaluation and the names of its tasks.
#include "trainer/recipe/evaluation_subject.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "core/base/error.h"
#include "core/base/world.h"
#include "trainer/recipe/adapter_changes.h"
#include "trainer/recipe/base_model.h"
#include "trainer/recipe/model_check.h"

namespace ktrain::trainer {

EvaluationSubject::EvaluationSubject(TrainingSpec spec, const std::string& base) : spec_(std::move(spec)) {
    ModelSpec& model = spec_.model;
    spec_.method = {};
    const std::string folder = model.model_name_or_path;
    if (is_adapter_folder(folder)) {
        adapter_.emplace(folder);
        model.model_name_or_path = base.empty() ? adapter_->config().base_model_name_or_path : base;
        if (model.model_name_or_path.empty())
            throw Error(ErrorKind::input, folder + "/adapter_config.json names no base", {folder, 0, 0, ""},
                        "name the base model's folder with --base");
        const bool has_tokenizer = real_files().is_file(folder + "/tokenizer.json");
        if (model.tokenizer_name.empty() && has_tokenizer) model.tokenizer_name = folder;
    } else if (!base.empty()) {
        throw Error(ErrorKind::input, folder + " is no adapter, so it has no base", {folder, 0, 0, ""},
                    "leave out --base");
    }
}

void EvaluationSubject::check(const ModelFolder& base, const Host& host) const {
    check_model(spec_, base);
    if (adapter_)
        require_base({adapter_->path(), base.path, "name the model that the adapter was trained on with --base"}, host);
}

void EvaluationSubject::fold_into(const ModelFolder& base, const Parameters& parameters) const {
    if (adapter_) fold_adapter(*adapter_, base.path, parameters);
}

std::string task_name(const std::string& path) {
    return std::filesystem::path(path).stem().string();
}

void check_names(const TrainingSpec& spec, const std::vector<std::string>& tasks) {
    const bool rows = !spec.data.dataset_path.empty() || !spec.data.eval_dataset_path.empty();
    if (!rows && tasks.empty())
        throw Error(ErrorKind::input, "there is nothing to evaluate on", {},
                    "name rows with --dataset_path, or questions with --tasks");
    std::set<std::string> names;
    if (rows) names.insert("rows");
    for (const std::string& task : tasks)
        if (!names.insert(task_name(task)).second)
            throw Error(ErrorKind::input, fmt::format("two tasks have the name {}", task_name(task)), {task, 0, 0, ""},
                        "rename one of the files");
}

}  // namespace ktrain::trainer
