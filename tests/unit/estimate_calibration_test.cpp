// What runs teach: ratios, shrinkage, errors of runs that were left out, and what a calibration does to an estimate.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/estimate/calibration.h"
#include "core/model/catalog.h"

using namespace ktrain;

namespace {

ComparedRun run(const std::string& family, std::int64_t measured) {
    return {"run.json", "run", family, {{"weights", measured, 1000}}, {}};
}

std::string record(const std::string& memory) {
    return R"({"name": "tune", "spec_digest": "d", "memory": )" + memory + "}";
}

std::string message_of(const std::string& text, bool calibration = false) {
    try {
        if (calibration)
            read_calibration(text, "x.json");
        else
            read_run_record(text, "x.json");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.file == "x.json");
        CHECK_FALSE(error.hint.empty());
        return error.message;
    }
    FAIL("accepted: " << text);
    return "";
}

}  // namespace

TEST_CASE("few runs move a multiplier little, an outlier does not move it") {
    const std::vector<ComparedRun> one{run("llama", 1300)};
    CHECK(learn(one).rows.size() == 2);
    CHECK(learn(one).find("llama")->median == doctest::Approx(1.3));
    CHECK(learn(one).find("llama")->value == doctest::Approx(1.1));  // a third of the way
    std::vector<ComparedRun> many;
    for (const std::int64_t measured : {1300, 1300, 1300, 1300, 1300, 1300, 1300, 9000})
        many.push_back(run("llama", measured));
    CHECK(learn(many).find("llama")->value == doctest::Approx(1.24));  // 8/10 of the way
}

TEST_CASE("a family without runs takes the multiplier of all") {
    const std::vector<ComparedRun> runs{run("qwen2", 1600), run("llama", 1000), run("qwen2", 1600)};
    const Calibration learned = learn(runs);
    REQUIRE(learned.rows.size() == 3);
    CHECK(learned.rows[0].family.empty());
    CHECK(learned.rows[0].runs == 3);
    CHECK(learned.rows[1].family == "llama");
    CHECK(learned.find("qwen2")->value == doctest::Approx(1.3));
    CHECK(learned.find("gpt2") == &learned.rows[0]);
    CHECK(learned.rows[0].value == doctest::Approx(1.36));
    CHECK(Calibration{}.find("llama") == nullptr);
}

TEST_CASE("from three runs on, each is judged by what the others teach") {
    const std::vector<ComparedRun> two{run("llama", 2000), run("llama", 2000)};
    CHECK_FALSE(score(two)[1].unseen);
    CHECK(score(two)[1].before == doctest::Approx(0.5));
    CHECK(score(two)[1].after == doctest::Approx(0.25));  // 1.5 for 2
    const std::vector<ComparedRun> three{run("llama", 2000), run("llama", 2000), run("llama", 1000)};
    const CalibrationScore scored = score(three)[1];
    CHECK(scored.unseen);
    CHECK(scored.before == doctest::Approx(0.5));
    // The first two by (2, 1): 1.25 for 2; the last by (2, 2): 1.5 for 1.
    CHECK(scored.after == doctest::Approx(0.375));
}

TEST_CASE("a step's own memory is compared with its largest sum") {
    TrainingSpec spec;
    spec.model.dtype = "bfloat16";
    spec.method.type = "lora";
    const Estimate result = estimate(spec, *find_in_catalog("llama-2-7b"));
    const RunRecord found = read_run_record(
        record(R"({"weights": 13, "adapters": 5, "activations": 7, "process": 99, "average": 3})"), "x.json");
    CHECK(found.name == "tune");
    CHECK_FALSE(found.spec);
    const ComparedRun compared = compare(found, result);
    CHECK(compared.family == "llama");
    CHECK(compared.left_out == std::vector<std::string>{"process", "average"});
    REQUIRE(compared.components.size() == 3);
    std::int64_t kept = 0, logits = 0, working = 0, weights = 0;
    for (const MemoryLine& line : result.memory.lines) {
        if (line.label == "weights") weights = line.bytes;
        if (line.label == "activations") kept = line.bytes;
        if (line.label == "logits") logits = line.bytes;
        if (line.label == "working set") working = line.bytes;
    }
    CHECK(compared.components[0].estimated == weights);
    CHECK(compared.components[2].estimated == kept + std::max(logits, working));
    CHECK(compared.measured() == 25);
}

TEST_CASE("records that cannot teach anything are named") {
    CHECK(message_of("{") != "");
    CHECK(message_of("[]") == "x.json holds no JSON object");
    CHECK(message_of("{}") == "x.json does not say what its run held in memory");
    CHECK(message_of(record("{}")) == "x.json does not say what its run held in memory");
    CHECK(message_of(record(R"({"lora": 5})")) ==
          "x.json has 5 of \"lora\" in memory, which no run of this version logs");
    CHECK(message_of(record(R"({"weights": -5})")).find("-5 of") != std::string::npos);
    CHECK(message_of(record(R"({"weights": "5"})")).find("\"5\" of") != std::string::npos);
    CHECK(message_of(record(R"({"weights": 5, "activations": 0})")) ==
          "x.json has measured no step: its run had nothing left to train");
    CHECK(message_of(R"({"memory": {"weights": 5}, "spec": {"kind": "Other"}})").starts_with("the spec in x.json"));
}

TEST_CASE("a calibration is read as it was written, and no other") {
    const std::vector<ComparedRun> runs{run("llama", 1300), run("qwen2", 900)};
    const Calibration learned = learn(runs);
    const Calibration again = read_calibration(to_pretty(to_json(learned)), "x.json");
    REQUIRE(again.rows.size() == learned.rows.size());
    for (std::size_t i = 0; i < again.rows.size(); ++i) {
        CHECK(again.rows[i].family == learned.rows[i].family);
        CHECK(again.rows[i].runs == learned.rows[i].runs);
        CHECK(again.rows[i].value == learned.rows[i].value);
    }
    CHECK(message_of("nothing", true) != "");
    CHECK(message_of("{}", true) == "x.json is no calibration");
    Json other = to_json(learned);
    other["version"] = 2;
    CHECK(message_of(other.dump(), true) == "x.json is a calibration of version 2, this ktrain reads version 1");
    other = to_json(learned);
    other["multipliers"][1]["multiplier"] = 11;
    CHECK(message_of(other.dump(), true).starts_with("a multiplier has a family"));
    other["multipliers"] = Json::array();
    CHECK(message_of(other.dump(), true).starts_with("x.json lacks"));
}

TEST_CASE("a calibration multiplies what is reserved and recommended, and judges anew") {
    TrainingSpec spec;
    spec.model.dtype = "bfloat16";
    spec.method.type = "lora";
    spec.training.per_device_train_batch_size = 1;
    spec.resources.gpu = "a100-40gb";
    const Estimate before = estimate(spec, *find_in_catalog("llama-2-7b"));
    REQUIRE(before.wanted->fits);
    Estimate after = before;
    apply({{{"", 1, 1, 1}, {"llama", 4, 3, 2.5}}}, "cal.json", after);
    const auto& was = *before.step;
    CHECK(after.step->recommended - was.outside == (was.recommended - was.outside) * 5 / 2);
    CHECK(after.step->reserved == doctest::Approx(2.5 * static_cast<double>(was.reserved)));
    CHECK(after.needed == after.step->recommended);
    CHECK(after.step->active == was.active);
    CHECK_FALSE(after.wanted->fits);
    CHECK(after.nearest);
    CHECK(after.assumptions.back().find("2.500, from 4 runs of llama (cal.json)") != std::string::npos);
    Estimate docs = estimate(spec, *find_in_catalog("llama-2-7b"), Profile::docs);
    const std::int64_t needed = docs.needed;
    apply({{{"", 1, 2, 2}}}, "cal.json", docs);
    CHECK(docs.needed == needed);
}
