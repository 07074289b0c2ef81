// What the trainer's tests share beside made data sets: a host that records, small specs, whole runs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/run/trainer_api.h"
#include "core/spec/spec.h"
#include "tests/support/images.h"
#include "trainer/tensors/named_tensors.h"

namespace ktrain::test {

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

// A tensor whose elements follow from its name: splitmix64 of (FNV-1a of the name + index), uniform in [-scale, scale).
// tests/parity/cnn/make_reference.py has the same formula.
void fill_by_name(const trainer::NamedTensor& tensor, double scale);

}  // namespace ktrain::test
