// `ktrain run`: trains what a spec says, in a pod or on this machine.
#include <array>
#include <deque>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/commands/run_view.h"
#include "cli/commands/spec_input.h"
#include "cli/term/trainer_module.h"
#include "core/base/exit_code.h"
#include "core/spec/bound.h"
#include "core/spec/load.h"

namespace ktrain {
namespace {

// The handbook's names of some fields, as its scripts' flags had them.
constexpr std::array handbook_flags{"batch_size", "data_dir",       "epochs",     "log_interval",
                                    "lora_r",     "max_seq_length", "model_name", "num_workers"};

class RunCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        input_.declare(flags, /*required=*/false);
        flags.add(&spec_, {.name = "spec",
                           .value = "FILE",
                           .help = "Spec to read, like the argument FILE",
                           .complete = term::Complete::file});
        flags.add(&resume_, {.name = "resume",
                             .value = "FROM",
                             .help = "auto, never, or a checkpoint folder; the same as --resume_from_checkpoint"});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format; json prints each event as a line",
                             .choices = {"table", "json"}});
        declare_leaves(flags);
    }

    int run(term::Session& session) override {
        if (!spec_.empty()) input_.use_file(spec_);
        const auto spec = input_.read(session, overrides());
        if (!spec) return exit_code::invalid;
        const auto module = term::TrainerModule::load(session.env, session.files);
        catch_stop_signals();
        RunView view(session, style(session));
        try {
            return module.run(
                {{"spec", spec::to_json(*spec)}}, [&](const Json& event) { view.show(event); },
                [&] { return session.clock.stop_signal(); });
        } catch (const Error& error) {
            throw input_.located(error);
        }
    }

private:
    struct Leaf {
        std::string path, name;
        std::optional<std::string> value;
    };

    // One flag for every leaf of the spec that has a name of its own: --learning_rate, --lora_alpha, ...
    void declare_leaves(term::Flags& flags) {
        TrainingSpec defaults;
        spec::each_field(spec::bind(defaults), "", [&](const std::string& path, const spec::Bound& bound) {
            const std::string name(bound.field.name);
            if (!bound.is_leaf() || spec::path_of_leaf(name) != path) return;
            std::string help(bound.field.help);
            help.pop_back();  // the full stop
            add_leaf(flags, name, path, help, /*hidden=*/false);
        });
        add_leaf(flags, "metrics-port", "monitoring.metrics_port", "Another name of --metrics_port", /*hidden=*/true);
        for (const char* name : handbook_flags) {
            const std::string path = spec::path_of_leaf(name);
            add_leaf(flags, name, path, "Another name of --" + path.substr(path.rfind('.') + 1), /*hidden=*/true);
        }
    }

    void add_leaf(term::Flags& flags, const std::string& name, const std::string& path, const std::string& help,
                  bool hidden) {
        leaves_.push_back({path, name, {}});
        flags.add(&leaves_.back().value,
                  {.name = name, .value = "VALUE", .help = help, .group = "Fields of the spec", .hidden = hidden});
    }

    std::vector<spec::Override> overrides() const {
        std::vector<spec::Override> all;
        for (const auto& leaf : leaves_)
            if (leaf.value) all.push_back({leaf.path, *leaf.value, "--" + leaf.name});
        if (resume_) all.push_back({"checkpoint.resume_from_checkpoint", *resume_, "--resume"});
        return all;
    }

    RunStyle style(const term::Session& session) const {
        if (output_ == "json") return RunStyle::json;
        const bool dumb = session.env.get("TERM").value_or("dumb") == "dumb";
        return session.out.is_terminal() && !dumb ? RunStyle::terminal : RunStyle::lines;
    }

    SpecInput input_;
    std::string spec_;
    std::optional<std::string> resume_;
    std::string output_ = "table";
    std::deque<Leaf> leaves_;  // flags keep pointers into it
};

}  // namespace

std::unique_ptr<Subcommand> make_run() {
    return std::make_unique<RunCommand>();
}

}  // namespace ktrain
