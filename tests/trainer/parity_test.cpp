// The CNN, its initialisation and its optimizers against PyTorch's figures in tests/parity/cnn/reference.json.
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sum.h>
#include <doctest/doctest.h>

#include "tests/support/paths.h"
#include "tests/trainer/support.h"
#include "trainer/data/random.h"
#include "trainer/model/relu_pool.h"
#include "trainer/model/simple_cnn.h"
#include "trainer/objective/classes.h"
#include "trainer/optim/adam.h"
#include "trainer/optim/clip.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

Json reference() {
    return Json::parse(read_file(source_path("/tests/parity/cnn/reference.json")));
}

// `kind`: of the reference's tolerances, relative.
doctest::Approx near(const char* kind, const Json& value) {
    static const Json tolerance = reference()["tolerance"];
    return doctest::Approx(value.get<double>()).epsilon(tolerance[kind].get<double>());
}

void check_training(const Json& expected, const AdamOptions& options) {
    const Parameters parameters = simple_cnn_parameters(3, 10, 0);
    for (const auto& parameter : parameters.values(false)) fill_by_name(parameter, 0.1);
    const SimpleCnn model(parameters);
    const auto side = expected["side"].get<std::int64_t>();
    const NamedTensor images{"images", at::empty({16, 3, side, side})};
    fill_by_name(images, 1.0);
    at::Tensor labels = at::empty({16}, at::kLong);
    for (std::uint64_t i = 0; i < 16; ++i)
        labels[static_cast<std::int64_t>(i)] = static_cast<std::int64_t>(scramble(i) % 10);
    Adam adam(parameters, options, [](const TensorDecl&) { return true; });
    for (std::size_t step = 0; step < expected["losses"].size(); ++step) {
        CAPTURE(step);
        const Score score = classify(model.forward(images.value), labels);
        const at::Tensor loss = score.loss.div(16.0);
        loss.backward();
        const double norm = gradient_norm(parameters);
        adam.step(0.003, clip_factor(norm, 0.5));
        // Equal but for the order of additions.
        CHECK(loss.item<double>() == near("losses", expected["losses"][step]));
        CHECK(norm == near("norms", expected["norms"][step]));
    }
}

}  // namespace

TEST_CASE("the initial weights are those of PyTorch with the same seed") {
    const Json initial = reference()["initial"];
    for (const auto& [channels, seed] : {std::pair<std::int64_t, std::uint64_t>{1, 42}, {3, 7}}) {
        const Json& expected = initial[std::to_string(channels)];
        const NamedTensors parameters = simple_cnn_parameters(channels, 10, seed).values(false);
        REQUIRE(parameters.size() == expected.size());
        for (const auto& [name, value] : parameters) {
            CAPTURE(name);
            REQUIRE(expected.contains(name));
            CHECK(value.detach().sum(at::kDouble).item<double>() == near("sums", expected[name]["sum"]));
            for (std::int64_t i = 0; i < 4; ++i)
                CHECK(value.detach().flatten()[i].item<float>() ==
                      expected[name]["first"][static_cast<std::size_t>(i)].get<float>());
        }
    }
}

TEST_CASE("losses and gradient norms of Adam with clipping are PyTorch's") {
    check_training(reference()["adam"], {.decoupled = false, .weight_decay = 0.01});
}

TEST_CASE("losses and gradient norms of AdamW are PyTorch's, for images of odd size") {
    check_training(reference()["adamw"],
                   {.decoupled = true, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6, .weight_decay = 0.1});
}

TEST_CASE("relu_pool has the values and gradients of ReLU and max pooling") {
    for (const auto& [height, width] :
         std::vector<std::pair<std::int64_t, std::int64_t>>{{8, 8}, {7, 9}, {2, 2}, {28, 28}, {5, 34}}) {
        CAPTURE(height);
        at::Tensor ours = at::randn({3, 5, height, width});
        ours.view({-1}).slice(0, 0, ours.numel(), 3).zero_();  // equal values: the first one gets the gradient
        ours.view({-1}).slice(0, 1, ours.numel(), 5).fill_(0.5);
        at::Tensor theirs = ours.clone();
        ours.set_requires_grad(true);
        theirs.set_requires_grad(true);
        const at::Tensor out = relu_pool(ours), expected = at::max_pool2d(at::relu(theirs), 2);
        CHECK(at::equal(out, expected));
        const at::Tensor weights = at::randn(out.sizes());
        out.mul(weights).sum().backward();
        expected.mul(weights).sum().backward();
        CHECK(at::equal(ours.grad(), theirs.grad()));
    }
}
