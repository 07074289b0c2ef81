// Evaluations as transformers judges them, and the state that carries this through a checkpoint.
#include "tests/support/paths.h"
#include "trainer/loop/selection.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/images.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

// Reads the state back from its file after every evaluation.
TrainState through_file(const TrainState& state, const TrainingArgs& args) {
    return decode_state(
        encode_state(state, {Json::object(), 0, args.early_stopping_patience, args.early_stopping_threshold}), "state");
}

TrainingSpec spec_of(const Json& row) {
    TrainingSpec spec;
    spec.training.load_best_model_at_end = true;
    spec.training.metric_for_best_model = row.at("metric");
    spec.training.early_stopping_patience = row.at("patience");
    spec.training.early_stopping_threshold = row.at("threshold");
    spec.checkpoint.save_strategy = row.at("save_strategy");
    return spec;
}

// Whose mean loss and accuracy are both `value`, a number of sixteenths.
Tally tally_of(double value) {
    return {value * 16, std::lround(value * 16), 16};
}

}  // namespace

TEST_CASE("the best evaluation and the end of patience are those of transformers, through every checkpoint") {
    const Json reference = Json::parse(read_file(source_path("/tests/parity/selection/reference.json")));
    for (const Json& row : reference.at("cases")) {
        CAPTURE(row.dump());
        const TrainingSpec spec = spec_of(row);
        TrainState state;
        for (const Json& after : row.at("after")) {
            const auto number = static_cast<std::size_t>(state.step++);
            REQUIRE(!out_of_patience(spec.training, state));
            note_evaluation(spec, tally_of(row.at("values")[number]), state);
            state = through_file(state, spec.training);
            REQUIRE(state.best.has_value());
            CHECK(state.best->metric == after[0].get<double>());
            CHECK((state.best->step ? Json(*state.best->step) : Json()) == after[1]);
            CHECK(state.worse_in_row == after[2]);
            CHECK(out_of_patience(spec.training, state) == after[3].get<bool>());
            CHECK(state.evaluation->step == state.step);
        }
    }
}

TEST_CASE("trainer_state.json names the best checkpoint and the counter of patience as transformers does") {
    TrainingSpec spec;
    spec.training.early_stopping_patience = 4;
    spec.training.early_stopping_threshold = 0.5;
    TrainState state;
    state.step = 7;
    note_evaluation(spec, tally_of(2), state);
    note_evaluation(spec, tally_of(3), state);
    state.best->checkpoint = "out/checkpoint-7";
    const Json json = Json::parse(encode_state(state, {Json::object(), 1.5, 4, 0.5}));
    CHECK(json.at("best_metric") == 2.0);
    CHECK(json.at("best_global_step") == 7);
    CHECK(json.at("best_model_checkpoint") == "out/checkpoint-7");
    CHECK(json.at("epoch") == 1.5);
    const Json& callback = json.at("stateful_callbacks").at("EarlyStoppingCallback");
    CHECK(callback.at("args") == Json{{"early_stopping_patience", 4}, {"early_stopping_threshold", 0.5}});
    CHECK(callback.at("attributes").at("early_stopping_patience_counter") == 1);
}

TEST_CASE("a run that looks for no best evaluation writes none") {
    TrainState state;
    state.step = 7;
    note_evaluation(TrainingSpec{}, tally_of(2), state);
    CHECK(!state.best);
    const Json json = Json::parse(encode_state(state, {}));
    for (const char* name : {"best_metric", "best_global_step", "best_model_checkpoint"})
        CHECK(json.at(name).is_null());
    CHECK(!json.at("stateful_callbacks").contains("EarlyStoppingCallback"));
    CHECK(decode_state(json.dump(), "state").evaluation->tally.loss == 32);
}

TEST_CASE("steps are evaluated every eval_steps and at the end") {
    TrainingArgs args;
    args.eval_strategy = "steps";
    args.eval_steps = 4;
    std::vector<std::int64_t> steps;
    for (std::int64_t step = 0; step <= 10; ++step)
        if (evaluates_at(args, step, 10)) steps.push_back(step);
    CHECK(steps == std::vector<std::int64_t>{4, 8, 10});
    for (const char* other : {"epoch", "no"}) {
        args.eval_strategy = other;
        CHECK(!evaluates_at(args, 4, 10));
    }
}

TEST_CASE("what needs an evaluation is refused without data for it") {
    const auto field = [](const std::function<void(TrainingArgs&)>& change) {
        TrainingSpec spec;
        change(spec.training);
        require_evaluation(spec, true, true);
        return error_of([&] { require_evaluation(spec, false, true); }).where.path;
    };
    CHECK(field([](auto& args) { args.load_best_model_at_end = true; }) == "training.load_best_model_at_end");
    CHECK(field([](auto& args) { args.early_stopping_patience = 1; }) == "training.early_stopping_patience");
    CHECK(field([](auto& args) { args.eval_strategy = "steps"; }) == "training.eval_strategy");
    require_evaluation(TrainingSpec{}, false, true);
}
