// Fuzzes the rows of text data: the first character chooses the format; every text ends in objects or an Error with its
// line, every row in an example of the shape of the first or an Error.
#include "core/base/error.h"
#include "tests/fuzz/expect.h"
#include "tests/support/row_shapes.h"
#include "trainer/data/example.h"
#include "trainer/data/text_rows.h"

using namespace ktrain;
using namespace ktrain::trainer;

namespace {

void read_examples(const Rows& rows) {
    const RowReader reader(rows.read(0), rows.place(0), test::every_shape, {}, rows.typed());
    for (std::uint64_t i = 0; i < rows.size(); ++i) {
        const Example example = reader.read(rows.read(i), rows.place(i));
        (void)is_empty(example);
        if (const auto* tokens = std::get_if<TokenExample>(&example))
            fuzz::expect(tokens->ids.size() == tokens->learned.size(), "every token is learned or not");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto format = static_cast<TextFormat>(data[0] % 5);
    const std::string_view text = fuzz::text_of(data, size).substr(1);
    try {
        const auto rows = text_rows(text, "data", format);
        std::uint64_t wrong = 0;
        for (std::uint64_t i = 0; i < rows->size(); ++i) {
            const Place place = rows->place(i);
            fuzz::expect(place.line >= 1 && (i == 0 || rows->place(i - 1).line <= place.line), "rows know their lines");
            try {
                fuzz::expect(rows->read(i).is_object(), "a row is an object");
            } catch (const Error& error) {
                fuzz::expect(error.where.line >= place.line, "errors are in the row");
                ++wrong;
            }
        }
        if (wrong == 0 && rows->size() > 0) read_examples(*rows);
    } catch (const Error& error) {
        fuzz::expect(error.kind == ErrorKind::input, "bad rows are bad input");
        fuzz::expect(error.where.file == "data" && error.where.line >= 1, "errors name the line");
    }
    return 0;
}
