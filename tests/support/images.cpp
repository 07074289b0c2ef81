// Made data sets in temporary folders.
#include "tests/support/images.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "trainer/data/random.h"

namespace ktrain::test {

TempFolder::TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ktrain-test-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TempFolder::~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file, path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& content) {
    std::ofstream file(path, std::ios::binary);
    file << content;
    REQUIRE_MESSAGE(file.flush(), path);
}

namespace {

std::string big_endian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFF);
    return bytes;
}

int label_of(std::size_t index, int classes) {
    return static_cast<int>(trainer::scramble(index) % static_cast<std::uint64_t>(classes));
}

}  // namespace

std::string idx_images(std::size_t count, std::uint32_t height, std::uint32_t width) {
    std::string bytes =
        big_endian(0x803) + big_endian(static_cast<std::uint32_t>(count)) + big_endian(height) + big_endian(width);
    for (std::size_t i = 0; i < count; ++i)
        for (std::uint32_t pixel = 0; pixel < height * width; ++pixel) {
            const bool bright = pixel % 4 == static_cast<std::uint32_t>(label_of(i, 4));
            bytes += static_cast<char>((bright ? 160 : 0) + trainer::scramble(i * 1000 + pixel) % 90);
        }
    return bytes;
}

std::string idx_labels(std::size_t count, int classes) {
    std::string bytes = big_endian(0x801) + big_endian(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(label_of(i, classes));
    return bytes;
}

std::string gzip(const std::string& data) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(deflateBound(&stream, data.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

void make_idx_folder(const std::string& folder, std::size_t train, std::size_t test) {
    std::filesystem::create_directories(folder);
    write_file(folder + "/train-images-idx3-ubyte", idx_images(train));
    write_file(folder + "/train-labels-idx1-ubyte", idx_labels(train));
    write_file(folder + "/t10k-images-idx3-ubyte.gz", gzip(idx_images(test)));
    write_file(folder + "/t10k-labels-idx1-ubyte.gz", gzip(idx_labels(test)));
}

std::string to_cifar(const std::string& images, const std::string& labels) {
    const auto size = [&](std::size_t at) {
        std::size_t value = 0;
        for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(images[at + i]);
        return value;
    };
    const std::size_t count = size(4), height = size(8), width = size(12);
    const std::size_t top = (32 - height) / 2, left = (32 - width) / 2;
    std::string records;
    for (std::size_t i = 0; i < count; ++i) {
        std::string plane(32 * 32, '\0');
        for (std::size_t y = 0; y < height; ++y)
            plane.replace((top + y) * 32 + left, width, images, 16 + (i * height + y) * width, width);
        records += labels[8 + i] + plane + plane + plane;
    }
    return records;
}

Error error_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error was thrown");
    return {ErrorKind::bug, ""};
}

}  // namespace ktrain::test
