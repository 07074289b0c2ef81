// From a model folder and local files to results in the form of lm-eval.
#include "trainer/recipe/evaluate.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <set>

#include "core/base/error.h"
#include "core/spec/load.h"
#include "trainer/loop/runtime.h"
#include "trainer/recipe/adapter_changes.h"
#include "trainer/recipe/choice_run.h"
#include "trainer/recipe/results.h"
#include "trainer/recipe/scratch.h"

namespace ktrain::trainer {
namespace {

// What is to be evaluated: the model of the spec, and an adapter on top of it.
struct Subject {
    TrainingSpec spec;  // of the base, trained whole: no adapter matrices
    std::optional<AdapterFolder> adapter;
};

Subject subject_of(TrainingSpec spec, const std::string& base) {
    Subject subject{std::move(spec), {}};
    ModelSpec& model = subject.spec.model;
    subject.spec.method = {};
    const std::string folder = model.model_name_or_path;
    if (is_adapter_folder(folder)) {
        subject.adapter.emplace(folder);
        model.model_name_or_path = base.empty() ? subject.adapter->config().base_model_name_or_path : base;
        if (model.model_name_or_path.empty())
            throw Error(ErrorKind::input, folder + "/adapter_config.json names no base", {folder, 0, 0, ""},
                        "name the base model's folder with --base");
        const bool has_tokenizer = real_files().is_file(folder + "/tokenizer.json");
        if (model.tokenizer_name.empty() && has_tokenizer) model.tokenizer_name = folder;
    } else if (!base.empty()) {
        throw Error(ErrorKind::input, folder + " is no adapter, so it has no base", {folder, 0, 0, ""},
                    "leave out --base");
    }
    return subject;
}

// The rows that are scored: those given for it, those held out, or all where none are. Nothing when the host asked to
// stop.
std::unique_ptr<TextSet> rows_to_score(TrainingSpec spec, const ModelFolder& folder, const std::string& scratch,
                                       const Host& host) {
    const std::string place = spec.data.cache_dir.empty() ? scratch : "";
    if (!spec.data.eval_dataset_path.empty()) return open_evaluation(spec, folder, host, place);
    spec.training.per_device_train_batch_size = spec.training.per_device_eval_batch_size;
    auto data = open_text_data(spec, folder, host, place);
    if (!data) return nullptr;
    return data->evaluation ? std::move(data->evaluation) : std::move(data->train);
}

std::string task_name(const std::string& path) {
    return std::filesystem::path(path).stem().string();
}

// The sections of lm-eval's result file, filled task by task.
class Report {
public:
    void rows(const std::string& name, const std::string& path, const Tally& tally, std::int64_t samples) {
        add(name, path, static_cast<std::uint64_t>(samples),
            {{"loss,none", tally.mean_loss()},
             {"perplexity,none", std::exp(tally.mean_loss())},
             {"accuracy,none", tally.accuracy()},
             {"tokens", tally.count}},
            {{"loss", false}, {"perplexity", false}, {"accuracy", true}});
    }
    // `cut`: questions of which the model has not read the beginning.
    void choices(const std::string& name, const std::string& path, const ChoiceScores& scores, std::uint64_t cut) {
        add(name, path, scores.questions,
            {{"acc,none", scores.accuracy},
             {"acc_stderr,none", scores.accuracy_stderr},
             {"acc_norm,none", scores.normed},
             {"acc_norm_stderr,none", scores.normed_stderr}},
            {{"acc", true}, {"acc_norm", true}});
        sections_["n-samples"][name]["cut"] = cut;
    }
    Json finish(const TrainingSpec& spec, const std::string& model, int threads) const {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        Json json = {{"event", "evaluated"}};
        json.update(sections_);
        json["config"] = {{"model", "ktrain"},
                          {"model_args", "pretrained=" + model},
                          {"batch_size", spec.training.per_device_eval_batch_size},
                          {"max_length", spec.objective.max_length},
                          {"device", "cpu"},
                          {"threads", threads},
                          {"software", trainer::versions()}};
        json["date"] = std::chrono::duration<double>(now).count();
        return json;
    }

private:
    void add(const std::string& name, const std::string& path, std::uint64_t samples, const Json& metrics,
             const Json& higher_is_better) {
        Json result = {{"alias", name}};
        result.update(metrics);
        sections_["results"][name] = result;
        sections_["group_subtasks"][name] = Json::array();
        sections_["configs"][name] = {{"task", name}, {"dataset_path", path}};
        sections_["versions"][name] = 1;  // of the form of local tasks
        sections_["n-shot"][name] = 0;
        sections_["higher_is_better"][name] = higher_is_better;
        sections_["n-samples"][name] = {{"original", samples}, {"effective", samples}};
    }

    Json sections_ = Json::object();
};

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

}  // namespace

int evaluate_model(const Json& request, const Host& host) {
    const int threads = prepare_runtime();
    const TrainingSpec asked = spec::from_json(at_path(request, {"spec"}));
    const auto [spec, adapter] = subject_of(asked, string_or(request, "base"));
    const auto tasks = request.at("tasks").get<std::vector<std::string>>();
    check_names(spec, tasks);
    const ModelFolder folder = read_model_folder(spec.model);
    const Tokenizer tokenizer = Tokenizer::from_folder(real_files(), folder.tokenizer);
    const ScratchFolder scratch;
    std::vector<ChoiceRun> runs;
    std::int64_t longest = 1;
    for (const std::string& task : tasks) {
        runs.emplace_back(task, tokenizer, folder.config);
        longest = std::max(longest, runs.back().longest());
        if (const auto cut = runs.back().cut(); cut > 0)
            host.warn(
                fmt::format("{} questions of {} are longer than the {} positions of the model: their beginnings "
                            "are left out",
                            cut, task, folder.config.positions));
    }
    std::unique_ptr<TextSet> rows;
    if (!spec.data.dataset_path.empty() || !spec.data.eval_dataset_path.empty()) {
        rows = rows_to_score(spec, folder, scratch.path(), host);
        if (!rows) return host.stop_signal();
        longest = std::max(longest, rows->longest());
    }
    LanguageModel model(spec, folder, longest, host, ModelUse::evaluate);
    if (adapter) fold_adapter(*adapter, folder.path, model.parameters());
    Report report;
    if (rows) {
        const auto tally = evaluate(pass_over(model.decoder(), *rows, spec, 0, 0, false), 0, host);
        if (!tally) return host.stop_signal();
        const DataSpec& data = spec.data;
        report.rows("rows", data.eval_dataset_path.empty() ? data.dataset_path : data.eval_dataset_path, *tally,
                    rows->samples());
    }
    const auto batch_size = static_cast<std::size_t>(spec.training.per_device_eval_batch_size);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto scores = runs[i].score(model.decoder(), batch_size, host);
        if (!scores) return host.stop_signal();
        report.choices(task_name(tasks[i]), tasks[i], *scores, runs[i].cut());
    }
    host.event(report.finish(spec, asked.model.model_name_or_path, threads));
    return 0;
}

}  // namespace ktrain::trainer
