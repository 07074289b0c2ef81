// Fuzzes the safetensors header: what is accepted covers the data without holes, all else is an Error.
#include "core/base/error.h"
#include "tests/fuzz/expect.h"
#include "trainer/state/safetensors_header.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    try {
        std::size_t covered = 0;
        for (const auto& entry : trainer::parse_safetensors(bytes, "input")) {
            std::uint64_t wanted = trainer::safetensors_types[entry.type].bytes;
            for (const std::int64_t length : entry.shape) wanted *= static_cast<std::uint64_t>(length);
            fuzz::expect(entry.data.size() == wanted, "a tensor has the bytes of its shape");
            covered += entry.data.size();
            if (entry.data.empty()) continue;
            fuzz::expect(entry.data.data() >= bytes.data() + 8, "it begins behind the header");
            fuzz::expect(entry.data.data() + entry.data.size() <= bytes.data() + bytes.size(), "it ends in the file");
        }
        fuzz::expect(covered + 8 <= bytes.size(), "no byte is in two tensors");
    } catch (const Error& error) {
        fuzz::expect(error.kind == ErrorKind::input, "bad text is bad input");
        fuzz::expect(error.where.file == "input", "errors name the file");
    }
    return 0;
}
