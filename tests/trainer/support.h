// What the trainer's tests share: temporary folders, made data sets, a host that records, small specs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/run/trainer_api.h"
#include "core/spec/spec.h"
#include "trainer/model/named_tensors.h"

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

// Records what the trainer says; asks it to stop with `signal` once `stop_when` is true of an event.
class RecordingHost {
public:
    std::vector<Json> events;
    std::function<bool(const Json&)> stop_when;
    int signal = 15;

    const ktrain_host& host() { return host_; }
    const Json* last(const std::string& event) const;  // nullptr when there was none
    std::size_t count(const std::string& event) const;

private:
    bool stopping_ = false;
    ktrain_host host_{this, [](void* self, const char* text) { static_cast<RecordingHost*>(self)->hear(text); },
                      [](void* self) {
                          auto& host = *static_cast<RecordingHost*>(self);
                          return host.stopping_ ? host.signal : 0;
                      }};
    void hear(const char* text);
};

// A spec for the folder of make_idx_folder: 3 epochs of 12 steps, both augmentations, a log line every 5 steps.
TrainingSpec small_spec(const std::string& data, const std::string& output);

// Trains within this process; the exit signal, or 0.
int run(const TrainingSpec& spec, RecordingHost& host);
int run(const TrainingSpec& spec);

// Names in a folder, sorted, without hidden ones.
std::vector<std::string> names_in(const std::string& folder);

// The error of `body`. Fails the test when there is none.
Error error_of(const std::function<void()>& body);

// A tensor whose elements follow from its name: splitmix64 of (FNV-1a of the name + index), uniform in [-scale, scale).
// tests/parity/cnn/make_reference.py has the same formula.
void fill_by_name(const trainer::NamedTensor& tensor, double scale);

}  // namespace ktrain::test
