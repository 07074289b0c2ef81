// Fuzzes the YAML reader and writer: no input may crash it, and what is written reads back as it was.
#include "core/base/yaml.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const yaml::Limits limits{.max_bytes = 1 << 20, .max_nodes = 20'000, .max_depth = 100};
    yaml::Stream stream = yaml::parse(fuzz::text_of(data, size), "input", limits);
    for (const Diagnostic& problem : stream.problems) {
        fuzz::expect(problem.rule == "KT001" || problem.rule == "KT002", "problems are KT001 or KT002");
        fuzz::expect(!problem.message.empty() && !problem.fix.empty(), "problems have a message and a fix");
    }
    if (!stream.problems.empty()) return 0;
    for (const yaml::Node& document : stream.documents) {
        fuzz::expect(document.line > 0 && document.column > 0, "documents have a place");
        const Json value = yaml::to_json(document);
        const std::string text = yaml::emit(value);
        yaml::Stream again = yaml::parse(text, "emitted");
        fuzz::expect(again.problems.empty(), "what is written is valid");
        const Json reread = again.documents.empty() ? Json(nullptr) : yaml::to_json(again.documents.front());
        fuzz::expect(reread == value, "what is written reads back");
    }
    return 0;
}
