// The record that a run leaves, as `ktrain estimate --calibrate` reads it.
#include <doctest/doctest.h>

#include "core/estimate/calibration.h"
#include "core/estimate/labels.h"
#include "core/model/find.h"
#include "core/spec/load.h"
#include "tests/trainer/language_model.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

TEST_CASE("what a run holds can be compared with its estimate") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    spec.objective.packing = true;
    spec.objective.max_length = 64;
    spec.training.max_steps = 3;
    for (const bool adapts : {false, true}) {
        CAPTURE(adapts);
        if (adapts) {
            spec.model = {.model_name_or_path = folder / "out"};
            spec.method.type = "lora";
            spec.method.target_modules = {"all-linear"};
            spec.training.bf16 = true;
            spec.output_dir = folder / "adapter";
        }
        REQUIRE(run(spec) == 0);
        const std::string file = spec.output_dir + "/run.json";
        const RunRecord record = read_run_record(read_file(file), file);
        REQUIRE(record.spec);
        CHECK(spec::digest(*record.spec) == record.digest);
        const ComparedRun compared =
            compare(record, estimate(*record.spec, find_model(record.spec->model, real_files())));
        CHECK(compared.family == "llama");
        for (const ComparedComponent& component : compared.components) {
            CAPTURE(component.label);
            CAPTURE(component.measured);
            CAPTURE(component.estimated);
            // Of so small a model what is not counted, such as the values of one row, is a part of a step.
            const double most = component.label == labels::activations ? 0.15 : 0.02;
            CHECK(std::abs(static_cast<double>(component.estimated - component.measured)) <=
                  most * static_cast<double>(component.measured) + 64);
        }
        for (const std::string& label : compared.left_out) CHECK_FALSE(labels::find_logged(label)->estimated);
    }
}
