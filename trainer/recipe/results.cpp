// Writing of the final files.
#include "trainer/recipe/results.h"

#include <ATen/Version.h>
#include <torch/headeronly/version.h>

#include "core/base/version.h"
#include "core/base/world.h"
#include "core/spec/load.h"
#include "trainer/loop/snapshot.h"
#include "trainer/recipe/output_folder.h"
#include "trainer/state/digest.h"

namespace ktrain::trainer {

Json versions() {
    return {{"ktrain", version()}, {"libtorch", TORCH_VERSION}};
}

Json environment(int threads) {
    Json json = {{"cpu", at::get_cpu_capability()}, {"threads", threads}};
    json.update(versions());
    return json;
}

Json begin_event(const TrainingSpec& spec, const Loop& loop, int threads) {
    const Steps& steps = loop.steps();
    return {{"event", "start"},
            {"device", "cpu"},
            {"threads", threads},
            {"steps_total", steps.total},
            {"steps_per_epoch", steps.per_epoch},
            {"epochs", static_cast<double>(steps.total) / static_cast<double>(steps.per_epoch)},
            {"batch_size", spec.training.per_device_train_batch_size * spec.training.gradient_accumulation_steps},
            {"save_strategy", spec.checkpoint.save_strategy},
            {"output_dir", spec.output_dir},
            {"versions", versions()}};
}

Json write_results(const TrainingSpec& spec, const Task& task, const RunFacts& facts) {
    std::vector<CheckpointFile> files = model_files(task);
    files.push_back({"dataset_info.json", to_pretty(facts.dataset_info)});
    const Json written = write_files(real_files(), spec.output_dir, files, "sha256");
    remove_earlier_model(spec.output_dir, written);
    const std::string hash = model_hash(task.weights);
    const auto write_record = [&](const Json& record) {
        real_files().write(spec.output_dir + "/run.json", to_pretty(record));
        return record;
    };
    // A run that found nothing left to train did not make the model: the record of the one that did stays.
    if (auto record = run_record(spec.output_dir); record && string_or(*record, "model_hash") == hash) {
        if (at_path(*record, {"files"}) == written) return *record;
        (*record)["files"] = written;  // they are others in spite of that: the next run is to know its own
        return write_record(*record);
    }
    Json run = {{"name", spec.metadata.name},
                {"spec", spec::to_json(spec)},
                {"spec_digest", spec::digest(spec)},
                {"versions", versions()},
                {"steps", facts.steps},
                {"model_hash", hash},
                {"model_hash_short", short_hash(hash)},
                {"metrics", facts.metrics},
                {"memory", facts.memory},
                {"files", written}};
    return write_record(run);
}

}  // namespace ktrain::trainer
