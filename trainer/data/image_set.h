// Labelled images as their files hold them: bytes in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ktrain::trainer {

// Where an image came from, for messages: files in the order of the images.
struct ImageFile {
    std::string path;       // of the file with the labels
    std::size_t first = 0;  // index of its first image
};

struct ImageSet {
    std::int64_t channels = 0, height = 0, width = 0;
    std::vector<std::uint8_t> pixels;  // image after image, each channel after channel, rows from the top
    std::vector<std::uint8_t> labels;
    std::vector<ImageFile> files;

    std::size_t size() const { return labels.size(); }
    std::size_t image_bytes() const { return static_cast<std::size_t>(channels * height * width); }
    const std::uint8_t* image(std::size_t index) const { return pixels.data() + index * image_bytes(); }
};

// The first 16 characters of the SHA-256 of labels and pixels: tells one data set from another.
std::string content_digest(const ImageSet& set);

}  // namespace ktrain::trainer
