// How long a training takes: FLOPs of a token, tokens a second, and what is added to computing, each with its formula.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/estimate/mfu.h"
#include "core/estimate/objective_passes.h"
#include "core/model/shape.h"

namespace ktrain {

// The sizes of a model that decide what a token costs.
struct ModelWork {
    double parameters = 0;          // that multiply a token: of experts the active ones, without the input embedding
    double adapter_parameters = 0;  // trained beside frozen ones
    double layers = 0;
    double attention_width = 0;  // heads x head_dim; 0 with layers 0: attention is not counted
    double window = 0;           // tokens that a layer with a sliding window sees; 0: none has one
    double window_share = 0;     // of the layers that have one, 0 to 1
    double head = 0;             // of `parameters`: models that score texts are without it
    double frozen = 0;           // of `parameters`: they have no gradients, though others do
    double saved_bytes = 0;      // that a checkpoint writes
    Passes passes;               // of a token; the default is one forward and one backward
};

// From a shape. The caller adds adapters, what is frozen and the passes. Errors: Error{input} for simple_cnn, whose
// FLOPs do not follow from its parameters.
ModelWork model_work(const ModelShape& shape);

// FLOPs of one token. Attention is counted whole, as PaLM's formula and the published MFU figures do; a kernel that
// leaves out what a causal mask hides computes half of it.
struct TokenFlops {
    double forward = 0;  // of all passes, without gradients: 2 P + 4 L A s, and 2 P_adapter, for each
    double useful = 0;  // full: 6 P - 2 P_frozen + 12 L A s; adapters: 4 P + 8 L A s + 6 P_adapter; for each model that
                        // trains; and `further`
    double further = 0;   // passes that have no gradients, a teacher's 2 P among them
    double executed = 0;  // useful, and of what trains one forward more with full checkpointing
};
TokenFlops token_flops(const ModelWork& work, Training training, double seq_len, bool recompute);

// All of a run that decides its time. Zero means "none", or "not known" where that is said.
struct TimeInput {
    ModelWork work;
    MfuCase conditions;  // its `parameters` are taken from `work`

    double gpus = 1;
    double tokens_per_second = 0;  // measured, of one GPU, everything computed again included; 0: from the MFU

    double tokens = 0;                    // of one epoch; 0: samples x mean_length
    double samples = 0, mean_length = 0;  // of the data set; tokens
    double epochs = 1;
    double packing_efficiency = 1;  // share of computed tokens that is no padding, above 0. Not taken again where the
                                    // MFU is that of unpacked rows

    double load_seconds = 300;                       // start of the container, reading of the weights
    double checkpoints = 0, checkpoint_seconds = 1;  // how many, and of each what does not depend on its size
    bool saves_meanwhile = false;                    // copied, and written while training goes on
    double evaluations = 0, evaluation_tokens = 0;   // how many, and tokens of each

    double seconds_between_interruptions = 0;  // mean, of the whole job; 0: none
    double restart_seconds = 600;              // until a replacement trains again
};

// Seconds, and the figures on the way. `low` is the shortest time, from the highest speed.
struct TimeFigures {
    TokenFlops flops;
    Mfu mfu;                  // of a measured speed what it implies; all 0 when the peak or the model is not known
    Range tokens_per_second;  // of one GPU; low is the slowest
    double tokens = 0;        // trained in all
    Range training, evaluation, interruptions;
    double loading = 0, checkpoints = 0;

    Range uninterrupted() const { return training + evaluation + exactly(loading + checkpoints); }
    Range total() const { return uninterrupted() + interruptions; }
};

// Bytes a second that checkpoints are written and copied with. Source: PyTorch, "Reducing model checkpointing times by
// over 10x": 148.8 s for a 7B model, 6.3 s when only its copy is waited for; AdamW's 12 B a parameter taken, 84 GB.
constexpr double write_speed = 0.5e9, copy_speed = 10e9;

// Made for searches: no text is made. Errors: Error{input} for a number that is negative or none, for no tokens, for
// neither a measured speed nor a known peak and model, for a measured speed above any peak of the GPU, for
// interruptions so frequent that the run never ends, and for a result that is no number.
TimeFigures time_figures(const TimeInput& input);

struct TimeLine {
    std::string label;  // "training"
    Range seconds;
    std::string formula;  // with the numbers of the middle filled in
    std::string source;   // of its constants
};

struct TimeEstimate {
    TimeFigures figures;
    std::string flops, speed;     // formulas of a token's FLOPs and of a GPU's tokens a second, numbers filled in
    std::vector<TimeLine> lines;  // those that take time; their sum is figures.total()
    std::vector<std::string> assumptions, warnings;
};

// The same with formulas. Errors: as time_figures.
TimeEstimate estimate_time(const TimeInput& input);

// {tokens, flops_per_token, executed_flops_per_token, mfu, tokens_per_second_per_gpu, lines, seconds, ...}; ranges are
// {low, mid, high}; the MFU is null when it is not known.
Json to_json(const TimeEstimate& estimate);

// The speed of a run from its metrics.jsonl (docs/trainer.md).
struct Throughput {
    double tokens_per_second = 0;  // of the whole run, all its GPUs; the median of the steps counted
    std::size_t steps = 0;         // log lines counted: all but the first, where there are three or more
};
// Errors: Error{input} with file and line for a line that is no JSON, and for a file without any speed.
Throughput throughput_of_metrics(std::string_view text, const std::string& file);

}  // namespace ktrain
