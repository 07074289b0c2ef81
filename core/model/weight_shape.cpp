// From tensors to sizes and switches.
#include "core/model/weight_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/file_error.h"
#include "core/base/text.h"
#include "core/model/config_limits.h"
#include "core/model/count.h"
#include "core/model/family.h"
#include "core/model/parameters.h"
#include "core/model/weight_names.h"

namespace ktrain {
namespace {

using Sizes = std::vector<std::int64_t>;

constexpr std::int64_t most_elements = std::int64_t{1} << 32;  // in one direction

std::int64_t elements(const Sizes& shape) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count = product({count, size});
    return count;
}

// What is known of the layers of one stack, and of what is around them.
class Weights {
public:
    Weights(const std::vector<WeightTensor>& tensors, const std::string& file) {
        const PartNames names;
        std::map<std::string, std::int64_t> stacks;
        for (const WeightTensor& tensor : tensors) {
            const TensorPlace place = place_of(tensor.name);
            if (place.layer >= 0) stacks[place.stack] = sum({stacks[place.stack], elements(tensor.shape)});
        }
        const auto largest = std::ranges::max_element(stacks, {}, [](const auto& stack) { return stack.second; });
        for (const WeightTensor& tensor : tensors) {
            if (is_computed(tensor.name)) continue;
            const TensorPlace place = place_of(tensor.name);
            if (place.layer < 0)
                add(names.part_of(place.module, false), place, tensor.shape);
            else if (place.stack == largest->first)
                add_of_layer(names.part_of(place.module, true), place, tensor.shape);
        }
        const auto many = static_cast<std::int64_t>(layers_.size());
        if (many > config_limits::layers)
            refuse(file, fmt::format("{} has {} layers", file, many), "check that it is the right file");
    }

    bool has(Part part) const { return first_.contains(part); }
    bool has_bias(Part part) const { return biases_.contains(part); }
    // The size of a part in one direction when it is `other` in the other one; 0 where it is not there, or otherwise.
    std::int64_t beside(Part part, std::int64_t other) const {
        const Sizes shape = shape_of(part);
        if (shape.size() < 2) return 0;
        const std::int64_t rows = shape[shape.size() - 2], columns = shape.back();
        return columns == other ? rows : rows == other ? columns : 0;
    }
    Sizes shape_of(Part part) const {
        const auto row = first_.find(part);
        return row == first_.end() ? Sizes{} : row->second;
    }
    std::int64_t layers() const { return static_cast<std::int64_t>(layers_.size()); }
    std::int64_t layers_with(Part part) const {
        const auto row = where_.find(part);
        return row == where_.end() ? 0 : static_cast<std::int64_t>(row->second.size());
    }
    std::int64_t experts() const { return experts_; }
    // Norms as wide as the model, of a layer; and whether they have biases.
    std::int64_t norms(std::int64_t hidden) const {
        return std::ranges::count_if(others_, [&](const auto& other) { return other.second == Sizes{hidden}; });
    }
    bool norm_bias() const { return norm_bias_; }
    // Whether layers have it; of an empty name, all do.
    bool has_module(std::string_view name) const { return name.empty() || modules_.contains(name); }
    bool encodes_and_decodes() const { return two_stacks_; }

private:
    void add(Part part, const TensorPlace& place, const Sizes& shape) {
        if (place.bias)
            biases_.insert(part);
        else if (part != Part::other)
            first_.emplace(part, shape);
    }

    void add_of_layer(Part part, const TensorPlace& place, const Sizes& shape) {
        layers_.insert(place.layer);
        two_stacks_ = two_stacks_ || place.module.find("EncDecAttention") != std::string::npos ||
                      place.stack.starts_with("encoder.block.");
        add(part, place, shape);
        if (place.bias && part == Part::other && shape.size() == 1) norm_bias_ = true;
        if (place.bias) return;
        modules_.insert(place.module);
        where_[part].insert(place.layer);
        if (part == Part::other) others_.emplace(place.module, shape);
        if (part == Part::expert_down || part == Part::expert_up)
            experts_ = std::max(experts_, shape.size() == 3 ? shape[0] : place.expert + 1);
    }

    std::map<Part, Sizes> first_;  // where a part is found first
    std::map<Part, std::set<std::int64_t>> where_;
    std::map<std::string, Sizes> others_;  // of a layer, by module
    std::set<std::string, std::less<>> modules_;
    std::set<Part> biases_;
    std::set<std::int64_t> layers_;
    std::int64_t experts_ = 0;
    bool norm_bias_ = false, two_stacks_ = false;
};

// Widths of all query heads and of all key heads together.
struct HeadWidths {
    std::int64_t queries = 0, keys = 0;
};

HeadWidths read_widths(const Weights& weights, ModelShape& shape) {
    HeadWidths widths;
    widths.queries = weights.beside(Part::o, shape.hidden);
    shape.fused_qkv = weights.has(Part::qkv);
    if (shape.fused_qkv)
        widths.keys = (weights.beside(Part::qkv, shape.hidden) - widths.queries) / 2;
    else
        widths.keys = weights.beside(Part::k, shape.hidden);
    shape.qkv_bias = weights.has_bias(shape.fused_qkv ? Part::qkv : Part::q);
    shape.out_bias = weights.has_bias(Part::o);
    shape.attention_sinks = weights.has(Part::sinks) || weights.has_bias(Part::sinks);
    return widths;
}

// 128 elements, of small models 64, is what most of the models of the catalog have.
std::int64_t usual_head(const HeadWidths& widths) {
    for (const std::int64_t size : {128, 64})
        if (widths.queries % size == 0 && widths.keys % size == 0 && (size == 64 || widths.queries >= 2560))
            return size;
    return 0;
}

void read_heads(const Weights& weights, const HeadWidths& widths, ModelShape& shape) {
    shape.qk_norm = weights.has(Part::q_norm);
    if (shape.qk_norm) shape.head_dim = elements(weights.shape_of(Part::q_norm));
    if (weights.has(Part::sinks) && widths.queries > 0) {
        const std::int64_t heads = elements(weights.shape_of(Part::sinks));
        shape.head_dim = heads > 0 && widths.queries % heads == 0 ? widths.queries / heads : 0;
    }
    const bool known = shape.head_dim > 0 && widths.queries % shape.head_dim == 0 && widths.keys % shape.head_dim == 0;
    if (!known) {
        shape.head_dim = usual_head(widths);
        add_note(shape,
                 shape.head_dim > 0
                     ? fmt::format("a file of tensors does not tell heads apart: {} elements are assumed for one",
                                   shape.head_dim)
                     : "a file of tensors does not tell heads apart: one is assumed");
    }
    if (shape.head_dim == 0) shape.head_dim = widths.keys;
    if (shape.head_dim == 0) return;
    shape.heads = widths.queries / shape.head_dim;
    shape.kv_heads = widths.keys / shape.head_dim;
}

// Every size follows from the matrices. GGUF files have kv_b in two parts, by head.
void read_latent(const Weights& weights, ModelShape& shape) {
    LatentAttention& latent = shape.latent;
    const Sizes keys = weights.shape_of(Part::kv_b_keys), values = weights.shape_of(Part::kv_b_values);
    const std::int64_t queries_in = weights.has(Part::q_a) ? weights.beside(Part::q_a, shape.hidden) : shape.hidden;
    const std::int64_t queries = weights.beside(weights.has(Part::q_a) ? Part::q_b : Part::q, queries_in);
    const std::int64_t outputs = weights.beside(Part::o, shape.hidden);
    latent.q_rank = weights.has(Part::q_a) ? queries_in : 0;
    const bool parted = keys.size() == 3 && values.size() == 3;
    const Sizes both = weights.shape_of(Part::kv_b);
    latent.kv_rank = parted ? keys[1] : both.size() == 2 ? both[1] : 0;
    latent.rope_dim = weights.beside(Part::kv_a, shape.hidden) - latent.kv_rank;
    const std::int64_t unrotated = parted ? product({keys[0], keys[2]}) : both.size() == 2 ? both[0] - outputs : 0;
    if (latent.rope_dim <= 0 || (queries - unrotated) % latent.rope_dim != 0) return;
    shape.heads = (queries - unrotated) / latent.rope_dim;
    if (shape.heads <= 0) return;
    shape.head_dim = queries / shape.heads;
    latent.value_dim = outputs / shape.heads;
}

void read_mlp(const Weights& weights, ModelShape& shape) {
    shape.ffn = weights.beside(Part::down, shape.hidden);
    shape.gated = weights.has(Part::gate) || weights.has(Part::expert_gate) || weights.has(Part::expert_gate_up);
    shape.mlp_bias = weights.has_bias(Part::down) || weights.has_bias(Part::expert_down);
    if (!weights.has(Part::gate) && shape.ffn > 0 && weights.beside(Part::up, shape.hidden) == 2 * shape.ffn)
        shape.gated = shape.fused_gate_up = true;
    shape.experts = weights.experts();
    if (shape.experts == 0) return;
    shape.expert_ffn = weights.beside(Part::expert_down, shape.hidden);
    shape.dense_layers = weights.layers_with(Part::down);
    shape.router_bias =
        weights.has_bias(Part::router) || weights.has(Part::router_bias) || weights.has_bias(Part::router_bias);
    shape.shared_gate = weights.has(Part::shared_router);
    shape.shared_ffn = weights.beside(Part::shared_down, shape.hidden);
    const bool whole = shape.expert_ffn > 0 && shape.shared_ffn % shape.expert_ffn == 0 && !shape.shared_gate;
    shape.shared_experts = whole ? shape.shared_ffn / shape.expert_ffn : shape.shared_ffn > 0 ? 1 : 0;
    add_note(shape, "a file of tensors does not say how many experts a token meets: all are taken to be active");
    shape.experts_per_token = shape.experts;
}

// The sizes of a decoder; false where something is not there.
bool read_sizes(const Weights& weights, ModelShape& shape) {
    const Sizes embedding = weights.shape_of(Part::embedding);
    if (embedding.size() != 2 || weights.encodes_and_decodes()) return false;
    shape.vocab = embedding[0];
    shape.hidden = embedding[1];
    shape.layers = weights.layers();
    if (weights.has(Part::kv_a)) {
        read_latent(weights, shape);
        if (shape.heads <= 0) return false;
    } else {
        const HeadWidths widths = read_widths(weights, shape);
        if (widths.queries <= 0 || widths.keys <= 0) return false;
        read_heads(weights, widths, shape);
    }
    read_mlp(weights, shape);
    shape.layer_norm = weights.norm_bias();
    shape.norms_per_layer = weights.norms(shape.hidden);
    shape.parallel_block = shape.norms_per_layer == 1;
    shape.embedding_norm = weights.has(Part::embedding_norm);
    const Sizes positions = weights.shape_of(Part::positions);
    if (!positions.empty()) shape.learned_positions = shape.max_positions = positions[0];
    const Sizes score = weights.shape_of(Part::score);
    if (!score.empty()) shape.labels = score[0];
    shape.tied = !weights.has(Part::head) && shape.labels == 0;
    shape.head_bias = weights.has_bias(Part::head);
    return shape.hidden > 0 && (shape.ffn > 0 || shape.expert_ffn > 0);
}

// How many switches a family shares with the shape; -1 where its layers are called otherwise.
int agreement(const Family& family, const Weights& weights, const ModelShape& shape) {
    const LayerNames& names = family.names->layer;
    for (const std::string_view name : {names.q, names.k, names.v, names.o})
        if (!weights.has_module(name)) return -1;
    for (const std::string_view name : {names.gate, names.up, names.down})
        if (weights.has(Part::down) && !weights.has_module(name)) return -1;
    const std::int64_t norms = family.sandwich ? 4 : family.one_norm ? 1 : 2;
    const bool one_key_head = family.fused && family.learned_positions && shape.kv_heads != shape.heads;
    return (family.qk_norm == shape.qk_norm) + ((family.all_bias || family.qkv_bias) == shape.qkv_bias) +
           (family.layer_norm == shape.layer_norm) + (norms == shape.norms_per_layer) +
           (family.learned_positions == (shape.learned_positions > 0)) - (one_key_head ? 1 : 0);
}

// The family whose names and switches the file has: the modules that adapters name follow from it. Others are as good
// as llama's.
std::string family_of(const Weights& weights, const ModelShape& shape) {
    if (shape.latent.kv_rank > 0) return shape.router_bias ? "deepseek_v3" : "deepseek_v2";
    if (shape.attention_sinks) return "gpt_oss";
    if (shape.shared_gate) return "qwen2_moe";
    if (shape.experts > 0) return shape.qk_norm ? "qwen3_moe" : "mixtral";
    const Family* best = find_family("llama");
    int most = agreement(*best, weights, shape);
    const auto look = [&](const Family& family) {
        const int agrees = agreement(family, weights, shape);
        if (agrees <= most) return;
        best = &family;
        most = agrees;
    };
    for (const Family& family : families()) look(family);
    for (const ShapeFamily& row : shape_families()) look(row.family);
    return most >= 0 ? std::string(best->name) : "";
}

// The type of most elements, as configs call it; empty for weights in fewer bits.
std::string storage_type(const std::map<std::string, std::int64_t>& types) {
    const std::string most = std::ranges::max_element(types, {}, [](const auto& type) { return type.second; })->first;
    return most == "BF16" ? "bfloat16" : most == "F16" ? "float16" : most == "F32" ? "float32" : "";
}

}  // namespace

void add_note(ModelShape& shape, const std::string& note) {
    shape.note += (shape.note.empty() ? "" : "; ") + note;
}

ModelShape shape_of_weights(const std::vector<WeightTensor>& tensors, const std::string& file) try {
    std::int64_t parameters = 0;
    std::map<std::string, std::int64_t> types;
    for (const WeightTensor& tensor : tensors) {
        if (std::ranges::any_of(tensor.shape, [](std::int64_t size) { return size < 0 || size > most_elements; }))
            refuse(file, fmt::format("{} has {} of an impossible size", file, printable(tensor.name)),
                   "check that it is the right file");
        if (is_packed(tensor.name))
            refuse(file,
                   fmt::format("{} holds quantised weights ({}): their shapes are not those of the model", file,
                               printable(tensor.name)),
                   "name the model's folder with config.json, or a catalog model");
        if (is_computed(tensor.name)) continue;
        const std::int64_t count = elements(tensor.shape);
        parameters = sum({parameters, count});
        types[tensor.type] = sum({types[tensor.type], count});
    }
    if (parameters == 0) refuse(file, fmt::format("{} holds no weights", file), "check that it is the right file");
    ModelShape shape;
    const Weights weights(tensors, file);
    if (read_sizes(weights, shape)) {
        shape.family = family_of(weights, shape);
        const std::int64_t counted = count_parameters(shape);
        if (counted != parameters)
            add_note(shape, fmt::format("{} parameters are counted, and the layers that are known here have {}",
                                        parameters, counted));
    } else {
        shape = {};
        add_note(shape, fmt::format("{} holds no decoder that is known here: only its parameters are counted", file));
    }
    shape.dtype = storage_type(types);
    shape.parameters = parameters;
    return shape;
} catch (const Error& error) {
    if (!error.where.file.empty()) throw;
    refuse(file, error.message, "check that it is the right file");
}

}  // namespace ktrain
