// The head of a model that scores whole texts, for classes, a value or a reward, in place of the one for the next
// token: what config.json says of it. Source: configuration_utils.py and modeling_layers.py
// (GenericForSequenceClassification) of transformers 5.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/model/shape.h"

namespace ktrain {

struct ScoreHead {
    std::vector<std::string> labels;  // what the scores are called, by their index; a value or a reward has one
    bool regression = false;          // the score is the answer itself
    // The score of a text is that of its last token but these, so that padding does not count.
    std::optional<std::int64_t> pad_token_id;

    std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

// The module of the head; its weight is [labels, hidden].
inline constexpr std::string_view score_module = "score", score_tensor = "score.weight";

// Whether a config.json is one of *ForSequenceClassification.
bool has_score_head(const Json& config);

// Names that transformers gives to labels without one: "LABEL_0", ...
std::vector<std::string> usual_labels(std::int64_t count);

// The head of such a config.json; nothing for another architecture. Errors: Error{input} for labels that are not
// numbered from 0 on, and for a problem_type that is not known here: several labels or several values for one text.
std::optional<ScoreHead> read_score_head(const Json& config, const std::string& file);

// That config with another head. `family`: its model_type. Errors: Error{input} for one that is not in
// core/model/family.h and names no architecture.
Json with_score_head(Json config, std::string_view family, const ScoreHead& head);

// The shape with a head of that many labels. Errors: as count_parameters.
ModelShape with_score_head(ModelShape shape, std::int64_t labels);

}  // namespace ktrain
