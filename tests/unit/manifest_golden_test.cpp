// Manifests of whole specs, byte for byte.
#include "core/base/yaml.h"
#include "core/manifest/manifest.h"
#include "core/spec/load.h"
#include "tests/support/golden.h"

using namespace ktrain;

TEST_CASE("the manifests of every golden spec are as written") {
    for (const std::string& folder : test::golden_cases("manifests")) {
        CAPTURE(folder);
        const auto loaded = spec::load(real_files().read(folder + "/spec.yaml"), "spec.yaml");
        for (const Diagnostic& problem : loaded.problems)
            CHECK_MESSAGE(problem.severity != Severity::error, problem.message);
        const Plan plan = make_plan(loaded.spec);
        std::string text;
        for (const Object& object : render(plan)) text += (text.empty() ? "" : "---\n") + yaml::emit(object);
        std::string warnings;
        for (const Diagnostic& warning : plan.warnings) warnings += warning.message + "\n";
        test::check_golden(folder + "/expected.yaml", text);
        test::check_golden(folder + "/expected.warnings", warnings);
    }
}
