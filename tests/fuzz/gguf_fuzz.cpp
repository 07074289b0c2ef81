// Fuzzes the GGUF header and the shape that is read from it: all that is not right is an Error that names the file.
#include "core/base/error.h"
#include "core/model/gguf.h"
#include "core/model/parameters.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text_of(data, size);
    std::uint64_t read = 0;
    const PartedFile file{"input", size, [&](std::uint64_t offset, std::uint64_t count) {
                              fuzz::expect(offset <= size && count <= size - offset, "reads stay in the file");
                              read += count;
                              return std::string(bytes.substr(offset, count));
                          }};
    try {
        const Gguf gguf = parse_gguf(file);
        for (const WeightTensor& tensor : gguf.tensors)
            for (const std::int64_t length : tensor.shape) fuzz::expect(length >= 0, "no size is negative");
        const ModelShape shape = shape_of_gguf(gguf, "input");
        fuzz::expect(shape.parameters > 0, "a shape has parameters");
        fuzz::expect(shape.heads >= 0 && shape.kv_heads >= 0 && shape.head_dim >= 0, "heads are not negative");
        fuzz::expect(shape.layers <= 4096, "no more layers than a model has");
        if (shape.hidden > 0) fuzz::expect(count_parameters(shape) > 0, "what is read can be counted");
    } catch (const Error& error) {
        fuzz::expect(error.kind == ErrorKind::input, "a bad file is bad input");
        fuzz::expect(error.where.file == "input", "errors name the file");
    }
    return 0;
}
