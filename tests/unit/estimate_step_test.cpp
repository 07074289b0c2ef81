// What must hold for the memory of any step, tried on random ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "core/base/error.h"
#include "core/estimate/step_memory.h"
#include "core/model/catalog.h"

using namespace ktrain;

namespace {

constexpr std::array<std::string_view, 8> models{"llama-2-7b",   "llama-3.1-70b", "qwen3-4b",     "gemma-2-9b",
                                                 "mixtral-8x7b", "deepseek-v3",   "smollm2-135m", "gpt-oss-20b"};
constexpr std::array<std::string_view, 4> programs{"accelerate", "ktrain", "litgpt", "torchtitan"};
constexpr std::array<std::string_view, 5> storages{"bf16", "fp32", "int8", "nf4", "nf4-dq"};

class Dice {
public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}
    std::int64_t upto(std::int64_t most) { return std::uniform_int_distribution<std::int64_t>(0, most)(engine_); }
    bool coin() { return upto(1) == 1; }
    template <class List>
    auto of(const List& list) {
        return list[static_cast<std::size_t>(upto(static_cast<std::int64_t>(std::size(list)) - 1))];
    }

private:
    std::mt19937_64 engine_;
};

const std::vector<ModelShape>& shapes() {
    static const std::vector<ModelShape> list = [] {
        std::vector<ModelShape> found;
        for (const std::string_view model : models) found.push_back(*find_in_catalog(model));
        return found;
    }();
    return list;
}

Companions random_companions(Dice& dice, bool full) {
    Companions c;
    c.texts = 1 + dice.upto(1);
    c.scored = dice.coin();
    c.trained = 1 + dice.upto(1);
    c.frozen = full ? dice.upto(2) : 0;
    c.second_logits = dice.coin();
    c.generated = dice.upto(100);
    return c;
}

Conditions random_conditions(Dice& dice) {
    Conditions c;
    c.shape = dice.of(shapes());
    c.framework = &find_framework(dice.of(programs));
    c.full = dice.coin();
    c.storage = &find_storage(c.full ? "bf16" : dice.of(storages));
    if (!c.full) c.targets = linear_modules(c.shape);
    c.rank = c.full ? 0 : 1 + dice.upto(127);
    c.adapter_dropout = dice.coin();
    c.micro_batch = 1 + dice.upto(31);
    c.length = 1 + dice.upto(8191);
    c.accumulation = 1 + dice.upto(3);
    c.recompute = static_cast<Recompute>(dice.upto(2));
    c.eager_attention = dice.coin();
    c.loss = static_cast<LossKernel>(dice.upto(4));
    c.compiled = dice.coin();
    c.step_in_backward = c.full && dice.coin();
    c.sharding = static_cast<Sharding>(dice.upto(5));
    if (c.sharding != Sharding::none) c.degrees.data = 2 << dice.upto(5);
    c.degrees.tensor = 1 << dice.upto(2);
    c.degrees.context = 1 << dice.upto(2);
    c.degrees.pipeline = 1 << dice.upto(2);
    if (c.shape.experts > 0) c.degrees.expert = 1 << dice.upto(1);
    if (dice.coin()) c.companions = random_companions(dice, c.full);
    c.added_tokens = c.full ? 0 : dice.upto(20);
    return c;
}

// What a sequence that is shared costs beside what it saves.
std::int64_t exchanged(const Conditions& c) {
    for (const MemoryLine& line : step_memory(c).components.lines)
        if (line.label == "exchanged keys") return line.bytes;
    return 0;
}

bool no_less(const StepMemory& more, const StepMemory& less) {
    // Of a pipeline another GPU may need the most now.
    if (!more.part.empty()) return more.recommended >= less.recommended;
    return more.active >= less.active && more.reserved >= less.reserved && more.recommended >= less.recommended;
}

}  // namespace

TEST_CASE("memory grows with batch, length, rank and vocabulary, and falls with shards") {
    Dice dice(7);
    for (int i = 0; i < 10000; ++i) {
        const Conditions before = random_conditions(dice);
        const StepMemory memory = step_memory(before);
        Conditions c = before;
        CAPTURE(i);
        CAPTURE(c.shape.name);
        CAPTURE(c.framework->name);
        c.micro_batch += 1 + dice.upto(7);
        REQUIRE(no_less(step_memory(c), memory));
        c = before;
        c.length += 1 + dice.upto(999);
        REQUIRE(no_less(step_memory(c), memory));
        c = before;
        c.rank += c.full ? 0 : 8;
        REQUIRE(no_less(step_memory(c), memory));
        c = before;
        c.shape.vocab += 1000;
        REQUIRE(no_less(step_memory(c), memory));
        c = before;
        c.degrees.tensor *= 2;
        REQUIRE(no_less(memory, step_memory(c)));
        c = before;
        c.degrees.context *= 2;
        c.gpu_memory = 0;
        if (memory.part.empty()) REQUIRE(memory.active + memory.active / 1000 >= step_memory(c).active - exchanged(c));
        if (before.sharding == Sharding::none) continue;
        c = before;
        c.degrees.data *= 2;
        REQUIRE(no_less(memory, step_memory(c)));
    }
}

TEST_CASE("gradient accumulation adds its gradients once") {
    Dice dice(8);
    for (int i = 0; i < 1000; ++i) {
        Conditions c = random_conditions(dice);
        c.degrees.pipeline = 1;
        c.accumulation = 2;
        const StepMemory two = step_memory(c);
        c.accumulation = 64;
        REQUIRE(step_memory(c).active == two.active);
        c.accumulation = 1;
        REQUIRE(step_memory(c).active <= two.active);
    }
}

TEST_CASE("each part of a step is there") {
    Conditions c;
    c.shape = *find_in_catalog("llama-2-7b");
    c.framework = &find_framework("accelerate");
    c.storage = &find_storage("nf4-dq");
    c.full = false;
    c.targets = linear_modules(c.shape);
    c.rank = 16;
    c.micro_batch = 4;
    c.length = 2048;
    c.sharding = Sharding::fsdp;
    c.degrees.data = 2;
    const StepMemory memory = step_memory(c);
    std::vector<std::string> labels;
    for (const MemoryLine& line : memory.components.lines) {
        labels.push_back(line.label);
        CHECK_FALSE(line.formula.empty());
        CHECK_FALSE(line.source.empty());
    }
    CHECK(labels == std::vector<std::string>{"weights", "adapters", "gradients", "optimizer", "activations",
                                             "working set", "logits", "gathered layers", "gathered head",
                                             "dequantised layer"});
    CHECK(memory.recommended > memory.reserved);
    CHECK(memory.reserved >= memory.active);
    // 39,976,960 parameters of LoRA, a half of them on each GPU.
    CHECK(memory.components.lines[1].bytes == 39976960 * 4 / 2);
}

TEST_CASE("numbers beyond 63 bits are refused") {
    Conditions c;
    c.shape = *find_in_catalog("llama-2-7b");
    c.framework = &find_framework("accelerate");
    c.storage = &find_storage("bf16");
    c.micro_batch = c.length = std::int64_t{1} << 40;
    CHECK_THROWS_AS(step_memory(c), Error);
    CHECK_THROWS_AS(find_storage("bf15"), Error);
    CHECK_THROWS_AS(find_framework("keras"), Error);
}
