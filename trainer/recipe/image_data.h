// The images of a run: read, checked against the spec, split, and given out as passes.
#pragma once

#include <optional>

#include "core/base/json.h"
#include "core/spec/spec.h"
#include "trainer/data/batches.h"
#include "trainer/data/image_folder.h"
#include "trainer/loop/task.h"
#include "trainer/model/simple_cnn.h"

namespace ktrain::trainer {

class ImageData {
public:
    // Reads data.dataset_path. Errors: Error{input}: what open_image_folder refuses, and channels, labels or
    // normalisation that do not fit the spec.
    explicit ImageData(const TrainingSpec& spec);

    // Training and evaluation passes (over the validation split, or without one the test set) of the model, which must
    // outlive them.
    Task task(Parameters& parameters, const SimpleCnn& model) const;
    std::optional<Pass> test(const SimpleCnn& model) const;  // nothing when there is no test set
    bool evaluates_test_set() const { return split_.validation.empty() && folder_.test.has_value(); }

    // Of the first training batch: {"shape", "labels", "classes"}.
    Json first_batch() const;

    // The handbook's dataset_info: train_size, val_size, num_classes, classes; and test_size.
    Json info() const;
    // What decides what the model sees, and in which order, by the field of the spec (TrainState::data). The test set
    // is no part of it.
    Json identity() const;

private:
    BatchPlan training_plan(std::int64_t epoch, std::int64_t first) const;
    Pass evaluation(const SimpleCnn& model, const ImageSet& set, Order order) const;

    const TrainingSpec& spec_;
    ImageFolder folder_;
    Split split_;
    Transform training_, plain_;
};

}  // namespace ktrain::trainer
