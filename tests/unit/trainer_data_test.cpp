// Readers of image data: what they read, and every way in which they refuse.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/images.h"
#include "trainer/data/cifar.h"
#include "trainer/data/gunzip.h"
#include "trainer/data/idx.h"
#include "trainer/data/image_folder.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

TEST_CASE("IDX files are read, plain and gzipped") {
    const TempFolder folder;
    const std::string images = idx_images(5, 3, 7), labels = idx_labels(5);
    write_file(folder / "images", images);
    write_file(folder / "labels.gz", gzip(labels));
    const ImageSet set = read_idx(real_files(), folder / "images", folder / "labels.gz");
    CHECK(set.size() == 5);
    CHECK(set.channels == 1);
    CHECK(set.height == 3);
    CHECK(set.width == 7);
    CHECK(std::string(set.pixels.begin(), set.pixels.end()) == images.substr(16));
    CHECK(std::string(set.labels.begin(), set.labels.end()) == labels.substr(8));
}

TEST_CASE("IDX files that are not right are refused with their name") {
    const TempFolder folder;
    const std::string images = idx_images(5), labels = idx_labels(5);
    std::string packed = gzip(images);
    std::string damaged = packed;
    damaged[packed.size() / 2] = static_cast<char>(~damaged[packed.size() / 2]);
    std::string hostile = images;
    hostile.replace(4, 4, "\xff\xff\xff\xff");
    std::string wide = images;
    wide.replace(12, 4, "\x7f\xff\xff\xff");
    struct Case {
        std::string images, labels, says;
    };
    const std::vector<Case> cases{
        {"", labels, "is truncated: 0 bytes"},
        {images.substr(0, 15), labels, "is truncated: 15 bytes"},
        {images.substr(0, images.size() - 1), labels, "is truncated: its header promises 336 bytes, it has 335"},
        {images + "x", labels, "is longer than the 336 bytes"},
        {labels, labels, "starts with 0x00000801, not 0x00000803"},
        {"\x89PNG\r\n\x1a\n" + images, labels, "is no IDX file of images"},
        {images, images, "is no IDX file of labels"},
        {images, idx_labels(4), "has 4 labels for the 5 images"},
        {packed.substr(0, packed.size() - 20), labels, "is truncated gzip data"},
        {packed.substr(0, 4), labels, "is truncated gzip data"},
        {damaged, labels, "is damaged gzip data"},
        {gzip(images + "x"), labels, "is longer than the 336 bytes"},
        {hostile, labels, "claims 274877906880 bytes"},
        {wide, labels, "each side must be 1 to 4096"},
        {idx_images(0), idx_labels(0), "holds no images"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.says);
        write_file(folder / "images", one.images);
        write_file(folder / "labels", one.labels);
        const Error error = error_of([&] { read_idx(real_files(), folder / "images", folder / "labels"); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message.find(one.says) != std::string::npos);
        CHECK(error.where.file.starts_with(folder.path()));
        CHECK(error.hint != "");
    }
}

TEST_CASE("gunzip stops at the limit, so that a bomb stays small") {
    const std::string bomb = gzip(std::string(50'000'000, '\0'));
    CHECK(bomb.size() < 100'000);
    CHECK(gunzip(bomb, "bomb", 1000).size() == 1000);
    CHECK(gunzip(gzip("one") + gzip("two"), "members", 100) == "onetwo");
}

TEST_CASE("CIFAR-10 batches are read in order, with the names of their classes") {
    const TempFolder folder;
    const std::string first = to_cifar(idx_images(3, 28, 28), idx_labels(3));
    const std::string second = to_cifar(idx_images(2, 32, 32), idx_labels(2));
    write_file(folder / "data_batch_1.bin", first);
    write_file(folder / "data_batch_2.bin", second);
    write_file(folder / "test_batch.bin", second);
    write_file(folder / "batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
    const ImageFolder read = open_image_folder(real_files(), folder.path(), "");
    CHECK(read.dataset == "cifar10");
    CHECK(read.train.size() == 5);
    CHECK(read.test->size() == 2);
    CHECK(read.train.channels == 3);
    CHECK(std::string(read.train.image(3), read.train.image(3) + 3072) == second.substr(1, 3072));
    CHECK(read.train.labels[4] == static_cast<std::uint8_t>(second[3073]));
    CHECK(read.class_names[9] == "j");
    CHECK(read.mean == std::vector<double>{0.4914, 0.4822, 0.4465});
}

TEST_CASE("CIFAR-10 files that are not right are refused with their name") {
    const TempFolder folder;
    const std::string good = to_cifar(idx_images(2, 8, 8), idx_labels(2));
    std::string label = good;
    label[3073] = 10;
    for (const auto& [content, says] : std::vector<std::pair<std::string, std::string>>{
             {"", "0 bytes"},
             {good.substr(0, good.size() - 1), "not a multiple of 3073 (3072 left over)"},
             {good + "x", "(1 left over)"},
             {label, "has the label 10 in record 1"}}) {
        CAPTURE(says);
        write_file(folder / "data_batch_1.bin", content);
        const Error error = error_of([&] { open_image_folder(real_files(), folder.path(), ""); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message.find(says) != std::string::npos);
        CHECK(error.where.file == folder / "data_batch_1.bin");
    }
    write_file(folder / "data_batch_1.bin", good);
    write_file(folder / "batches.meta.txt", "only\n");
    CHECK(error_of([&] { open_image_folder(real_files(), folder.path(), ""); }).message.find("has 1 class names") !=
          std::string::npos);
}

TEST_CASE("the data set is told from the files, or by its name") {
    const TempFolder folder;
    make_idx_folder(folder / "idx");
    CHECK(open_image_folder(real_files(), folder / "idx", "").dataset == "idx");
    CHECK(open_image_folder(real_files(), folder / "idx", "").class_names.empty());
    const ImageFolder fashion = open_image_folder(real_files(), folder / "idx", "fashion_mnist");
    CHECK(fashion.class_names[9] == "Ankle boot");
    CHECK(fashion.mean == std::vector<double>{0.2860});
    CHECK(fashion.test->size() == 32);
    std::filesystem::create_directories(folder / "archive/cifar-10-batches-bin");
    write_file(folder / "archive/cifar-10-batches-bin/data_batch_1.bin", to_cifar(idx_images(1), idx_labels(1)));
    CHECK(open_image_folder(real_files(), folder / "archive", "cifar10").train.size() == 1);
}

TEST_CASE("a folder without usable data says how to get some") {
    const TempFolder folder;
    make_idx_folder(folder / "idx");
    std::filesystem::create_directories(folder / "empty");
    std::filesystem::create_directories(folder / "other");
    write_file(folder / "other/notes.txt", "hello");
    std::filesystem::create_directories(folder / "pickles");
    write_file(folder / "pickles/data_batch_1", "pickle");
    std::filesystem::create_directories(folder / "halves");
    write_file(folder / "halves/train-images-idx3-ubyte", idx_images(2));
    struct Case {
        std::string path, dataset, says, hint;
    };
    for (const auto& one : std::vector<Case>{
             {"", "", "data.dataset_path is not set", "apt-get install dataset-fashion-mnist"},
             {folder / "missing", "fashion_mnist", "does not exist", "apt-get install dataset-fashion-mnist"},
             {folder / "missing", "cifar10", "does not exist", "CIFAR-10 binary version"},
             {folder / "other/notes.txt", "", "is no folder", "must name a folder"},
             {folder / "empty", "", "is empty", "IDX files"},
             {folder / "other", "", "holds neither", "IDX files"},
             {folder / "pickles", "", "Python version of CIFAR-10", "binary version"},
             {folder / "halves", "", "has no train-labels-idx1-ubyte", "labels"},
             {folder / "idx", "cifar10", "data.dataset is cifar10, but", "leave out data.dataset"},
         }) {
        CAPTURE(one.says);
        const Error error = error_of([&] { open_image_folder(real_files(), one.path, one.dataset); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message.find(one.says) != std::string::npos);
        CHECK(error.hint.find(one.hint) != std::string::npos);
    }
}

TEST_CASE("the digest of a data set follows every label and every pixel, not the files") {
    const TempFolder folder;
    make_idx_folder(folder.path(), 5, 2);
    const ImageSet set = *open_image_folder(real_files(), folder.path(), "").test;
    const std::string digest = content_digest(set);
    CHECK(digest.size() == 16);
    ImageSet other = set;
    other.files[0].path = "elsewhere";
    CHECK(content_digest(other) == digest);
    other.labels.back() ^= 1;
    CHECK(content_digest(other) != digest);
    other = set;
    other.pixels.back() ^= 1;
    CHECK(content_digest(other) != digest);
}
