// The table of objectives for texts.
#include "trainer/objective/text_objective.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/spec/objectives.h"
#include "trainer/objective/text_kinds.h"

namespace ktrain::trainer {
namespace {

constexpr std::array labelled{RowShape::labelled_text};
constexpr std::array pairs{RowShape::preference};
constexpr std::array plain{RowShape::tokens, RowShape::plain};
constexpr std::array any{RowShape::tokens, RowShape::prompt_completion,
                         RowShape::chat,   RowShape::sharegpt,
                         RowShape::alpaca, RowShape::plain};

constexpr std::array table{
    TextObjective{.name = "classification",
                  .shapes = labelled,
                  .form = {.sequences = 1, .numbers = 1},
                  .scores_texts = true,
                  .too_long = TooLong::cut,
                  .encode = encode_labelled,
                  .score = score_labelled},
    TextObjective{.name = "pretrain",
                  .shapes = plain,
                  .form = {},
                  .scores_texts = false,
                  .too_long = TooLong::goes_on,
                  .encode = encode_language,
                  .score = score_language},
    TextObjective{.name = "reward",
                  .shapes = pairs,
                  .form = {.sequences = 2, .numbers = 1},
                  .scores_texts = true,
                  .too_long = TooLong::left_out,
                  .encode = encode_pair,
                  .score = score_pairs},
    TextObjective{.name = "sft",
                  .shapes = any,
                  .form = {},
                  .scores_texts = false,
                  .too_long = TooLong::cut,
                  .encode = encode_language,
                  .score = score_language},
};
constexpr bool trains(const spec::ObjectiveRow& row) {
    return std::ranges::any_of(table, [&](const TextObjective& ours) {
        return ours.name == row.name && ours.scores_texts == row.scores_texts;
    });
}
static_assert(std::ranges::all_of(spec::objectives,
                                  [](const spec::ObjectiveRow& row) { return trains(row) != row.estimate_only; }));

}  // namespace

const TextObjective& text_objective(const ObjectiveSpec& objective) {
    const std::string_view name = objective.type.empty() ? "sft" : std::string_view(objective.type);
    const auto row = std::ranges::find(table, name, &TextObjective::name);
    if (row != table.end()) return *row;
    throw Error(ErrorKind::input, fmt::format("language models are not trained for {} by this build", name),
                {"", 0, 0, "objective.type"}, "--set objective.type=sft");
}

std::string objectives_for(RowShape shape) {
    std::vector<std::string> names;
    for (const TextObjective& objective : table)
        if (std::ranges::find(objective.shapes, shape) != objective.shapes.end()) names.emplace_back(objective.name);
    return join(names, " or ");
}

std::int64_t TextObjective::count(const TokenBatch& batch) const {
    return scores_texts ? std::ssize(batch.segments) / form.sequences : batch.label_tokens;
}

std::vector<Token> with_marks(const Tokens& tokens) {
    std::vector<Token> marked;
    marked.reserve(tokens.ids.size());
    for (std::size_t i = 0; i < tokens.ids.size(); ++i)
        marked.emplace_back(tokens.ids[i], static_cast<bool>(tokens.learned[i]));
    return marked;
}

// As transformers finds it in a padded row: where a text has nothing but padding, at its first token.
at::Tensor last_tokens(const ScoreCall& call) {
    at::Tensor places = at::empty({std::ssize(call.batch.segments)}, at::kLong);
    auto* place = places.mutable_data_ptr<std::int64_t>();
    const std::int64_t pad = call.head->pad_token_id.value_or(-1);
    for (const Segment& segment : call.batch.segments) {
        std::int64_t last = segment.begin + segment.length - 1;
        while (last > segment.begin && call.batch.ids[static_cast<std::size_t>(last)] == pad) --last;
        *place++ = last;
    }
    return places;
}

at::Tensor numbers_of(const TokenBatch& batch) {
    at::Tensor numbers = at::empty({std::ssize(batch.numbers)}, at::kDouble);
    std::ranges::copy(batch.numbers, numbers.mutable_data_ptr<double>());
    return numbers;
}

}  // namespace ktrain::trainer
