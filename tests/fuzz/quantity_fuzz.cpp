// Fuzzes quantities: printing is exact, suggestions are quantities.
#include "core/base/quantity.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const std::string meant = Quantity::suggest(text);
    fuzz::expect(meant.empty() || Quantity::parse(meant), "a suggestion is a quantity");
    const std::optional<Quantity> quantity = Quantity::parse(text);
    if (!quantity) return 0;
    const std::optional<Quantity> again = Quantity::parse(quantity->text());
    fuzz::expect(again && *again == *quantity, "the printed quantity is the same");
    fuzz::expect(quantity->text().size() <= 32, "the printed quantity is short");
    fuzz::expect(*quantity + Quantity() == *quantity && *quantity * 1 == *quantity, "zero and one are neutral");
    return 0;
}
