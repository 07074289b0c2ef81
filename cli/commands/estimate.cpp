// `ktrain estimate`: what a job needs on each GPU, and which GPUs have it.
#include <algorithm>
#include <array>

#include "cli/commands/commands.h"
#include "cli/commands/estimate_input.h"
#include "cli/commands/estimate_text.h"
#include "core/base/exit_code.h"

namespace ktrain {
namespace {

// Each is asked by a flag of its own; in the order of help.
constexpr std::array questions{ask_find, ask_largest, ask_recommend, ask_compare, ask_score};

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
        return (*asked)->answer(session, input_);
    }

private:
    int answer(term::Session& session) {
        const auto spec = input_.read(session);
        if (!spec) return exit_code::invalid;
        const auto teacher = input_.teacher(session, *spec);
        Estimate result =
            input_.count(*spec, input_.shape(session, *spec), input_.profile(), teacher ? &*teacher : nullptr);
        std::ranges::move(input_.unused(result), std::back_inserter(result.warnings));
        bool failed = false;
        const auto job = input_.job().read(session, result, teacher ? teacher->parameters : 0, failed);
        if (failed) return exit_code::invalid;
        if (job) std::ranges::copy(job->warnings, std::back_inserter(result.warnings));
        show(session, result, job);
        return !result.wanted || result.wanted->fits ? exit_code::done : exit_code::no;
    }

    void show(term::Session& session, const Estimate& result, const std::optional<JobEstimate>& job) const {
        if (!input_.for_people()) {
            Json json = to_json(result);
            if (job) json["job"] = to_json(*job);
            return input_.write(session, json);
        }
        const std::size_t width = session.out.is_terminal() ? static_cast<std::size_t>(session.out.width()) : 0;
        session.out.write(estimate_report(result, width));
        if (job) session.out.write(job_report(*job));
        session.out.flush();  // warnings come after the figures they are about
        for (const std::string& warning : result.warnings) session.warn(warning);
    }

    EstimateInput input_;
    std::vector<std::unique_ptr<EstimateQuestion>> questions_;
};

}  // namespace

std::unique_ptr<Subcommand> make_estimate() {
    return std::make_unique<EstimateCommand>();
}

}  // namespace ktrain
