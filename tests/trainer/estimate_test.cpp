// What `ktrain estimate` counts against what the trainer holds: every family, whole, with LoRA, in 16 bits and with
// checkpoints.
#include <ATen/ops/arange.h>
#include <doctest/doctest.h>

#include <cmath>
#include <optional>

#include "core/estimate/spec_conditions.h"
#include "core/estimate/step_parts.h"
#include "tests/support/paths.h"
#include "tests/trainer/support.h"
#include "trainer/loop/memory.h"
#include "trainer/model/decoder.h"
#include "trainer/optim/optimizer.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

const Json& cases() {
    static const Json json = Json::parse(read_file(source_path("/tests/parity/decoder/reference.json")));
    return json["cases"];
}

constexpr std::int64_t batch = 64, length = 24;

TokenRows token_rows() {
    const at::Tensor ids = at::arange(batch * length, at::kLong).remainder_(200).view({batch, length});
    return TokenRows::whole(ids, ids);
}

struct Case {
    TrainingSpec spec;
    DecoderConfig config;

    explicit Case(const Json& wanted) : config(read_decoder_config(wanted["config"].dump(), "config.json", "tiny")) {
        spec.training.per_device_train_batch_size = batch;
        spec.objective.max_length = length;
        spec.method.target_modules = {"all-linear"};
    }
};

void near(double estimated, std::int64_t held, const std::string& what) {
    CAPTURE(what);
    CAPTURE(estimated);
    CAPTURE(held);
    CHECK(std::abs(estimated - static_cast<double>(held)) <= 0.02 * static_cast<double>(held) + 64);
}

void compare(const Case& wanted) {
    const TrainingSpec& spec = wanted.spec;
    const bool small = spec.training.bf16, full = spec.method.type == "full";
    const Parameters parameters(inventory(wanted.config.shape, spec.method, spec.model.dtype),
                                small ? at::kBFloat16 : at::kFloat);
    const Decoder decoder(wanted.config, parameters,
                          {.gemm = best_gemm(small ? at::kBFloat16 : at::kFloat),
                           .longest = length,
                           .method = spec.method,
                           .checkpointing = spec.training.gradient_checkpointing});
    const auto optimizer = make_optimizer(spec.training, parameters, decays_unless_norm_or_bias);
    const Conditions conditions = conditions_of(spec, wanted.config.shape);
    const HeldParts parts = held_parts(conditions);
    const Json held = MemoryMeter(parameters, *optimizer, !full).bytes();
    const auto bytes = [&](const char* label) { return held.value(label, std::int64_t{0}); };
    near(parts.weights, bytes("weights"), "weights");
    near(parts.adapters, bytes("adapters"), "adapters");
    near(parts.cast, bytes("rounded copies"), "rounded copies");
    near(parts.gradients, bytes("gradients"), "gradients");
    near(parts.state, bytes("optimizer"), "optimizer");

    const TokenRows rows = token_rows();
    const std::int64_t before = tensor_bytes_held();
    const at::Tensor hidden = decoder.hidden(rows);
    const std::int64_t kept = tensor_bytes_held() - before - static_cast<std::int64_t>(hidden.nbytes());
    near(passing_parts(conditions, parts, {}).kept, kept, "activations");
}

}  // namespace

TEST_CASE("estimates of every family are what its training holds") {
    count_tensor_memory();
    for (const auto& [name, wanted] : cases().items()) {
        CAPTURE(name);
        Case one(wanted);
        compare(one);
        one.spec.training.gradient_checkpointing = true;
        compare(one);
        one.spec.training.gradient_checkpointing = false;
        one.spec.training.bf16 = true;
        compare(one);
        one.spec.model.dtype = "bfloat16";
        one.spec.method.type = "lora";
        compare(one);
        one.spec.training.bf16 = false;
        one.spec.model.dtype = "float32";
        compare(one);
    }
}
