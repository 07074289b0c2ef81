// The composition of a decoder from its layers.
#include "trainer/model/decoder.h"

#include <ATen/ops/add.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/base/error.h"
#include "core/model/family.h"
#include "core/model/score_head.h"
#include "core/model/weight_names.h"
#include "trainer/model/dora.h"
#include "trainer/model/graph.h"

namespace ktrain::trainer {
namespace {

Inner inner_of(const DecoderConfig& config) {
    return {config.activation == ActivationType::silu ? Activation::silu : Activation::gelu_tanh, config.shape.gated};
}

const TensorNames& names_of(const DecoderConfig& config) {
    return *find_family(config.shape.family)->names;
}

}  // namespace

TokenRows TokenRows::whole(const at::Tensor& ids_BT, const at::Tensor& labels_BT) {
    const std::int64_t batch = ids_BT.size(0), length = ids_BT.size(1);
    return {batch,
            length,
            ids_BT.contiguous().view({-1}),
            at::arange(length, at::kLong).repeat({batch}),
            at::zeros({batch * length}, at::kLong),
            labels_BT.contiguous().view({-1})};
}

Decoder::Decoder(const DecoderConfig& config, const Parameters& parameters, const DecoderOptions& options)
    : config_(config), parameters_(parameters), options_(options) {
    const TensorNames& names = names_of(config_);
    const std::string root(names.root);
    if (uses_lora(options_.method)) lora_.emplace(lora_config(config_.shape, options_.method));
    embedding_ = parameters_.at(fmt::format("{}{}.weight", root, names.embedding));
    if (names.positions.empty())
        rope_ = Rope(config_.rope, config_.shape.head_dim, options_.longest);
    else
        positions_ = parameters_.at(fmt::format("{}{}.weight", root, names.positions));
    for (std::int64_t i = 0; i < config_.shape.layers; ++i) stack_.push_back(layer_at(i));
    last_norm_ = norm_at(fmt::format("{}{}", root, names.norm));
    const bool scores = config_.shape.labels > 0;
    const std::string head(scores ? score_tensor : token_head);
    if (scores) config_.logit_soft_cap = 0;  // it is for the vocabulary
    head_.weight = parameters_.has(head) ? parameters_.at(head) : embedding_;
}

Norm Decoder::norm_at(const std::string& place) const {
    Norm norm{parameters_.at(place + ".weight"), {}, config_.norm_epsilon, config_.norm_offset};
    if (config_.shape.layer_norm) norm.bias_D = parameters_.at(place + ".bias");
    return norm;
}

Linear Decoder::linear_at(const std::vector<std::string>& modules) const {
    std::vector<std::string> weights, biases;
    for (const auto& module : modules) {
        weights.push_back(module + ".weight");
        biases.push_back(module + ".bias");
    }
    Linear linear;
    linear.weight = parameters_.joined(weights);
    linear.transposed = find_family(config_.shape.family)->transposed;
    if (parameters_.has(biases.front())) linear.bias_O = parameters_.joined(biases);
    add_adapters(modules, linear);
    return linear;
}

// Each module has some of the rows of the joined weight.
void Decoder::add_adapters(const std::vector<std::string>& modules, Linear& linear) const {
    std::int64_t begin = 0;
    for (const auto& module : modules) {
        const at::Tensor& weight = parameters_.at(module + ".weight").value;
        const std::int64_t end = begin + weight.size(linear.transposed ? 1 : 0);
        const std::string place = adapter_place(module), a = place + ".lora_A.weight";
        if (parameters_.has(a)) {
            const std::string magnitude = place + ".lora_magnitude_vector";
            linear.adapters.push_back(
                {.begin = begin,
                 .end = end,
                 .a_RI = parameters_.at(a),
                 .b_OR = parameters_.at(place + ".lora_B.weight"),
                 .magnitude_O = parameters_.has(magnitude) ? parameters_.at(magnitude) : Parameter(),
                 .scale = lora_->scale(module),
                 .dropout = options_.method.lora_dropout,
                 .number = static_cast<std::uint64_t>(parameters_.offset(a))});
        }
        begin = end;
    }
}

Decoder::Layer Decoder::layer_at(std::int64_t number) const {
    const LayerNames& names = names_of(config_).layer;
    const std::string place = fmt::format("{}{}.{}.", names_of(config_).root, names_of(config_).layers, number);
    const auto all = [&](std::initializer_list<std::string_view> modules) {
        std::vector<std::string> there;
        for (const auto module : modules)
            if (!module.empty()) there.push_back(place + std::string(module));
        return there;
    };
    const auto norm = [&](std::string_view name) { return norm_at(place + std::string(name)); };
    Layer layer;
    layer.input_norm = norm(names.input_norm);
    layer.mlp_norm = norm(names.mlp_norm);
    if (!names.attention_norm.empty()) layer.attention_norm = norm(names.attention_norm);
    if (!names.result_norm.empty()) layer.result_norm = norm(names.result_norm);
    if (config_.shape.qk_norm) layer.head_norms = {norm("self_attn.q_norm"), norm("self_attn.k_norm")};
    layer.qkv = linear_at(all({names.q, names.k, names.v}));
    layer.o = linear_at(all({names.o}));
    layer.inner = linear_at(all({names.gate, names.up}));
    layer.down = linear_at(all({names.down}));
    layer.window = config_.windows[static_cast<std::size_t>(number)];
    return layer;
}

bool Decoder::Layer::trains() const {
    const bool norms = input_norm.trains() || mlp_norm.trains() || (attention_norm && attention_norm->trains()) ||
                       (result_norm && result_norm->trains()) ||
                       (head_norms && (head_norms->query.trains() || head_norms->key.trains()));
    return norms || qkv.trains() || o.trains() || inner.trains() || down.trains();
}

void Decoder::start_magnitudes() const {
    for (const Layer& layer : stack_)
        for (const Linear* linear : {&layer.qkv, &layer.o, &layer.inner, &layer.down})
            trainer::start_magnitudes(*linear);
}

const RopeTables& Decoder::rope_of(const TokenRows& rows) const {
    const bool matters = rope_.depends_on_length() && rows.positions_N.numel() > 0;
    return rope_.tables(matters ? rows.positions_N.max().item<std::int64_t>() + 1 : 0);
}

Attention Decoder::attention_of(const TokenRows& rows, const Layer& layer) const {
    const ModelShape& shape = config_.shape;
    const RopeTables& rope = rope_of(rows);
    Attention attention;
    attention.batch = rows.batch;
    attention.length = rows.length;
    attention.heads = shape.heads;
    attention.kv_heads = shape.kv_heads;
    attention.head_dim = shape.head_dim;
    attention.scale = static_cast<float>(config_.attention_scale);
    attention.soft_cap = static_cast<float>(config_.attention_soft_cap);
    attention.window = layer.window;
    attention.rotary = rope.rotary;
    attention.cosines = rope.cosines.data();
    attention.sines = rope.sines.data();
    attention.positions = rows.positions_N.const_data_ptr<std::int64_t>();
    attention.starts = rows.starts_N.const_data_ptr<std::int64_t>();
    return attention;
}

at::Tensor Decoder::forward(const Layer& layer, const at::Tensor& x_ND, const TokenRows& rows) const {
    const Attention attention = attention_of(rows, layer);
    const Layers layers = layers_for(rows);
    at::Tensor qkv = layers.norm_linear(x_ND, layer.input_norm, layer.qkv);
    if (layer.head_norms) qkv = layers.norm_heads(qkv, *layer.head_norms, attention);
    const at::Tensor heads = layers.attend(qkv, attention);
    const at::Tensor middle_ND =
        layer.attention_norm ? layers.norm_add(layers.linear_add(heads, layer.o, {}), *layer.attention_norm, x_ND)
                             : layers.linear_add(heads, layer.o, x_ND);
    const at::Tensor inner = layers.norm_linear(middle_ND, layer.mlp_norm, layer.inner);
    if (!layer.result_norm) return layers.inner_linear_add(inner, inner_of(config_), layer.down, middle_ND);
    return layers.norm_add(layers.inner_linear_add(inner, inner_of(config_), layer.down, {}), *layer.result_norm,
                           middle_ND);
}

at::Tensor Decoder::checkpointed(const Layer& layer, const at::Tensor& x_ND, const TokenRows& rows) const {
    const at::Tensor x = x_ND.detach();
    const auto compute = [&] {
        const c10::NoGradGuard no_grad;
        return forward(layer, x, rows);
    };
    const bool needs_dx = x_ND.requires_grad();
    return differentiable(compute(), {x_ND}, layer.trains(),
                          [this, &layer, x, needs_dx, &rows](const at::Tensor& dy_ND) {
                              const c10::AutoGradMode with_grad(true);
                              const at::Tensor again = x.detach().requires_grad_(needs_dx);
                              torch::autograd::backward({forward(layer, again, rows)}, {dy_ND});
                              return std::vector{needs_dx ? again.grad() : at::Tensor()};
                          });
}

at::Tensor Decoder::hidden(const TokenRows& rows) const {
    const Layers layers = layers_for(rows);
    at::Tensor x_ND = layers.embed(rows.ids_N, embedding_, config_.embedding_scale);
    if (positions_.value.defined()) x_ND = at::add(x_ND, layers.embed(rows.positions_N, positions_, 1));
    for (const Layer& layer : stack_)
        x_ND = options_.checkpointing ? checkpointed(layer, x_ND, rows) : forward(layer, x_ND, rows);
    return x_ND;
}

TokenLoss Decoder::loss(const TokenRows& rows, double scale) const {
    return layers_for(rows).cross_entropy(hidden(rows), last_norm_, head_, rows.labels_N, config_.logit_soft_cap,
                                          scale);
}

at::Tensor Decoder::scores(const TokenRows& rows, const at::Tensor& places_S) const {
    const at::Tensor x_SD = hidden(rows).index_select(0, places_S);
    return layers_for(rows).norm_linear(x_SD, last_norm_, head_).to(at::kFloat);
}

at::Tensor Decoder::logits(const TokenRows& rows) const {
    const at::Tensor logits = layers_for(rows).norm_linear(hidden(rows), last_norm_, head_).to(at::kFloat);
    if (config_.logit_soft_cap == 0) return logits;
    return at::tanh(logits.div(config_.logit_soft_cap)).mul(config_.logit_soft_cap);
}

}  // namespace ktrain::trainer
