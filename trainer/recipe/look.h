// The texts of a run as its first step would see them.
#pragma once

#include <optional>

#include "core/base/json.h"
#include "core/model/shape.h"
#include "core/spec/spec.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

struct TextLook {
    ModelShape shape;
    std::int64_t samples = 0;  // of an epoch
    Json data;                 // TextData::info()
    Json first_batch;          // {"rows", "width", "tokens", "sequences": [as describe_tokens() has them]} and, of a
                               // language model, "learned_tokens"; else "numbers": labels or margins
};

// Checks model folder, weights, tokenizer and data as a run does; what is not in the cache is tokenised into a scratch
// folder. Nothing when the host asked to stop. Errors: those of open_model_folder, require_weights and open_text_data.
std::optional<TextLook> look_at_texts(const TrainingSpec& spec, const Host& host);

}  // namespace ktrain::trainer
