// Shared helpers of the trainer's tests.
#include "tests/trainer/support.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "trainer/data/random.h"
#include "trainer/recipe/recipe.h"

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

void RecordingHost::hear(const char* text) {
    events.push_back(Json::parse(text));
    if (stop_when && stop_when(events.back())) stopping_ = true;
}

const Json* RecordingHost::last(const std::string& event) const {
    for (auto it = events.rbegin(); it != events.rend(); ++it)
        if ((*it)["event"] == event) return &*it;
    return nullptr;
}

std::size_t RecordingHost::count(const std::string& event) const {
    std::size_t found = 0;
    for (const auto& json : events) found += json["event"] == event ? 1 : 0;
    return found;
}

TrainingSpec small_spec(const std::string& data, const std::string& output) {
    TrainingSpec spec;
    spec.metadata.name = "small";
    spec.model.type = "simple_cnn";
    spec.model.input_channels = 1;
    spec.model.num_classes = 4;
    spec.data.dataset_path = data;
    spec.data.augment = {"random_crop", "horizontal_flip"};
    spec.training.per_device_train_batch_size = 8;
    spec.training.per_device_eval_batch_size = 10;
    spec.training.learning_rate = 0.01;
    spec.training.logging_steps = 5;
    spec.checkpoint.save_strategy = "no";
    spec.output_dir = output;
    return spec;
}

int run(const TrainingSpec& spec, RecordingHost& host) {
    return trainer::train(spec, trainer::Host(host.host()));
}

int run(const TrainingSpec& spec) {
    RecordingHost host;
    return run(spec, host);
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (const std::string name = entry.path().filename(); !name.starts_with('.')) names.push_back(name);
    std::ranges::sort(names);
    return names;
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

void fill_by_name(const trainer::NamedTensor& tensor, double scale) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : tensor.name) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
    auto* values = tensor.value.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < tensor.value.numel(); ++i) {
        const double unit =
            static_cast<double>(trainer::scramble(hash + static_cast<std::uint64_t>(i)) >> 11) / 9007199254740992.0;
        values[i] = static_cast<float>((2 * unit - 1) * scale);
    }
}

}  // namespace ktrain::test
