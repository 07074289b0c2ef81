// Parts of specs for tests, in one line each.
#pragma once

#include <string>

#include "core/spec/spec.h"

namespace ktrain::test {

inline VolumeSpec volume(const std::string& claim, const std::string& mount_path, const std::string& size = "",
                         const std::string& access = "ReadWriteOnce") {
    VolumeSpec result;
    result.claim = claim;
    result.mount_path = mount_path;
    result.size = size;
    result.access = access;
    return result;
}

inline VolumeSpec read_only(VolumeSpec volume) {
    volume.read_only = true;
    return volume;
}

inline ModelSpec model(const std::string& name_or_path) {
    ModelSpec result;
    result.model_name_or_path = name_or_path;
    return result;
}

inline ModelSpec simple_cnn(std::int64_t input_channels = 3) {
    ModelSpec result;
    result.type = "simple_cnn";
    result.input_channels = input_channels;
    return result;
}

}  // namespace ktrain::test
