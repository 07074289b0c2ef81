// adapter_config.json of LoRA.
#include "trainer/peft/lora.h"

#include <algorithm>

#include "core/base/json.h"
#include "core/model/family.h"
#include "core/model/tensors.h"

namespace ktrain::trainer {

std::string lora_config(const TrainingSpec& spec, const ModelShape& shape) {
    std::vector<std::string> targets;
    for (const LinearModule& target : lora_targets(shape, spec.method))
        targets.emplace_back(target.name.substr(target.name.rfind('.') + 1));
    std::ranges::sort(targets);
    const bool transposed = find_family(shape.family)->transposed;
    const nlohmann::json config = {{"base_model_name_or_path", spec.model.model_name_or_path},
                                   {"bias", "none"},
                                   {"fan_in_fan_out", transposed},
                                   {"inference_mode", true},
                                   {"init_lora_weights", true},
                                   {"lora_alpha", spec.method.lora_alpha},
                                   {"lora_dropout", spec.method.lora_dropout},
                                   {"modules_to_save", nullptr},
                                   {"peft_type", "LORA"},
                                   {"r", spec.method.r},
                                   {"revision", nullptr},
                                   {"target_modules", targets},
                                   {"task_type", "CAUSAL_LM"},
                                   {"use_dora", false},
                                   {"use_rslora", false}};
    return config.dump(2) + "\n";
}

}  // namespace ktrain::trainer
