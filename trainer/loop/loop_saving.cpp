// Where a run goes on from, and what it leaves on disk.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "core/base/error.h"
#include "core/estimate/labels.h"
#include "trainer/loop/loop.h"
#include "trainer/loop/selection.h"
#include "trainer/loop/snapshot.h"
#include "trainer/state/file_names.h"

namespace ktrain::trainer {
namespace {

namespace fs = std::filesystem;

// The figures of the evaluation after a step, as the checkpoint in the folder has them; nothing where it has none.
std::optional<Tally> evaluation_in(const std::string& folder, std::optional<std::int64_t> step) {
    if (!real_files().exists(fmt::format("{}/{}", folder, manifest_file))) return std::nullopt;
    try {
        const auto evaluation = load_state(folder).evaluation;
        return evaluation && step == evaluation->step ? std::optional(evaluation->tally) : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

}  // namespace

void Loop::resume(const std::string& folder) {
    TrainState state = load_state(folder);
    if (task_.require_own) task_.require_own(folder);
    require_same_data(state.data, state_.data, folder);
    if (task_.adopt) task_.adopt(state.environment, folder);
    if (task_.environment) state_.environment = task_.environment();
    if (const std::string differs = difference(state.environment, state_.environment); !differs.empty())
        host_.warn(fmt::format("{} was written with {}: the last digits may differ", folder, differs));
    state.environment = state_.environment;
    {
        const ShownAverage shown(average_);  // as it was when the checkpoint was written
        load_model(folder, task_);
        load_training(folder, training_tensors());
    }
    state_ = std::move(state);
    last_rate_ = state_.step > 0 ? schedule_.rate(state_.step - 1) : 0;
    if (is_here(folder)) saved_ = mark();  // else there is none here yet
    host_.event({{"event", "resume"}, {"path", folder}, {"step", state_.step}, {"epoch", epochs_done()}});
}

void Loop::resume_foreign(const std::string& folder) {
    TrainState state = load_foreign_state(folder);
    if (!task_.load_foreign)
        throw Error(ErrorKind::input, folder + " is no checkpoint that ktrain wrote", {folder, 0, 0, ""},
                    "name a checkpoint folder of this model");
    task_.load_foreign(folder);
    if (average_) average_.emplace(task_.parameters, args_.ema_decay);
    state_.step = state.step;
    state_.epoch = state.step / steps_.per_epoch;
    state_.samples_in_epoch =
        state.step % steps_.per_epoch * args_.per_device_train_batch_size * args_.gradient_accumulation_steps;
    state_.log_history = std::move(state.log_history);
    if (is_here(folder)) saved_ = mark();  // theirs is not written over
    host_.event({{"event", "resume"}, {"path", folder}, {"step", state_.step}, {"epoch", epochs_done()}});
    host_.warn(fmt::format(
        "{} was not written by ktrain: the weights and step {} go on from there; the state of the optimizer, the best "
        "evaluation and the order of the data begin anew",
        folder, state_.step));
}

// Whether the folder is the checkpoint of the running step in the output folder.
bool Loop::is_here(const std::string& folder) const {
    return real_files().real_path(folder) == real_files().real_path(saver_.checkpoints().path_of(state_.step));
}

void Loop::find_best(const std::string& folder) {
    if (!state_.best || state_.best->checkpoint.empty()) return;
    const std::string written = state_.best->checkpoint, name = fs::path(written).filename().string();
    std::vector<std::string> candidates;
    for (const auto& place : saver_.checkpoints().places()) candidates.push_back(place + "/" + name);
    candidates.push_back(folder);
    candidates.push_back(((fs::path(folder) / "..").lexically_normal() / name).string());
    candidates.push_back(written);
    // One of the same step may be of another way that the run took: its figures are others.
    const auto find = [&](auto is_best) {
        const auto found = std::ranges::find_if(candidates, [&](const std::string& path) {
            const auto tally = evaluation_in(path, state_.best->step);
            return tally && is_best(*tally);
        });
        return found == candidates.end() ? "" : *found;
    };
    const double metric = state_.best->metric;
    state_.best->checkpoint = find([&](const Tally& tally) { return best_metric(args_, tally) == metric; });
    if (!state_.best->checkpoint.empty()) return;
    const std::string other = find([&](const Tally& tally) { return is_metric_of(tally, metric); });
    state_.best->checkpoint = other;
    if (other.empty())
        return host_.warn(
            fmt::format("{} says that {} is the best checkpoint so far, which is not there", folder, written));
    if (!looks_for_best(args_)) return;
    state_.best.reset();
    state_.worse_in_row = 0;
    host_.warn(fmt::format("{} was the best checkpoint by another metric: the best is chosen anew, by {}", other,
                           best_metric_name(args_)));
}

NamedTensors Loop::training_tensors() const {
    NamedTensors tensors = optimizer_->state();
    if (average_) std::ranges::copy(average_->state(), std::back_inserter(tensors));
    return tensors;
}

Loop::Mark Loop::mark() const {
    return {state_.step, state_.epoch, state_.evaluation ? state_.evaluation->step : -1};
}

StateFrame Loop::frame() const {
    Json limits = {{"max_steps", steps_.total},
                   {"num_train_epochs", (steps_.total + steps_.per_epoch - 1) / steps_.per_epoch},
                   {"logging_steps", args_.logging_steps},
                   {"eval_steps", args_.eval_strategy == "steps" ? args_.eval_steps : steps_.per_epoch},
                   {"save_steps", spec_.checkpoint.save_steps},
                   {"train_batch_size", args_.per_device_train_batch_size}};
    return {std::move(limits), epochs_done(), args_.early_stopping_patience, args_.early_stopping_threshold};
}

void Loop::save_if_due(bool epoch_ended) {
    const auto& strategy = spec_.checkpoint.save_strategy;
    if (state_.step == 0 || strategy == "no") return;
    const bool due = finished() || (strategy == "epoch" && epoch_ended) ||
                     (strategy == "steps" && state_.step % spec_.checkpoint.save_steps == 0);
    if (due) save(/*at_once=*/finished());
}

// `at_once`: what follows waits for the checkpoint anyway.
void Loop::save(bool at_once) {
    if (saved_ == mark()) return;
    hear(saver_.wait());
    if (state_.best && state_.best->step) {
        const std::string best = saver_.checkpoints().path_of(*state_.best->step);
        if (*state_.best->step == state_.step || real_files().exists(best)) state_.best->checkpoint = best;
    }
    const Keep keep{spec_.checkpoint.save_total_limit, state_.best ? state_.best->checkpoint : ""};
    {
        const ShownAverage shown(average_);
        saver_.save(state_.step, make_snapshot(task_, training_tensors(), encode_state(state_, frame())), keep,
                    at_once);
    }
    if (const auto trouble = saver_.trouble()) host_.warn(*trouble);
    memory_.keeps(std::string(labels::checkpoint_copy), static_cast<std::int64_t>(saver_.held()));
    saved_ = mark();
    hear(saver_.poll());
}

void Loop::hear(const std::optional<Saver::Saved>& saved) {
    if (!saved) return;
    host_.event({{"event", "checkpoint"}, {"path", saved->path}, {"step", saved->step}, {"seconds", saved->seconds}});
}

int Loop::stop(int signal) {
    if (spec_.checkpoint.on_sigterm && state_.step > 0) save(/*at_once=*/true);
    hear(saver_.wait());
    host_.event({{"event", "stopped"},
                 {"signal", signal},
                 {"step", state_.step},
                 {"steps_total", steps_.total},
                 {"saved", saved_.step == state_.step}});
    return signal;
}

// Puts the weights of the best evaluation back, if they are not those of the last step.
void Loop::take_best() {
    if (!args_.load_best_model_at_end || !state_.best) return;
    const std::string& folder = state_.best->checkpoint;
    if (folder.empty())
        return host_.warn("there is no checkpoint of the best evaluation: the run ends with its last weights");
    if (folder != saver_.checkpoints().path_of(state_.step)) {
        if (const std::string wrong = saver_.checkpoints().problem(folder); !wrong.empty())
            return host_.warn(
                fmt::format("the run ends with its last weights, for the best cannot be read: {}: {}", folder, wrong));
        load_model(folder, task_);
        const auto evaluation = load_state(folder).evaluation;
        if (evaluation) last_evaluation_ = evaluation->tally;
    }
    if (last_evaluation_)
        host_.event({{"event", "best"},
                     {"path", folder},
                     {"metric", best_metric_name(args_)},
                     {"value", best_metric(args_, *last_evaluation_)}});
}

int Loop::finish() {
    hear(saver_.wait());
    if (average_) average_->show(true);
    if (state_.evaluation && state_.evaluation->step == state_.step) last_evaluation_ = state_.evaluation->tally;
    take_best();
    if (state_.step < steps_.total)
        host_.event({{"event", "early_stop"},
                     {"step", state_.step},
                     {"evaluations", state_.worse_in_row},
                     {"metric", best_metric_name(args_)},
                     {"best", state_.best->metric},
                     {"patience", args_.early_stopping_patience},
                     {"threshold", args_.early_stopping_threshold}});
    if (state_.skipped.steps > 0 && state_.skipped.steps == state_.step)
        throw Error(ErrorKind::failed, fmt::format("nothing was learned: all {} steps were skipped", state_.step), {},
                    "see why in the warning about the first one; lower training.learning_rate, or check the data");
    if (state_.skipped.steps > 0)
        host_.warn(fmt::format("{} of {} steps were skipped", state_.skipped.steps, state_.step));
    return 0;
}

}  // namespace ktrain::trainer
