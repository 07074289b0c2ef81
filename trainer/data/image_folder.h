// Finds out what data set a folder holds and reads it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/world.h"
#include "trainer/data/image_set.h"

namespace ktrain::trainer {

struct ImageFolder {
    std::string dataset;  // "cifar10", "mnist", "fashion_mnist", or "idx" for IDX files of another origin
    ImageSet train;
    std::optional<ImageSet> test;
    std::vector<std::string> class_names;  // empty when unknown
    std::vector<double> mean, deviation;   // normalisation of each channel, pixels in 0..1
};

// `dataset` is the spec's data.dataset; empty: told from the files. CIFAR-10 is also found in the folder that its
// archive makes. Errors: Error{input}: no path given, no such folder, no data in it (with a way to get it), files that
// contradict `dataset`, or what the readers refuse.
ImageFolder open_image_folder(const Files& files, const std::string& path, const std::string& dataset);

}  // namespace ktrain::trainer
