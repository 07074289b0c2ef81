// Every optimizer against the libraries' own, on odd shapes with decay groups and clipping; state, threads, resuming.
#include "tests/support/paths.h"
#include "trainer/optim/optimizer.h"

#include <ATen/Parallel.h>
#include <ATen/ops/equal.h>
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <map>

#include "core/spec/optimizers.h"
#include "tests/trainer/language_model.h"
#include "trainer/optim/clip.h"
#include "trainer/optim/schedule.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

const Json& reference() {
    static const Json read = Json::parse(read_file(source_path("/tests/parity/optim/reference.json")));
    return read;
}

// The reference holds one tensor as the weight of an nn.Embedding.
Role role_of(const std::string& name) {
    return name == "embedding.weight" ? Role::embedding : Role::linear;
}

Parameters reference_parameters() {
    std::vector<TensorDecl> declarations;
    for (const auto& [name, shape] : reference()["shapes"].items())
        declarations.push_back({name, shape.get<std::vector<std::int64_t>>(), "float32", role_of(name), true});
    Parameters parameters(std::move(declarations));
    for (const NamedTensor& parameter : parameters.values(true)) fill_by_name(parameter, 0.5);
    return parameters;
}

bool decays(const TensorDecl& declaration) {
    return !declaration.name.ends_with("bias") && declaration.name.find("norm") == std::string::npos;
}

TrainingArgs reference_args(const std::string& optim) {
    TrainingArgs args;
    args.optim = optim;
    args.learning_rate = reference()["rate"];
    args.warmup_steps = reference()["warmup"];
    args.weight_decay = reference()["decay"];
    args.adam_beta1 = 0.8;
    args.adam_beta2 = 0.95;
    args.adam_epsilon = 1e-6;
    return args;
}

// As make_reference.py makes them.
void set_gradients(const Parameters& parameters, std::int64_t step) {
    for (const NamedTensor& parameter : parameters.values(true)) {
        const at::Tensor gradient = parameters.at(parameter.name).gradient, size = gradient.clone();
        fill_by_name({parameter.name + "." + std::to_string(step), gradient}, 1);
        fill_by_name({parameter.name + ".size", size}, 1);
        auto* values = gradient.mutable_data_ptr<float>();
        for (std::int64_t i = 0; i < gradient.numel(); ++i) {
            const double x = values[i], s = size.const_data_ptr<float>()[i];
            values[i] =
                step == 5 && parameter.name == "row.weight" ? 0 : static_cast<float>(x * x * x * (0.1 + s * s * s * s));
        }
    }
}

// The steps of the reference; returns the norms of the gradients.
std::vector<double> train(const Parameters& parameters, Optimizer& optimizer, const TrainingArgs& args) {
    const auto steps = reference()["steps"].get<std::int64_t>();
    const Schedule schedule = make_schedule(args, steps + 1);
    std::vector<double> norms;
    for (std::int64_t step = 0; step < steps; ++step) {
        set_gradients(parameters, step);
        norms.push_back(gradient_norm(parameters));
        optimizer.step(schedule.rate(step), clip_factor(norms.back(), reference()["max_norm"]));
    }
    return norms;
}

void check_weights(const NamedTensor& parameter, const Json& expected, double tolerance) {
    CAPTURE(parameter.name);
    const at::Tensor flat = parameter.value.flatten().to(at::kDouble);
    const auto count = flat.numel(), stride = std::max<std::int64_t>(1, count / 12);
    const Json& values = expected["values"];
    for (std::size_t i = 0; i < values.size(); ++i)
        CHECK(std::abs(flat[static_cast<std::int64_t>(i) * stride].item<double>() - values[i].get<double>()) <
              tolerance);
    // What is off in single values would show here, but for rounding, which is as often up as down.
    const double spread = tolerance * std::sqrt(static_cast<double>(count));
    CHECK(std::abs(flat.sum().item<double>() - expected["sum"].get<double>()) < spread);
    CHECK(std::abs(flat.square().sum().item<double>() - expected["squares"].get<double>()) < spread);
}

}  // namespace

TEST_CASE("optimizers move weights as torch, transformers and bitsandbytes do") {
    for (const auto& [name, expected] : reference()["optimizers"].items()) {
        CAPTURE(name);
        TrainingArgs args = reference_args(name.substr(0, name.find('-')));
        args.momentum = name == "sgd-momentum" ? 0.9 : 0;
        const Parameters parameters = reference_parameters();
        const auto optimizer = make_optimizer(args, parameters, decays);
        const std::vector<double> norms = train(parameters, *optimizer, args);
        for (std::size_t i = 0; i < expected["norms"].size(); ++i)
            CHECK(norms[i] == doctest::Approx(expected["norms"][i].get<double>()).epsilon(1e-6));
        for (const NamedTensor& parameter : parameters.values(true))
            check_weights(parameter, expected["weights"][parameter.name], reference()["tolerance"]);
        CHECK(parameters.gradients().abs().max().item<float>() == 0);
    }
}

TEST_CASE("names of one kind of optimizer give the same bits") {
    std::map<OptimizerKind, at::Tensor> weights;
    for (const OptimizerRow& row : optimizers) {
        CAPTURE(row.name);
        const TrainingArgs args = reference_args(std::string(row.name));
        const Parameters parameters = reference_parameters();
        train(parameters, *make_optimizer(args, parameters, decays), args);
        const auto [first, is_new] = weights.try_emplace(row.kind, parameters.trainable());
        if (!is_new) CHECK(at::equal(first->second, parameters.trainable()));
    }
    CHECK(weights.size() == optimizer_kinds);
}

TEST_CASE("no optimizer's result depends on the number of threads") {
    const int threads = at::get_num_threads();
    for (const char* name : {"adafactor", "adam", "adamw_8bit", "lion_32bit", "sgd"}) {
        CAPTURE(name);
        std::vector<at::Tensor> weights;
        for (const int number : {1, 2, 5}) {
            at::set_num_threads(number);
            // Large enough for several threads, and no multiple of anything.
            const Parameters parameters({{"w", {311, 1009}, "float32", Role::linear, true},
                                         {"v", {100003}, "float32", Role::norm, true},
                                         {"c", {201, 97, 3, 3}, "float32", Role::convolution, true}});
            TrainingArgs args = reference_args(name);
            args.momentum = 0.5;
            const auto optimizer = make_optimizer(args, parameters, decays_unless_norm_or_bias);
            for (const NamedTensor& parameter : parameters.values(true)) fill_by_name(parameter, 0.5);
            for (int step = 0; step < 3; ++step) {
                fill_by_name({std::to_string(step), parameters.gradients()}, 1);
                optimizer->step(0.01, 0.5);
            }
            weights.push_back(parameters.trainable());
            CHECK(at::equal(weights.front(), weights.back()));
        }
    }
    at::set_num_threads(threads);
}

TEST_CASE("optimizers remember what the estimate says, in live tensors") {
    const Parameters parameters(
        {{"w", {512, 512}, "float32", Role::linear, true}, {"frozen", {512, 512}, "float32", Role::linear, false}});
    fill_by_name({"w", parameters.trainable()}, 1);
    for (const OptimizerRow& row : optimizers) {
        CAPTURE(row.name);
        TrainingArgs args = reference_args(std::string(row.name));
        for (const double momentum : {0.0, 0.9}) {
            args.momentum = momentum;
            const auto optimizer = make_optimizer(args, parameters, decays);
            std::size_t bytes = 0;
            for (const NamedTensor& tensor : optimizer->state()) {
                bytes += tensor.name == "step" ? 0 : tensor.value.nbytes();
                CHECK(tensor.value.to(at::kFloat).abs().max().item<float>() == 0);
            }
            const double expected =
                row.kind == OptimizerKind::adafactor ? 2 * 512 * 4 : optimizer_state(args).per_parameter() * 512 * 512;
            CHECK(static_cast<double>(bytes) == expected);
            fill_by_name({"g", parameters.gradients()}, 1);
            const NamedTensors held = optimizer->state();
            optimizer->step(0.01, 1);
            for (const NamedTensor& tensor : held) CHECK(tensor.value.to(at::kFloat).abs().max().item<float>() > 0);
        }
    }
}

TEST_CASE("AdamW of 8 bits moves embeddings as AdamW of 32 bits does, and nothing else") {
    std::map<std::string, Parameters> moved;
    for (const char* name : {"adamw_8bit", "adamw_torch"}) {
        const TrainingArgs args = reference_args(name);
        const auto [row, added] =
            moved.try_emplace(name, std::vector<TensorDecl>{{"e", {83, 61}, "float32", Role::embedding, true},
                                                            {"w", {83, 61}, "float32", Role::linear, true}});
        const Parameters& parameters = row->second;
        for (const NamedTensor& parameter : parameters.values(true)) fill_by_name({"same", parameter.value}, 0.5);
        const auto optimizer = make_optimizer(args, parameters, decays);
        for (int step = 0; step < 5; ++step) {
            for (const char* tensor : {"e", "w"})
                fill_by_name({std::to_string(step), parameters.at(tensor).gradient}, 1);
            optimizer->step(0.01, 0.5);
        }
    }
    const auto same = [&](const char* name) {
        return at::equal(moved.at("adamw_8bit").at(name).value, moved.at("adamw_torch").at(name).value);
    };
    CHECK(same("e"));
    CHECK_FALSE(same("w"));
}

TEST_CASE("AdamW of 8 bits keeps 32 bits of embeddings, in checkpoints as well, and goes on bit for bit") {
    const TempFolder folder;
    TrainingSpec spec = text_spec(folder);
    Json config = tiny_config();
    config["vocab_size"] = 160;  // 5120 values: more than the smallest tensor with 8 bits
    config["intermediate_size"] = 160;
    make_model_folder(folder / "model", config);
    spec.training.optim = "adamw_8bit";
    spec.training.max_steps = 6;
    spec.checkpoint.save_strategy = "steps";
    spec.checkpoint.save_steps = 3;
    REQUIRE(run(spec) == 0);
    const std::string state = read_file(folder / "out/checkpoint-6/optimizer.safetensors");
    std::map<std::string, at::ScalarType> types;
    for (const NamedTensor& tensor : decode_safetensors(state, "state"))
        types[tensor.name] = tensor.value.scalar_type();
    CHECK((types.at("model.embed_tokens.weight.exp_avg") == at::kFloat));
    CHECK((types.at("model.embed_tokens.weight.exp_avg_sq") == at::kFloat));
    CHECK(!types.contains("model.embed_tokens.weight.exp_avg.absmax"));
    CHECK((types.at("model.layers.0.mlp.down_proj.weight.exp_avg") == at::kByte));
    std::filesystem::remove_all(folder / "out/checkpoint-6");
    REQUIRE(run(spec) == 0);
    CHECK(read_file(folder / "out/checkpoint-6/optimizer.safetensors") == state);
}

TEST_CASE("a resumed run is bit for bit the same with every optimizer") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    for (const OptimizerRow& row : optimizers) {
        CAPTURE(row.name);
        TrainingSpec spec = small_spec(folder / "data", folder / std::string(row.name));
        spec.training.optim = row.name;
        spec.training.momentum = row.kind == OptimizerKind::sgd ? 0.9 : 0;
        spec.training.weight_decay = 0.1;
        spec.training.lr_scheduler_type = "cosine";
        spec.training.max_steps = 6;
        spec.checkpoint.save_strategy = "steps";
        spec.checkpoint.save_steps = 3;
        REQUIRE(run(spec) == 0);
        const std::string model = read_file(spec.output_dir + "/model.safetensors");
        const std::string state = read_file(spec.output_dir + "/checkpoint-6/optimizer.safetensors");
        CHECK(model != read_file(spec.output_dir + "/checkpoint-3/model.safetensors"));
        std::filesystem::remove_all(spec.output_dir + "/checkpoint-6");
        RecordingHost host;
        REQUIRE(run(spec, host) == 0);
        CHECK((*host.last("resume"))["step"] == 3);
        CHECK(read_file(spec.output_dir + "/model.safetensors") == model);
        CHECK(read_file(spec.output_dir + "/checkpoint-6/optimizer.safetensors") == state);
    }
}

TEST_CASE("the trainer says which settings have no effect") {
    const TempFolder folder;
    make_idx_folder(folder / "data");
    TrainingSpec spec = small_spec(folder / "data", folder / "out");
    spec.training.max_steps = 1;
    spec.training.momentum = 0.9;
    RecordingHost host;
    REQUIRE(run(spec, host) == 0);
    REQUIRE(host.count("warning") == 1);
    CHECK((*host.last("warning"))["message"] ==
          "training.momentum: the optimizer adamw_torch does not read it, so it has no effect");
}
