// Whole runs that evaluate by steps, keep the best checkpoint, stop early, or average their weights.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/trainer/language_model.h"
#include "trainer/state/checkpoint.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
namespace fs = std::filesystem;

namespace {

// 30 of the 40 rows are trained: 3 epochs of 8 steps.
TrainingSpec evaluated_spec(const TempFolder& folder) {
    TrainingSpec spec = text_spec(folder);
    spec.data.validation_split = 0.25;
    spec.checkpoint.save_strategy = spec.training.eval_strategy = "steps";
    spec.checkpoint.save_steps = spec.training.eval_steps = 5;
    return spec;
}

// The values of a member over the events of a kind.
std::vector<Json> values(const RecordingHost& host, const std::string& kind, const char* member) {
    std::vector<Json> found;
    for (const Json& event : host.events)
        if (event["event"] == kind) found.push_back(event[member]);
    return found;
}

Json state_of(const std::string& checkpoint) {
    return Json::parse(read_file(checkpoint + "/trainer_state.json"));
}

// metrics.jsonl without what depends on the clock.
std::vector<Json> metrics(const std::string& output) {
    std::vector<Json> lines;
    std::istringstream text(read_file(output + "/metrics.jsonl"));
    for (std::string line; std::getline(text, line);) {
        lines.push_back(Json::parse(line));
        for (const char* key : {"samples_per_second", "tokens_per_second", "eta_seconds", "seconds", "memory"})
            lines.back().erase(key);
    }
    return lines;
}

// Everything that must not depend on how often a run was interrupted.
void check_same_run(const std::string& a, const std::string& b) {
    const std::vector<std::string> names = names_in(a);
    CHECK(names == names_in(b));
    for (const auto& name : names) {
        if (!name.starts_with("checkpoint-")) continue;
        CAPTURE(name);
        for (const char* file : {"/model.safetensors", "/optimizer.safetensors"})
            CHECK(read_file(a + "/" + name + file) == read_file(b + "/" + name + file));
        Json one = state_of(a + "/" + name), other = state_of(b + "/" + name);
        one.erase("best_model_checkpoint"), other.erase("best_model_checkpoint");
        CHECK(one == other);
    }
    CHECK(read_file(a + "/model.safetensors") == read_file(b + "/model.safetensors"));
    CHECK(metrics(a) == metrics(b));
}

// Runs `spec` into `folder`/whole, and in two parts, cut at every third event of a kind.
void check_interruptions(const TempFolder& folder, TrainingSpec spec, const std::string& kind) {
    spec.checkpoint.save_total_limit = 1;  // else the checkpoints of the cuts stay
    spec.output_dir = folder / "whole";
    RecordingHost whole;
    REQUIRE(run(spec, whole) == 0);
    for (std::size_t cut = 1; cut < whole.count(kind); cut += 3) {
        CAPTURE(cut);
        spec.output_dir = folder / "parts";
        RecordingHost first;
        first.stop_when = [&](const Json& event) { return event["event"] == kind && first.count(kind) == cut; };
        REQUIRE(run(spec, first) == 15);
        REQUIRE(run(spec) == 0);
        check_same_run(folder / "whole", folder / "parts");
        fs::remove_all(folder / "parts");
    }
    fs::remove_all(folder / "whole");
}

}  // namespace

TEST_CASE("steps are evaluated, and the epochs have their lines without it") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    spec.training.max_steps = 12;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(values(host, "eval", "step") == std::vector<Json>{5, 10, 12});
    CHECK(values(host, "epoch", "step") == std::vector<Json>{8, 12});
    for (const Json& loss : values(host, "epoch", "eval_loss")) CHECK(loss.is_null());
    const Json state = state_of(folder / "out/checkpoint-12");
    CHECK(state["eval_steps"] == 5);
    CHECK(state["best_metric"].is_null());
    std::vector<Json> steps;
    for (const Json& entry : state["log_history"])
        if (entry.contains("eval_loss")) steps.push_back(entry["step"]);
    CHECK(steps == std::vector<Json>{5, 10, 12});
    CHECK((*host.last("end"))["metrics"]["eval_loss"] == values(host, "eval", "eval_loss").back());
}

TEST_CASE("nothing is evaluated when eval_strategy is no") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    spec.training.eval_strategy = "no";
    spec.training.max_steps = 9;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(host.count("eval") == 0);
    CHECK((*host.last("epoch"))["eval_loss"].is_null());
    CHECK(!(*host.last("end"))["metrics"].contains("eval_loss"));
    CHECK(host.count("warning") == 2);  // the held-out data, and eval_steps
}

TEST_CASE("a run ends with the best weights, and their checkpoint outlives the newest") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    // From nothing to far too much: the first evaluation is the best.
    spec.training.learning_rate = 10;
    spec.training.warmup_steps = 24;
    spec.training.lr_scheduler_type = "constant_with_warmup";
    spec.training.load_best_model_at_end = true;
    spec.checkpoint.save_total_limit = 1;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    const auto losses = values(host, "eval", "eval_loss");
    const auto best = std::ranges::min_element(losses, {}, [](const Json& loss) { return loss.get<double>(); });
    REQUIRE(best != losses.end() - 1);
    const std::string step = values(host, "eval", "step")[static_cast<std::size_t>(best - losses.begin())].dump();
    const std::string kept = folder / ("out/checkpoint-" + step);
    CHECK((*host.last("best"))["path"] == kept);
    CHECK((*host.last("best"))["value"] == *best);
    CHECK(read_file(folder / "out/model.safetensors") == read_file(kept + "/model.safetensors"));
    CHECK((*host.last("end"))["metrics"]["eval_loss"] == *best);
    const Json state = state_of(folder / "out/checkpoint-24");
    CHECK(state["best_metric"] == *best);
    CHECK(state["best_global_step"].dump() == step);
    CHECK(state["best_model_checkpoint"] == kept);
    CHECK(std::ranges::count_if(names_in(folder / "out"),
                                [](const std::string& name) { return name.starts_with("checkpoint-"); }) == 2);
    // Once more: nothing is left to train, and the end is the same.
    RecordingHost again;
    REQUIRE(run(spec, again) == 0);
    CHECK((*again.last("best"))["path"] == kept);
    CHECK(again.count("step") == 0);
    // A best checkpoint that cannot be read costs the best weights, not the run.
    write_file(kept + "/model.safetensors", "damaged");
    RecordingHost damaged;
    REQUIRE(run(spec, damaged) == 0);
    CHECK(damaged.count("best") == 0);
    CHECK(read_file(folder / "out/model.safetensors") == read_file(folder / "out/checkpoint-24/model.safetensors"));
}

TEST_CASE("the best checkpoint is found wherever a run goes on from, and put aside or not") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    spec.training.learning_rate = 10;  // the first evaluation is the best
    spec.training.warmup_steps = 24;
    spec.training.lr_scheduler_type = "constant_with_warmup";
    spec.training.load_best_model_at_end = true;
    REQUIRE(run(spec) == 0);
    const std::string best = read_file(folder / "out/model.safetensors");
    REQUIRE(best == read_file(folder / "out/checkpoint-5/model.safetensors"));
    // From another folder, whose run it is the best of.
    spec.output_dir = folder / "further";
    spec.checkpoint.resume_from_checkpoint = folder / "out/checkpoint-20/";
    RecordingHost further;
    REQUIRE(run(spec, further) == 0);
    CHECK(further.count("warning") == 0);
    CHECK((*further.last("best"))["path"] == folder / "out/checkpoint-5");
    CHECK(read_file(folder / "further/model.safetensors") == best);
    spec.checkpoint.resume_from_checkpoint = "auto";  // the folder of the best is in the state alone
    RecordingHost again;
    REQUIRE(run(spec, again) == 0);
    CHECK((*again.last("best"))["path"] == folder / "out/checkpoint-5");
    // From what was put aside; the best was not, but is now.
    spec.output_dir = folder / "out";
    spec.checkpoint.resume_from_checkpoint = folder / "out/checkpoint-10";
    RecordingHost back;
    back.stop_when = [](const Json& event) { return event["event"] == "step"; };
    REQUIRE(run(spec, back) == 15);
    REQUIRE(fs::exists(folder / "out/superseded-1/checkpoint-20"));
    spec.checkpoint.resume_from_checkpoint = folder / "out/superseded-1/checkpoint-20";
    RecordingHost aside;
    REQUIRE(run(spec, aside) == 0);
    CHECK((*aside.last("best"))["path"] == folder / "out/superseded-2/checkpoint-5");
    CHECK(read_file(folder / "out/model.safetensors") == best);
    // One of the same step and name that is not the best of this run is not taken for it.
    fs::remove_all(folder / "elsewhere");
    fs::create_directories(folder / "elsewhere");
    fs::copy(folder / "out/checkpoint-24", folder / "elsewhere/checkpoint-24", fs::copy_options::recursive);
    fs::copy(folder / "out/checkpoint-24", folder / "elsewhere/checkpoint-5", fs::copy_options::recursive);
    for (const char* place : {"out", "further"}) fs::remove_all(folder / place);
    spec.output_dir = folder / "last";
    spec.checkpoint.resume_from_checkpoint = folder / "elsewhere/checkpoint-24";
    RecordingHost none;
    REQUIRE(run(spec, none) == 0);
    CHECK(none.count("best") == 0);
    CHECK(std::ranges::any_of(values(none, "warning", "message"), [](const Json& message) {
        return message.get<std::string>().ends_with("is the best checkpoint so far, which is not there");
    }));
}

TEST_CASE("the best by another metric is no best: a run that goes on by a new one chooses anew") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    spec.training.load_best_model_at_end = true;
    RecordingHost first;
    first.stop_when = [](const Json& event) { return event["event"] == "step" && event["step"] == 12; };
    REQUIRE(run(spec, first) == 15);
    spec.training.metric_for_best_model = "accuracy";
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    REQUIRE(host.count("warning") == 1);
    CHECK((*host.last("warning"))["message"].get<std::string>().ends_with(
        " was the best checkpoint by another metric: the best is chosen anew, by eval_accuracy"));
    const auto shares = values(host, "eval", "eval_accuracy");
    const auto best = std::ranges::max_element(shares, {}, [](const Json& share) { return share.get<double>(); });
    REQUIRE(best != shares.end());
    CHECK((*host.last("best"))["value"] == *best);
}

TEST_CASE("a run stops when its evaluations are no better for too long, and goes on with more patience") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    spec.training.early_stopping_patience = 2;
    spec.training.early_stopping_threshold = 50;  // nothing is that much better
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(values(host, "eval", "step") == std::vector<Json>{5, 10, 15});
    CHECK((*host.last("early_stop"))["step"] == 15);
    CHECK((*host.last("early_stop"))["evaluations"] == 2);
    CHECK((*host.last("epoch"))["step"] == 15);
    CHECK((*host.last("end"))["steps"] == 15);
    CHECK(fs::exists(folder / "out/checkpoint-15"));
    RecordingHost again;
    REQUIRE(run(spec, again) == 0);
    CHECK(again.count("step") == 0);
    CHECK(std::ranges::any_of(values(again, "warning", "message"), [](const Json& message) {
        return message.get<std::string>().find("early stopping ended the run") != std::string::npos;
    }));
    spec.training.early_stopping_patience = 3;
    RecordingHost patient;
    REQUIRE(run(spec, patient) == 0);
    CHECK(values(patient, "eval", "step") == std::vector<Json>{20});
    CHECK((*patient.last("early_stop"))["evaluations"] == 3);
}

TEST_CASE("an evaluation whose checkpoint was lost by a kill is in metrics.jsonl once") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    spec.training.max_steps = 6;
    RecordingHost first;  // asked to stop before the evaluation of step 5 is done
    first.stop_when = [](const Json& event) { return event["event"] == "step" && event["step"] == 5; };
    REQUIRE(run(spec, first) == 15);
    CHECK(first.count("eval") == 0);
    fs::copy(folder / "out/checkpoint-5", folder / "kept", fs::copy_options::recursive);
    RecordingHost second;
    second.stop_when = [](const Json& event) { return event["event"] == "eval"; };
    REQUIRE(run(spec, second) == 15);
    fs::remove_all(folder / "out/checkpoint-5");
    fs::rename(folder / "kept", folder / "out/checkpoint-5");
    REQUIRE(run(spec) == 0);
    CHECK(std::ranges::count_if(metrics(folder / "out"),
                                [](const Json& line) { return line["event"] == "eval" && line["step"] == 5; }) == 1);
}

TEST_CASE("a run that stops early logs its last steps, too") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    spec.training.logging_steps = 4;
    spec.training.early_stopping_patience = 2;
    spec.training.early_stopping_threshold = 50;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(values(host, "step", "step") == std::vector<Json>{4, 8, 12, 15});
    CHECK(values(host, "step", "loss").back().is_number());
    CHECK(values(host, "step", "learning_rate").back() > 0);
    RecordingHost again;  // there is nothing to say twice
    REQUIRE(run(spec, again) == 0);
    CHECK(again.count("step") == 0);
    spec.training.early_stopping_patience = 3;
    REQUIRE(run(spec) == 0);
    std::vector<Json> steps;
    for (const Json& line : metrics(folder / "out"))
        if (line["event"] == "step") steps.push_back(line["step"]);
    CHECK(steps == std::vector<Json>{4, 8, 12, 15, 16, 20});
}

TEST_CASE("evaluations, best checkpoint, patience and average are the same however a run is interrupted") {
    for (const bool by_steps : {true, false}) {
        for (const double decay : {0.0, 0.9}) {
            CAPTURE(by_steps);
            CAPTURE(decay);
            const TempFolder folder;
            TrainingSpec spec = evaluated_spec(folder);
            if (!by_steps) spec.checkpoint.save_strategy = spec.training.eval_strategy = "epoch";
            spec.training.load_best_model_at_end = true;
            spec.training.learning_rate = 0.05;
            spec.training.early_stopping_patience = 3;
            spec.training.ema_decay = decay;
            check_interruptions(folder, spec, "step");
            check_interruptions(folder, spec, by_steps ? "eval" : "epoch");
        }
    }
}

TEST_CASE("the log lines say what average, copies of checkpoints and rounded weights keep in memory") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    spec.training.max_steps = 6;
    RecordingHost plain;
    REQUIRE(run(spec, plain) == 0);
    const Json before = (*plain.last("step"))["memory"];
    const auto weights = before["weights"].get<std::int64_t>();
    CHECK(before["checkpoint copy"] == 3 * weights + 8);  // with both moments, and the number of the step
    CHECK_FALSE(before.contains("average"));
    CHECK_FALSE(before.contains("rounded copies"));
    spec.training.ema_decay = 0.9;
    spec.training.bf16 = true;
    spec.checkpoint.async_save = false;
    spec.output_dir = folder / "averaged";
    RecordingHost averaged;
    REQUIRE(run(spec, averaged) == 0);
    const Json memory = (*averaged.last("step"))["memory"];
    CHECK(memory["weights"] == weights);
    CHECK(memory["average"] == weights);
    CHECK(2 * memory["rounded copies"].get<std::int64_t>() == weights);
    CHECK_FALSE(memory.contains("checkpoint copy"));
}

TEST_CASE("the average of the weights is evaluated and saved, and the weights go on without it") {
    const TempFolder folder;
    TrainingSpec spec = evaluated_spec(folder);
    spec.training.max_steps = 10;
    spec.checkpoint.save_steps = 1;
    const auto tensor = [&](const std::string& file, const std::string& name) {
        const NamedTensors tensors = decode_safetensors(read_file(folder / ("out/checkpoint-" + file)), file);
        const auto found = std::ranges::find(tensors, name, &NamedTensor::name);
        REQUIRE(found != tensors.end());
        return found->value;
    };
    const std::string name = "model.layers.0.mlp.down_proj.weight";
    REQUIRE(run(spec) == 0);
    const auto losses = losses_in(spec.output_dir);
    std::vector<at::Tensor> raw;
    for (int step = 1; step <= 10; ++step) raw.push_back(tensor(std::to_string(step) + "/model.safetensors", name));
    fs::remove_all(folder / "out");
    spec.training.ema_decay = 0.75;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    CHECK(losses_in(spec.output_dir) == losses);
    at::Tensor average = raw[0].clone();
    for (int step = 1; step <= 10; ++step) {
        CAPTURE(step);
        if (step > 1) average = average.mul(0.75).add(raw[static_cast<std::size_t>(step - 1)], 0.25);
        const std::string folder_of_step = std::to_string(step);
        CHECK(tensor(folder_of_step + "/model.safetensors", name).allclose(average, 1e-5, 1e-7));
        CHECK(tensor(folder_of_step + "/optimizer.safetensors", name + ".raw")
                  .equal(raw[static_cast<std::size_t>(step - 1)]));
    }
    CHECK(read_file(folder / "out/model.safetensors") == read_file(folder / "out/checkpoint-10/model.safetensors"));
    spec.training.ema_decay = 0.5;
    CHECK(error_of([&] { run(spec); }).where.path == "training.ema_decay");
    spec.training.ema_decay = 0;
    CHECK(error_of([&] { run(spec); }).where.path == "training.ema_decay");
}
