// Reads the first batch of a run back into words.
#include "trainer/recipe/look.h"

#include "trainer/recipe/model_check.h"
#include "trainer/recipe/resume.h"
#include "trainer/recipe/score_heads.h"
#include "trainer/recipe/scratch.h"
#include "trainer/recipe/text_data.h"
#include "trainer/recipe/token_text.h"

namespace ktrain::trainer {
namespace {

Json first_batch(const TextSet& set, const Tokenizer& tokenizer) {
    const auto batch = set.load(0, 0, 0)->next();
    Json sequences = Json::array();
    std::int64_t tokens = 0;
    for (const Segment& segment : batch->segments) {
        std::vector<Token> row;
        for (std::int64_t i = segment.begin; i < segment.begin + segment.length; ++i) {
            const auto place = static_cast<std::size_t>(i);
            row.emplace_back(static_cast<std::int32_t>(batch->ids[place]), batch->labels[place] >= 0);
        }
        tokens += segment.length;
        sequences.push_back(describe_tokens(tokenizer, row));
        if (set.scores_texts()) sequences.back().erase("learned");  // none is
    }
    Json json = {{"rows", batch->rows}, {"width", batch->width}, {"tokens", tokens}, {"sequences", sequences}};
    if (set.scores_texts())
        json["numbers"] = batch->numbers;
    else
        json["learned_tokens"] = batch->label_tokens;
    return json;
}

}  // namespace

std::optional<TextLook> look_at_texts(const TrainingSpec& spec, const Host& host) {
    ModelFolder folder = open_model_folder(spec);
    check_model(spec, folder);
    require_checkpoint_folder(spec);
    const Tokenizer tokenizer = Tokenizer::from_folder(real_files(), folder.tokenizer, folder.path);
    if (!give_head(spec, tokenizer, host, Remember::no, folder)) return std::nullopt;
    const ScratchFolder scratch;
    const auto data = open_text_data(spec, folder, tokenizer, host, {.scratch = scratch.path()});
    if (!data) return std::nullopt;
    return TextLook{folder.config.shape, data->train->samples(), data->info(), first_batch(*data->train, tokenizer)};
}

}  // namespace ktrain::trainer
