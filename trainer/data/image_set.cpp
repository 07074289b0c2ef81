// Digest of labelled images.
#include "trainer/data/image_set.h"

#include "core/base/digest.h"

namespace ktrain::trainer {

std::string content_digest(const ImageSet& set) {
    Sha256 digest;
    for (const auto* bytes : {&set.labels, &set.pixels})
        digest.add({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    return digest.hex().substr(0, 16);
}

}  // namespace ktrain::trainer
