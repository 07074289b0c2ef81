// Writing of the final files.
#include "trainer/recipe/results.h"

#include "core/base/world.h"
#include "core/spec/load.h"
#include "trainer/state/checkpoint.h"
#include "trainer/state/digest.h"
#include "trainer/state/safetensors.h"

namespace ktrain::trainer {

Json write_results(const TrainingSpec& spec, const NamedTensors& model, const RunFacts& facts) {
    const std::vector<CheckpointFile> files{{"model.safetensors", encode_safetensors(model)},
                                            {"dataset_info.json", to_pretty(facts.dataset_info)}};
    for (const auto& file : files) real_files().write(spec.output_dir + "/" + file.name, file.content);
    const std::string hash = model_hash(model);
    Json run = {{"name", spec.metadata.name}, {"spec_digest", spec::digest(spec)},
                {"versions", facts.versions}, {"steps", facts.steps},
                {"model_hash", hash},         {"model_hash_short", short_hash(hash)},
                {"metrics", facts.metrics},   {"files", describe_files(files)}};
    real_files().write(spec.output_dir + "/run.json", to_pretty(run));
    return run;
}

}  // namespace ktrain::trainer
