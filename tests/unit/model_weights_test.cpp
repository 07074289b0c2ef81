// Shapes from the headers of weight files, for every model whose tensors are known, and from files that are not right.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/model/catalog.h"
#include "core/model/find.h"
#include "core/model/parameters.h"
#include "core/model/tensors.h"
#include "core/model/weight_files.h"
#include "tests/support/specs.h"
#include "tests/support/weight_files.h"

using namespace ktrain;
using namespace ktrain::test;

namespace {

using Tensors = std::vector<WeightTensor>;

ModelShape row(std::string_view id) {
    return *find_in_catalog(id);
}

Tensors tensors_of(const ModelShape& shape, const std::string& type = "BF16") {
    Tensors tensors;
    for (const TensorDecl& tensor : inventory(shape, MethodSpec{}, "bfloat16"))
        tensors.push_back({tensor.name, tensor.shape, type});
    return tensors;
}

ModelShape found(const HeaderFiles& files, const std::string& name) {
    return find_model(test::model(name), files);
}

ModelShape read_safetensors(const Tensors& tensors) {
    HeaderFiles files;
    files.files["/m.safetensors"] = safetensors_of(tensors);
    return found(files, "/m.safetensors");
}

Error refused(const HeaderFiles& files, const std::string& name) {
    try {
        found(files, name);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK_FALSE(error.hint.empty());
        return error;
    }
    FAIL("accepted");
    throw std::logic_error("");
}

Error refused(const Tensors& tensors) {
    HeaderFiles files;
    files.files["/m.safetensors"] = safetensors_of(tensors);
    return refused(files, "/m.safetensors");
}

// A small model with tensors of its own names.
Tensors small(const std::string& prefix, Tensors layer, std::int64_t layers = 2) {
    Tensors tensors{{"model.embed_tokens.weight", {100, 16}, "BF16"}, {"lm_head.weight", {100, 16}, "BF16"}};
    for (std::int64_t i = 0; i < layers; ++i)
        for (WeightTensor tensor : layer) {
            tensor.name = prefix + std::to_string(i) + "." + tensor.name;
            tensors.push_back(tensor);
        }
    return tensors;
}

const Tensors attention{
    {"input_layernorm.weight", {16}, "BF16"},      {"post_attention_layernorm.weight", {16}, "BF16"},
    {"self_attn.q_proj.weight", {32, 16}, "BF16"}, {"self_attn.k_proj.weight", {16, 16}, "BF16"},
    {"self_attn.v_proj.weight", {16, 16}, "BF16"}, {"self_attn.q_norm.weight", {8}, "BF16"},
    {"self_attn.k_norm.weight", {8}, "BF16"},      {"self_attn.o_proj.weight", {16, 32}, "BF16"}};

Tensors with(Tensors tensors, const Tensors& more) {
    tensors.insert(tensors.end(), more.begin(), more.end());
    return tensors;
}

}  // namespace

TEST_CASE("the headers of every model with known tensors give its shape") {
    int read = 0;
    for (const std::string& id : catalog_ids()) {
        const ModelShape wanted = row(id);
        if (!has_inventory(wanted)) continue;
        const ModelShape shape = read_safetensors(tensors_of(wanted));
        CAPTURE(id);
        CHECK(shape.source == "safetensors");
        CHECK(shape.name == "/m.safetensors");
        CHECK(shape.dtype == "bfloat16");
        CHECK(shape.parameters == wanted.parameters);
        CHECK(count_parameters(shape) == wanted.parameters);
        CHECK(shape.hidden == wanted.hidden);
        CHECK(shape.layers == wanted.layers);
        CHECK(shape.ffn == wanted.ffn);
        CHECK(shape.vocab == wanted.vocab);
        CHECK(shape.tied == wanted.tied);
        CHECK(shape.gated == wanted.gated);
        CHECK(shape.heads * shape.head_dim == wanted.heads * wanted.head_dim);
        CHECK(shape.kv_heads * shape.head_dim == wanted.kv_heads * wanted.head_dim);
        CHECK(shape.qkv_bias == wanted.qkv_bias);
        CHECK(shape.fused_qkv == wanted.fused_qkv);
        CHECK(shape.fused_gate_up == wanted.fused_gate_up);
        CHECK(shape.norms_per_layer == wanted.norms_per_layer);
        CHECK(linear_modules(shape).front().name == linear_modules(wanted).front().name);
        // Norms of queries are as long as a head; without them its size is assumed, and said.
        CHECK(shape.note.empty() == wanted.qk_norm);
        if (wanted.qk_norm) CHECK(shape.heads == wanted.heads);
        ++read;
    }
    CHECK(read > 25);
}

TEST_CASE("a family is known by the names and switches of its layers") {
    for (const char* id : {"qwen2.5-7b", "qwen3-8b", "gemma-2-9b", "phi-4", "llama-3.1-8b"})
        CHECK_MESSAGE(read_safetensors(tensors_of(row(id))).family == row(id).family, id);
    CHECK(read_safetensors(tensors_of(row("mistral-7b-v0.3"))).family == "llama");  // nothing tells them apart
}

TEST_CASE("experts, one by one or in one tensor, are counted") {
    const Tensors single{{"mlp.gate.weight", {4, 16}, "BF16"},
                         {"mlp.experts.0.gate_proj.weight", {24, 16}, "BF16"},
                         {"mlp.experts.0.up_proj.weight", {24, 16}, "BF16"},
                         {"mlp.experts.0.down_proj.weight", {16, 24}, "BF16"},
                         {"mlp.experts.3.gate_proj.weight", {24, 16}, "BF16"},
                         {"mlp.experts.3.up_proj.weight", {24, 16}, "BF16"},
                         {"mlp.experts.3.down_proj.weight", {16, 24}, "BF16"}};
    const ModelShape separate = read_safetensors(small("model.layers.", with(attention, single)));
    CHECK(separate.family == "qwen3_moe");
    CHECK(separate.experts == 4);
    CHECK(separate.expert_ffn == 24);
    CHECK(separate.heads == 4);
    CHECK(separate.kv_heads == 2);
    CHECK(separate.ffn == 0);
    CHECK(separate.note.find("how many experts a token meets") != std::string::npos);
    // Two of the experts are not in the file.
    CHECK(count_parameters(separate) == separate.parameters + 2 * 2 * 3 * 16 * 24 + 16);
    const Tensors fused{{"mlp.router.weight", {4, 16}, "BF16"},
                        {"mlp.router.bias", {4}, "BF16"},
                        {"mlp.experts.gate_up_proj", {4, 16, 48}, "BF16"},
                        {"mlp.experts.gate_up_proj_bias", {4, 48}, "BF16"},
                        {"mlp.experts.down_proj", {4, 24, 16}, "BF16"},
                        {"mlp.experts.down_proj_bias", {4, 16}, "BF16"},
                        {"self_attn.sinks", {4}, "BF16"}};
    const ModelShape together =
        read_safetensors(with(small("model.layers.", with(attention, fused)), {{"model.norm.weight", {16}, "BF16"}}));
    CHECK(together.family == "gpt_oss");
    CHECK(together.experts == 4);
    CHECK(together.router_bias);
    CHECK(together.mlp_bias);
    CHECK(together.attention_sinks);
    CHECK(count_parameters(together) == together.parameters);
}

TEST_CASE("latent attention, dense layers and shared experts follow from the matrices") {
    const Tensors latent{{"input_layernorm.weight", {16}, "F8_E4M3"},
                         {"post_attention_layernorm.weight", {16}, "F8_E4M3"},
                         {"self_attn.q_a_proj.weight", {10, 16}, "F8_E4M3"},
                         {"self_attn.q_a_proj.weight_scale_inv", {1, 1}, "F32"},
                         {"self_attn.q_a_layernorm.weight", {10}, "F8_E4M3"},
                         {"self_attn.q_b_proj.weight", {3 * 12, 10}, "F8_E4M3"},
                         {"self_attn.kv_a_proj_with_mqa.weight", {6 + 4, 16}, "F8_E4M3"},
                         {"self_attn.kv_a_layernorm.weight", {6}, "F8_E4M3"},
                         {"self_attn.kv_b_proj.weight", {3 * (8 + 5), 6}, "F8_E4M3"},
                         {"self_attn.o_proj.weight", {16, 3 * 5}, "F8_E4M3"}};
    const Tensors dense{{"mlp.gate_proj.weight", {40, 16}, "F8_E4M3"},
                        {"mlp.up_proj.weight", {40, 16}, "F8_E4M3"},
                        {"mlp.down_proj.weight", {16, 40}, "F8_E4M3"}};
    Tensors sparse{{"mlp.gate.weight", {1, 16}, "F8_E4M3"},
                   {"mlp.gate.e_score_correction_bias", {1}, "F32"},
                   {"mlp.experts.0.gate_proj.weight", {24, 16}, "F8_E4M3"},
                   {"mlp.experts.0.up_proj.weight", {24, 16}, "F8_E4M3"},
                   {"mlp.experts.0.down_proj.weight", {16, 24}, "F8_E4M3"},
                   {"mlp.shared_experts.gate_proj.weight", {48, 16}, "F8_E4M3"},
                   {"mlp.shared_experts.up_proj.weight", {48, 16}, "F8_E4M3"},
                   {"mlp.shared_experts.down_proj.weight", {16, 48}, "F8_E4M3"}};
    Tensors tensors = small("model.layers.", with(latent, dense), 1);
    for (WeightTensor& tensor : with(latent, sparse)) {
        tensor.name = "model.layers.1." + tensor.name;
        tensors.push_back(tensor);
    }
    tensors.push_back({"model.norm.weight", {16}, "BF16"});
    const ModelShape shape = read_safetensors(tensors);
    CHECK(shape.family == "deepseek_v3");
    CHECK(shape.latent.q_rank == 10);
    CHECK(shape.latent.kv_rank == 6);
    CHECK(shape.latent.rope_dim == 4);
    CHECK(shape.latent.value_dim == 5);
    CHECK(shape.heads == 3);
    CHECK(shape.head_dim == 12);
    CHECK(shape.dense_layers == 1);
    CHECK(shape.shared_experts == 2);
    CHECK(shape.shared_ffn == 48);
    CHECK(count_parameters(shape) == shape.parameters);
}

TEST_CASE("what is no decoder is counted, and said to be unknown") {
    const ModelShape conv = read_safetensors({{"conv1.weight", {64, 3, 7, 7}, "F32"}, {"fc.bias", {10}, "F32"}});
    CHECK(conv.parameters == 64 * 3 * 49 + 10);
    CHECK(conv.hidden == 0);
    CHECK(conv.dtype == "float32");
    CHECK(conv.note.find("only its parameters are counted") != std::string::npos);
    const Tensors vision{{"vision_tower.encoder.layers.0.mlp.fc1.weight", {8, 8}, "BF16"}};
    const ModelShape both = read_safetensors(with(tensors_of(row("gemma-2-2b")), vision));
    CHECK(both.layers == 26);
    CHECK(both.parameters == row("gemma-2-2b").parameters + 64);
    CHECK(both.note.find("2614341952 parameters are counted, and the layers that are known here have 2614341888") !=
          std::string::npos);
}

TEST_CASE("buffers are no parameters, a head of scores is one of labels") {
    Tensors tensors = tensors_of(row("smollm2-135m"));
    tensors.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", {32}, "F32"});
    tensors.push_back({"score.weight", {3, 576}, "BF16"});
    const ModelShape shape = read_safetensors(tensors);
    CHECK(shape.labels == 3);
    CHECK(shape.parameters == row("smollm2-135m").parameters + 3 * 576);
    CHECK(count_parameters(shape) == shape.parameters);
}

TEST_CASE("packed weights, and files without any, are refused") {
    CHECK(refused(Tensors{{"model.layers.0.mlp.up_proj.qweight", {8, 8}, "I32"}})
              .message.find("quantised weights (model.layers.0.mlp.up_proj.qweight)") != std::string::npos);
    CHECK(refused(Tensors{{"model.layers.0.mlp.up_proj.weight.absmax", {8}, "F32"}}).where.file == "/m.safetensors");
    CHECK(refused(Tensors{{"a.rotary_emb.inv_freq", {8}, "F32"}}).message == "/m.safetensors holds no weights");
    CHECK(refused(Tensors{}).message == "/m.safetensors holds no weights");
    CHECK(refused(Tensors{{"a", {0, std::int64_t{1} << 40}, "U8"}}).message ==
          "/m.safetensors has a of an impossible size");
    Tensors layers;
    for (int i = 0; i < 4097; ++i) layers.push_back({"layers." + std::to_string(i) + ".x.weight", {1}, "U8"});
    CHECK(refused(layers).message == "/m.safetensors has 4097 layers");
}

TEST_CASE("folders: an index, shards without one, and what is missing") {
    const Tensors tensors = tensors_of(row("qwen3-8b"));
    const Tensors first(tensors.begin(), tensors.begin() + 200), second(tensors.begin() + 200, tensors.end());
    HeaderFiles files;
    files.files["/m/model-00001-of-00002.safetensors"] = safetensors_of(first);
    CHECK(refused(files, "/m").message == "/m holds 1 safetensors files, not the 2 of the model");
    CHECK(refused(files, "/m/model-00001-of-00002.safetensors").hint == "name the folder that has them all");
    files.files["/m/model-00002-of-00002.safetensors"] = safetensors_of(second);
    CHECK(found(files, "/m").parameters == row("qwen3-8b").parameters);
    CHECK(found(files, "/m/").name == "/m");
    files.add("/m/model.safetensors.index.json",
              R"({"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}})");
    CHECK(found(files, "/m").parameters == row("qwen3-8b").parameters);
    CHECK(found(files, "/m/model.safetensors.index.json").parameters == row("qwen3-8b").parameters);
    CHECK(files.bytes_read < 1 << 20);
    files.add("/m/model.safetensors.index.json", R"({"weight_map": {"a": "../x.safetensors"}})");
    CHECK(refused(files, "/m").message == "weight_map places a in no file beside the index");
    files.add("/m/model.safetensors.index.json", "{}");
    CHECK(refused(files, "/m").message == "weight_map names no file");
    files.files["/twice/a.safetensors"] = files.files["/twice/b.safetensors"] = safetensors_of(first);
    CHECK(refused(files, "/twice").message == "model.embed_tokens.weight is in two of its files");
    files.files["/adapter/adapter_model.safetensors"] = safetensors_of({{"a", {1}, "F32"}});
    CHECK(refused(files, "/adapter").message == "/adapter holds an adapter, and no model");
    files.add("/empty/README.md", "");
    CHECK(refused(files, "/empty").message == "cannot read /empty/config.json");
    // A config says more than headers.
    files.add("/m/config.json", R"({"model_type": "llama", "hidden_size": 16, "num_hidden_layers": 1,
        "num_attention_heads": 1, "intermediate_size": 16, "vocab_size": 16})");
    CHECK(found(files, "/m").source == "config.json");
    CHECK(refused(files, "/none.safetensors").message == "cannot read /none.safetensors");
}

TEST_CASE("a safetensors file that is cut short is refused") {
    HeaderFiles files;
    HeaderFiles::File& file = files.files["/m.safetensors"] = safetensors_of(tensors_of(row("smollm2-135m")));
    --file.size;
    CHECK(refused(files, "/m.safetensors").message.find("is no valid safetensors file: the header describes") !=
          std::string::npos);
    file.size = 1000;
    CHECK(refused(files, "/m.safetensors").message.find("does not fit") != std::string::npos);
    file = {"\x01", 1};
    CHECK(refused(files, "/m.safetensors").message == "/m.safetensors is no valid safetensors file: it has 1 bytes");
    file = {little_endian(40u << 20, 8), 1u << 30};
    CHECK(refused(files, "/m.safetensors").message.find("a header of 41943040 bytes does not fit") !=
          std::string::npos);
}
