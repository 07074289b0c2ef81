// From the bytes of an image to the floats of a batch: random crop, random flip, normalisation.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "trainer/data/image_set.h"

namespace ktrain::trainer {

// What happens to every image of a stream.
class Transform {
public:
    // `mean` and `deviation` are of pixels in 0..1, one for each channel.
    Transform(const std::vector<double>& mean, const std::vector<double>& deviation);

    bool random_crop = false;      // pad by 4 black pixels on each side, cut the old size out at a random place
    bool horizontal_flip = false;  // mirror every other image

    // Writes the image as channels x height x width floats. `bits` decide on crop and flip.
    void apply(const ImageSet& set, std::size_t index, std::uint64_t bits, float* to) const;

private:
    // The normalised value of each byte, for each channel.
    std::vector<std::array<float, 256>> values_;
};

}  // namespace ktrain::trainer
