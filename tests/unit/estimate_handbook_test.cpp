// The handbook's formulas, checked against figures worked out by hand.
#include <doctest/doctest.h>

#include "core/estimate/estimate.h"
#include "core/estimate/handbook.h"
#include "core/model/find.h"
#include "tests/support/worlds.h"

using namespace ktrain;

namespace {

TrainingSpec spec_for(const std::string& model, const std::string& method = "full") {
    TrainingSpec spec;
    spec.model.model_name_or_path = model;
    spec.model.dtype = "bfloat16";
    spec.method.type = method;
    spec.method.r = 16;
    spec.training.per_device_train_batch_size = 4;
    spec.objective.max_length = 2048;
    return spec;
}

Estimate estimated(const TrainingSpec& spec) {
    return estimate(spec, find_model(spec.model, test::MemoryFiles{}), Profile::docs);
}

std::int64_t bytes(const Estimate& result, const std::string& label) {
    for (const MemoryLine& line : result.memory.lines)
        if (line.label == label) return line.bytes;
    return -1;
}

std::string formula(const Estimate& result, const std::string& label) {
    for (const MemoryLine& line : result.memory.lines)
        if (line.label == label) return line.formula;
    return "";
}

}  // namespace

TEST_CASE("7B in full takes the 14, 28 and 56 GB of the handbook's table") {
    const Estimate result = estimated(spec_for("7B"));
    CHECK(bytes(result, "weights") == 14'000'000'000);
    CHECK(bytes(result, "gradients") == 28'000'000'000);
    CHECK(bytes(result, "optimizer") == 56'000'000'000);
    CHECK(bytes(result, "activations") == -1);
    CHECK(result.memory.total() == 98'000'000'000);
    CHECK(formula(result, "gradients") == "parameters x 4 B = 7,000,000,000 x 4 B");
}

TEST_CASE("Llama-2-7B in full") {
    const Estimate result = estimated(spec_for("llama-2-7b"));
    CHECK(bytes(result, "weights") == 13'476'831'232);     // 6,738,415,616 × 2
    CHECK(bytes(result, "gradients") == 26'953'662'464);   // × 4
    CHECK(bytes(result, "optimizer") == 53'907'324'928);   // × 8
    CHECK(bytes(result, "activations") == 2'147'483'648);  // 4 × 2048 × 4096 × 32 × 2
    CHECK(result.memory.total() == 96'485'302'272);
    CHECK(formula(result, "weights") == "parameters x precision = 6,738,415,616 x 2 B (bfloat16)");
    CHECK(formula(result, "activations") == "batch x seq x hidden x layers = 4 x 2,048 x 4,096 x 32, 2 B each");
    CHECK(result.trainable_parameters == 6'738'415'616);
}

TEST_CASE("the optimizer's line is that of training.optim") {
    struct Case {
        const char* optim;
        double momentum;
        std::int64_t bytes;
        const char* formula;
    };
    const Case cases[] = {
        {"adamw_torch", 0, 56'000'000'000, "parameters x 8 B = 7,000,000,000 x 8 B"},
        {"paged_adamw_32bit", 0, 56'000'000'000, "parameters x 8 B = 7,000,000,000 x 8 B"},
        {"adamw_8bit", 0, 14'218'750'000, "parameters x 2 B = 7,000,000,000 x 2 B + 8 B for every 256 (adamw_8bit)"},
        {"lion_32bit", 0, 28'000'000'000, "parameters x 4 B = 7,000,000,000 x 4 B (lion_32bit)"},
        {"sgd", 0.9, 28'000'000'000, "parameters x 4 B = 7,000,000,000 x 4 B (sgd)"},
        {"sgd", 0, 0, "parameters x 0 B = 7,000,000,000 x 0 B (sgd)"},
        {"adafactor", 0, 0, "parameters x 0 B = 7,000,000,000 x 0 B (adafactor)"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.optim);
        TrainingSpec spec = spec_for("7B");
        spec.training.optim = one.optim;
        spec.training.momentum = one.momentum;
        const Estimate result = estimated(spec);
        CHECK(bytes(result, "optimizer") == one.bytes);
        CHECK(formula(result, "optimizer") == one.formula);
        const bool said = result.assumptions[3].starts_with("the handbook counts AdamW; ");
        CHECK(said == (one.bytes != 56'000'000'000));
    }
    TrainingSpec lora = spec_for("llama-2-7b", "lora");
    lora.training.optim = "adamw_8bit";
    CHECK(estimated(lora).warnings.front().ends_with("with gradients and adamw_8bit at 10.03125 B each"));
}

TEST_CASE("LoRA is the base and rank x hidden x 2") {
    const Estimate result = estimated(spec_for("llama-2-7b", "lora"));
    CHECK(bytes(result, "weights") == 13'476'831'232);
    CHECK(bytes(result, "lora") == 262'144);  // 16 × 4096 × 2 elements of 2 B
    CHECK(bytes(result, "gradients") == -1);
    CHECK(result.memory.total() == 15'624'577'024);
    CHECK(formula(result, "lora") == "rank x hidden x 2 = 16 x 4,096 x 2, 2 B each");
    CHECK(result.trainable_parameters == 8'388'608);
    CHECK(result.warnings.front().find("adds 1 GB for LoRA") != std::string::npos);
}

TEST_CASE("QLoRA holds the base at half a byte a parameter, rounded up") {
    const Estimate result = estimated(spec_for("llama-2-7b", "qlora"));
    CHECK(bytes(result, "weights") == 3'369'207'808);
    TrainingSpec by_flag = spec_for("llama-2-7b", "lora");
    by_flag.quantization.load_in_4bit = true;
    CHECK(bytes(estimated(by_flag), "weights") == 3'369'207'808);
    TrainingSpec eight = spec_for("llama-2-7b", "lora");
    eight.quantization.load_in_8bit = true;
    CHECK(bytes(estimated(eight), "weights") == 6'738'415'616);
    ModelShape tiny;
    tiny.parameters = 3;
    CHECK(handbook_memory(spec_for("x", "full"), tiny).total() == 42);
    tiny.hidden = 1;
    CHECK(handbook_memory(spec_for("x", "qlora"), tiny).lines[0].bytes == 2);
}

TEST_CASE("float32 counts four bytes for weights, and for activations unless bf16 computes") {
    TrainingSpec spec = spec_for("llama-2-7b");
    spec.model.dtype = "float32";
    CHECK(bytes(estimated(spec), "weights") == 26'953'662'464);
    CHECK(bytes(estimated(spec), "activations") == 4'294'967'296);
    spec.training.bf16 = true;
    CHECK(bytes(estimated(spec), "activations") == 2'147'483'648);
}

TEST_CASE("simple_cnn counts the outputs of its layers") {
    TrainingSpec spec;
    spec.model.type = "simple_cnn";
    spec.training.per_device_train_batch_size = 64;
    const Estimate result = estimated(spec);
    CHECK(bytes(result, "weights") == 94538 * 4);
    // 32×32: conv, ReLU 32 each, pool 32 at 16×16; 64, 64, 64 at 8×8; 128, 128; 128 features, 10 classes
    CHECK(bytes(result, "activations") == 64 * (65536 + 8192 + 32768 + 4096 + 16384 + 138) * 4);
    spec.data.dataset = "fashion_mnist";
    CHECK(bytes(estimated(spec), "activations") == 64 * (2 * 32 * 784 + 160 * 196 + 320 * 49 + 138) * 4);
}

TEST_CASE("what cannot be answered is refused") {
    const auto refused = [](const TrainingSpec& spec, const std::string& path) {
        try {
            estimated(spec);
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::input);
            return error.where.path == path;
        }
        return false;
    };
    CHECK(refused(spec_for("7B", "lora"), "model.model_name_or_path"));
    TrainingSpec quantised = spec_for("llama-2-7b");
    quantised.quantization.load_in_4bit = true;
    CHECK(refused(quantised, "method.type"));
    TrainingSpec other = quantised;
    other.quantization = {};
    other.method.type = "ia3";
    CHECK(refused(other, "method.type"));
    TrainingSpec cnn;
    cnn.model.type = "simple_cnn";
    cnn.method.type = "lora";
    CHECK(refused(cnn, "method.type"));
    TrainingSpec endless = spec_for("llama-3.1-405b");
    endless.training.per_device_train_batch_size = std::int64_t{1} << 40;
    CHECK(refused(endless, ""));
    TrainingSpec too_long = spec_for("llama-3.1-405b");
    too_long.objective.max_length = std::int64_t{1} << 40;
    CHECK(refused(too_long, "objective.max_length"));
}

TEST_CASE("latent attention hides the LoRA count, not the estimate") {
    const Estimate result = estimated(spec_for("deepseek-v3", "lora"));
    CHECK_FALSE(result.trainable_parameters);
    CHECK(bytes(result, "weights") == 2 * 671'026'419'200);
}
