// Reads IDX files, the format of MNIST and its relatives.
// Source: "THE IDX FILE FORMAT" of the MNIST page: big-endian magic 0x0000TTDD (type, dimensions), sizes, data.
#pragma once

#include <string>

#include "core/base/world.h"
#include "trainer/data/image_set.h"

namespace ktrain::trainer {

// Images (magic 0x00000803) and their labels (0x00000801), each plain or gzip. One channel.
// Errors: Error{input} naming the file: unreadable, wrong magic, truncated, oversize, no images, or counts that differ.
ImageSet read_idx(const Files& files, const std::string& images_path, const std::string& labels_path);

}  // namespace ktrain::trainer
