// Decoders of every family against the figures of transformers in tests/parity/decoder/reference.json.
#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full_like.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "tests/support/paths.h"
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
    return Json::parse(read_file(source_path(fmt::format("/tests/parity/{}/reference.json", kind))));
}

const Json& reference() {
    static const Json json = read_reference("decoder");
    return json;
}

std::int64_t size(const char* name) {
    return reference()["shape"][name].get<std::int64_t>();
}

// Token ids and labels of a step, as the script makes them; a label stands where its token is predicted.
TokenRows batch(std::int64_t step, std::uint64_t noise = 0) {
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
    TokenRows rows = TokenRows::whole(ids, labels);
    rows.noise = noise;
    return rows;
}

// A tiny model of the reference with its weights.
struct Model {
    DecoderConfig config;
    Parameters parameters;
    Decoder decoder;

    explicit Model(const Json& wanted, const MethodSpec& method = {}, bool checkpointing = false,
                   at::ScalarType compute = at::kFloat, Kernels kernels = {})
        : config(read_decoder_config(wanted["config"].dump(), "config.json", "tiny")),
          parameters(inventory(config.shape, method, "float32"), compute),
          decoder(config, parameters,
                  {.gemm = best_gemm(compute),
                   .kernels = kernels,
                   .longest = size("length"),
                   .method = method,
                   .checkpointing = checkpointing}) {
        for (const TensorDecl& declaration : parameters.declarations()) {
            const at::Tensor value = parameters.at(declaration.name).value;
            fill_by_name({declaration.name, value}, 0.1);
            if (declaration.role == Role::norm && declaration.name.ends_with("weight") && config.norm_offset == 0)
                value.add_(1);
            if (declaration.name.ends_with(".lora_magnitude_vector")) value.add_(0.5);
            if (declaration.name == "lm_head.weight" && config.shape.tied)
                value.copy_(parameters.values(false).front().value);  // it was the embedding
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

void check_logits(const Model& model, const Json& wanted, double near = reference()["tolerance"]["logits"]) {
    const std::int64_t count = size("batch"), length = size("length");
    const at::Tensor logits = model.decoder.logits(batch(0)).detach().view({count, length, -1});
    std::size_t next = 0;
    for (std::int64_t row = 0; row < count; ++row)
        for (const std::int64_t at : {std::int64_t{0}, std::int64_t{7}, length - 1})
            for (std::int64_t v = 0; v < 16; ++v) {
                const double expected = wanted["logits"][next++].get<double>();
                CHECK(logits[row][at][v].item<double>() == doctest::Approx(expected).epsilon(near));
            }
}

void check_gradients(const Model& model, const Json& wanted, double near = reference()["tolerance"]["gradients"],
                     std::uint64_t noise = 0) {
    model.backward(batch(0, noise));
    for (const auto& [name, figures] : wanted["gradients"].items()) {
        CAPTURE(name);
        const at::Tensor gradient = model.parameters.at(name).gradient.flatten();
        const at::Tensor probe = at::empty_like(gradient);
        fill_by_name({"probe", probe}, 1);
        const double norm = figures[0].get<double>();
        CHECK(gradient.norm().item<double>() == doctest::Approx(norm).epsilon(near).scale(0));
        CHECK(std::abs(gradient.dot(probe).item<double>() - figures[1].get<double>()) < near * norm);
    }
}

MethodSpec lora() {
    MethodSpec method;
    method.type = "lora";
    method.target_modules = {"all-linear"};
    return method;
}

MethodSpec dora() {
    MethodSpec method = lora();
    method.use_dora = true;
    return method;
}

// By the options of PEFT's LoraConfig.
MethodSpec method_of(const Json& options) {
    MethodSpec method = lora();
    const auto pattern = [&](const char* name) {
        StringMap map;
        for (const auto& [key, value] : at_path(options, {name}).items())
            if (key != "proj") map[key] = value.dump();  // fits nothing, which PEFT lets pass
        return map;
    };
    method.target_modules = options["target_modules"].get<std::vector<std::string>>();
    method.r = options["r"];
    method.lora_alpha = options["lora_alpha"];
    method.lora_dropout = options.value("lora_dropout", 0.0);
    method.use_rslora = options.value("use_rslora", false);
    method.use_dora = options.value("use_dora", false);
    method.modules_to_save = options.value("modules_to_save", std::vector<std::string>());
    method.rank_pattern = pattern("rank_pattern");
    method.alpha_pattern = pattern("alpha_pattern");
    return method;
}

// Each kernel alone, and all together.
std::vector<Kernels> switched_off() {
    std::vector<Kernels> all;
    std::vector<std::string> names;
    for (const KernelRow& row : switchable_kernels) all.emplace_back(std::vector{names.emplace_back(row.name)});
    all.emplace_back(names);
    return all;
}

// Whether two models have the same gradients, tensor by tensor, to this share of their length.
void check_same_gradients(const Model& model, const Model& wanted, double share) {
    for (const TensorDecl& declaration : wanted.parameters.declarations()) {
        if (!declaration.trainable) continue;
        CAPTURE(declaration.name);
        const at::Tensor expected = wanted.parameters.at(declaration.name).gradient;
        const at::Tensor difference = model.parameters.at(declaration.name).gradient - expected;
        CHECK(difference.norm().item<double>() <= share * expected.norm().item<double>());
    }
}

// AdamW of the scripts, step by step; where `drops`, with the noise of the step.
void check_training(const Model& model, const Json& wanted, const Json& tolerance, double rate, bool drops = false) {
    const double near = tolerance["losses"], near_norms = tolerance["gradients"];
    Adam adam(model.parameters, {.weight_decay = 0.01}, decays_unless_norm_or_bias);
    for (std::size_t step = 0; step < wanted["losses"].size(); ++step) {
        CAPTURE(step);
        const double loss = model.backward(batch(static_cast<std::int64_t>(step), drops ? step + 1 : 0));
        CHECK(loss == doctest::Approx(wanted["losses"][step].get<double>()).epsilon(near).scale(0));
        const double norm = gradient_norm(model.parameters);
        CHECK(norm == doctest::Approx(wanted["grad_norms"][step].get<double>()).epsilon(near_norms).scale(0));
        adam.step(rate, clip_factor(norm, 1));
    }
}

// Every trainable tensor, and no other, gets a gradient and is moved by it.
void check_first_step(const Model& model) {
    std::vector<at::Tensor> before;
    for (const auto& tensor : model.parameters.values(false)) before.push_back(tensor.value.clone());
    model.backward(batch(0));
    for (const TensorDecl& declaration : model.parameters.declarations()) {
        const at::Tensor gradient = model.parameters.at(declaration.name).gradient;
        const bool moves = gradient.defined() && gradient.abs().max().item<double>() > 0;
        CHECK_MESSAGE((declaration.trainable ? moves : !gradient.defined()), declaration.name);
    }
    Adam(model.parameters, {}, decays_unless_norm_or_bias).step(1e-2, 1);
    for (std::size_t i = 0; i < before.size(); ++i) {
        const auto& [name, shape, dtype, role, trainable] = model.parameters.declarations()[i];
        CHECK_MESSAGE(model.parameters.at(name).value.equal(before[i]) != trainable, name);
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
        check_training(model, wanted, reference()["tolerance"], 1e-3);
    }
}

TEST_CASE("LoRA, rsLoRA, DoRA and modules_to_save: logits, gradients and losses are those of PEFT") {
    const Json adapters = read_reference("lora");
    for (const auto& [name, wanted] : adapters["cases"].items()) {
        CAPTURE(name);
        const MethodSpec method = method_of(wanted["method"]);
        const Model model(reference()["cases"][wanted["case"].get<std::string>()], method);
        CHECK(model.parameters.values(true).size() == wanted["gradients"].size());
        check_logits(model, wanted, adapters["tolerance"]["logits"]);
        check_gradients(model, wanted, adapters["tolerance"]["gradients"], method.lora_dropout > 0 ? 1 : 0);
        at::Tensor(model.parameters.gradients()).zero_();
        check_training(model, wanted, adapters["tolerance"], 1e-2, method.lora_dropout > 0);
    }
}

TEST_CASE("LoRA, rsLoRA, DoRA and modules_to_save: in bfloat16 losses are near those of float32") {
    const Json adapters = read_reference("lora");
    for (const auto& [name, wanted] : adapters["cases"].items()) {
        CAPTURE(name);
        const MethodSpec method = method_of(wanted["method"]);
        const Model model(reference()["cases"][wanted["case"].get<std::string>()], method, false, at::kBFloat16);
        Adam adam(model.parameters, {.weight_decay = 0.01}, decays_unless_norm_or_bias);
        for (std::size_t step = 0; step < 5; ++step) {
            const std::uint64_t noise = method.lora_dropout > 0 ? step + 1 : 0;
            const double loss = model.backward(batch(static_cast<std::int64_t>(step), noise));
            CHECK(std::abs(loss - wanted["losses"][step].get<double>()) < 1e-2 * loss);
            const double norm = gradient_norm(model.parameters);
            CHECK(std::abs(norm - wanted["grad_norms"][step].get<double>()) < 5e-2 * norm);
            adam.step(1e-2, clip_factor(norm, 1));
            model.parameters.round_trained();
        }
    }
}

TEST_CASE("longrope takes its factors for each batch by the longest sequence in it") {
    const Json& wanted = reference()["cases"]["phi3-longrope"];
    const Model model(wanted);  // for sequences of 24 tokens, of which the original context has 16
    Json config = wanted["config"];
    config["rope_parameters"]["long_factor"] = config["rope_parameters"]["short_factor"];
    const Model shortened(Json{{"config", config}});
    const at::Tensor ids = batch(0).ids_N.view({size("batch"), -1});
    const auto rows = [&](std::int64_t length) {
        const at::Tensor part = ids.slice(1, 0, length).contiguous();
        return TokenRows::whole(part, at::full_like(part, -100));
    };
    const auto same = [&](const TokenRows& some) {
        return model.decoder.logits(some).equal(shortened.decoder.logits(some));
    };
    CHECK(same(rows(16)));
    CHECK_FALSE(same(rows(17)));
    // Two sequences of 12 in a row of 24: positions begin anew.
    TokenRows packed = rows(24);
    packed.positions_N.remainder_(12);
    packed.starts_N = at::arange(24, at::kLong).sub(at::arange(24, at::kLong).remainder(12)).repeat({size("batch")});
    CHECK(same(packed));
    check_logits(model, wanted);
}

TEST_CASE("a new adapter of DoRA changes nothing") {
    for (const char* name : {"llama-tied-bias", "phi3", "gpt2"}) {
        CAPTURE(name);
        const Model plain(reference()["cases"][name]), adapted(reference()["cases"][name], dora());
        for (const auto& [tensor, value] : adapted.parameters.values(true))
            if (tensor.ends_with(".lora_B.weight")) at::Tensor(value).zero_();
        adapted.decoder.start_magnitudes();
        const at::Tensor expected = plain.decoder.logits(batch(0));
        CHECK(at::allclose(adapted.decoder.logits(batch(0)), expected, 1e-5, 1e-6));
    }
}

TEST_CASE("every family: what trains gets a gradient in the first step, and what is frozen stays as it was") {
    const MethodSpec frozen{.freeze_layers = 1, .freeze_modules = {"embed_tokens", "model.norm", "1.mlp", "o_proj"}};
    MethodSpec saved = lora();
    saved.modules_to_save = {"embed_tokens", "model.norm", "1.mlp.down_proj"};
    for (const auto& [name, wanted] : reference()["cases"].items()) {
        CAPTURE(name);
        std::vector<MethodSpec> methods{MethodSpec{}, lora(), dora()};
        if (name == "llama") methods.insert(methods.end(), {frozen, saved});  // which have its names
        for (const MethodSpec& method : methods)
            for (const bool checkpointing : {false, true}) check_first_step(Model(wanted, method, checkpointing));
    }
}

TEST_CASE("what is frozen, with all below it, is not recorded for a backward pass") {
    for (const bool checkpointing : {false, true}) {
        MethodSpec method;
        method.freeze_modules = {"embed_tokens", "layers"};
        const Model model(reference()["cases"]["llama"], method, checkpointing);
        CHECK(!model.decoder.hidden(batch(0)).requires_grad());
        model.backward(batch(0));
        CHECK(model.parameters.at("lm_head.weight").gradient.abs().max().item<double>() > 0);
    }
}

TEST_CASE("checkpointing changes no gradient, with adapters and dropout neither") {
    for (const char* name : {"llama", "gemma2", "gpt2"}) {
        for (MethodSpec method : {MethodSpec{}, lora(), dora()}) {
            CAPTURE(name);
            method.lora_dropout = 0.3;
            const Model plain(reference()["cases"][name], method),
                checkpointed(reference()["cases"][name], method, true);
            const TokenRows rows = batch(0, 7);
            CHECK(plain.backward(rows) == checkpointed.backward(rows));
            CHECK(plain.parameters.gradients().equal(checkpointed.parameters.gradients()));
        }
    }
}

TEST_CASE("every family: a kernel that is off changes nothing but last digits") {
    std::vector<std::string> different;
    for (const auto& [name, wanted] : reference()["cases"].items()) {
        CAPTURE(name);
        const Model fused(wanted);
        const double loss = fused.backward(batch(0));
        for (const Kernels kernels : switched_off()) {
            const std::string off = fmt::format("{}", fmt::join(kernels.disabled(), ","));
            CAPTURE(off);
            const Model plain(wanted, {}, false, at::kFloat, kernels);
            CHECK(plain.backward(batch(0)) == doctest::Approx(loss).epsilon(1e-5));
            check_same_gradients(plain, fused, 1e-4);
            if (!plain.parameters.gradients().equal(fused.parameters.gradients())) different.push_back(off);
        }
    }
    // The last digits tell that something else has computed. Without adapters nothing is dropped.
    for (const Kernels kernels : switched_off()) {
        const std::string off = fmt::format("{}", fmt::join(kernels.disabled(), ","));
        CAPTURE(off);
        const bool same = off == "dropout" || (off == "gemm" && best_gemm(at::kFloat) == Gemm::aten);
        CHECK((std::ranges::find(different, off) == different.end()) == same);
    }
}

TEST_CASE("every family: with all kernels off logits and gradients are those of transformers") {
    for (const auto& [name, wanted] : reference()["cases"].items()) {
        CAPTURE(name);
        const Model model(wanted, {}, false, at::kFloat, switched_off().back());
        CHECK(model.decoder.gemm() == Gemm::aten);
        check_logits(model, wanted);
        check_gradients(model, wanted);
    }
}

TEST_CASE("a kernel that is off changes nothing with adapters, dropout, checkpointing and bfloat16 either") {
    for (const char* name : {"llama", "gemma2", "gpt2"}) {
        for (MethodSpec method : {lora(), dora()}) {
            method.lora_dropout = 0.3;
            for (const auto& [compute, share] : {std::pair{at::kFloat, 1e-4}, {at::kBFloat16, 2e-2}}) {
                const Json& wanted = reference()["cases"][name];
                const Model fused(wanted, method, true, compute);
                const double loss = fused.backward(batch(0, 7));
                for (const Kernels kernels : switched_off()) {
                    const std::string off = fmt::format("{} {}", name, fmt::join(kernels.disabled(), ","));
                    CAPTURE(off);
                    const Model plain(wanted, method, true, compute, kernels);
                    CHECK(plain.backward(batch(0, 7)) == doctest::Approx(loss).epsilon(share / 10));
                    check_same_gradients(plain, fused, share);
                }
            }
        }
    }
}
