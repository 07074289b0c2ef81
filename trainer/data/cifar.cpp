// Checked parsing of CIFAR-10 batches.
#include "trainer/data/cifar.h"

#include <fmt/format.h>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::trainer {
namespace {

constexpr std::int64_t channels = 3, side = 32;
constexpr std::size_t pixels = channels * side * side, record = 1 + pixels;
constexpr std::uint8_t classes = 10;
constexpr std::uint64_t max_file = std::uint64_t{1} << 32;

void add_file(const Files& files, ImageSet& set, const std::string& path) {
    const std::string data = files.read(path, max_file);
    if (data.empty() || data.size() % record != 0)
        throw Error(ErrorKind::input,
                    fmt::format("{} is no whole CIFAR-10 batch: {} bytes, not a multiple of {} ({} left over)", path,
                                data.size(), record, data.size() % record),
                    {path, 0, 0, ""}, "copy the file again; a batch of the original has 30730000 bytes");
    set.files.push_back({path, set.size()});
    for (std::size_t at = 0; at < data.size(); at += record) {
        const auto label = static_cast<std::uint8_t>(data[at]);
        if (label >= classes)
            throw Error(ErrorKind::input,
                        fmt::format("{} has the label {} in record {}; CIFAR-10 has 0 to 9", path, label, at / record),
                        {path, 0, 0, ""}, "check that it is the binary version of CIFAR-10");
        set.labels.push_back(label);
        const auto* image = reinterpret_cast<const std::uint8_t*>(data.data()) + at + 1;
        set.pixels.insert(set.pixels.end(), image, image + pixels);
    }
}

}  // namespace

ImageSet read_cifar(const Files& files, const std::vector<std::string>& paths) {
    ImageSet set;
    set.channels = channels;
    set.height = side;
    set.width = side;
    for (const auto& path : paths) add_file(files, set, path);
    return set;
}

std::vector<std::string> read_cifar_names(const Files& files, const std::string& path) {
    std::vector<std::string> names;
    for (const auto& line : split(files.read(path, 1U << 16), '\n'))
        if (const std::string_view name = trim(line); !name.empty()) names.push_back(printable(name));
    if (names.size() != classes)
        throw Error(ErrorKind::input, fmt::format("{} has {} class names, not {}", path, names.size(), classes),
                    {path, 0, 0, ""}, "remove the file to use the names of CIFAR-10");
    return names;
}

}  // namespace ktrain::trainer
