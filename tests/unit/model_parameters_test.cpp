// Counts from shapes, against every row of the catalog: parameters, active ones, keys and values; and what makes rows
// differ from what one would think.
#include <doctest/doctest.h>

#include <functional>

#include "core/base/csv.h"
#include "core/base/embedded.h"
#include "core/base/error.h"
#include "core/model/catalog.h"
#include "core/model/parameters.h"

using namespace ktrain;

namespace {

ModelShape row(std::string_view id) {
    return *find_in_catalog(id);
}

std::string shown(const ModelShape& shape) {
    std::string text;
    for (const LinearModule& module : linear_modules(shape))
        text += std::string(module.name) + " " + std::to_string(module.in) + " " + std::to_string(module.out) + " x" +
                std::to_string(module.layers()) + "\n";
    return text;
}

}  // namespace

TEST_CASE("the formulas give the published counts of every row of the catalog") {
    const Csv table(embedded("models.csv"), "models.csv");
    int catalog = 0, active = 0, kept = 0;
    for (std::size_t i = 0; i < table.rows(); ++i) {
        const std::string& id = table.cell(i, "id");
        const ModelShape shape = row(id);
        catalog += table.cell(i, "catalog") == "1" ? 1 : 0;
        CHECK_MESSAGE(shape.parameters == std::stoll(table.cell(i, "exact_params")), id);
        CHECK_MESSAGE(count_parameters(shape) == shape.parameters, id);
        CHECK_MESSAGE(parameter_parts(shape).total() == shape.parameters, id);
        const std::string& met = table.cell(i, "active_params");
        active += met.empty() ? 0 : 1;
        CHECK_MESSAGE(active_parameters(shape) == (met.empty() ? shape.parameters : std::stoll(met)), id);
        const std::string& bytes = table.cell(i, "kv_bytes_per_token");
        if (bytes.empty()) continue;
        CHECK_MESSAGE(kv_bytes_per_token(shape, 2) == std::stoll(bytes), id);
        ++kept;
    }
    CHECK(table.rows() == 65);
    CHECK(catalog == 45);
    CHECK(active == 7);
    CHECK(kept == 63);
}

TEST_CASE("every column of the catalog reaches the shape") {
    const ModelShape deepseek = row("deepseek-v3");
    CHECK(deepseek.experts == 256);
    CHECK(deepseek.experts_per_token == 8);
    CHECK(deepseek.expert_ffn == 2048);
    CHECK(deepseek.shared_experts == 1);
    CHECK(deepseek.shared_ffn == 2048);
    CHECK(deepseek.dense_layers == 3);
    CHECK(deepseek.router_bias);
    CHECK(deepseek.latent.q_rank == 1536);
    CHECK(deepseek.latent.kv_rank == 512);
    CHECK(deepseek.latent.rope_dim == 64);
    CHECK(deepseek.latent.value_dim == 128);
    CHECK(row("gpt-oss-20b").attention_sinks);
    CHECK_FALSE(row("llama-2-7b").attention_sinks);
    CHECK(row("phi-2").parallel_block);
    CHECK(row("starcoder-15.5b").learned_positions == 8192);
    CHECK(row("starcoder-15.5b").max_positions == 8192);
    CHECK(row("t0-3b").encoder_decoder);
    CHECK(row("t0-3b").position_buckets == 32);
    CHECK(row("bloomz-7b1").embedding_norm);
}

TEST_CASE("some layers have windows, and what they keep ends there") {
    struct Row {
        const char* id;
        std::int64_t window, layers;
    };
    // Gemma 3: the last of six layers sees all; 26 layers are four sixes and two.
    for (const Row& r : {Row{"mistral-7b-v0.1", 4096, 32}, Row{"gemma-2-2b", 4096, 13}, Row{"gemma-3-1b", 512, 22},
                         Row{"gemma-3-4b", 1024, 29}, Row{"gemma-3-27b", 1024, 52}, Row{"gpt-oss-20b", 128, 12},
                         Row{"mistral-7b-v0.3", 0, 0}}) {
        CHECK_MESSAGE(row(r.id).sliding_window == r.window, r.id);
        CHECK_MESSAGE(row(r.id).sliding_layers == r.layers, r.id);
    }
    for (const char* id : {"gemma-3-1b", "mistral-7b-v0.1", "llama-2-7b", "deepseek-v3"})
        CHECK_MESSAGE(kv_bytes(row(id), 100, 2) == 100 * kv_bytes_per_token(row(id), 2), id);
    const ModelShape gemma = row("gemma-3-1b");
    CHECK(kv_bytes(gemma, 8192, 2) == (4 * 8192 + 22 * 512) * 2 * 256 * 2);
    CHECK(kv_bytes(row("mistral-7b-v0.1"), 8192, 2) == kv_bytes(row("mistral-7b-v0.1"), 4096, 2));
    CHECK(kv_bytes(row("mistral-7b-v0.3"), 8192, 2) == 8192 * kv_bytes_per_token(row("mistral-7b-v0.3"), 2));
    CHECK(kv_bytes(row("llama-3.1-8b"), 0, 2) == 0);
}

TEST_CASE("heads times their size is not the width of the model") {
    int counted = 0;
    for (const char* id :
         {"qwen3-0.6b", "qwen3-4b", "qwen3-32b", "qwen3-30b-a3b", "qwen3-235b-a22b", "gemma-2-2b", "gemma-2-9b",
          "gemma-2-27b", "gemma-3-1b", "gemma-3-4b", "gemma-3-12b", "gemma-3-27b", "gpt-oss-120b", "gpt-oss-20b"}) {
        const ModelShape shape = row(id);
        CHECK_MESSAGE(shape.heads * shape.head_dim != shape.hidden, id);
        ModelShape derived = shape;
        derived.head_dim = shape.hidden / shape.heads;
        CHECK_MESSAGE(count_parameters(derived) != shape.parameters, id);
        ++counted;
    }
    CHECK(counted == 14);
}

TEST_CASE("each switch that is easily forgotten changes the count") {
    struct Trap {
        const char* id;
        void (*forget)(ModelShape&);
        std::int64_t lost;
    };
    const Trap traps[] = {
        // The embedding has the padded rows, not those of the tokenizer.
        {"phi-4-mini", [](ModelShape& s) { s.vocab = 200019; }, (200064 - 200019) * 3072},
        {"qwen2.5-7b", [](ModelShape& s) { s.qkv_bias = false; }, 28 * (3584 + 2 * 512)},
        {"qwen3-8b", [](ModelShape& s) { s.qk_norm = false; }, 36 * 2 * 128},
        {"gemma-3-4b", [](ModelShape& s) { s.qk_norm = false; }, 34 * 2 * 256},
        {"gemma-2-9b", [](ModelShape& s) { s.norms_per_layer = 2; }, 42 * 2 * 3584},
        {"gpt-oss-20b", [](ModelShape& s) { s.attention_sinks = false; }, 24 * 64},
        {"gpt-oss-20b", [](ModelShape& s) { s.router_bias = false; }, 24 * 32},
        {"gpt-oss-20b", [](ModelShape& s) { s.mlp_bias = false; }, 24 * 32 * (2 * 2880 + 2880)},
        {"gpt-oss-20b", [](ModelShape& s) { s.qkv_bias = s.out_bias = false; }, 24 * (4096 + 2 * 512 + 2880)},
        {"llama-3.2-1b", [](ModelShape& s) { s.tied = false; }, -128256 * 2048},
        {"smollm3-3b", [](ModelShape& s) { s.tied = false; }, -128256 * 2048},
        {"llama-3.1-8b", [](ModelShape& s) { s.kv_heads = s.heads; }, -32LL * 2 * 4096 * (4096 - 1024)},
        {"phi-2", [](ModelShape& s) { s.head_bias = false; }, 51200},
        {"phi-2", [](ModelShape& s) { s.norms_per_layer = 2; }, -32 * 2 * 2560},
        {"gpt-j-6b", [](ModelShape& s) { s.gated = true; }, -28LL * (4096 * 16384 + 16384)},
        {"bloomz-7b1", [](ModelShape& s) { s.embedding_norm = false; }, 2 * 4096},
        {"starcoder-15.5b", [](ModelShape& s) { s.learned_positions = 0; }, 8192 * 6144},
        {"stablelm-2-1.6b", [](ModelShape& s) { s.layer_norm = false; }, (2 * 24 + 1) * 2048},
        {"deepseek-v3", [](ModelShape& s) { s.router_bias = false; }, 58 * 256},
        {"deepseek-v3", [](ModelShape& s) { s.shared_experts = 0; }, 58LL * 3 * 7168 * 2048},
        {"t0-3b", [](ModelShape& s) { s.position_buckets = 0; }, 2 * 32 * 32},
        // Fused or not, the matrices have the same elements.
        {"phi-3-mini", [](ModelShape& s) { s.fused_qkv = s.fused_gate_up = false; }, 0},
        {"mixtral-8x7b", [](ModelShape& s) { s.experts_per_token = 8; }, 0},
        {"gemma-3-1b", [](ModelShape& s) { s.sliding_window = s.sliding_layers = 0; }, 0},
    };
    for (const Trap& trap : traps) {
        ModelShape shape = row(trap.id);
        trap.forget(shape);
        CHECK_MESSAGE(row(trap.id).parameters - count_parameters(shape) == trap.lost, trap.id);
    }
}

TEST_CASE("of a Qwen 3 mixture, the width is that of an expert") {
    CHECK(row("qwen3-30b-a3b").ffn == 0);
    CHECK(row("qwen3-30b-a3b").expert_ffn == 768);
    CHECK(expert_parameters(row("qwen3-30b-a3b")) == 3 * 2048 * 768);
    CHECK(expert_parameters(row("gpt-oss-20b")) == 3 * 2880 * 2880 + 3 * 2880);
    CHECK(expert_parameters(row("llama-2-7b")) == 0);
}

TEST_CASE("linear layers have the names, sizes and layers of their family") {
    CHECK(shown(row("deepseek-v3")) ==
          "self_attn.q_a_proj 7168 1536 x61\nself_attn.q_b_proj 1536 24576 x61\n"
          "self_attn.kv_a_proj_with_mqa 7168 576 x61\nself_attn.kv_b_proj 512 32768 x61\n"
          "self_attn.o_proj 16384 7168 x61\nmlp.gate_proj 7168 18432 x3\nmlp.up_proj 7168 18432 x3\n"
          "mlp.down_proj 18432 7168 x3\nmlp.shared_experts.gate_proj 7168 2048 x58\n"
          "mlp.shared_experts.up_proj 7168 2048 x58\nmlp.shared_experts.down_proj 2048 7168 x58\n");
    CHECK(shown(row("phi-3-mini")) ==
          "self_attn.qkv_proj 3072 9216 x32\nself_attn.o_proj 3072 3072 x32\nmlp.gate_up_proj 3072 16384 x32\n"
          "mlp.down_proj 8192 3072 x32\n");
    CHECK(shown(row("starcoder-15.5b")) ==
          "attn.c_attn 6144 6400 x40\nattn.c_proj 6144 6144 x40\nmlp.c_fc 6144 24576 x40\nmlp.c_proj 24576 6144 x40\n");
    CHECK(shown(row("gpt-oss-20b")) ==
          "self_attn.q_proj 2880 4096 x24\nself_attn.k_proj 2880 512 x24\nself_attn.v_proj 2880 512 x24\n"
          "self_attn.o_proj 4096 2880 x24\n");
    const auto t5 = linear_modules(row("t0-3b"));
    CHECK(t5.size() == 7 + 11);
    CHECK(t5.front().name == "layer.0.SelfAttention.q");
    CHECK(t5.back().name == "layer.2.DenseReluDense.wo");
    CHECK(t5.back().first == 24);
    CHECK(layer_place(row("t0-3b"), 23) == "encoder.block.23.");
    CHECK(layer_place(row("t0-3b"), 24) == "decoder.block.0.");
    CHECK(layer_place(row("gpt-j-6b"), 1) == "transformer.h.1.");
}

TEST_CASE("parts and what a token is multiplied with") {
    const ParameterParts parts = parameter_parts(row("llama-2-7b"));
    CHECK(parts.embedding == 32000 * 4096);
    CHECK(parts.head == 32000 * 4096);
    CHECK(parts.linear == 32LL * (4 * 4096 * 4096 + 3 * 4096 * 11008));
    CHECK(parts.rest == 65 * 4096);
    CHECK(parts.experts == 0);
    CHECK(multiplied_parameters(row("llama-2-7b")) == 6738415616 - 32000 * 4096);
    CHECK(multiplied_parameters(row("llama-3.2-1b")) == row("llama-3.2-1b").parameters);
    CHECK(parameter_parts(row("llama-3.2-1b")).head == 0);
    CHECK(multiplied_parameters(row("gpt-oss-20b")) == 3608307264);
    CHECK(active_parameters(row("gpt-oss-20b")) == 3608307264);
    CHECK(multiplied_parameters(row("mixtral-8x7b")) == 12879925248 - 32000 * 4096);
    CHECK(parameter_parts(row("mixtral-8x7b")).router == 32 * 8 * 4096);
    ModelShape scored = row("llama-3.2-1b");
    scored.labels = 2;
    CHECK(count_parameters(scored) == scored.parameters + 2 * 2048);
    scored.parameters += 2 * 2048;
    CHECK(multiplied_parameters(scored) == scored.parameters - 128256 * 2048);
}

TEST_CASE("a bare count has no parts, and all of it is active") {
    ModelShape bare;
    bare.parameters = 7'000'000'000;
    CHECK(count_parameters(bare) == 0);
    CHECK(active_parameters(bare) == bare.parameters);
    CHECK(multiplied_parameters(bare) == bare.parameters);
    CHECK(kv_bytes(bare, 4096, 2) == 0);
}

TEST_CASE("sizes beyond all bounds are refused, not wrapped") {
    ModelShape shape = row("mixtral-8x7b");
    shape.experts = std::int64_t{1} << 40;
    CHECK_THROWS_AS(count_parameters(shape), Error);
    CHECK_THROWS_AS(kv_bytes(row("llama-2-7b"), std::int64_t{1} << 50, 2), Error);
}
