// A Hugging Face model folder: what is read from it, and what a trained model's folder gets from it.
#pragma once

#include <string>
#include <vector>

#include "core/model/decoder.h"
#include "core/spec/spec.h"
#include "trainer/state/checkpoint.h"

namespace ktrain::trainer {

struct ModelFolder {
    std::string path;       // with config.json
    std::string tokenizer;  // with tokenizer.json
    bool fresh = false;     // config_name: no weights are read
    std::string config_text;
    DecoderConfig config;
};

// The folder that the spec names. Errors: Error{input} for a catalog name that is no folder here, for an adapter, for
// quantised weights, and when output_dir is that folder; those of read_decoder_config and Files.
ModelFolder open_model_folder(const TrainingSpec& spec);

// config.json for float32 weights as transformers reads it, generation_config.json, and the tokenizer's files.
std::vector<CheckpointFile> companion_files(const ModelFolder& folder);
// SHA-256 over the tokenizer's files.
std::string tokenizer_digest(const ModelFolder& folder);
// The tokenizer's files of a folder alone, as beside an adapter: all that transformers reads.
std::vector<CheckpointFile> tokenizer_files(const std::string& folder);

}  // namespace ktrain::trainer
