// Fuzzes the reader of tokenizer_config.json: no input may crash it, and what it lists for the vocabulary is whole.
#include "core/base/error.h"
#include "tests/fuzz/expect.h"
#include "trainer/text/tokenizer_config.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const auto config = trainer::parse_tokenizer_config(fuzz::text_of(data, size), "input");
        for (const Json& token : config.added)
            fuzz::expect(token.is_string() || (token.is_object() && token.size() == 6),
                         "a token is a text or has all marks");
    } catch (const Error& error) {
        fuzz::expect(error.kind == ErrorKind::input, "bad text is bad input");
        fuzz::expect(error.where.file == "input", "errors have a place");
    }
    return 0;
}
