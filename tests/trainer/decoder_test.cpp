// Decoders of every family against the figures of transformers in tests/parity/decoder/reference.json.
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "tests/trainer/support.h"
#include "trainer/data/random.h"
#include "trainer/model/decoder.h"
#include "trainer/optim/adam.h"
#include "trainer/optim/clip.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

Json read_reference(const char* kind) {
    return Json::parse(read_file(fmt::format(KTRAIN_SOURCE_DIR "/tests/parity/{}/reference.json", kind)));
}

const Json& reference() {
    static const Json json = read_reference("decoder");
    return json;
}

std::int64_t size(const char* name) {
    return reference()["shape"][name].get<std::int64_t>();
}

// Token ids and labels of a step, as the script makes them; a label stands where its token is predicted.
TokenRows batch(std::int64_t step) {
    const std::int64_t count = size("batch"), length = size("length");
    at::Tensor ids = at::empty({count, length}, at::kLong), labels = at::empty({count, length}, at::kLong);
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : "ids." + std::to_string(step)) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
    auto* values = ids.mutable_data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < ids.numel(); ++i)
        values[i] = static_cast<std::int64_t>(scramble(hash + static_cast<std::uint64_t>(i)) %
                                              static_cast<std::uint64_t>(size("vocab")));
    labels.fill_(-100);
    labels.slice(1, 0, length - 1).copy_(ids.slice(1, 1, length));
    labels[1].slice(0, 0, length / 3 - 1).fill_(-100);
    return TokenRows::whole(ids, labels);
}

// A tiny model of the reference with its weights.
struct Model {
    DecoderConfig config;
    Parameters parameters;
    Decoder decoder;

    explicit Model(const Json& wanted, const MethodSpec& method = {}, bool checkpointing = false,
                   at::ScalarType compute = at::kFloat)
        : config(read_decoder_config(wanted["config"].dump(), "config.json", "tiny")),
          parameters(inventory(config.shape, method, "float32"), compute),
          decoder(config, parameters,
                  {.gemm = best_gemm(compute),
                   .longest = size("length"),
                   .method = method,
                   .checkpointing = checkpointing}) {
        for (const TensorDecl& declaration : parameters.declarations()) {
            const at::Tensor value = parameters.at(declaration.name).value;
            fill_by_name({declaration.name, value}, 0.1);
            if (declaration.role == Role::norm && declaration.name.ends_with("weight") && config.norm_offset == 0)
                value.add_(1);
        }
        parameters.round_all();
    }

    // The mean loss of a batch, with its gradients.
    double backward(const TokenRows& rows) const {
        const auto labels = rows.labels_N.ge(0).sum().item<double>();
        const TokenLoss loss = decoder.loss(rows, 1 / labels);
        loss.scaled.backward();
        return loss.sum / labels;
    }
};

void check_logits(const Model& model, const Json& wanted) {
    const std::int64_t count = size("batch"), length = size("length");
    const at::Tensor logits = model.decoder.logits(batch(0)).detach().view({count, length, -1});
    std::size_t next = 0;
    for (std::int64_t row = 0; row < count; ++row)
        for (const std::int64_t at : {std::int64_t{0}, std::int64_t{7}, length - 1})
            for (std::int64_t v = 0; v < 16; ++v) {
                const double expected = wanted["logits"][next++].get<double>();
                CHECK(logits[row][at][v].item<double>() == doctest::Approx(expected).epsilon(1e-4));
            }
}

void check_gradients(const Model& model, const Json& wanted) {
    model.backward(batch(0));
    for (const auto& [name, figures] : wanted["gradients"].items()) {
        CAPTURE(name);
        const at::Tensor gradient = model.parameters.at(name).gradient.flatten();
        const at::Tensor probe = at::empty_like(gradient);
        fill_by_name({"probe", probe}, 1);
        const double norm = figures[0].get<double>();
        CHECK(gradient.norm().item<double>() == doctest::Approx(norm).epsilon(1e-4));
        CHECK(std::abs(gradient.dot(probe).item<double>() - figures[1].get<double>()) < 1e-4 * norm);
    }
}

// AdamW of the scripts, step by step.
void check_training(const Model& model, const Json& wanted, double rate) {
    Adam adam(model.parameters, {.weight_decay = 0.01}, decays_unless_norm_or_bias);
    for (std::size_t step = 0; step < wanted["losses"].size(); ++step) {
        CAPTURE(step);
        const double loss = model.backward(batch(static_cast<std::int64_t>(step)));
        CHECK(loss == doctest::Approx(wanted["losses"][step].get<double>()).epsilon(1e-5));
        const double norm = gradient_norm(model.parameters);
        CHECK(norm == doctest::Approx(wanted["grad_norms"][step].get<double>()).epsilon(1e-4));
        adam.step(rate, clip_factor(norm, 1));
    }
}

}  // namespace

TEST_CASE("every family: in bfloat16 gradients and losses are near those of float32") {
    for (const auto& [name, wanted] : reference()["cases"].items()) {
        CAPTURE(name);
        const Model model(wanted, {}, false, at::kBFloat16);
        model.backward(batch(0));
        for (const auto& [tensor, figures] : wanted["gradients"].items()) {
            CAPTURE(tensor);
            const double norm = figures[0].get<double>();
            CHECK(std::abs(model.parameters.at(tensor).gradient.norm().item<double>() - norm) < 5e-2 * norm);
        }
        at::Tensor(model.parameters.gradients()).zero_();
        Adam adam(model.parameters, {.weight_decay = 0.01}, decays_unless_norm_or_bias);
        for (std::size_t step = 0; step < 10; ++step) {
            const double loss = model.backward(batch(static_cast<std::int64_t>(step)));
            CHECK(std::abs(loss - wanted["losses"][step].get<double>()) < 5e-3 * loss);
            adam.step(1e-3, clip_factor(gradient_norm(model.parameters), 1));
            model.parameters.round_trained();
        }
    }
}

TEST_CASE("every family: logits, gradients and 50 losses are those of transformers") {
    for (const auto& [name, wanted] : reference()["cases"].items()) {
        CAPTURE(name);
        const Model model(wanted);
        check_logits(model, wanted);
        check_gradients(model, wanted);
        at::Tensor(model.parameters.gradients()).zero_();
        check_training(model, wanted, 1e-3);
    }
}

TEST_CASE("LoRA: losses and gradient norms are those of PEFT") {
    const Json adapters = read_reference("lora");
    for (const auto& [name, wanted] : adapters["cases"].items()) {
        CAPTURE(name);
        MethodSpec method;
        method.type = "lora";
        method.r = adapters["r"];
        method.lora_alpha = adapters["alpha"];
        // rsLoRA divides by the root of the rank.
        if (wanted["rslora"]) method.lora_alpha *= std::sqrt(static_cast<double>(method.r));
        method.target_modules = wanted["targets"].get<std::vector<std::string>>();
        const Model model(reference()["cases"][wanted["case"].get<std::string>()], method);
        CHECK(model.parameters.values(true).size() == wanted["tensors"].get<std::size_t>());
        check_training(model, wanted, 1e-2);
    }
}

TEST_CASE("checkpointing changes no gradient, with adapters and dropout neither") {
    MethodSpec lora;
    lora.type = "lora";
    lora.lora_dropout = 0.3;
    lora.target_modules = {"all-linear"};
    for (const char* name : {"llama", "gemma2", "gpt2"}) {
        for (const MethodSpec& method : {MethodSpec{}, lora}) {
            CAPTURE(name);
            const Model plain(reference()["cases"][name], method),
                checkpointed(reference()["cases"][name], method, true);
            TokenRows rows = batch(0);
            rows.noise = 7;
            CHECK(plain.backward(rows) == checkpointed.backward(rows));
            CHECK(plain.parameters.gradients().equal(checkpointed.parameters.gradients()));
        }
    }
}
