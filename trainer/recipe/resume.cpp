// The choice of a checkpoint, and what becomes of the others.
#include "trainer/recipe/resume.h"

#include <fmt/format.h>

#include <string>

#include "core/base/error.h"
#include "trainer/report/wandb.h"
#include "trainer/state/checkpoint.h"
#include "trainer/state/weights.h"

namespace ktrain::trainer {
namespace {

// Whether the folder is a checkpoint of transformers. Errors: Error{input} for one whose weights are pickled, and for a
// model that is no checkpoint.
bool is_foreign(const std::string& folder) {
    const auto has = [&](const char* name) { return real_files().exists(folder + "/" + name); };
    if (has("manifest.json")) return false;
    const bool readable = has_weights(folder) || has("adapter_model.safetensors");
    if (!readable && (has("pytorch_model.bin") || has("pytorch_model.bin.index.json") || has("adapter_model.bin")))
        throw Error(ErrorKind::input, folder + " holds pickled weights, which are not read: they can run any code",
                    {folder, 0, 0, ""}, "load them with transformers and save them with save_pretrained");
    if (readable && !has("trainer_state.json"))
        throw Error(ErrorKind::input, folder + " is a model, not a checkpoint: it has no trainer_state.json",
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
    if (is_foreign(wish)) return wish;
    if (const std::string wrong = checkpoints.problem(wish); !wrong.empty())
        throw Error(ErrorKind::input, fmt::format("cannot resume from {}: {}", wish, wrong), {wish, 0, 0, ""},
                    "name a checkpoint-<step> folder, or --resume auto");
    return wish;
}

}  // namespace

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

}  // namespace ktrain::trainer
