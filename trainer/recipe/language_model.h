// The model of a run: a decoder with its weights, and adapters where the method has them.
#pragma once

#include <string>

#include "core/spec/spec.h"
#include "trainer/loop/task.h"
#include "trainer/model/decoder.h"
#include "trainer/recipe/model_folder.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

enum class ModelUse {
    train,
    evaluate,  // every weight is frozen, so that there is no memory for gradients
};

class LanguageModel {
public:
    // Loads the weights, or begins at random. `longest`: tokens of the longest sequence. `spec`, `folder` and `host`
    // must outlive it.
    // Errors: those of load_weights; Error{input} for a method or target that the model does not have.
    LanguageModel(const TrainingSpec& spec, const ModelFolder& folder, std::int64_t longest, const Host& host,
                  ModelUse use = ModelUse::train);

    Parameters& parameters() { return parameters_; }
    const Decoder& decoder() const { return decoder_; }
    // Of a model that scores texts; else nullptr.
    const ScoreHead* head() const { return folder_.head ? &*folder_.head : nullptr; }
    std::string name() const;
    std::int64_t count(bool trainable_only) const;  // parameters

    // What decides the meaning of a checkpoint, by the field of the spec: of an adapter also its base.
    Json identity() const;

    // How it computes, as a checkpoint records it; and the change to what one was written with, where this machine can:
    // with a warning where that is not what the spec asks for.
    Json environment() const;
    void adopt(const Json& recorded, const std::string& folder);

    // What a checkpoint keeps: the whole model, or the adapter alone.
    void describe_files(Task& task);

private:
    std::string adapter_config() const;
    void check_base(const std::string& folder) const;  // of an adapter to go on from
    void load_foreign(const std::string& folder, const NamedTensors& weights) const;
    void part_head();  // gives a tied head that is trained apart the weights of the embedding

    const TrainingSpec& spec_;
    const ModelFolder& folder_;
    const Host& host_;
    Parameters parameters_;
    Decoder decoder_;
    std::string digest_;  // of the weights that were loaded
};

}  // namespace ktrain::trainer
