// Texts with labels and pairs of answers, made by tests, and what is asked of models that score them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "tests/trainer/language_model.h"

namespace ktrain::test {

void write_lines(const std::string& path, const Json& rows);
// The texts of write_rows, labelled by what is in them.
void write_labelled(const std::string& path, std::size_t count, const std::function<Json(bool queen)>& label);
Json by_name(bool queen);
// Pairs of which the longer answer is preferred, as texts or as conversations that begin alike.
void write_pairs(const std::string& path, std::size_t count, bool chats = false);
// A new tiny classifier on 40 labelled texts, 10 of them held out.
TrainingSpec classifier_spec(const TempFolder& folder);
TrainingSpec reward_spec(const TempFolder& folder);
// `spec` as LoRA on a language model in `folder`/base.
TrainingSpec adapter_of(const TempFolder& folder, TrainingSpec spec);
Error refusal(const TrainingSpec& spec);
std::vector<std::string> tensors_in(const std::string& file);
bool has(const std::vector<std::string>& names, std::string_view name);
Json config_in(const std::string& folder);
// The results of `ktrain eval` on all rows of the spec's data.
Json evaluated(const TrainingSpec& trained, const std::string& model);
Json previewed(const TrainingSpec& spec);

}  // namespace ktrain::test
