// A decoder of the Hugging Face world: from rows of token ids to hidden states, logits and the loss of a language
// model.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "core/model/decoder.h"
#include "core/model/method_lora.h"
#include "trainer/model/layers.h"
#include "trainer/model/rope.h"
#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// Sequences side by side, each row of the batch one or more of them. All of int64, [batch * length].
struct TokenRows {
    std::int64_t batch = 0, length = 0;
    at::Tensor ids_N;
    at::Tensor positions_N;   // within the sequence
    at::Tensor starts_N;      // index in the row of the sequence's first token
    at::Tensor labels_N;      // the token to be predicted here; negative: none
    std::uint64_t noise = 0;  // decides what dropout drops; 0: nothing, as in evaluation

    // One sequence a row: positions count from 0. `labels` as they are.
    static TokenRows whole(const at::Tensor& ids_BT, const at::Tensor& labels_BT);
};

struct DecoderOptions {
    Gemm gemm = Gemm::aten;  // where `kernels` has it
    Kernels kernels = {};
    std::int64_t longest = 0;    // sequences are not longer than this
    MethodSpec method = {};      // whose adapters the parameters hold
    bool checkpointing = false;  // keeps only the input of each layer and computes the rest again in the backward pass
};

class Decoder {
public:
    // `parameters` holds inventory(config.shape, ...) and must outlive it.
    Decoder(const DecoderConfig& config, const Parameters& parameters, const DecoderOptions& options);

    // How it computes from here on.
    void use(Gemm gemm) { options_.gemm = gemm; }
    void use(Kernels kernels) { options_.kernels = kernels; }
    Gemm gemm() const { return options_.kernels.has(Kernel::gemm) ? options_.gemm : Gemm::aten; }
    Kernels kernels() const { return options_.kernels; }

    // Of all rows with a label. `rows` must outlive the backward pass.
    TokenLoss loss(const TokenRows& rows, double scale) const;
    // Of a model whose head scores texts: the scores at rows `places_S`, [S, labels], float32; differentiable. At every
    // row, of one label, they are the values of a value head, as TRL's PPOTrainer reads them of its value model.
    at::Tensor scores(const TokenRows& rows, const at::Tensor& places_S) const;
    // Before the last norm, [batch * length, hidden].
    at::Tensor hidden(const TokenRows& rows) const;
    // [batch * length, vocabulary or labels]: of all positions at once, for tests and small inputs.
    at::Tensor logits(const TokenRows& rows) const;

    // Sets the magnitudes of DoRA to where they begin, once the weights are there.
    void start_magnitudes() const;

private:
    struct Layer {
        Norm input_norm, mlp_norm;
        std::optional<Norm> attention_norm, result_norm;
        std::optional<HeadNorms> head_norms;
        Linear qkv, o, inner, down;
        std::int64_t window = 0;

        bool trains() const;
    };

    Norm norm_at(const std::string& place) const;
    Linear linear_at(const std::vector<std::string>& modules) const;
    void add_adapters(const std::vector<std::string>& modules, Linear& linear) const;
    Layer layer_at(std::int64_t number) const;
    Layers layers_for(const TokenRows& rows) const { return {gemm(), options_.kernels, rows.noise}; }
    const RopeTables& rope_of(const TokenRows& rows) const;
    Attention attention_of(const TokenRows& rows, const Layer& layer) const;
    at::Tensor forward(const Layer& layer, const at::Tensor& x_ND, const TokenRows& rows) const;
    at::Tensor checkpointed(const Layer& layer, const at::Tensor& x_ND, const TokenRows& rows) const;

    DecoderConfig config_;
    const Parameters& parameters_;
    DecoderOptions options_;
    std::optional<Lora> lora_;
    Rope rope_;
    Parameter embedding_, positions_;
    std::vector<Layer> stack_;
    Norm last_norm_;
    Linear head_;
};

}  // namespace ktrain::trainer
