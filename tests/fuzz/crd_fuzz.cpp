// Fuzzes CRDs that are handed in: "CRDs|objects|objects" ends in complete findings, whatever the schema and its rules.
#include "core/lint/lint.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/memory_folder.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [crds, objects] = fuzz::halves(fuzz::text_of(data, size), "|objects|");
    lint::Target target;
    lint::add_crds(target, {{"crds", std::string(crds)}});
    const lint::Report report = lint::check({{"objects", std::string(objects)}}, {}, target);
    for (const Diagnostic& d : report.findings) {
        fuzz::expect(lint::find_rule(d.rule) != nullptr, "findings belong to a rule");
        fuzz::expect(!d.message.empty() && !d.fix.empty(), "findings are complete");
        fuzz::expect(d.where.file == "crds" || d.where.file == "objects", "findings have a place");
    }
    return 0;
}
