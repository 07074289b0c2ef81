// Fuzzes the JSON reader: no input may crash it, errors are located, values survive writing.
#include "core/base/error.h"
#include "core/base/json.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const Json value = parse_json(fuzz::text_of(data, size), "input");
        fuzz::expect(parse_json(to_pretty(value), "again") == value, "what is written reads back");
    } catch (const Error& error) {
        fuzz::expect(error.kind == ErrorKind::input, "bad text is bad input");
        fuzz::expect(error.where.line > 0 && error.where.column > 0, "errors have a place");
    }
    return 0;
}
