// Recognises CIFAR-10 and IDX folders by their files; presets of the known data sets.
#include "trainer/data/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/file_error.h"
#include "core/base/text.h"
#include "trainer/data/cifar.h"
#include "trainer/data/idx.h"

namespace ktrain::trainer {
namespace {

struct Preset {
    std::string_view dataset;
    std::array<double, 3> mean, deviation;  // one for each channel; grey images use the first
    std::array<std::string_view, 10> class_names;
    std::string_view source;  // how to get it
};

constexpr std::array<Preset, 4> presets{{
    {"cifar10",
     {0.4914, 0.4822, 0.4465},
     {0.2023, 0.1994, 0.2010},
     {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
     "get \"CIFAR-10 binary version (suitable for C programs)\" from https://www.cs.toronto.edu/~kriz/cifar.html, "
     "unpack it, and set data.dataset_path to its folder cifar-10-batches-bin"},
    {"fashion_mnist",
     {0.2860, 0.2860, 0.2860},
     {0.3530, 0.3530, 0.3530},
     {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
     "on Debian: apt-get install dataset-fashion-mnist, then data.dataset_path: /usr/share/datasets/fashion-mnist"},
    {"idx", {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}, {}, ""},
    {"mnist",
     {0.1307, 0.1307, 0.1307},
     {0.3081, 0.3081, 0.3081},
     {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
     "put train-images-idx3-ubyte, train-labels-idx1-ubyte and the two t10k files into the folder (plain or .gz)"},
}};
static_assert(std::ranges::is_sorted(presets, {}, &Preset::dataset));

constexpr std::string_view any_source =
    "a folder with CIFAR-10's binary batches (data_batch_1.bin ...) or IDX files (train-images-idx3-ubyte ..., plain "
    "or .gz); on Debian: apt-get install dataset-fashion-mnist, then data.dataset_path: "
    "/usr/share/datasets/fashion-mnist";

const Preset& preset(std::string_view dataset) {
    const auto row = std::ranges::find(presets, dataset, &Preset::dataset);
    if (row == presets.end()) throw Error(ErrorKind::bug, "no data set is called " + std::string(dataset));
    return *row;
}

std::string source_of(const std::string& dataset) {
    return std::string(dataset.empty() ? any_source : preset(dataset).source);
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::binary_search(names.begin(), names.end(), name);
}

// `name` or `name`.gz as a path in the folder; empty when neither is there.
std::string plain_or_packed(const std::string& folder, const std::vector<std::string>& names, const std::string& name) {
    if (has(names, name)) return folder + "/" + name;
    if (has(names, name + ".gz")) return folder + "/" + name + ".gz";
    return "";
}

bool is_batch(const std::string& name) {
    return name.starts_with("data_batch_") && name.ends_with(".bin");
}

void read_cifar_folder(const Files& files, ImageFolder& to, const std::string& folder,
                       const std::vector<std::string>& names) {
    std::vector<std::string> batches;
    for (const auto& name : names)
        if (is_batch(name)) batches.push_back(folder + "/" + name);
    to.dataset = "cifar10";
    to.train = read_cifar(files, batches);
    if (has(names, "test_batch.bin")) to.test = read_cifar(files, {folder + "/test_batch.bin"});
    if (has(names, "batches.meta.txt")) to.class_names = read_cifar_names(files, folder + "/batches.meta.txt");
}

// Both files of one part ("train", "t10k"), or nothing when the images are not there.
std::optional<ImageSet> read_idx_part(const Files& files, const std::string& folder,
                                      const std::vector<std::string>& names, const std::string& part) {
    const std::string images = plain_or_packed(folder, names, part + "-images-idx3-ubyte");
    if (images.empty()) return std::nullopt;
    const std::string labels = plain_or_packed(folder, names, part + "-labels-idx1-ubyte");
    if (labels.empty())
        refuse(folder, fmt::format("{} has no {}-labels-idx1-ubyte beside its images", folder, part),
               "put the file with the labels there (plain or .gz)");
    return read_idx(files, images, labels);
}

// True when the folder itself holds a data set.
bool read_folder(const Files& files, ImageFolder& to, const std::string& folder) {
    const std::vector<std::string> names = files.list(folder);
    if (std::ranges::any_of(names, is_batch)) {
        read_cifar_folder(files, to, folder, names);
        return true;
    }
    auto train = read_idx_part(files, folder, names, "train");
    if (!train) return false;
    to.dataset = "idx";
    to.train = std::move(*train);
    to.test = read_idx_part(files, folder, names, "t10k");
    return true;
}

[[noreturn]] void no_data(const Files& files, const std::string& path, const std::string& dataset) {
    const auto names = files.list(path);
    if (has(names, "data_batch_1") || has(names, "cifar-10-batches-py"))
        refuse(path, path + " holds the Python version of CIFAR-10, which is made of pickles and not read",
               source_of("cifar10"));
    refuse(path, names.empty() ? path + " is empty" : path + " holds neither CIFAR-10 batches nor IDX files",
           source_of(dataset));
}

void check_parts(const ImageFolder& folder) {
    if (!folder.test) return;
    const ImageSet &a = folder.train, &b = *folder.test;
    if (a.channels != b.channels || a.height != b.height || a.width != b.width)
        refuse(b.files[0].path,
               fmt::format("the images of {} are {}x{}, those of {} are {}x{}", b.files[0].path, b.height, b.width,
                           a.files[0].path, a.height, a.width),
               "use the test set that belongs to the training set");
}

void settle_dataset(ImageFolder& folder, const std::string& path, const std::string& dataset) {
    const bool wants_cifar = dataset == "cifar10", has_cifar = folder.dataset == "cifar10";
    if (!dataset.empty() && wants_cifar != has_cifar)
        refuse(path,
               fmt::format("data.dataset is {}, but {} holds {}", dataset, path,
                           has_cifar ? "CIFAR-10 batches" : "IDX files"),
               "leave out data.dataset, or point data.dataset_path to the right folder");
    if (!dataset.empty()) folder.dataset = dataset;
    const Preset& known = preset(folder.dataset);
    const auto channels = static_cast<std::ptrdiff_t>(folder.train.channels);
    folder.mean.assign(known.mean.begin(), known.mean.begin() + channels);
    folder.deviation.assign(known.deviation.begin(), known.deviation.begin() + channels);
    if (folder.class_names.empty() && !known.class_names[0].empty())
        folder.class_names.assign(known.class_names.begin(), known.class_names.end());
}

}  // namespace

ImageFolder open_image_folder(const Files& files, const std::string& path, const std::string& dataset) {
    if (path.empty())
        throw Error(ErrorKind::input, "data.dataset_path is not set", {"", 0, 0, "data.dataset_path"},
                    source_of(dataset));
    if (!files.exists(path)) refuse(path, path + " does not exist", source_of(dataset));
    if (!files.is_folder(path)) refuse(path, path + " is no folder", "data.dataset_path must name a folder");
    ImageFolder folder;
    const std::string unpacked = path + "/cifar-10-batches-bin";
    if (!read_folder(files, folder, path) && !(files.is_folder(unpacked) && read_folder(files, folder, unpacked)))
        no_data(files, path, dataset);
    check_parts(folder);
    settle_dataset(folder, path, dataset);
    return folder;
}

}  // namespace ktrain::trainer
