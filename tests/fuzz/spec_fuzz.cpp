// Fuzzes the spec reader: every refusal has words and a place, and what is accepted survives being written and read.
// Lines behind a line of "=====" are --set changes.
#include "core/base/text.h"
#include "core/base/yaml.h"
#include "core/spec/load.h"
#include "tests/fuzz/expect.h"

using namespace ktrain;

namespace {

std::vector<spec::Override> overrides_of(std::string_view text) {
    std::vector<spec::Override> overrides;
    for (const std::string& line : split(text, '\n'))
        if (const auto equals = line.find('='); equals != std::string::npos && overrides.size() < 20)
            overrides.push_back({line.substr(0, equals), line.substr(equals + 1), "--set"});
    return overrides;
}

void check_problem(const Diagnostic& problem) {
    fuzz::expect(!problem.message.empty(), "problems have a message");
    fuzz::expect(!problem.where.file.empty(), "problems have a place");
    fuzz::expect(problem.message.size() < 2000, "messages are short");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view border = "\n=====\n";
    const std::string_view text = fuzz::text_of(data, size);
    const std::size_t cut = text.find(border);
    const std::string_view sets = cut == std::string_view::npos ? "" : text.substr(cut + border.size());
    const spec::Loaded loaded = spec::load(text.substr(0, cut), "spec.yaml", overrides_of(sets));
    for (const Diagnostic& problem : loaded.problems) check_problem(problem);
    if (has_errors(loaded.problems)) return 0;
    const Json resolved = spec::to_json(loaded.spec);
    fuzz::expect(spec::to_json(spec::from_json(resolved)) == resolved, "the resolved JSON reads back");
    const spec::Loaded again = spec::load(yaml::emit(spec::to_json_minimal(loaded.spec)), "again.yaml");
    fuzz::expect(!has_errors(again.problems) && spec::to_json(again.spec) == resolved, "the minimal YAML reads back");
    return 0;
}
