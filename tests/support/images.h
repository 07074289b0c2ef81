// Temporary folders and made data sets, for tests of the trainer with and without libtorch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/base/error.h"

namespace ktrain::test {

// A folder that is gone at the end of the scope.
class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& content);

// IDX bytes: images whose pixels depend on their label (so that there is something to learn), or labels.
std::string idx_images(std::size_t count, std::uint32_t height = 8, std::uint32_t width = 8);
std::string idx_labels(std::size_t count, int classes = 4);
std::string gzip(const std::string& data);

// The four files of an MNIST-like folder.
void make_idx_folder(const std::string& folder, std::size_t train = 96, std::size_t test = 32);

// CIFAR-10 records of 32x32 pixels and three channels from IDX data: grey on all channels, centred on black.
std::string to_cifar(const std::string& images, const std::string& labels);

// The error of `body`. Fails the test when there is none.
Error error_of(const std::function<void()>& body);

}  // namespace ktrain::test
