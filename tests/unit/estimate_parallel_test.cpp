// What GPUs share, and what objectives hold beside the model, against figures worked out by hand.
#include <doctest/doctest.h>

#include <cmath>

#include "core/base/error.h"
#include "core/estimate/estimate.h"
#include "core/estimate/largest.h"
#include "core/model/catalog.h"
#include "core/model/parameters.h"

using namespace ktrain;

namespace {

TrainingSpec job(const std::string& method = "full") {
    TrainingSpec spec;
    spec.metadata.name = "job";
    spec.method.type = method;
    spec.model.dtype = "bfloat16";
    spec.training.bf16 = true;
    spec.training.per_device_train_batch_size = 4;
    spec.objective.packing = true;
    return spec;
}

std::int64_t bytes(const Estimate& estimate, std::string_view label) {
    for (const MemoryLine& line : estimate.memory.lines)
        if (line.label == label) return line.bytes;
    return 0;
}

Estimate of(const TrainingSpec& spec, std::string_view model = "llama-2-7b", const ModelShape* teacher = nullptr) {
    return estimate(spec, *find_in_catalog(model), Profile::detailed, "accelerate", teacher);
}

std::string refused(const TrainingSpec& spec, std::string_view model = "llama-2-7b") {
    try {
        of(spec, model);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK_FALSE(error.hint.empty());
        return error.where.path;
    }
    return "";
}

constexpr std::int64_t llama = 6'738'415'616;

}  // namespace

TEST_CASE("strategies share states, gradients and weights, one after the other") {
    TrainingSpec spec = job();
    spec.resources.gpus_per_node = 8;
    const Estimate ddp = of(spec);
    CHECK(bytes(ddp, "weights") == 2 * llama);
    CHECK(bytes(ddp, "gradients") == 2 * llama);
    CHECK(bytes(ddp, "optimizer") == 4 * llama);
    spec.parallel.strategy = "zero1";
    const Estimate zero1 = of(spec);
    CHECK(bytes(zero1, "weights") == 2 * llama);
    CHECK(bytes(zero1, "gradients") == 4 * llama);  // DeepSpeed adds up and steps in float32
    CHECK(bytes(zero1, "master weights") == 4 * llama / 8);
    CHECK(bytes(zero1, "optimizer") == 8 * llama / 8);
    spec.parallel.strategy = "zero2";
    const Estimate zero2 = of(spec);
    CHECK(bytes(zero2, "weights") == 2 * llama);
    CHECK(bytes(zero2, "gradients") == 4 * llama / 8);
    spec.parallel.strategy = "zero3";
    const Estimate zero3 = of(spec);
    CHECK(bytes(zero3, "weights") == 2 * llama / 8);
    CHECK(bytes(zero3, "master weights") == 4 * llama / 8);
    CHECK(bytes(zero3, "gathered layers") > 0);
    spec.parallel.strategy = "fsdp";  // float32 shards for mixed precision
    const Estimate fsdp = of(spec);
    CHECK(bytes(fsdp, "weights") == 4 * llama / 8);
    CHECK(bytes(fsdp, "master weights") == 0);
    CHECK(bytes(fsdp, "optimizer") == 8 * llama / 8);
    spec.training.bf16 = false;
    CHECK(bytes(of(spec), "weights") == 2 * llama / 8);
    spec.training.bf16 = true;
    // ktrain's rounded copies are shards like the weights.
    const Estimate own = estimate(spec, *find_in_catalog("llama-2-7b"));
    CHECK(bytes(own, "rounded copies") == 2 * llama / 8);
}

TEST_CASE("offloaded states and weights are the host's") {
    TrainingSpec spec = job();
    spec.resources.gpus_per_node = 8;
    spec.resources.nodes = 2;
    spec.parallel = {.strategy = "zero3", .offload_optimizer = true, .offload_param = true};
    const Estimate both = of(spec);
    CHECK(bytes(both, "weights") == 0);
    CHECK(bytes(both, "optimizer") == 0);
    CHECK(both.step->host == 18 * llama * 3 / 2 / 2);  // 18 B a parameter and half as much again, over two nodes
    spec.parallel.offload_param = false;
    CHECK(of(spec).step->host == 16 * llama * 3 / 2 / 2);
    CHECK(bytes(of(spec), "gradients") == 0);
    spec.parallel.tp_size = 4;  // the GPUs that share a layer are on the same node
    CHECK(of(spec).step->host == 16 * llama * 3 / 2 / 2);
    spec.parallel.tp_size = 1;
    spec.parallel.strategy = "zero2";
    CHECK(of(spec).step->host == 32 * llama * 3 / 2);  // 4 B for each of 8 GPUs, on every node
    spec.objective.type = "dpo";
    spec.parallel = {.strategy = "zero3", .offload_optimizer = true, .offload_param = true};
    const Estimate dpo = of(spec);
    CHECK(bytes(dpo, "companions") == 0);
    CHECK(dpo.step->host == 20 * llama * 3 / 2 / 2);  // and 2 B of the reference
}

TEST_CASE("what does not fit a card is asked of every other one by itself") {
    TrainingSpec spec = job();
    spec.training.per_device_train_batch_size = 2;
    spec.resources.gpus_per_node = 2;
    spec.parallel.strategy = "fsdp";
    for (const char* gpu : {"l4", "a40", "a100-40gb", "a100-80gb"}) {
        spec.resources.gpu = gpu;
        const Estimate asked = of(spec);
        spec.resources.gpu = "";
        for (const Fit& fit : of(spec).fits)
            if (fit.gpu.id == asked.wanted->gpu.id) CHECK(fit.fits == asked.wanted->fits);
        if (!asked.nearest) continue;
        spec.resources.gpu = asked.nearest->id;
        CHECK(of(spec).wanted->fits);
    }
    // A card is too small only where even what is in use, with its margin, does not fit.
    spec = job();
    spec.resources.gpu = "a100-80gb";
    const Estimate on = of(spec);
    const double least = on.step->factor * static_cast<double>(on.step->active);
    CHECK(on.wanted->fits == (least + static_cast<double>(on.step->outside) <= 80.0 * 1024 * 1024 * 1024));
}

TEST_CASE("a reference or teacher of another size counts as such, in a search for the largest batch too") {
    const ModelShape large = *find_in_catalog("llama-2-70b");
    TrainingSpec spec = job("lora");
    spec.objective.type = "dpo";
    spec.objective.ref_model_name_or_path = "llama-2-70b";
    CHECK(bytes(of(spec, "llama-2-7b", &large), "companions") == 2 * large.parameters);
    spec.objective = {.type = "distillation", .teacher_model_name_or_path = "llama-2-70b"};
    spec.resources.gpu = "a100-80gb";
    CHECK_FALSE(largest_that_fits(spec, *find_in_catalog("llama-2-7b"), Extent::batch, "ktrain", &large));
    CHECK(largest_that_fits(spec, *find_in_catalog("llama-2-7b"), Extent::batch));
}

TEST_CASE("modules count where the tensors of a model are not known") {
    TrainingSpec spec = job("lora");
    const Estimate plain = of(spec, "mixtral-8x7b");
    spec.method.modules_to_save = {"embed_tokens", "lm_head"};
    CHECK(bytes(of(spec, "mixtral-8x7b"), "adapters") - bytes(plain, "adapters") == 4 * 2 * 32000 * 4096);
    TrainingSpec frozen = job();
    const Estimate whole = of(frozen, "mixtral-8x7b");
    frozen.method.freeze_layers = 16;
    CHECK(bytes(of(frozen, "mixtral-8x7b"), "gradients") < bytes(whole, "gradients") * 0.51);
}

TEST_CASE("targets cost the layers that have them") {
    TrainingSpec spec = job("lora");
    spec.model.dtype = "float32";
    spec.training.bf16 = false;
    const auto kept = [&](std::vector<std::string> targets) {
        spec.method.target_modules = std::move(targets);
        return bytes(of(spec, "phi-2"), "activations");
    };
    // The result of attention is kept anyway; the MLP's matrices share no input.
    CHECK(kept({"fc1", "fc2"}) > kept({"fc1"}));
    CHECK(kept({"fc1", "fc2"}) > kept({"fc2"}));
}

TEST_CASE("tensor parallelism divides layers, tokens and logits") {
    TrainingSpec spec = job();
    const Estimate one = of(spec);
    spec.resources.gpus_per_node = 4;
    spec.parallel.tp_size = 4;
    const Estimate four = of(spec);
    for (const char* label : {"weights", "gradients", "optimizer", "activations", "logits", "working set"}) {
        CAPTURE(label);
        CHECK(bytes(four, label) == bytes(one, label) / 4);
    }
    spec.parallel.tp_size = 3;
    spec.resources.gpus_per_node = 3;
    CHECK(refused(spec) == "parallel.tp_size");
}

TEST_CASE("a pipeline's first GPUs hold as many batches as there are GPUs, interleaved ones more") {
    TrainingSpec spec = job();
    spec.training.gradient_accumulation_steps = 64;
    const Estimate one = of(spec);
    spec.resources.gpus_per_node = 4;
    spec.parallel.pp_size = 4;
    const Estimate four = of(spec);
    CHECK(four.step->part == "first");
    CHECK(bytes(four, "activations") == bytes(one, "activations"));  // 8 of 32 layers, four times
    CHECK(bytes(four, "weights") == 2 * ((llama - 4096 - 2 * 32000 * 4096) / 4 + 32000 * 4096 + 4096 / 4));
    CHECK(bytes(four, "logits") == 0);
    spec.parallel.pp_virtual_stages = 2;  // 1 + 3 / (4 x 2)
    CHECK(bytes(of(spec), "activations") == bytes(one, "activations") * 11 / 8);
    spec.training.gradient_accumulation_steps = 1;
    CHECK(bytes(of(spec), "activations") == bytes(one, "activations") / 4);
    spec.parallel.pp_virtual_stages = 9;
    CHECK(refused(spec) == "parallel.pp_size");
}

TEST_CASE("context parallelism divides tokens and exchanges keys and values") {
    TrainingSpec spec = job();
    const Estimate one = of(spec);
    spec.resources.gpus_per_node = 4;
    spec.parallel.cp_size = 4;
    const Estimate four = of(spec);
    CHECK(bytes(four, "activations") == bytes(one, "activations") / 4);
    CHECK(bytes(four, "logits") == bytes(one, "logits") / 4);
    CHECK(bytes(four, "exchanged keys") == 2 * 2 * 4096 * 1024 * 2);  // of the 4 x 1024 / 4 tokens of one GPU
}

TEST_CASE("expert parallelism divides the experts alone") {
    const ModelShape mixtral = *find_in_catalog("mixtral-8x7b");
    const ParameterParts parts = parameter_parts(mixtral);
    TrainingSpec spec = job();
    spec.resources.gpus_per_node = 8;
    spec.parallel.ep_size = 8;
    const Estimate eight = of(spec, "mixtral-8x7b");
    CHECK(bytes(eight, "weights") == 2 * (parts.total() - parts.experts + parts.experts / 8));
    spec.parallel.strategy = "fsdp";  // all of them share everything, experts or not
    const Estimate sharded = of(spec, "mixtral-8x7b");
    CHECK(bytes(sharded, "weights") == 4 * parts.total() / 8);
    CHECK(refused(spec) == "parallel.ep_size");
    spec.parallel.ep_size = 3;
    spec.resources.gpus_per_node = 3;
    CHECK(refused(spec, "mixtral-8x7b") == "parallel.ep_size");
}

TEST_CASE("a reference is a model of its own only where nothing else has its weights") {
    TrainingSpec spec = job("lora");
    const Estimate sft = of(spec);
    spec.objective.type = "dpo";
    const Estimate dpo = of(spec);
    CHECK(bytes(dpo, "companions") == 0);
    CHECK(bytes(dpo, "activations") == 2 * bytes(sft, "activations"));
    CHECK(bytes(dpo, "second logits") == 2 * 4 * 1024 * 32000LL * 10);
    spec.objective.ref_model_name_or_path = "llama-2-7b";
    const Estimate named = of(spec);
    CHECK(bytes(named, "companions") == 2 * llama);
    CHECK(named.step->active - dpo.step->active == 2 * llama);
    spec.objective.ref_model_name_or_path = "";
    spec.objective.precompute_ref_log_probs = true;
    CHECK(bytes(of(spec), "second logits") == 0);
    TrainingSpec whole = job();
    whole.objective.type = "kto";
    const Estimate kto = of(whole);
    CHECK(bytes(kto, "companions") == 2 * llama);
    CHECK(bytes(kto, "activations") == bytes(of(job()), "activations"));
    whole.objective.type = "orpo";
    CHECK(bytes(of(whole), "companions") == 0);
    CHECK(bytes(of(whole), "logits") == 2 * bytes(of(job()), "logits"));
}

TEST_CASE("ppo trains two models beside two frozen ones, or adapters on one") {
    TrainingSpec spec = job();
    spec.objective.type = "ppo";
    const Estimate four = of(spec);
    CHECK(bytes(four, "weights") == 2 * 2 * llama);
    CHECK(bytes(four, "companions") == 2 * 2 * llama);
    CHECK(bytes(four, "gradients") == 2 * bytes(of(job()), "gradients"));
    // Keys and values, and the scores of 53 tokens of each row, in float32 and stacked once more.
    CHECK(bytes(four, "rollout") == 4 * (1024 * 524'288LL + 53 * 32000 * 4 * 2));
    spec.objective.response_length = 1024;
    CHECK(refused(spec) == "objective.response_length");
    spec.objective.response_length = 53;
    spec.method.type = "lora";
    const Estimate adapters = of(spec), sft = of(job("lora"));
    CHECK(bytes(adapters, "weights") == bytes(sft, "weights"));
    CHECK(bytes(adapters, "adapters") == 2 * bytes(sft, "adapters"));
    CHECK(bytes(adapters, "companions") == bytes(sft, "adapters"));
}

TEST_CASE("models that score texts have no logits of the vocabulary") {
    TrainingSpec spec = job("lora");
    spec.objective.type = "reward";
    const Estimate reward = of(spec);
    CHECK(bytes(reward, "logits") == 4 * 2 * 16);
    // Its head has one row instead of 32,000.
    CHECK(bytes(reward, "weights") == 2 * (llama - 31'999 * 4096LL));
}

TEST_CASE("a teacher stands beside what it teaches") {
    TrainingSpec spec = job();
    spec.objective.type = "distillation";
    const ModelShape teacher = *find_in_catalog("llama-2-13b");
    const Estimate taught = of(spec, "llama-2-7b", &teacher);
    CHECK(bytes(taught, "companions") == 2 * 13'015'864'320);
    CHECK(bytes(taught, "second logits") == 4 * 1024 * 32000LL * 10);
}

TEST_CASE("other methods keep what their gradients need") {
    const auto kept = [](const std::string& method) { return bytes(of(job(method)), "activations"); };
    TrainingSpec none = job("lora");
    none.method.r = 1;
    const std::int64_t values = 4 * 1024 * 32LL * 2;  // of one element of each token and layer
    TrainingSpec prefix = job("prefix_tuning"), prompt = job("prompt_tuning");
    prefix.method.num_virtual_tokens = prompt.method.num_virtual_tokens = 64;
    const Estimate with_keys = of(prefix), with_tokens = of(prompt);
    prefix.method.num_virtual_tokens = prompt.method.num_virtual_tokens = 128;
    CHECK(bytes(of(prefix), "activations") - bytes(with_keys, "activations") == 4 * 64 * 524'288LL);
    CHECK(bytes(of(prompt), "logits") - bytes(with_tokens, "logits") == 4 * 64 * 32000LL * 14);
    CHECK(bytes(with_keys, "adapters") == 4 * 64 * 2 * 32 * 4096LL);
    CHECK(bytes(with_tokens, "adapters") == 4 * 64 * 4096LL);
    // Keys and values, and the input of the last matrix of the MLP, beside what frozen layers keep.
    const std::int64_t frozen = kept("prompt_tuning") / (1024 + 20) * 1024;
    CHECK(kept("ia3") - frozen == values * (4096 + 4096 + 11008));
    CHECK(kept("ln_tuning") - frozen == values * 2 * 4096);
    TrainingSpec wide = job("bottleneck");
    wide.method.bottleneck_size = 64;
    CHECK(bytes(of(wide), "activations") - frozen == values * 2 * (4096 + 2 * 64));
}

TEST_CASE("what contradicts the model is refused") {
    TrainingSpec spec = job("lora");
    spec.method.r = 8192;
    CHECK(refused(spec) == "method.r");
    spec = job();
    spec.objective.max_length = 5000;
    CHECK(refused(spec) == "objective.max_length");
    spec.objective.max_length = 1024;  // the default, for a model with fewer
    ModelShape short_one = *find_in_catalog("llama-2-7b");
    short_one.max_positions = 512;
    CHECK(bytes(estimate(spec, short_one), "activations") ==
          bytes(estimate(spec, *find_in_catalog("llama-2-7b")), "activations") / 2);
}

TEST_CASE("GPTQ has 16-bit scales and zeros for every 128 weights") {
    TrainingSpec spec = job("lora");
    spec.quantization.quant_method = "gptq";
    spec.quantization.load_in_4bit = true;
    const double linear = 6'476'005'376, rest = static_cast<double>(llama) - linear;  // 32 layers of seven matrices
    CHECK(bytes(of(spec), "weights") == std::llround(linear * (0.5 + 2.5 / 128) + 2 * rest));
    spec.quantization.load_in_4bit = false;
    spec.quantization.load_in_8bit = true;
    CHECK(bytes(of(spec), "weights") == std::llround(linear * (1 + 3.0 / 128) + 2 * rest));
}
