// Specs and what is said about them: tests/golden/spec/CASE has spec.yaml and perhaps `sets` (lines of PATH=VALUE);
// problems.txt is what a user reads, resolved.yaml what differs from the defaults.
#include "cli/term/output.h"
#include "core/base/text.h"
#include "core/base/yaml.h"
#include "core/spec/load.h"
#include "tests/support/golden.h"

using namespace ktrain;

namespace {

std::vector<spec::Override> overrides_of(const std::string& folder) {
    std::vector<spec::Override> overrides;
    const std::string path = folder + "/sets";
    if (!real_files().exists(path)) return overrides;
    for (const std::string& line : split(real_files().read(path), '\n'))
        if (const auto equals = line.find('='); equals != std::string::npos)
            overrides.push_back({line.substr(0, equals), line.substr(equals + 1), "--set"});
    return overrides;
}

}  // namespace

TEST_CASE("specs load, or their problems are all reported with their places") {
    for (const std::string& folder : test::golden_cases("spec")) {
        INFO(folder);
        const auto loaded = spec::load(real_files().read(folder + "/spec.yaml"), "spec.yaml", overrides_of(folder));
        const bool good = !has_errors(loaded.problems);
        test::check_golden(folder + "/problems.txt", term::render_diagnostics(loaded.problems, false));
        test::check_golden(folder + "/resolved.yaml", good ? yaml::emit(spec::to_json_minimal(loaded.spec)) : "");
    }
}
