// The most that fits a GPU: samples of a batch, or tokens of a sequence.
#include <fmt/format.h>

#include "cli/commands/estimate_input.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/estimate/largest.h"

namespace ktrain {
namespace {

// "--set training.per_device_train_batch_size=12" with what it needs, or that not even one fits.
std::string largest_report(const std::optional<Largest>& found, const TrainingSpec& spec, std::string_view field) {
    if (!found) return fmt::format("not even {}=1 fits {}\n", field, spec.resources.gpu);
    const auto needed = static_cast<std::uint64_t>(found->needed);
    return fmt::format("--set {}={}\nneeds {} ({}) of {}\n", field, found->value, human_bytes(needed),
                       human_gib(needed), spec.resources.gpu);
}

// {field, value, recommended_bytes, gpu}; value null when not even one fits; and "multiplier", of a calibration.
Json largest_json(const std::optional<Largest>& found, const TrainingSpec& spec, std::string_view field) {
    return {{"field", field},
            {"value", found ? Json(found->value) : Json(nullptr)},
            {"recommended_bytes", found ? Json(found->needed) : Json(nullptr)},
            {"gpu", spec.resources.gpu}};
}

class LargestThatFits final : public EstimateQuestion {
public:
    void declare(term::Flags& flags) override {
        flags.add(&batch_, {.name = "max-batch", .help = "Find the largest batch that fits the GPU"});
        flags.add(&length_, {.name = "max-seq", .help = "Find the longest sequence that fits the GPU"});
    }
    bool asked() const override { return batch_ || length_; }
    bool is_calibrated() const override { return true; }

    int answer(term::Session& session, EstimateInput& input) override {
        if (batch_ && length_)
            throw Error(ErrorKind::usage, "--max-batch and --max-seq each hold the other fixed", {},
                        "give one of them");
        const auto spec = input.read(session);
        if (!spec) return exit_code::invalid;
        const ModelShape shape = input.shape(session, *spec);
        const char* field = batch_ ? "training.per_device_train_batch_size" : "objective.max_length";
        const auto other = input.other_model(session, *spec);
        const auto found = find(input, *spec, shape, other ? &*other : nullptr);
        const Multiplier* row = input.calibration().find(shape.family);
        if (input.for_people()) {
            session.out.write(largest_report(found, *spec, field));
            if (row != nullptr) session.out.write(words_of(*row, input.calibration_file()) + "\n");
        } else {
            Json json = largest_json(found, *spec, field);
            json["multiplier"] = row == nullptr ? 1 : row->value;
            input.write(session, json);
        }
        return found ? exit_code::done : exit_code::no;
    }

private:
    std::optional<Largest> find(const EstimateInput& input, const TrainingSpec& spec, const ModelShape& shape,
                                const ModelShape* other) const {
        try {
            return largest_that_fits(spec, shape, batch_ ? Extent::batch : Extent::length, input.framework(), other,
                                     input.calibration());
        } catch (const Error& error) {
            throw input.located(error);
        }
    }

    bool batch_ = false, length_ = false;
};

}  // namespace

std::unique_ptr<EstimateQuestion> ask_largest() {
    return std::make_unique<LargestThatFits>();
}

}  // namespace ktrain
