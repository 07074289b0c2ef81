// What a spec and the figures of its data say about the time of the whole job.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/estimate/job.h"
#include "core/model/catalog.h"

using namespace ktrain;

namespace {

TrainingSpec spec_of(const char* model) {
    TrainingSpec spec;
    spec.model.model_name_or_path = model;
    spec.model.dtype = "bfloat16";
    spec.method.type = "lora";
    spec.training.num_train_epochs = 2;
    spec.training.per_device_train_batch_size = 4;
    spec.objective.max_length = 1024;
    spec.checkpoint.save_strategy = "no";
    spec.resources.gpu = "a100-80gb";
    spec.resources.gpus_per_node = 1;
    return spec;
}

JobEstimate job_of(const TrainingSpec& spec, const JobOptions& options, std::string_view framework = "ktrain") {
    static const PriceTable prices = builtin_prices();
    const ModelShape shape = *find_in_catalog(spec.model.model_name_or_path);
    const auto job = estimate_job(estimate(spec, shape, Profile::detailed, framework), options, prices);
    REQUIRE(job);
    return *job;
}

bool assumes(const JobEstimate& job, std::string_view words) {
    for (const std::string& line : job.time.assumptions)
        if (line.find(words) != std::string::npos) return true;
    return false;
}

const TimeLine* line(const JobEstimate& job, std::string_view label) {
    for (const TimeLine& each : job.time.lines)
        if (each.label == label) return &each;
    return nullptr;
}

constexpr const char* stats = R"({"command": "stats", "max_length": 1024, "splits": [
    {"split": "train", "rows": 1000, "tokens": 220000, "cut_tokens": 20000, "packed_sequences": 210,
     "length": {"min": 50, "mean": 220, "p50": 100, "p90": 400, "p95": 600, "p99": 1000, "max": 2000}},
    {"split": "validation", "rows": 100, "tokens": 21000, "cut_tokens": 1000, "length": {}}]})";

TokenCounts counts(bool packing = false) {
    return read_token_counts(stats, "stats.json", packing);
}

}  // namespace

TEST_CASE("models with sliding windows attend to no more, and experts that a token does not meet are not multiplied") {
    const auto flops = [](const char* model) {
        TrainingSpec spec = spec_of(model);
        spec.method.type = "full";
        spec.objective.max_length = 8192;
        return job_of(spec, {.tokens = 1e6}).time.figures.flops.useful;
    };
    const ModelShape mistral = *find_in_catalog("mistral-7b-v0.1");
    const double attention = 12.0 * 32 * 4096;
    CHECK(flops("mistral-7b-v0.1") ==
          doctest::Approx(6 * (double(mistral.parameters) - 32000.0 * 4096) + attention * 4096));
    // gpt-oss: 3.61 B active without the embedding, half of 24 layers see 128 tokens.
    const ModelShape oss = *find_in_catalog("gpt-oss-20b");
    CHECK(flops("gpt-oss-20b") ==
          doctest::Approx(6 * 3608815104.0 + 12.0 * 24 * 4096 * (0.5 * 8192 + 0.5 * 128)).epsilon(0.01));
}

TEST_CASE("held-out rows are evaluated as often as the spec says") {
    TrainingSpec spec = spec_of("llama-2-7b");
    CHECK(line(job_of(spec, {.tokens = 1e6}), "evaluation") == nullptr);
    spec.data.validation_split = 0.2;
    CHECK(line(job_of(spec, {.tokens = 1e6}), "evaluation")->formula ==
          "2 x 250,000 tokens, each 0.5 of a training token");
    spec.training.eval_strategy = "steps";
    spec.training.eval_steps = 100;  // 2e6 / 4096 = 488.3 steps
    CHECK(line(job_of(spec, {.tokens = 1e6}), "evaluation")->formula.starts_with("5 x 250,000 tokens"));
    spec.training.eval_strategy = "no";
    CHECK(line(job_of(spec, {.tokens = 1e6}), "evaluation") == nullptr);
    spec.training.eval_strategy = "epoch";
    spec.data.validation_split = 0;
    spec.data.eval_dataset_path = "held-out.jsonl";
    CHECK(assumes(job_of(spec, {.tokens = 1e6}), "evaluations are not counted"));
    CHECK(line(job_of(spec, {.data = counts()}), "evaluation")->formula.starts_with("2 x 20,000 tokens"));
}

TEST_CASE("a run by steps evaluates as many epochs as its tokens are") {
    TrainingSpec spec = spec_of("llama-2-7b");
    spec.training.max_steps = 1000;  // of 4,096 tokens
    spec.data.validation_split = 0.5;
    spec.checkpoint.save_strategy = "epoch";
    const JobEstimate job = job_of(spec, {.tokens = 1e6});
    CHECK(job.time.figures.tokens == 4096000);
    CHECK(line(job, "evaluation")->formula.starts_with("5 x 1,000,000 tokens"));
    CHECK(line(job, "checkpoints")->formula == "5 x (1 s + 50.3 MB / 10 GB/s to copy)");
    CHECK(assumes(job_of(spec, {}), "evaluations are not counted"));  // how long an epoch is, nobody said
}

TEST_CASE("figures of the data say tokens, steps and evaluations") {
    TrainingSpec spec = spec_of("llama-2-7b");
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = 100;
    const JobEstimate job = job_of(spec, {.data = counts()});
    CHECK(job.time.figures.tokens == 400000);  // without those that are cut, twice
    CHECK(line(job, "checkpoints")->formula == "5 x (1 s + 50.3 MB / 10 GB/s to copy)");  // 250 steps of 4 rows, twice
    CHECK(line(job, "evaluation")->formula.starts_with("2 x 20,000 tokens"));
    spec.objective.packing = true;
    CHECK(line(job_of(spec, {.data = counts(true)}), "checkpoints")->formula ==
          "1 x (1 s + 50.3 MB / 10 GB/s to copy)");  // 53 steps, twice
    spec.objective.max_length = 2048;
    CHECK(job_of(spec, {.data = counts(true)}).warnings.front() ==
          "the figures of the data are those of max_length 1024, the training has 2048: other rows are cut");
}

TEST_CASE("the longest of a batch is what its rows are padded to") {
    TokenCounts even;
    even.quantiles = {{0, 0}, {1, 100}};
    CHECK(even.longest_of(1) == doctest::Approx(50));
    CHECK(even.longest_of(4) == doctest::Approx(80));  // n / (n + 1)
    TokenCounts same;
    same.quantiles = {{0, 7}, {0.5, 7}, {1, 7}};
    CHECK(same.longest_of(64) == doctest::Approx(7));
    CHECK(counts().longest_of(1e6) == doctest::Approx(1024).epsilon(0.01));  // cut to max_length
}

TEST_CASE("padding is counted once, where there is any") {
    struct Case {
        const char* name;
        const char* framework;
        JobOptions options;
        double efficiency;
        const char* assumption;
        void (*change)(TrainingSpec&);
    };
    const auto none = [](TrainingSpec&) {};
    for (const Case& test : {
             Case{"unknown", "accelerate", {.tokens = 1e6}, 1, "padding of rows is not counted", none},
             Case{"ktrain has none",
                  "ktrain",
                  {.tokens = 1e6, .mean_length = 600},
                  1,
                  "ktrain computes no padding",
                  none},
             Case{"mean length", "accelerate", {.tokens = 1e6, .mean_length = 768}, 0.75, "rows of 768 tokens", none},
             Case{"said", "ktrain", {.tokens = 1e6, .packing_efficiency = 0.5}, 0.5, "", none},
             Case{"packed",
                  "accelerate",
                  {.tokens = 1e6, .mean_length = 256},
                  1,
                  "",
                  [](TrainingSpec& spec) { spec.objective.packing = true; }},
             Case{"grouped",
                  "accelerate",
                  {.tokens = 1e6, .mean_length = 600},
                  1,
                  "rows of similar length",
                  [](TrainingSpec& spec) { spec.training.group_by_length = true; }},
         }) {
        CAPTURE(test.name);
        TrainingSpec spec = spec_of("llama-2-7b");
        test.change(spec);
        const JobEstimate job = job_of(spec, test.options, test.framework);
        const TimeFigures& figures = job.time.figures;
        CHECK(figures.training.mid == doctest::Approx(2e6 / test.efficiency / figures.tokens_per_second.mid));
        if (*test.assumption != '\0') CHECK(assumes(job, test.assumption));
    }
    // Rows shorter than 512 tokens have their padding in the MFU.
    const JobEstimate shorter = job_of(spec_of("llama-2-7b"), {.data = counts()}, "accelerate");
    CHECK(shorter.time.figures.mfu.padding);
    CHECK(shorter.time.figures.training.mid == doctest::Approx(4e5 / shorter.time.figures.tokens_per_second.mid));
    TrainingSpec long_rows = spec_of("llama-2-7b");
    TokenCounts longer = counts();
    longer.rows = 300;
    longer.quantiles = {{0, 400}, {1, 1000}};
    const JobEstimate padded = job_of(long_rows, {.data = longer}, "accelerate");
    CHECK(assumes(padded, "padded to its longest row, 880 tokens on average, where the mean is 700"));
}

TEST_CASE("interruptions count when they are said, and spot without them is told") {
    const TrainingSpec spec = spec_of("llama-2-7b");
    const JobEstimate calm = job_of(spec, {.tokens = 1e8, .capacity = Capacity::spot});
    CHECK(calm.time.figures.interruptions.mid == 0);
    CHECK(assumes(calm, "no interruption of spot instances is counted"));
    const JobEstimate stormy =
        job_of(spec, {.tokens = 1e7, .seconds_between_interruptions = 24 * 3600, .capacity = Capacity::spot});
    CHECK(stormy.time.figures.interruptions.mid > 0);
    CHECK_FALSE(assumes(stormy, "no interruption"));
    const Offer& offer = stormy.offers.front();
    CHECK(offer.money->total->mid ==
          doctest::Approx(offer.money->per_hour.mid * stormy.time.figures.total().mid / 3600));
}

TEST_CASE("what is no answer of data stats is refused") {
    for (const char* text : {"{}", "[]", R"({"splits": []})", R"({"splits": [{"split": "validation", "tokens": 5}]})",
                             R"({"splits": [{"split": "train", "tokens": 0}]})"}) {
        CAPTURE(text);
        try {
            read_token_counts(text, "stats.json", false);
            FAIL("no error");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::input);
            CHECK(error.where.file == "stats.json");
            CHECK(error.hint == "make it with: ktrain data stats SPEC -o json");
        }
    }
}

TEST_CASE("an objective costs all its passes, of tokens in all texts of a row") {
    struct Case {
        const char* name;
        const char* objective;
        double forwards, trainings;  // of Llama-2-7B with its head
        double scored_forwards, scored_trainings;
        double texts;
        void (*change)(TrainingSpec&);
    };
    const auto none = [](TrainingSpec&) {};
    const double whole = 6738415616.0 - 131072000, scored = whole - 131072000, attention = 32.0 * 4096 * 1024;
    for (const Case& test : {
             Case{"sft", "sft", 0, 1, 0, 0, 1, none},
             Case{"pretrain", "pretrain", 0, 1, 0, 0, 1, none},
             Case{"classification", "classification", 0, 0, 0, 1, 1, none},
             Case{"reward", "reward", 0, 0, 0, 1, 2, none},
             Case{"orpo", "orpo", 0, 1, 0, 0, 2, none},
             Case{"dpo", "dpo", 1, 1, 0, 0, 2, none},
             Case{"kto", "kto", 3, 1, 0, 0, 1, none},
             Case{"ppo", "ppo", 2, 1, 2, 1, 1, none},
             Case{"dpo, reference before", "dpo", 0.5, 1, 0, 0, 2,  // over two epochs
                  [](TrainingSpec& spec) { spec.objective.precompute_ref_log_probs = true; }},
         }) {
        CAPTURE(test.name);
        TrainingSpec spec = spec_of("llama-2-7b");
        spec.method.type = "full";
        spec.objective.type = test.objective;
        test.change(spec);
        const JobEstimate job = job_of(spec, {.tokens = 1e6});
        const TokenFlops& flops = job.time.figures.flops;
        const double forward = 2 * (test.forwards * whole + test.scored_forwards * scored) +
                               4 * attention * (test.forwards + test.scored_forwards);
        CHECK(flops.further == doctest::Approx(forward));
        CHECK(flops.useful == doctest::Approx(forward + 6 * (test.trainings * whole + test.scored_trainings * scored) +
                                              12 * attention * (test.trainings + test.scored_trainings)));
        CHECK(tokens_of_step(spec, *find_in_catalog("llama-2-7b")) == 4 * 1024 * test.texts);
        const auto warns_of_rollouts = [](const std::string& text) { return text.starts_with("writing the rollouts"); };
        CHECK(std::ranges::any_of(job.warnings, warns_of_rollouts) == (spec.objective.type == "ppo"));
    }
}

TEST_CASE("adapters beside a reference cost a forward more than alone, and a teacher costs its own") {
    TrainingSpec spec = spec_of("llama-2-7b");
    const TokenFlops alone = job_of(spec, {.tokens = 1e6}).time.figures.flops;
    spec.objective.type = "dpo";
    const JobEstimate dpo = job_of(spec, {.tokens = 1e6});
    CHECK(dpo.time.figures.flops.useful == doctest::Approx(alone.useful + alone.forward));
    CHECK(dpo.time.flops.find(" + 1 forward pass more: ") != std::string::npos);
    CHECK(assumes(dpo, "a row has 2 texts"));
    CHECK(assumes(dpo, "the reference makes forward passes"));
    spec.objective.type = "distillation";
    spec.objective.teacher_model_name_or_path = "llama-3.1-70b";
    const JobEstimate taught = job_of(spec, {.tokens = 1e6, .other = 70'000'000'000});
    CHECK(taught.time.figures.flops.useful == doctest::Approx(alone.useful + 140e9));
    CHECK(taught.time.flops.find("2 x 70,000,000,000 of the teacher") != std::string::npos);
}

TEST_CASE("frozen layers have no gradients of weights") {
    TrainingSpec spec = spec_of("llama-2-7b");
    spec.method.type = "full";
    const double all = job_of(spec, {.tokens = 1e6}).time.figures.flops.useful;
    spec.method.freeze_modules = {"embed_tokens"};  // which nothing is multiplied with
    CHECK(job_of(spec, {.tokens = 1e6}).time.figures.flops.useful == all);
    spec.method.freeze_layers = 16;
    const double half = 16.0 * (4 * 4096.0 * 4096 + 3 * 4096.0 * 11008 + 2 * 4096);
    const JobEstimate job = job_of(spec, {.tokens = 1e6});
    CHECK(job.time.figures.flops.useful == doctest::Approx(all - 2 * half));
    CHECK(job.time.flops.find(" - 2 x 3,238,133,760 frozen") != std::string::npos);
}

TEST_CASE("rows are no longer than the positions of the model") {
    TrainingSpec spec = spec_of("llama-2-7b");
    ModelShape shape = *find_in_catalog("llama-2-7b");
    shape.max_positions = 512;
    CHECK(tokens_of_step(spec, shape) == 4 * 512);
    spec.training.max_steps = 10;
    CHECK(job_tokens(spec, shape, {}) == 10 * 4 * 512);
    const PriceTable prices = builtin_prices();
    CHECK(estimate_job(estimate(spec, shape), {}, prices)->time.figures.tokens == 10 * 4 * 512);
}

TEST_CASE("the figures of pairs are those of two texts") {
    TrainingSpec spec = spec_of("llama-2-7b");
    spec.objective.type = "reward";
    CHECK(tokens_of_step(spec, *find_in_catalog("llama-2-7b"), {.data = counts()}) == doctest::Approx(4 * 200));
}

TEST_CASE("a node whose GPUs are not told counts as one, in memory, batches and money") {
    TrainingSpec spec = spec_of("llama-2-7b");
    spec.resources.nodes = 2;
    spec.resources.gpus_per_node = 0;
    CHECK(spec::gpus_of_job(spec) == 2);
    CHECK(batch_units(spec) == 2);
    CHECK(job_of(spec, {.tokens = 1e6}).gpus == 2);
    const ModelShape shape = *find_in_catalog("llama-2-7b");
    CHECK(std::ranges::any_of(estimate(spec, shape).assumptions,
                              [](const std::string& line) { return line.find("data parallel") != std::string::npos; }));
}

TEST_CASE("guessed tokens are told as a guess, and those of counted steps are none") {
    TrainingSpec spec = spec_of("llama-2-7b");
    const JobOptions options{.guess = TokenGuess{1e6, "4 MB in rows.jsonl"}};
    const JobEstimate job = job_of(spec, options);
    CHECK(job.time.figures.tokens == 2e6);
    CHECK(assumes(job, "the 1e+06 tokens of an epoch are a GUESS: 4 MB in rows.jsonl"));
    CHECK(to_json(job)["tokens_guess"]["basis"] == "4 MB in rows.jsonl");
    CHECK(to_json(job_of(spec, {.tokens = 1e6}))["tokens_guess"].is_null());
    spec.training.max_steps = 10;
    CHECK_FALSE(job_of(spec, options).guess);
    CHECK(job_of(spec, options).time.figures.tokens == 40960);
}

TEST_CASE("checkpoints are as large as what trains, and only ktrain writes them meanwhile") {
    TrainingSpec spec = spec_of("llama-2-7b");
    spec.checkpoint.save_strategy = "epoch";
    const auto formula = [&](std::string_view framework) {
        return line(job_of(spec, {.tokens = 1e9}, framework), "checkpoints")->formula;
    };
    const double adapters = 12 * 8.0 * 2 * 2 * 32 * 4096;  // 12 B of each parameter: rank 8, q and v
    CHECK(line(job_of(spec, {.tokens = 1e9}, "accelerate"), "checkpoints")->seconds.mid ==
          doctest::Approx(2 * (1 + adapters / 0.5e9)));
    CHECK(formula("accelerate") == "2 x (1 s + 50.3 MB / 0.5 GB/s)");
    CHECK(formula("ktrain") == "2 x (1 s + 50.3 MB / 10 GB/s to copy)");
    spec.checkpoint.async_save = false;
    CHECK(formula("ktrain") == "2 x (1 s + 50.3 MB / 0.5 GB/s)");
    spec.method.type = "full";
    CHECK(formula("ktrain") == "2 x (1 s + 80.9 GB / 0.5 GB/s)");
}
