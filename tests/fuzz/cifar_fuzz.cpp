// Fuzzes folders of CIFAR-10's binary version: "batch|names|names of classes" ends in images or in an Error.
#include "tests/fuzz/expect.h"
#include "tests/fuzz/memory_folder.h"
#include "trainer/data/image_folder.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [batch, names] = fuzz::halves(fuzz::text_of(data, size), "|names|");
    fuzz::MemoryFolder folder;
    folder.contents["data_batch_1.bin"] = batch;
    if (!names.empty()) folder.contents["batches.meta.txt"] = names;
    try {
        const auto read = trainer::open_image_folder(folder, folder.path, "cifar10");
        fuzz::expect(read.train.pixels.size() == 3072 * read.train.size(), "every image has its pixels");
        fuzz::expect(batch.size() == 3073 * read.train.size(), "no record is left out");
        for (const std::uint8_t label : read.train.labels) fuzz::expect(label < 10, "labels have a class");
        fuzz::expect(read.class_names.size() == 10, "classes have a name");
    } catch (const Error& error) {
        fuzz::expect(error.kind == ErrorKind::input, "bad files are bad input");
        fuzz::expect(error.where.file.starts_with(folder.path), "errors name the file");
    }
    return 0;
}
