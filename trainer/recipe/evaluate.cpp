// From a model folder and local files to results in the form of lm-eval.
#include "trainer/recipe/evaluate.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "core/spec/load.h"
#include "trainer/loop/runtime.h"
#include "trainer/recipe/choice_run.h"
#include "trainer/recipe/evaluation_subject.h"
#include "trainer/recipe/results.h"
#include "trainer/recipe/score_heads.h"
#include "trainer/recipe/scratch.h"

namespace ktrain::trainer {
namespace {

// The sections of lm-eval's result file, filled task by task.
class Report {
public:
    void rows(const std::string& path, const Tally& tally, const TextObjective& objective, bool graded,
              const TextSet& set) {
        Json metrics = {{"loss,none", tally.mean_loss()}}, higher = {{"loss", false}};
        if (!objective.scores_texts) {
            metrics["perplexity,none"] = std::exp(tally.mean_loss());
            higher["perplexity"] = false;
        }
        if (graded) {
            metrics["accuracy,none"] = tally.accuracy();
            higher["accuracy"] = true;
        }
        for (const auto& [figure, mean] : tally.means()) metrics[figure + ",none"] = mean;
        if (!objective.scores_texts) metrics["tokens"] = tally.count;
        const auto samples = static_cast<std::uint64_t>(set.samples());
        add("rows", path, samples, metrics, higher);
        sections_["n-samples"]["rows"]["original"] = samples + set.dropped();
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

}  // namespace

int evaluate_model(const Json& request, const Host& host) {
    const int threads = prepare_runtime();
    const TrainingSpec asked = spec::from_json(at_path(request, {"spec"}));
    const EvaluationSubject subject(asked, string_or(request, "base"));
    const TrainingSpec& spec = subject.spec();
    const auto tasks = request.at("tasks").get<std::vector<std::string>>();
    check_names(spec, tasks);
    ModelFolder folder = read_model_folder(spec.model);
    const Tokenizer tokenizer = Tokenizer::from_folder(real_files(), folder.tokenizer, folder.path);
    give_head_for_evaluation(spec, tokenizer, subject.adapter(), folder);
    subject.check(folder, host);
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
        rows = open_evaluation(spec, folder, tokenizer, host, spec.data.cache_dir.empty() ? scratch.path() : "");
        if (!rows) return host.stop_signal();
        longest = std::max(longest, rows->longest());
    }
    LanguageModel model(spec, folder, longest, host, ModelUse::evaluate);
    subject.fold_into(folder, model.parameters());
    Report report;
    if (rows) {
        const auto tally = evaluate(pass_over(model, *rows, spec, 0, 0, false), 0, host);
        if (!tally) return host.stop_signal();
        const DataSpec& data = spec.data;
        const TextObjective& objective = text_objective(spec.objective);
        report.rows(data.eval_dataset_path.empty() ? data.dataset_path : data.eval_dataset_path, *tally, objective,
                    objective.graded(model.head()), *rows);
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
