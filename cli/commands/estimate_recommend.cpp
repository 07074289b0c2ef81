// The handbook's settings for LoRA.
#include <fmt/format.h>

#include "cli/commands/estimate_input.h"
#include "core/base/exit_code.h"
#include "core/estimate/recommend.h"

namespace ktrain {
namespace {

template <class Number>
std::string line(std::string_view field, Number low, Number high) {
    if (low == high) return fmt::format("--set {}={}\n", field, low);
    return fmt::format("--set {}={}  # up to {}\n", field, low, high);
}

template <class Number>
Json between(Number low, Number high) {
    return {{"low", low}, {"high", high}};
}

// The handbook's settings for LoRA, as --set lines of the lower end and with their ranges.
std::string recommend_report(const Recommendation& found) {
    const LoraAdvice& advice = found.advice;
    std::string text =
        fmt::format("the handbook's settings for {} (section 8.1):\n--set method.type=lora\n", advice.size);
    text += line("method.r", advice.r_low, advice.r_high);
    text += line("method.lora_alpha", advice.alpha_low, advice.alpha_high);
    text += line("method.lora_dropout", advice.dropout_low, advice.dropout_high);
    text += line("training.learning_rate", advice.learning_rate_low, advice.learning_rate_high);
    text += fmt::format("--set 'method.target_modules=[{}]'\n", advice.target_modules);
    return found.note.empty() ? text : text + found.note + "\n";
}

// {size, r, lora_alpha, lora_dropout, learning_rate: {low, high}, target_modules, note}
Json recommend_json(const Recommendation& found) {
    const LoraAdvice& advice = found.advice;
    return {{"size", advice.size},
            {"r", between(advice.r_low, advice.r_high)},
            {"lora_alpha", between(advice.alpha_low, advice.alpha_high)},
            {"lora_dropout", between(advice.dropout_low, advice.dropout_high)},
            {"learning_rate", between(advice.learning_rate_low, advice.learning_rate_high)},
            {"target_modules", advice.target_modules},
            {"note", found.note}};
}

class Recommend final : public EstimateQuestion {
public:
    void declare(term::Flags& flags) override {
        flags.add(&asked_, {.name = "recommend", .help = "Show LoRA settings for a model of this size"});
    }
    bool asked() const override { return asked_; }

    int answer(term::Session& session, EstimateInput& input) override {
        const auto spec = input.read(session);
        if (!spec) return exit_code::invalid;
        const ModelShape shape = input.shape(session, *spec);
        if (shape.family == "simple_cnn")
            throw Error(ErrorKind::usage, "simple_cnn has no layers for LoRA", {},
                        "name a language model, such as --model llama-2-7b");
        const Recommendation found = recommend(shape.parameters);
        if (input.for_people())
            session.out.write(recommend_report(found));
        else
            input.write(session, recommend_json(found));
        return exit_code::done;
    }

private:
    bool asked_ = false;
};

}  // namespace

std::unique_ptr<EstimateQuestion> ask_recommend() {
    return std::make_unique<Recommend>();
}

}  // namespace ktrain
