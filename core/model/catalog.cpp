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
    shape.qkv_bias = row.flag("attn_qkv_bias");
    shape.out_bias = row.flag("attn_out_bias");
    shape.mlp_bias = row.flag("mlp_bias");
    shape.head_bias = row.flag("head_bias");
    shape.qk_norm = row.flag("qk_norm");
    shape.fused_qkv = row.flag("fused_qkv");
    shape.fused_gate_up = row.flag("fused_gate_up");
    shape.learned_positions = row.number("learned_positions");
    shape.experts = row.number("experts");
    shape.expert_ffn = row.number("expert_ffn");
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
