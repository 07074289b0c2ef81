// Fuzzes the checks of manifests: no manifest may crash them, every finding is complete.
#include "core/lint/lint.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const lint::Report report = lint::check({{"input", std::string(fuzz::text_of(data, size))}});
    for (const Diagnostic& d : report.findings) {
        fuzz::expect(lint::find_rule(d.rule) != nullptr, "findings belong to a rule");
        fuzz::expect(!d.message.empty() && !d.fix.empty() && !d.why.empty(), "findings are complete");
        fuzz::expect(d.where.file == "input", "findings have a place");
    }
    return 0;
}
