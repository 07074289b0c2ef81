// `ktrain estimate`: what a job needs on each GPU, and which GPUs have it.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/commands/commands.h"
#include "cli/commands/estimate_input.h"
#include "cli/commands/estimate_markdown.h"
#include "cli/commands/estimate_text.h"
#include "core/base/exit_code.h"

namespace ktrain {
namespace {

// Each is asked by a flag of its own; in the order of help.
constexpr std::array questions{ask_find,   ask_largest, ask_recommend, ask_compare,
                               ask_report, ask_score,   ask_calibrate, ask_schema};

class EstimateCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        input_.declare(flags);
        for (const auto& make : questions) questions_.push_back(make());
        for (const auto& question : questions_) question->declare(flags);
        input_.declare_job(flags);
        input_.declare_output(flags);
    }

    int run(term::Session& session) override {
        const auto is_asked = [](const auto& question) { return question->asked(); };
        const auto asked = std::ranges::find_if(questions_, is_asked);
        if (asked == questions_.end()) return answer(session);
        if (std::ranges::count_if(questions_, is_asked) > 1)
            throw Error(ErrorKind::usage, "the flags ask several questions at once", {},
                        "ask them one by one: each has an answer of its own");
        if (!(*asked)->has_format(input_.format()))
            throw Error(ErrorKind::usage, fmt::format("this question has no answer in {}", input_.format()), {},
                        "ask it without -o");
        if (input_.is_calibrated() && !(*asked)->is_calibrated())
            throw Error(ErrorKind::usage, "the answer to this question does not follow --calibration", {},
                        "leave it out");
        return (*asked)->answer(session, input_);
    }

private:
    int answer(term::Session& session) {
        const auto answer = input_.answer(session);
        if (!answer) return exit_code::invalid;
        show(session, *answer);
        return answer->code();
    }

    void show(term::Session& session, const EstimateAnswer& answer) const {
        if (input_.format() == "markdown") return session.out.write(estimate_markdown(answer));
        if (!input_.for_people()) return input_.write(session, to_json(answer));
        const std::size_t width = session.out.is_terminal() ? static_cast<std::size_t>(session.out.width()) : 0;
        session.out.write(estimate_report(answer.memory, width));
        if (answer.job) session.out.write(job_report(*answer.job));
        session.out.flush();  // warnings come after the figures they are about
        for (const std::string& warning : answer.memory.warnings) session.warn(warning);
    }

    EstimateInput input_;
    std::vector<std::unique_ptr<EstimateQuestion>> questions_;
};

}  // namespace

std::unique_ptr<Subcommand> make_estimate() {
    return std::make_unique<EstimateCommand>();
}

}  // namespace ktrain
