// Checked parsing of IDX headers and data.
#include "trainer/data/idx.h"

#include <fmt/format.h>

#include <span>

#include "core/base/error.h"
#include "trainer/data/gunzip.h"

namespace ktrain::trainer {
namespace {

constexpr std::uint32_t images_magic = 0x00000803, labels_magic = 0x00000801;
constexpr std::uint64_t max_file = std::uint64_t{1} << 32;
constexpr std::uint32_t max_side = 4096;

[[noreturn]] void refuse(const std::string& path, const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::input, fmt::format("{} {}", path, what), {path, 0, 0, ""}, hint);
}

std::uint32_t big_endian(std::string_view data, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(data[offset + i]);
    return value;
}

// The sizes in the header of an IDX file of unsigned bytes.
std::vector<std::uint32_t> parse_header(std::string_view head, const std::string& path, std::uint32_t magic) {
    const std::size_t dimensions = magic & 0xFF;
    const std::string_view kind = magic == images_magic ? "images" : "labels";
    const std::uint32_t found = head.size() < 4 ? magic : big_endian(head, 0);
    if (found != magic)
        refuse(path, fmt::format("is no IDX file of {}: it starts with 0x{:08x}, not 0x{:08x}", kind, found, magic),
               "data.dataset_path must hold the files of an MNIST-like data set");
    if (head.size() < 4 + 4 * dimensions)
        refuse(path, fmt::format("is truncated: {} bytes do not hold an IDX header", head.size()),
               "copy the file again from where it came from");
    std::vector<std::uint32_t> sizes;
    for (std::size_t i = 0; i < dimensions; ++i) sizes.push_back(big_endian(head, 4 + 4 * i));
    if (sizes[0] == 0) refuse(path, fmt::format("holds no {}", kind), "give a file with at least one sample");
    for (std::size_t i = 1; i < dimensions; ++i)
        if (sizes[i] == 0 || sizes[i] > max_side)
            refuse(path,
                   fmt::format("has images of {}x{} pixels; each side must be 1 to {}", sizes[1], sizes[2], max_side),
                   "copy the file again");
    return sizes;
}

struct IdxData {
    std::vector<std::uint32_t> sizes;
    std::string content;  // header and data
    std::size_t begin;    // of the data
};

IdxData read_data(const Files& files, const std::string& path, std::uint32_t magic) {
    std::string file = files.read(path, max_file);
    const bool packed = is_gzip(file);
    const std::size_t begin = 4 + 4 * (magic & 0xFF);
    IdxData data{parse_header(packed ? gunzip(file, path, begin) : file, path, magic), {}, begin};
    std::uint64_t wanted = begin;
    std::uint64_t samples = 1;
    for (const std::uint32_t size : data.sizes) samples *= size;  // below 2^32 * 2^24
    wanted += samples;
    if (wanted > max_file)
        refuse(path, fmt::format("claims {} bytes of data; at most 4 GiB are read", samples), "split it");
    data.content = packed ? gunzip(file, path, wanted + 1) : std::move(file);
    if (data.content.size() < wanted)
        refuse(path, fmt::format("is truncated: its header promises {} bytes, it has {}", wanted, data.content.size()),
               "copy the file again from where it came from");
    if (data.content.size() > wanted)
        refuse(path, fmt::format("is longer than the {} bytes its header promises", wanted),
               "copy the file again from where it came from");
    return data;
}

}  // namespace

ImageSet read_idx(const Files& files, const std::string& images_path, const std::string& labels_path) {
    const IdxData images = read_data(files, images_path, images_magic);
    const IdxData labels = read_data(files, labels_path, labels_magic);
    if (images.sizes[0] != labels.sizes[0])
        refuse(labels_path,
               fmt::format("has {} labels for the {} images of {}", labels.sizes[0], images.sizes[0], images_path),
               "use the labels that belong to the images");
    ImageSet set;
    set.channels = 1;
    set.height = images.sizes[1];
    set.width = images.sizes[2];
    set.pixels.assign(images.content.begin() + static_cast<std::ptrdiff_t>(images.begin), images.content.end());
    set.labels.assign(labels.content.begin() + static_cast<std::ptrdiff_t>(labels.begin), labels.content.end());
    set.files.push_back({labels_path, 0});
    return set;
}

}  // namespace ktrain::trainer
