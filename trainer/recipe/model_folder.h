// A Hugging Face model folder: what is read from it, and what a trained model's folder gets from it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/decoder.h"
#include "core/model/score_head.h"
#include "core/spec/spec.h"
#include "trainer/state/checkpoint.h"

namespace ktrain::trainer {

struct ModelFolder {
    std::string path;       // with config.json
    std::string tokenizer;  // with tokenizer.json
    bool fresh = false;     // config_name: no weights are read
    std::string config_text;
    DecoderConfig config;
    // Of a run that scores texts (score_heads.h); the config is one with this head then.
    std::optional<ScoreHead> head = {};
    bool head_is_new = false;  // the weights of the folder have none
    // Of open_model_folder(), as they were when the run began: every checkpoint gets the same, whatever becomes of the
    // folders meanwhile.
    std::vector<CheckpointFile> tokenizer_content = {};
    std::optional<std::string> generation_config = {};
};

// The folder that the spec names. Errors: Error{input} for a catalog name that is no folder here, for an adapter, and
// for quantised weights; those of read_decoder_config and Files.
ModelFolder read_model_folder(const ModelSpec& model);
// The same for training. Errors: also Error{input} when output_dir is that folder; those of require_own_model.
ModelFolder open_model_folder(const TrainingSpec& spec);

// Whether the folder holds an adapter and no whole model.
bool is_adapter_folder(const std::string& folder);
// Errors: Error{input} for a folder without weights, or with a shard missing.
void require_weights(const ModelFolder& folder);

// Of a folder from open_model_folder(): config.json for float32 weights as transformers reads it,
// generation_config.json, and the tokenizer's files.
std::vector<CheckpointFile> companion_files(const ModelFolder& folder);
// The tokenizer's files of a folder: all that transformers reads (tokenizer_file_names).
std::vector<CheckpointFile> tokenizer_files(const std::string& folder);
// What is written beside an adapter that scores texts, for PEFT's config has no place for its labels: the members of
// config.json that say what its head is for.
inline constexpr std::string_view head_file_name = "score_head.json";
CheckpointFile head_file(const ModelFolder& folder);
// SHA-256 over the tokenizer's files.
std::string tokenizer_digest(const std::string& folder);

}  // namespace ktrain::trainer
