// Estimates of whole specs as JSON, byte for byte.
#include "core/estimate/estimate.h"
#include "core/model/find.h"
#include "core/spec/load.h"
#include "tests/support/golden.h"

using namespace ktrain;

TEST_CASE("the estimate of every golden spec is as written") {
    for (const std::string& folder : test::golden_cases("estimate")) {
        CAPTURE(folder);
        auto loaded = spec::load(real_files().read(folder + "/spec.yaml"), "spec.yaml");
        for (const Diagnostic& problem : loaded.problems)
            CHECK_MESSAGE(problem.severity != Severity::error, problem.message);
        std::string& model = loaded.spec.model.model_name_or_path;
        const ModelShape shape = [&] {
            if (!model.starts_with("./")) return find_model(loaded.spec.model, real_files());
            ModelSpec beside = loaded.spec.model;  // a model that lies in the case's folder
            beside.model_name_or_path = folder + model.substr(1);
            ModelShape found = find_model(beside, real_files());
            found.name = model;
            return found;
        }();
        test::check_golden(folder + "/expected.json", to_pretty(to_json(estimate(loaded.spec, shape, Profile::docs))));
    }
}
