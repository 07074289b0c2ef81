// The tables of names, and how a name falls into pieces.
#include "core/model/weight_names.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/model/family.h"

namespace ktrain {
namespace {

struct Name {
    std::string_view module;
    Part part;
};

// Beside the modules that the tables of families name.
constexpr std::array layer_names{
    Name{"attn_k", Part::k},
    Name{"attn_k_b", Part::kv_b_keys},
    Name{"attn_k_norm", Part::k_norm},
    Name{"attn_kv_a_mqa", Part::kv_a},
    Name{"attn_kv_b", Part::kv_b},
    Name{"attn_output", Part::o},
    Name{"attn_q", Part::q},
    Name{"attn_q_a", Part::q_a},
    Name{"attn_q_b", Part::q_b},
    Name{"attn_q_norm", Part::q_norm},
    Name{"attn_qkv", Part::qkv},
    Name{"attn_sinks", Part::sinks},
    Name{"attn_v", Part::v},
    Name{"attn_v_b", Part::kv_b_values},
    Name{"block_sparse_moe.experts.*.w1", Part::expert_gate},
    Name{"block_sparse_moe.experts.*.w2", Part::expert_down},
    Name{"block_sparse_moe.experts.*.w3", Part::expert_up},
    Name{"block_sparse_moe.gate", Part::router},
    Name{"exp_probs_b", Part::router_bias},
    Name{"ffn_down", Part::down},
    Name{"ffn_down.*", Part::expert_down},
    Name{"ffn_down_exps", Part::expert_down},
    Name{"ffn_down_shexp", Part::shared_down},
    Name{"ffn_gate", Part::gate},
    Name{"ffn_gate.*", Part::expert_gate},
    Name{"ffn_gate_exps", Part::expert_gate},
    Name{"ffn_gate_inp", Part::router},
    Name{"ffn_gate_inp_shexp", Part::shared_router},
    Name{"ffn_gate_shexp", Part::shared_gate},
    Name{"ffn_up", Part::up},
    Name{"ffn_up.*", Part::expert_up},
    Name{"ffn_up_exps", Part::expert_up},
    Name{"ffn_up_shexp", Part::shared_up},
    Name{"mlp.experts.*.down_proj", Part::expert_down},
    Name{"mlp.experts.*.gate_proj", Part::expert_gate},
    Name{"mlp.experts.*.up_proj", Part::expert_up},
    Name{"mlp.experts.down_proj", Part::expert_down},
    Name{"mlp.experts.gate_up_proj", Part::expert_gate_up},
    Name{"mlp.gate", Part::router},
    Name{"mlp.gate.e_score_correction_bias", Part::router_bias},
    Name{"mlp.router", Part::router},
    Name{"mlp.shared_expert_gate", Part::shared_router},
    Name{"self_attn.k_norm", Part::k_norm},
    Name{"self_attn.kv_a_proj_with_mqa", Part::kv_a},
    Name{"self_attn.kv_b_proj", Part::kv_b},
    Name{"self_attn.q_a_proj", Part::q_a},
    Name{"self_attn.q_b_proj", Part::q_b},
    Name{"self_attn.q_norm", Part::q_norm},
    Name{"self_attn.sinks", Part::sinks},
};
static_assert(std::ranges::is_sorted(layer_names, {}, &Name::module));

constexpr std::array model_names{
    Name{"embed_out", Part::head},
    Name{"lm_head", Part::head},
    Name{"output", Part::head},
    Name{"position_embd", Part::positions},
    Name{"score", Part::score},
    Name{"token_embd", Part::embedding},
    Name{"token_embd_norm", Part::embedding_norm},
    Name{"word_embeddings_layernorm", Part::embedding_norm},
};
static_assert(std::ranges::is_sorted(model_names, {}, &Name::module));

// The number of a layer or an expert; -1 for another word.
std::int64_t number_of(std::string_view word) {
    std::int64_t number = -1;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc{} && end == word.data() + word.size() ? number : -1;
}

std::string_view last_word(std::string_view name) {
    return name.substr(name.rfind('.') + 1);
}

}  // namespace

TensorPlace place_of(std::string_view name) {
    TensorPlace place;
    for (std::string_view rest = name; !rest.empty();) {
        const std::string_view word = rest.substr(0, rest.find('.'));
        const std::int64_t number = number_of(word);
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        if (number >= 0 && place.layer < 0) {
            place.layer = number;
            place.stack = std::move(place.module);
            place.module.clear();
            continue;
        }
        // Older GGUF files have the experts one by one: "ffn_up.7".
        if (number >= 0 && (place.module.ends_with("experts.") || place.module.starts_with("ffn_")))
            place.expert = number;
        place.module += place.expert == number && number >= 0 ? "*" : word;
        place.module += ".";
    }
    if (!place.module.empty()) place.module.pop_back();
    for (const std::string_view end : {".weight", ".bias", "_bias"}) {
        if (!place.module.ends_with(end) || place.module.ends_with("e_score_correction_bias")) continue;
        place.bias = end != ".weight";
        place.module.resize(place.module.size() - end.size());
        break;
    }
    return place;
}

bool is_buffer(std::string_view name) {
    for (const std::string_view end :
         {"rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias", ".attention.bias", ".attention.masked_bias"})
        if (name.ends_with(end)) return true;
    return false;
}

bool is_computed(std::string_view name) {
    for (const std::string_view end : {".weight_scale_inv", ".weight_scale", ".input_scale", "rope_freqs.weight",
                                       "rope_factors_long.weight", "rope_factors_short.weight"})
        if (name.ends_with(end)) return true;
    return is_buffer(name);
}

bool is_packed(std::string_view name) {
    for (const std::string_view end : {".SCB", ".absmax", ".g_idx", ".qweight", ".quant_map", ".qzeros", "_blocks"})
        if (name.ends_with(end)) return true;
    return false;
}

PartNames::PartNames() {
    for (const Name& name : layer_names) of_layers_.emplace(name.module, name.part);
    for (const Name& name : model_names) of_model_.emplace(name.module, name.part);
    const auto add = [&](const TensorNames& names) {
        const LayerNames& layer = names.layer;
        const std::array<Name, 10> modules{{{layer.q, layer.k.empty() ? Part::qkv : Part::q},
                                            {layer.k, Part::k},
                                            {layer.v, Part::v},
                                            {layer.o, Part::o},
                                            {layer.gate, Part::gate},
                                            {layer.up, Part::up},
                                            {layer.down, Part::down},
                                            {layer.shared_gate, Part::shared_gate},
                                            {layer.shared_up, Part::shared_up},
                                            {layer.shared_down, Part::shared_down}}};
        for (const Name& name : modules)
            if (!name.module.empty()) of_layers_.emplace(name.module, name.part);
        of_model_.emplace(names.embedding, Part::embedding);
        if (!names.positions.empty()) of_model_.emplace(names.positions, Part::positions);
    };
    for (const Family& family : families()) add(*family.names);
    for (const ShapeFamily& row : shape_families()) add(*row.family.names);
}

Part PartNames::part_of(std::string_view module, bool in_layer) const {
    const auto& names = in_layer ? of_layers_ : of_model_;
    const auto row = names.find(in_layer ? module : last_word(module));
    return row == names.end() ? Part::other : row->second;
}

}  // namespace ktrain
