// Time of a training: FLOPs, what is added to computing, formulas, speeds of runs.
#include <doctest/doctest.h>

#include <cmath>

#include "core/base/error.h"
#include "core/estimate/time.h"
#include "core/model/catalog.h"

using namespace ktrain;

namespace {

ModelWork work_of(const char* model) {
    return model_work(*find_in_catalog(model));
}

// Llama-2-7B in full on one A100, a million tokens.
TimeInput simple() {
    TimeInput input;
    input.work = work_of("llama-2-7b");
    input.conditions.gpu = gpu_speed(find_gpu("a100-80gb"));
    input.conditions.seq_len = 2048;
    input.tokens = 1e6;
    return input;
}

std::string message_of(const TimeInput& input) {
    try {
        time_figures(input);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        return error.message;
    }
    return "";
}

}  // namespace

TEST_CASE("the input embedding multiplies nothing, a tied one is the head") {
    CHECK(work_of("llama-2-7b").parameters == 6738415616.0 - 32000.0 * 4096);
    CHECK(work_of("llama-3.2-1b").parameters == 1235814400.0);  // tied
    CHECK(work_of("llama-2-7b").attention_width == 4096);
    CHECK(work_of("qwen3-4b").attention_width == 4096);  // 32 heads of 128, hidden 2560
    ModelShape scored = *find_in_catalog("llama-3.2-1b");
    scored.labels = 2;
    CHECK(model_work(scored).parameters == 1235814400.0 - 128256.0 * 2048);
    const ModelShape experts = *find_in_catalog("mixtral-8x7b");
    CHECK(model_work(experts).parameters == 12879925248.0 - 32000.0 * 4096);
    ModelShape bare;
    bare.parameters = 7'000'000'000;
    CHECK(model_work(bare).parameters == 7e9);
    CHECK(model_work(bare).layers == 0);
    ModelShape cnn;
    cnn.family = "simple_cnn";
    CHECK_THROWS_AS(model_work(cnn), Error);
}

TEST_CASE("FLOPs of a token") {
    ModelWork work{.parameters = 1000, .adapter_parameters = 10, .layers = 3, .attention_width = 4};
    const double attention = 3 * 4 * 100;
    struct Case {
        const char* name;
        Training training;
        bool recompute;
        double adapters, forward, useful, executed;
    };
    for (const Case& test : {
             Case{"full", Training::full, false, 0, 2000 + 4 * attention, 6000 + 12 * attention, 6000 + 12 * attention},
             Case{"full, recomputed", Training::full, true, 0, 2000 + 4 * attention, 6000 + 12 * attention,
                  8000 + 16 * attention},
             Case{"LoRA", Training::adapters, false, 10, 2020 + 4 * attention, 4060 + 8 * attention,
                  4060 + 8 * attention},
             Case{"QLoRA, recomputed", Training::quantised, true, 10, 2020 + 4 * attention, 4060 + 8 * attention,
                  6080 + 12 * attention},
         }) {
        CAPTURE(test.name);
        work.adapter_parameters = test.adapters;
        const TokenFlops flops = token_flops(work, test.training, 100, test.recompute);
        CHECK(flops.forward == test.forward);
        CHECK(flops.useful == test.useful);
        CHECK(flops.executed == test.executed);
    }
}

TEST_CASE("a sliding window bounds what a token attends to") {
    const auto useful = [](double window, double share, double seq_len) {
        const ModelWork work{.layers = 6, .attention_width = 1, .window = window, .window_share = share};
        return token_flops(work, Training::full, seq_len, false).useful / 12 / 6;
    };
    CHECK(useful(0, 0, 8192) == 8192);
    CHECK(useful(4096, 1, 8192) == 4096);
    CHECK(useful(4096, 0.5, 8192) == 6144);
    CHECK(useful(4096, 1, 1000) == 1000);  // shorter than the window
    CHECK(useful(0, 1, 8192) == 8192);     // a share of no window
}

TEST_CASE("tokens, epochs, GPUs and padding scale the time of training") {
    const double once = time_figures(simple()).training.mid;
    CHECK(once == doctest::Approx(1e6 / (0.5 * 312e12 / (6 * (6738415616.0 - 131072000) + 12.0 * 32 * 4096 * 2048))));
    struct Case {
        const char* name;
        double factor;
        void (*change)(TimeInput&);
    };
    for (const Case& test : {
             Case{"epochs", 3, [](TimeInput& input) { input.epochs = 3; }},
             Case{"GPUs", 0.125, [](TimeInput& input) { input.gpus = 8; }},
             Case{"padding", 4, [](TimeInput& input) { input.packing_efficiency = 0.25; }},
             Case{"samples", 0.5,
                  [](TimeInput& input) {
                      input.tokens = 0;
                      input.samples = 1000;
                      input.mean_length = 500;
                  }},
         }) {
        CAPTURE(test.name);
        TimeInput input = simple();
        test.change(input);
        CHECK(time_figures(input).training.mid == doctest::Approx(test.factor * once));
    }
    const Range range = time_figures(simple()).training;
    CHECK(range.low == doctest::Approx(once / 1.3));
    CHECK(range.high == doctest::Approx(once / 0.6));
}

TEST_CASE("padding is not taken twice") {
    TimeInput input = simple();
    input.conditions.packed = false;
    input.conditions.seq_len = 100;
    const double once = time_figures(input).training.mid;
    input.packing_efficiency = 0.25;
    CHECK(time_figures(input).training.mid == once);
    CHECK(estimate_time(input).assumptions.back() == "the MFU is that of rows with padding: it is not taken again");
    input.tokens_per_second = 1000;  // a measured speed of computed tokens
    CHECK(time_figures(input).training.mid == doctest::Approx(4000));
}

TEST_CASE("the reference's worked example: 100 M tokens at 3,151 tokens/s") {
    TimeInput input;
    input.tokens = 100e6;
    input.tokens_per_second = 3151;
    input.load_seconds = 0;
    const TimeFigures figures = time_figures(input);
    CHECK(figures.total().mid / 3600 == doctest::Approx(8.8156).epsilon(1e-4));
    CHECK(figures.total().low == figures.total().high);
    CHECK(figures.mfu.share.mid == 0);  // neither model nor GPU is known
}

TEST_CASE("loading, checkpoints and evaluations are added") {
    TimeInput input = simple();
    input.checkpoints = 10;
    input.evaluations = 2;
    input.evaluation_tokens = 5e5;
    TimeFigures figures = time_figures(input);
    CHECK(figures.loading == 300);
    CHECK(figures.checkpoints == 10);
    CHECK(figures.evaluation.mid == doctest::Approx(figures.training.mid / 3));  // a million tokens, forward alone
    CHECK(figures.total().mid == doctest::Approx(figures.training.mid * 4 / 3 + 310));
    input.conditions.recompute = true;
    figures = time_figures(input);
    CHECK(figures.evaluation.mid == doctest::Approx(figures.training.mid / 4));
    input.conditions.recompute = false;
    input.conditions.training = Training::adapters;
    figures = time_figures(input);
    CHECK(figures.evaluation.mid == doctest::Approx(figures.training.mid / 2));
    input.work = {};
    input.tokens_per_second = 1000;
    CHECK(time_figures(input).evaluation.mid == doctest::Approx(1e6 / 3 / 1000));
}

TEST_CASE("interruptions take back half a checkpoint interval and a restart, each") {
    TimeInput input;
    input.tokens = 36000;
    input.tokens_per_second = 1;
    input.load_seconds = 0;
    input.checkpoints = 10;
    input.checkpoint_seconds = 0;
    input.seconds_between_interruptions = 24000;
    input.restart_seconds = 600;
    const TimeFigures figures = time_figures(input);
    const double share = (3600.0 / 2 + 600) / 24000;  // 0.1
    CHECK(figures.uninterrupted().mid == 36000);
    CHECK(figures.total().mid == doctest::Approx(36000 / (1 - share)));
    input.seconds_between_interruptions = 2400;
    CHECK(message_of(input) == "the run would never end: an interruption every 2400 s takes 2400 s back");
    input.checkpoints = 0;  // all is lost
    input.seconds_between_interruptions = 36000;
    CHECK(time_figures(input).total().mid == doctest::Approx(36000 / (1 - 18600.0 / 36000)));
}

TEST_CASE("lines say what was computed, and sum up to the total") {
    TimeInput input = simple();
    input.conditions.training = Training::adapters;
    input.conditions.recompute = true;
    input.work.adapter_parameters = 8388608;
    input.tokens = 0;
    input.samples = 52000;
    input.mean_length = 512;
    input.epochs = 3;
    input.gpus = 4;
    input.checkpoints = 5;
    input.work.saved_bytes = 1e8;
    input.evaluations = 3;
    input.evaluation_tokens = 1e5;
    input.seconds_between_interruptions = 86400;
    const TimeEstimate estimate = estimate_time(input);
    CHECK(
        estimate.flops ==
        "4 x 6,607,343,616 parameters + 8 x 32 layers x 4,096 wide x 2,048 tokens + 6 x 8,388,608 of adapters = 28.63 "
        "GFLOP; with one forward more 42.93 GFLOP");
    CHECK(estimate.speed == "MFU 0.32 x 312 TFLOP/s / 28.63 GFLOP = 3,488 tokens/s (2,093 to 4,534)");
    REQUIRE(estimate.lines.size() == 5);
    CHECK(estimate.lines[0].formula == "52,000 samples x 512 tokens x 3 epochs / (4 GPUs x 3,488 tokens/s)");
    CHECK(estimate.lines[1].formula == "300 s");
    CHECK(estimate.lines[2].formula == "5 x (1 s + 100 MB / 0.5 GB/s)");
    CHECK(estimate.lines[3].formula == "3 x 100,000 tokens, each 0.333 of a training token");
    CHECK(estimate.lines[4].formula ==
          "0.0136 of the time: (half the time between checkpoints + 600 s) every 86,400 s");
    Range sum;
    for (const TimeLine& line : estimate.lines) {
        CHECK_FALSE(line.source.empty());
        sum = sum + line.seconds;
    }
    CHECK(sum.low == doctest::Approx(estimate.figures.total().low));
    CHECK(sum.mid == doctest::Approx(estimate.figures.total().mid));
    CHECK(sum.high == doctest::Approx(estimate.figures.total().high));
    const Json json = to_json(estimate);
    CHECK(json["lines"].size() == 5);
    CHECK(json["seconds"]["mid"] == estimate.figures.total().mid);
    CHECK(json["mfu"]["mid"] == 0.32);
}

TEST_CASE("windows are in the formula, and an unknown shape is said") {
    TimeInput input = simple();
    input.work.window = 1024;
    input.work.window_share = 0.5;
    CHECK(estimate_time(input).flops.find("x (0.5 x 2,048 + 0.5 x 1,024) tokens") != std::string::npos);
    input.work.layers = 0;
    CHECK(estimate_time(input).assumptions.front() == "the shape of the model is not known: attention is not counted");
}

TEST_CASE("a measured speed is checked against the peak") {
    TimeInput input = simple();
    input.work = work_of("llama-3.1-8b");
    input.conditions.gpu = gpu_speed(find_gpu("rtx-a6000"));  // labelled so in a published table: 80 % of its peak
    input.conditions.recompute = true;
    input.tokens_per_second = 2579;
    TimeEstimate estimate = estimate_time(input);
    CHECK(estimate.figures.mfu.share.mid == doctest::Approx(0.804).epsilon(1e-3));
    REQUIRE(estimate.warnings.size() == 1);
    CHECK(
        estimate.warnings[0] ==
        "2,579 tokens/s would be 80 % of the GPU's peak in 16 bits: above 75 % it is usually another GPU, or the speed "
        "of several");
    CHECK(estimate.speed == "2,579 tokens/s measured");
    input.tokens_per_second = 2300;
    CHECK(estimate_time(input).warnings.empty());
    input.tokens_per_second = 20000;
    CHECK(message_of(input) == "20000 tokens/s on one GPU need 900.6 TFLOP/s, above its peak of 154.8");
    input.conditions.gpu = gpu_speed(find_gpu("h100"));  // has 1979 in 8 bits
    CHECK(estimate_time(input).warnings.size() == 1);
    input.conditions.gpu = gpu_speed(find_gpu("rtx-3090"));  // no peak known: nothing to check
    CHECK(estimate_time(input).warnings.empty());
}

TEST_CASE("what cannot be estimated is refused") {
    struct Case {
        const char* message;
        void (*change)(TimeInput&);
    };
    for (const Case& test : {
             Case{"how many tokens are trained is not known", [](TimeInput& input) { input.tokens = 0; }},
             Case{"how many tokens are trained is not known", [](TimeInput& input) { input.epochs = 0; }},
             Case{"the peak of this GPU is not known",
                  [](TimeInput& input) { input.conditions.gpu = gpu_speed(find_gpu("rtx-3090")); }},
             Case{"the number of parameters is not known", [](TimeInput& input) { input.work = {}; }},
             Case{"the number of tokens must be 0 or more, not -1", [](TimeInput& input) { input.tokens = -1; }},
             Case{"the number of epochs must be 0 or more, not nan", [](TimeInput& input) { input.epochs = NAN; }},
             Case{"tokens a second must be 0 or more, not inf",
                  [](TimeInput& input) { input.tokens_per_second = INFINITY; }},
             Case{"the number of GPUs must be 1 or more, not 0", [](TimeInput& input) { input.gpus = 0; }},
             Case{"the packing efficiency must be above 0, 1 at most, not 0",
                  [](TimeInput& input) { input.packing_efficiency = 0; }},
             Case{"the packing efficiency must be above 0, 1 at most, not 1.5",
                  [](TimeInput& input) { input.packing_efficiency = 1.5; }},
             Case{"the share of layers with a window must be from 0 to 1, not 2",
                  [](TimeInput& input) { input.work.window_share = 2; }},
             Case{"the numbers are too large: the time is no number",
                  [](TimeInput& input) { input.tokens = input.epochs = 1e200; }},
         }) {
        CAPTURE(test.message);
        TimeInput input = simple();
        test.change(input);
        CHECK(message_of(input) == test.message);
    }
}

TEST_CASE("models of 10^15 parameters have a finite time") {
    TimeInput input = simple();
    input.work.parameters = 1e15;
    input.work.layers = 1e4;
    input.work.attention_width = 1e6;
    input.tokens = 1e18;
    input.conditions.seq_len = 1e9;
    CHECK(std::isfinite(time_figures(input).total().high));
    CHECK(time_figures(input).total().low > 0);
    CHECK(estimate_time(input).lines[0].formula.find("1e+18 tokens") == 0);
}

TEST_CASE("the speed of a run is the median of its steady steps") {
    const auto step = [](const std::string& speed) {
        return R"({"event":"step","step":1,"tokens_per_second":)" + speed + "}\n";
    };
    const Throughput run = throughput_of_metrics(
        step("10") + step("100") + R"({"event":"epoch","epoch":1,"tokens_per_second":9999})" + "\n\n" + step("300") +
            step("0") + R"({"event":"step","step":9})" + "\n" + step("200"),
        "metrics.jsonl");
    CHECK(run.tokens_per_second == 200);  // without the first, which has the warm-up in it
    CHECK(run.steps == 3);
    CHECK(throughput_of_metrics(step("100") + step("200"), "m").tokens_per_second == 150);
    CHECK(throughput_of_metrics(R"({"event":"step","tokens_per_second":7})", "m").tokens_per_second == 7);
}

TEST_CASE("a file without speeds is refused") {
    const auto error_of = [](std::string_view text) {
        try {
            throughput_of_metrics(text, "metrics.jsonl");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::input);
            return to_string(error.where) + " " + error.message;
        }
        return std::string();
    };
    CHECK(error_of("") == "metrics.jsonl no step has tokens_per_second");
    CHECK(error_of("{\"event\":\"step\",\"samples_per_second\":3}\n") == "metrics.jsonl no step has tokens_per_second");
    CHECK(error_of("[1]\n\"x\"\n{\"event\":\"step\",\"tokens_per_second\":\"7\"}\n") ==
          "metrics.jsonl no step has tokens_per_second");
    CHECK(error_of("{\"event\":\"step\",\"tokens_per_second\":7}\n{\"event\":").find("metrics.jsonl:2:") == 0);
}

TEST_CASE("a checkpoint takes as long as its bytes, and one that is written meanwhile stops training for its copy") {
    TimeInput input = simple();
    input.tokens = 1e7;
    input.checkpoints = 4;
    input.work.saved_bytes = 84e9;
    CHECK(time_figures(input).checkpoints == doctest::Approx(4 * (1 + 168)));
    CHECK(estimate_time(input).lines[2].formula == "4 x (1 s + 84.0 GB / 0.5 GB/s)");
    input.saves_meanwhile = true;
    CHECK(time_figures(input).checkpoints == doctest::Approx(4 * (1 + 8.4)));
    CHECK(estimate_time(input).lines[2].formula == "4 x (1 s + 84.0 GB / 10 GB/s to copy)");
    input.checkpoints = 1000;  // they come faster than they are written
    const TimeFigures figures = time_figures(input);
    const double interval = figures.training.mid / 1000;
    CHECK(interval < 168);
    CHECK(figures.checkpoints == doctest::Approx(1000 * (1 + 8.4 + 168 - interval)));
    CHECK(estimate_time(input).lines[2].formula.ends_with(" s until the one before is written)"));
    input.work.saved_bytes = -1;
    CHECK(message_of(input) == "the bytes of a checkpoint must be 0 or more, not -1");
}
