// Where the handbook's words about adapters contradict each other or what they take.
#include <fmt/format.h>

#include "core/base/text.h"
#include "core/estimate/handbook_case.h"
#include "core/spec/methods.h"
#include "core/spec/sharing.h"

namespace ktrain::handbook {
namespace {

// "1.23M parameters, 0.018 % of the model"
std::string share(const Case& c, double trained) {
    return fmt::format("{} parameters, {:.2g} % of the model", human_count(static_cast<std::uint64_t>(trained)),
                       100 * trained / c.parameters());
}

// What any adapter method takes beside what it trains.
std::string rest(const Case& c) {
    return fmt::format("{} of weights and {} of activations", gigabytes(c.line("weights")),
                       gigabytes(c.line("activations") + c.line("checkpoints") + c.line("working set")));
}

}  // namespace

Text adapter_range(const Case& c) {
    const std::string& method = c.spec().method.type;
    const auto trained = c.trained();
    if (!trained || (method != "adaption_prompt" && method != "bottleneck")) return {};
    return fmt::format("\"1-5 %\" and 20-30 GB for adapters: {} trains {}; what decides is not that share, but {}",
                       method, share(c, *trained), rest(c));
}

Text ia3_range(const Case& c) {
    const auto trained = c.trained();
    if (!trained || c.spec().method.type != "ia3") return {};
    return fmt::format(
        "14-16 GB for 7B are barely its weights: IA3 trains {}, and its activations are those of LoRA on the same "
        "modules; here {}, {} in use",
        share(c, *trained), rest(c), gigabytes(c.active()));
}

Text prompt_range(const Case& c) {
    const spec::MethodRow* row = spec::find_method(c.spec().method.type);
    const auto trained = c.trained();
    if (!trained || row == nullptr || !row->num_virtual_tokens) return {};
    return fmt::format("\"<0.1 %\" and 14-16 GB: {} virtual tokens of {} train {}; here {}, {} in use",
                       c.spec().method.num_virtual_tokens, row->name, share(c, *trained), rest(c),
                       gigabytes(c.active()));
}

Text lora_formula(const Case& c) {
    const auto trained = c.trained();
    if (!c.lora() || !trained) return {};
    const double said = 4 * static_cast<double>(c.spec().method.r) * static_cast<double>(c.estimate.shape.hidden);
    return fmt::format(
        "rank x hidden x 2 is {}, and its example says 1 GB; these {} parameters take {} with gradients "
        "and AdamW",
        gigabytes(said), human_count(static_cast<std::uint64_t>(*trained)), gigabytes(16 * *trained));
}

Text lora_layer(const Case& c) {
    const std::int64_t layers = c.estimate.shape.layers;
    const auto trained = c.trained();
    if (!c.lora() || !trained || layers == 0) return {};
    return fmt::format("\"65K of 16.8M a layer\" is a matrix, not a layer: here {} train in each of {} layers",
                       human_count(static_cast<std::uint64_t>(*trained) / static_cast<std::uint64_t>(layers)), layers);
}

Text lora_range(const Case& c) {
    if (!c.lora() || c.quantised() || !c.about_7b()) return {};
    if (c.spec().training.gradient_checkpointing || c.tokens() <= 1024) return {};
    return fmt::format("16-24 GB hold up to 1,024 tokens or with checkpointing; {} tokens without need {}",
                       grouped(static_cast<std::int64_t>(c.tokens())), gigabytes(c.active()));
}

Text more_gpus(const Case& c) {
    const Estimate& e = c.estimate;
    if (!c.lora() || c.gpus() < 2 || spec::shares_work(c.spec().parallel) || !e.wanted || !e.wanted->fits) return {};
    return fmt::format("{} GPUs for what one {} holds: more of them make it faster, not possible", c.gpus(),
                       e.wanted->gpu.id);
}

Text high_rank(const Case& c) {
    const auto trained = c.trained();
    if (!c.lora() || c.parameters() < 30e9 || c.spec().method.r < 32 || !trained) return {};
    return fmt::format("\"+1 GB\" for LoRA is wrong by {:.0f} times at rank {}: {} at 16 B a parameter",
                       16e-9 * *trained, c.spec().method.r, gigabytes(16 * *trained));
}

}  // namespace ktrain::handbook
