// Fuzzes folders of IDX files: "images|labels|labels", each plain or gzip, end in images that can be used or in an
// Error.
#include "tests/fuzz/expect.h"
#include "tests/fuzz/memory_folder.h"
#include "trainer/data/augment.h"
#include "trainer/data/image_folder.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [images, labels] = fuzz::halves(fuzz::text_of(data, size), "|labels|");
    fuzz::MemoryFolder folder;
    folder.contents = {{"train-images-idx3-ubyte", std::string(images)},
                       {"train-labels-idx1-ubyte", std::string(labels)}};
    try {
        const auto read = trainer::open_image_folder(folder, folder.path, "");
        const trainer::ImageSet& set = read.train;
        fuzz::expect(read.dataset == "idx" && set.size() > 0, "there are images");
        fuzz::expect(set.pixels.size() == set.size() * set.image_bytes(), "every image has its pixels");
        if (set.image_bytes() > 100'000) return 0;  // nothing new, but slow
        trainer::Transform transform(read.mean, read.deviation);
        transform.random_crop = transform.horizontal_flip = true;
        std::vector<float> values(set.image_bytes());
        for (std::uint64_t bits = 0; bits < 4; ++bits) transform.apply(set, set.size() - 1, bits, values.data());
    } catch (const Error& error) {
        fuzz::expect(error.kind == ErrorKind::input, "bad files are bad input");
        fuzz::expect(error.where.file.starts_with(folder.path), "errors name the file");
    }
    return 0;
}
