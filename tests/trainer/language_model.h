// A tiny language model and texts for it, made by tests.
#pragma once

#include <string>

#include "core/base/json.h"
#include "core/spec/spec.h"
#include "tests/trainer/support.h"

namespace ktrain::test {

// config.json of a Llama of two layers that knows the words of word_tokenizer().
Json tiny_config();
// A tokenizer.json of words: "<unk>", "<s>", "</s>" and some of a nursery rhyme.
std::string word_tokenizer();

// config.json and the tokenizer's files. No weights: for model.config_name.
void make_model_folder(const std::string& folder, const Json& config = tiny_config());
// Rows of text of different lengths, as JSON lines.
void write_rows(const std::string& path, std::size_t count);

// Trains a new tiny model on 40 rows: 3 epochs of 10 steps, padding-free batches of 4, a log line every step.
TrainingSpec text_spec(const TempFolder& folder);

// The losses that metrics.jsonl in the output folder has.
std::vector<double> losses_in(const std::string& output);

}  // namespace ktrain::test
