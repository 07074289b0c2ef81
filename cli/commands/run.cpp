// `ktrain run`: trains what a spec says, in a pod or on this machine.
#include <algorithm>
#include <array>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/commands/leaf_flags.h"
#include "cli/commands/run_view.h"
#include "cli/commands/spec_input.h"
#include "cli/term/trainer_module.h"
#include "core/base/exit_code.h"
#include "core/spec/choices.h"
#include "core/spec/load.h"

namespace ktrain {
namespace {

// What wandb reads from the environment and the spec has a field for.
struct Variable {
    const char* name;
    const char* path;
    std::string MonitoringSpec::*field;
};
constexpr std::array variables{Variable{"WANDB_ENTITY", "monitoring.wandb_entity", &MonitoringSpec::wandb_entity},
                               Variable{"WANDB_MODE", "monitoring.wandb_mode", &MonitoringSpec::wandb_mode},
                               Variable{"WANDB_NAME", "monitoring.run_name", &MonitoringSpec::run_name},
                               Variable{"WANDB_PROJECT", "monitoring.wandb_project", &MonitoringSpec::wandb_project}};

class RunCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        input_.declare(flags, /*required=*/false);
        flags.add(&spec_, {.name = "spec",
                           .value = "FILE",
                           .help = "Spec to read, like the argument FILE",
                           .complete = term::Complete::file});
        flags.add(&config_, {.name = "config",
                             .value = "FILE",
                             .help = "Another name of --spec",
                             .complete = term::Complete::file,
                             .hidden = true});
        flags.add(&resume_, {.name = "resume",
                             .value = "FROM",
                             .help = "auto, never, or a checkpoint folder; the same as --resume_from_checkpoint"});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format; json prints each event as a line",
                             .choices = {"table", "json"}});
        flags.add(&dry_run_, {.name = "dry-run", .help = "Show what would be trained, and train nothing"});
        leaves_.declare(flags);
    }

    int run(term::Session& session) override {
        for (const std::string& file : {spec_, config_})
            if (!file.empty()) input_.use_file(file);
        auto spec = input_.read(session, overrides(session));
        if (!spec) return exit_code::invalid;
        take_environment(session.env, spec->monitoring);
        catch_stop_signals();  // loading takes a while
        const auto module = term::TrainerModule::load(session.env, session.files);
        RunView view(session, style(session));
        try {
            return module.run(
                {{"action", dry_run_ ? "dry-run" : "run"}, {"spec", spec::to_json(*spec)}},
                [&](const Json& event) { view.show(event); }, [&] { return session.clock.stop_signal(); });
        } catch (const Error& error) {
            throw input_.located(error);
        }
    }

private:
    std::vector<spec::Override> overrides(const term::Session& session) const {
        std::vector<spec::Override> all = leaves_.overrides(session);
        if (resume_) all.push_back({"checkpoint.resume_from_checkpoint", *resume_, "--resume"});
        return all;
    }

    // The environment goes before the spec's file, flags and --set before the environment.
    void take_environment(const Env& env, MonitoringSpec& monitoring) const {
        if (std::ranges::find(monitoring.report_to, "wandb") == monitoring.report_to.end()) return;
        for (const Variable& variable : variables) {
            const std::string value = env.get(variable.name).value_or("");
            const bool flag = input_.place({"", 0, 0, variable.path}).file.starts_with("--");
            // wandb has further modes, which mean nothing here.
            const bool means = variable.field != &MonitoringSpec::wandb_mode ||
                               std::ranges::find(spec::choices::wandb_mode, value) != spec::choices::wandb_mode.end();
            if (!value.empty() && !flag && means) monitoring.*variable.field = value;
        }
    }

    RunStyle style(const term::Session& session) const {
        if (output_ == "json") return RunStyle::json;
        const bool dumb = session.env.get("TERM").value_or("dumb") == "dumb";
        return session.out.is_terminal() && !dumb ? RunStyle::terminal : RunStyle::lines;
    }

    SpecInput input_;
    std::string spec_, config_;
    std::optional<std::string> resume_;
    std::string output_ = "table";
    bool dry_run_ = false;
    LeafFlags leaves_;
};

}  // namespace

std::unique_ptr<Subcommand> make_run() {
    return std::make_unique<RunCommand>();
}

}  // namespace ktrain
