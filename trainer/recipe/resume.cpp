// The choice of a checkpoint, and what becomes of the others.
#include "trainer/recipe/resume.h"

#include <fmt/format.h>

#include <string>

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/loop/snapshot.h"
#include "trainer/recipe/text_encoding.h"
#include "trainer/report/wandb.h"
#include "trainer/state/file_names.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {
namespace {

// Whether the folder is a checkpoint of transformers. Errors: Error{input} for one whose weights are pickled, and for a
// model that is no checkpoint.
bool is_foreign(const std::string& folder) {
    const auto has = [&](std::string_view name) { return real_files().exists(fmt::format("{}/{}", folder, name)); };
    if (has(manifest_file)) return false;
    const bool readable = has_weights(folder) || has(adapter_weights_file);
    if (!readable && has_pickled_weights(folder))
        throw Error(ErrorKind::input, folder + " holds pickled weights, which are not read: they can run any code",
                    {folder, 0, 0, ""}, "load them with transformers and save them with save_pretrained");
    if (readable && !has(state_file))
        throw Error(ErrorKind::input, fmt::format("{} is a model, not a checkpoint: it has no {}", folder, state_file),
                    {folder, 0, 0, ""}, "to begin from its weights, name it as model.model_name_or_path");
    return readable;
}

// The checkpoint to go on from; empty: from the start.
std::string choose_checkpoint(const TrainingSpec& spec, Checkpoints& checkpoints, const Host& host) {
    const std::string& wish = spec.checkpoint.resume_from_checkpoint;
    checkpoints.finish_partial();
    if (wish == "auto") return checkpoints.newest([&](const std::string& message) { host.warn(message); }).value_or("");
    if (wish == "never") {
        if (const auto old = checkpoints.steps(); !old.empty())
            throw Error(ErrorKind::input,
                        fmt::format("{} holds checkpoints of an earlier run, and resume_from_checkpoint is never",
                                    spec.output_dir),
                        {spec.output_dir, 0, 0, ""}, "use another output_dir, remove them, or --resume auto");
        return "";
    }
    require_checkpoint_folder(spec);
    if (is_foreign(wish)) return wish;
    if (const std::string wrong = checkpoints.problem(wish); !wrong.empty())
        throw Error(ErrorKind::input, fmt::format("cannot resume from {}: {}", wish, wrong), {wish, 0, 0, ""},
                    "name a checkpoint-<step> folder, or --resume auto");
    return wish;
}

}  // namespace

void require_checkpoint_folder(const TrainingSpec& spec) {
    const std::string& wish = spec.checkpoint.resume_from_checkpoint;
    if (wish == "auto" || wish == "never" || real_files().is_folder(wish)) return;
    Checkpoints checkpoints(real_files(), spec.output_dir);
    const auto steps = checkpoints.steps();
    throw Error(ErrorKind::input, fmt::format("there is no checkpoint folder {} to go on from", printable(wish)),
                {"", 0, 0, "checkpoint.resume_from_checkpoint"},
                fmt::format("it can be auto (the newest one), never (from the start), or a folder{}",
                            steps.empty() ? "" : ", such as " + checkpoints.path_of(steps.back())));
}

void resume(const TrainingSpec& spec, Loop& loop, const Host& host) {
    Checkpoints checkpoints(real_files(), spec.output_dir);
    const std::string folder = choose_checkpoint(spec, checkpoints, host);
    if (!folder.empty()) is_foreign(folder) ? loop.resume_foreign(folder) : loop.resume(folder);
    const std::int64_t step = loop.state().step, total = loop.steps().total;
    if (const std::string moved = checkpoints.supersede(folder, step); !moved.empty()) {
        leave_wandb_run(spec.output_dir, moved);
        host.warn(fmt::format("the run goes on from step {}; the checkpoints that do not lead there are now in {}",
                              step, moved));
    }
    if (!folder.empty()) loop.find_best(folder);
    if (!folder.empty() && step < total && loop.finished())
        host.warn(
            fmt::format("{} is where early stopping ended the run: there is nothing left to train; to train on, "
                        "raise training.early_stopping_patience",
                        folder));
    if (!folder.empty() && step >= total)
        host.warn(
            fmt::format("{} is at step {}, and the run ends at step {}: there is nothing left to train; to train "
                        "on, raise training.{}; to train anew, use another output_dir",
                        folder, step, total, spec.training.max_steps > 0 ? "max_steps" : "num_train_epochs"));
}

std::string recorded_day(const TrainingSpec& spec) {
    const std::string& wish = spec.checkpoint.resume_from_checkpoint;
    std::vector<std::string> folders;
    if (wish == "auto") {
        Checkpoints checkpoints(real_files(), spec.output_dir);
        checkpoints.finish_partial();
        for (const std::int64_t step : checkpoints.steps()) folders.push_back(checkpoints.path_of(step));
    } else if (wish != "never") {
        folders.push_back(wish);
    }
    // They are all of one run, with one day: one that can be read is enough.
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
        try {
            return string_or(load_state(*folder).data, TextEncoding::day_member);
        } catch (const Error&) {
            continue;
        }
    }
    return "";
}

}  // namespace ktrain::trainer
