// Reads the catalog's rows; an empty cell means none or unknown.
#include "core/model/catalog.h"

#include <algorithm>
#include <charconv>

#include "core/base/csv.h"
#include "core/base/embedded.h"
#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr std::string_view file = "models.csv";

class Row {
public:
    Row(const Csv& table, std::size_t row) : table_(table), row_(row) {}

    const std::string& text(std::string_view column) const { return table_.cell(row_, column); }
    bool flag(std::string_view column) const { return text(column) == "1"; }
    std::int64_t number(std::string_view column) const {
        const std::string& cell = text(column);
        std::int64_t value = 0;
        std::from_chars(cell.data(), cell.data() + cell.size(), value);
        return value;
    }

private:
    const Csv& table_;
    std::size_t row_;
};

// "1/2", "5/6", "all": the layers with a sliding window. The last of every group is the one without.
std::int64_t sliding_layers(const std::string& share, std::int64_t layers) {
    if (share.empty()) return 0;
    if (share == "all") return layers;
    const auto number = [](const std::string& text) {
        std::int64_t value = 1;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    };
    const std::size_t slash = share.find('/');
    const std::int64_t with = number(share.substr(0, slash)), of = number(share.substr(slash + 1));
    return layers - layers * (of - with) / of;
}

void add_experts(const Row& row, ModelShape& shape) {
    shape.experts = row.number("experts");
    shape.experts_per_token = row.number("experts_per_token");
    shape.expert_ffn = row.number("expert_ffn");
    shape.shared_experts = row.number("shared_experts");
    shape.shared_ffn = shape.shared_experts * shape.expert_ffn;
    shape.dense_layers = row.number("dense_layers");
    shape.router_bias = row.flag("router_bias");
}

void add_attention(const Row& row, ModelShape& shape) {
    shape.qkv_bias = row.flag("attn_qkv_bias");
    shape.out_bias = row.flag("attn_out_bias");
    shape.qk_norm = row.flag("qk_norm");
    shape.fused_qkv = row.flag("fused_qkv");
    shape.attention_sinks = row.flag("attn_sinks");
    shape.latent = {row.number("mla_q_lora"), row.number("mla_kv_lora"), row.number("mla_rope_dim"),
                    row.number("mla_v_dim")};
    shape.sliding_window = row.number("sliding_window");
    shape.sliding_layers = sliding_layers(row.text("sliding_layers"), shape.layers);
    shape.learned_positions = row.number("learned_positions");
    shape.max_positions = row.number("max_positions");
    if (row.text("positions") == "relative") shape.position_buckets = 32;  // of every T5
}

ModelShape to_shape(const Row& row) {
    ModelShape shape;
    shape.name = row.text("id");
    shape.family = row.text("family");
    shape.source = "catalog";
    shape.note = row.text("note");
    shape.parameters = row.number("exact_params");
    shape.hidden = row.number("hidden");
    shape.layers = row.number("layers");
    shape.heads = row.number("heads");
    shape.kv_heads = row.number("kv_heads");
    shape.head_dim = row.number("head_dim");
    shape.ffn = row.number("ffn");
    shape.vocab = row.number("vocab");
    shape.tied = row.flag("tied");
    shape.gated = row.flag("mlp_gated");
    shape.layer_norm = row.text("norm") == "layer";
    shape.norms_per_layer = row.number("norms_per_layer");
    shape.mlp_bias = row.flag("mlp_bias");
    shape.head_bias = row.flag("head_bias");
    shape.fused_gate_up = row.flag("fused_gate_up");
    shape.encoder_decoder = row.text("arch") == "encoder-decoder";
    shape.parallel_block = row.flag("parallel_block");
    shape.embedding_norm = shape.family == "bloom";  // the note of its row says so
    add_attention(row, shape);
    add_experts(row, shape);
    return shape;
}

}  // namespace

std::optional<ModelShape> find_in_catalog(std::string_view name) {
    const Csv table(embedded(file), std::string(file));
    const std::string wanted = lower(name);
    for (std::size_t i = 0; i < table.rows(); ++i) {
        const std::vector<std::string> names = model_names(table, i);
        if (std::ranges::find(names, wanted) != names.end()) return to_shape(Row(table, i));
    }
    return std::nullopt;
}

}  // namespace ktrain
