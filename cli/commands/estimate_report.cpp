// Writes an estimate as a page, with what its neighbours need.
#include <fmt/format.h>

#include "cli/commands/estimate_input.h"
#include "cli/commands/estimate_page.h"
#include "core/estimate/what_if.h"

namespace ktrain {
namespace {

class WriteReport final : public EstimateQuestion {
public:
    void declare(term::Flags& flags) override {
        flags.add(&given_,
                  {.name = "report",
                   .value = "FILE",
                   .help = "Write the answer as a page (HTML) with sliders, in place of a table; - is standard output",
                   .complete = term::Complete::file});
    }
    bool asked() const override { return given_.has_value(); }
    // What is printed is nothing, so that another format than the usual one is a misunderstanding.
    bool has_format(std::string_view format) const override { return format == "table"; }
    bool is_calibrated() const override { return true; }

    int answer(term::Session& session, EstimateInput& input) override {
        const std::string path = given_.value_or("");
        const auto answer = input.answer(session);
        if (!answer) return exit_code::invalid;
        const Estimate& start = answer->memory;
        const ModelShape* other = answer->other ? &*answer->other : nullptr;
        const auto count = [&](const TrainingSpec& spec) {
            return input.count(spec, start.shape, input.profile(), other);
        };
        const std::string page = estimate_page(*answer, what_if(start, count));
        const bool to_output = path == "-";
        if (to_output)
            session.out.write(page);
        else
            session.files.write(path, page);
        session.out.flush();
        for (const std::string& warning : start.warnings) session.warn(warning);
        if (!to_output) session.note("wrote " + path);
        return answer->code();
    }

private:
    std::optional<std::string> given_;
};

}  // namespace

std::unique_ptr<EstimateQuestion> ask_report() {
    return std::make_unique<WriteReport>();
}

}  // namespace ktrain
