// Reads the binary form of CIFAR-10: records of one label byte and 32x32 pixels in three planes (red, green, blue).
#pragma once

#include <string>
#include <vector>

#include "core/base/world.h"
#include "trainer/data/image_set.h"

namespace ktrain::trainer {

// The records of all files, in order. Errors: Error{input} naming the file: unreadable, empty, no whole number of
// records, or a label above 9 (with its record).
ImageSet read_cifar(const Files& files, const std::vector<std::string>& paths);

// The class names of batches.meta.txt, one a line. Errors: Error{input} unless there are ten.
std::vector<std::string> read_cifar_names(const Files& files, const std::string& path);

}  // namespace ktrain::trainer
