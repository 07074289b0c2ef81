// Crop, flip and normalisation of one image.
#include "trainer/data/augment.h"

#include <algorithm>

#include "trainer/data/random.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t padding = 4;

// How far the window is moved, and whether the image is mirrored.
struct Placing {
    std::int64_t down = 0, right = 0;
    bool mirrored = false;
};

// One row: `window[i]` = value of `row[i + right]`, or of black outside the image.
void copy_row(const std::uint8_t* row, std::int64_t width, const Placing& placing, const std::array<float, 256>& values,
              float* to) {
    const std::int64_t first = std::max<std::int64_t>(0, -placing.right);
    const std::int64_t last = std::min(width, width - placing.right);
    for (std::int64_t i = 0; i < width; ++i) to[i] = values[0];
    if (placing.mirrored)
        for (std::int64_t i = first; i < last; ++i) to[width - 1 - i] = values[row[i + placing.right]];
    else
        for (std::int64_t i = first; i < last; ++i) to[i] = values[row[i + placing.right]];
}

}  // namespace

Transform::Transform(const std::vector<double>& mean, const std::vector<double>& deviation) : values_(mean.size()) {
    for (std::size_t channel = 0; channel < mean.size(); ++channel)
        for (std::size_t byte = 0; byte < 256; ++byte)
            // In float, in the order of ToTensor and Normalize.
            values_[channel][byte] = (static_cast<float>(byte) / 255.0F - static_cast<float>(mean[channel])) /
                                     static_cast<float>(deviation[channel]);
}

void Transform::apply(const ImageSet& set, std::size_t index, std::uint64_t bits, float* to) const {
    Placing placing;
    if (random_crop) {
        placing.down = static_cast<std::int64_t>(below(scramble(bits ^ 1), 2 * padding + 1)) - padding;
        placing.right = static_cast<std::int64_t>(below(scramble(bits ^ 2), 2 * padding + 1)) - padding;
    }
    placing.mirrored = horizontal_flip && (scramble(bits ^ 3) & 1) != 0;
    const std::uint8_t* image = set.image(index);
    for (std::int64_t channel = 0; channel < set.channels; ++channel) {
        const auto& values = values_[static_cast<std::size_t>(channel)];
        for (std::int64_t y = 0; y < set.height; ++y, to += set.width) {
            const std::int64_t from = y + placing.down;
            if (from < 0 || from >= set.height)
                std::fill(to, to + set.width, values[0]);
            else
                copy_row(image + (channel * set.height + from) * set.width, set.width, placing, values, to);
        }
    }
}

}  // namespace ktrain::trainer
