// Fuzzes token store files, with checksums made right: they end in sequences that can be read, or in an Error.
#include "core/base/error.h"
#include "tests/fuzz/expect.h"
#include "tests/support/token_store.h"
#include "trainer/data/token_store.h"

using namespace ktrain;
using namespace ktrain::trainer;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string file = test::signed_again(std::string(fuzz::text_of(data, size)));
    try {
        const TokenStore store(file, "store");
        std::uint64_t tokens = 0;
        for (std::uint64_t row = 0; row < store.rows(); ++row) {
            for (std::uint32_t s = 0; s < store.form().sequences; ++s)
                for (const Token token : store.sequence(row, s)) tokens += token.id() >= 0 ? 1 : 0;
            (void)store.numbers(row);
        }
        fuzz::expect(tokens == store.totals().tokens, "every token is in one sequence");
        fuzz::expect(store.lengths().size() == store.rows(), "every row has a length");
    } catch (const Error& error) {
        fuzz::expect(error.kind == ErrorKind::input, "a bad store is bad input");
        fuzz::expect(error.where.file == "store", "errors name the file");
    }
    return 0;
}
