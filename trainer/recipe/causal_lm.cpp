// From a spec to a trained language model.
#include "trainer/recipe/causal_lm.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>

#include "trainer/data/random.h"
#include "trainer/loop/runtime.h"
#include "trainer/recipe/model_check.h"
#include "trainer/recipe/results.h"
#include "trainer/recipe/resume.h"
#include "trainer/recipe/score_heads.h"
#include "trainer/state/output_lock.h"

namespace ktrain::trainer {
namespace {

at::Tensor tensor_of(const std::vector<std::int64_t>& values) {
    auto* data = const_cast<std::int64_t*>(values.data());  // only read: the tensor is a copy
    return at::from_blob(data, {static_cast<std::int64_t>(values.size())}, at::kLong).clone();
}

// The label of a position is the token behind it in its row.
TokenRows rows_of(const TokenBatch& batch, std::uint64_t noise) {
    std::vector<std::int64_t> next(batch.labels.size(), -100);
    for (std::size_t i = 0; i + 1 < next.size(); ++i)
        if ((i + 1) % static_cast<std::size_t>(batch.width) != 0) next[i] = batch.labels[i + 1];
    return {batch.rows,      batch.width, tensor_of(batch.ids), tensor_of(batch.positions), tensor_of(batch.starts),
            tensor_of(next), noise};
}

// What all batches of a pass have alike.
struct Scoring {
    const LanguageModel& model;
    const TextObjective& objective;
    const ObjectiveSpec& spec;
    bool trains;
};

MicroBatch micro_batch(const Scoring& scoring, TokenBatch batch, std::int64_t samples, std::uint64_t noise) {
    std::int64_t tokens = 0;  // without padding
    for (const Segment& segment : batch.segments) tokens += segment.length;
    const std::int64_t count = scoring.objective.count(batch);
    return {samples, count, tokens, [scoring, count, noise, batch = std::move(batch)](double scale) -> Tally {
                const c10::AutoGradMode records(scoring.trains);
                const TokenRows rows = rows_of(batch, scoring.trains ? noise : 0);
                const TextScore score = scoring.objective.score(
                    {scoring.model.decoder(), batch, rows, scoring.spec, scoring.model.head(), scale});
                if (scoring.trains && count > 0) score.scaled.backward();
                return {score.loss, score.correct, count, score.sums};
            }};
}

}  // namespace

Pass pass_over(const LanguageModel& model, const TextSet& set, const TrainingSpec& spec, std::int64_t epoch,
               std::int64_t first, bool trains) {
    const auto size = static_cast<std::int64_t>(set.batch_size());
    const auto workers = static_cast<std::size_t>(std::max<std::int64_t>(spec.training.dataloader_num_workers, 1));
    std::shared_ptr<Loader> loader =
        set.load(static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(first / size), workers);
    const std::uint64_t stream = random_bits(static_cast<std::uint64_t>(spec.training.seed), Purpose::dropout,
                                             static_cast<std::uint64_t>(epoch), 0);
    const Scoring scoring{model, text_objective(spec.objective), spec.objective, trains};
    return [scoring, &set, loader, size, stream, next = first]() mutable -> std::optional<MicroBatch> {
        auto batch = loader->next();
        if (!batch) return std::nullopt;
        const std::int64_t samples = std::min(size, set.samples() - next);
        const std::uint64_t noise = scramble(stream ^ static_cast<std::uint64_t>(next)) | 1;
        next += samples;
        return micro_batch(scoring, std::move(*batch), samples, noise);
    };
}

namespace {

Task task_of(const TrainingSpec& spec, const TextData& data, LanguageModel& model, int threads) {
    Task task{.parameters = model.parameters()};
    task.graded = data.objective.graded(model.head());
    task.decays = decays_unless_norm_or_bias;
    task.train_samples = data.train->samples();
    task.train = [&](std::int64_t epoch, std::int64_t first) {
        return pass_over(model, *data.train, spec, epoch, first, true);
    };
    if (data.evaluation) task.evaluate = [&] { return pass_over(model, *data.evaluation, spec, 0, 0, false); };
    model.describe_files(task);
    task.environment = [&model, threads] {
        Json json = environment(threads);
        json.update(model.environment());
        return json;
    };
    return task;
}

Json start_event(const TrainingSpec& spec, const TextData& data, const Loop& loop, const LanguageModel& model,
                 int threads) {
    Json event = begin_event(spec, loop, threads);
    event["model"] = model.name();
    event["parameters"] = model.count(false);
    event["trainable_parameters"] = model.count(true);
    event.update(data.info());
    return event;
}

Json final_metrics(const Loop& loop, const Task& task, const TextObjective& objective) {
    Json metrics = Json::object();
    if (const auto& last = loop.last_evaluation()) {
        metrics["eval_loss"] = last->mean_loss();
        if (task.graded) metrics["eval_accuracy"] = last->accuracy();
        for (const auto& [name, mean] : last->means()) metrics["eval_" + name] = mean;
        if (!objective.scores_texts) metrics["perplexity"] = std::exp(last->mean_loss());
    }
    metrics["skipped_steps"] = loop.state().skipped.steps;
    return metrics;
}

}  // namespace

int train_causal_lm(const TrainingSpec& spec, const Host& host) {
    const int threads = prepare_runtime(spec.training.full_determinism);
    ModelFolder folder = open_model_folder(spec);
    check_model(spec, folder);
    require_checkpoint_folder(spec);
    const OutputLock lock(spec.output_dir);
    const Tokenizer tokenizer = Tokenizer::from_folder(real_files(), folder.tokenizer, folder.path);
    const bool has_head = give_head(spec, tokenizer, host, Remember::yes, folder);
    const auto data =
        has_head ? open_text_data(spec, folder, tokenizer, host, {.day = recorded_day(spec)}) : std::nullopt;
    if (!data) {
        host.event({{"event", "stopped"}, {"signal", host.stop_signal()}, {"saved", false}});
        return host.stop_signal();
    }
    std::int64_t longest = data->train->longest();
    if (data->evaluation) longest = std::max(longest, data->evaluation->longest());
    LanguageModel model(spec, folder, longest, host);
    const Task task = task_of(spec, *data, model, threads);
    Json identity = data->identity;
    identity.update(model.identity());
    Loop loop(spec, task, host, std::move(identity));
    host.event(start_event(spec, *data, loop, model, threads));
    resume(spec, loop, host);
    if (const int signal = loop.run(); signal != 0) return signal;
    const Json run = write_results(
        spec, task, {data->info(), final_metrics(loop, task, data->objective), loop.memory(), loop.state().step});
    Json event = {{"event", "end"}, {"output_dir", spec.output_dir}};
    event.update(run);
    host.event(event);
    return 0;
}

}  // namespace ktrain::trainer
