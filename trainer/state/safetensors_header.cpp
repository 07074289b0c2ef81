// From the header to the bytes of each tensor.
#include "trainer/state/safetensors_header.h"

#include <utility>

namespace ktrain::trainer {

std::vector<SafetensorsEntry> parse_safetensors(std::string_view bytes, const std::string& file) {
    const std::uint64_t length = safetensors_header_length(bytes, bytes.size(), file);
    const std::string_view data = bytes.substr(8 + length);
    std::vector<SafetensorsEntry> entries;
    for (SafetensorsTensor& tensor :
         parse_safetensors_header(bytes.substr(8, length), data.size(), safetensors_types, file)) {
        const std::string_view place = data.substr(tensor.begin, tensor.end - tensor.begin);
        entries.push_back({std::move(tensor.name), tensor.type, std::move(tensor.shape), place});
    }
    return entries;
}

}  // namespace ktrain::trainer
