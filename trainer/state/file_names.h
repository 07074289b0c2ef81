// Names of files in checkpoints and adapter folders that more than one place reads or writes.
#pragma once

#include <string_view>

namespace ktrain::trainer {

inline constexpr std::string_view manifest_file = "manifest.json", state_file = "trainer_state.json";
// As PEFT names them.
inline constexpr std::string_view adapter_config_file = "adapter_config.json",
                                  adapter_weights_file = "adapter_model.safetensors";

}  // namespace ktrain::trainer
