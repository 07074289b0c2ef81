// `ktrain completion SHELL`: prints the completion script of a shell.
#include <array>

#include "cli/commands/commands.h"
#include "core/base/embedded.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

struct Shell {
    std::string_view name;
    std::string_view script;  // under templates/
};

constexpr std::array<Shell, 3> shells{{
    {"bash", "completion/ktrain.bash"},
    {"fish", "completion/ktrain.fish"},
    {"zsh", "completion/_ktrain"},
}};

class CompletionCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(
            names_,
            {.name = "SHELL", .help = "bash, fish or zsh", .min = 1, .max = 1, .complete = term::Complete::shell});
    }

    int run(term::Session& session) override {
        std::vector<std::string_view> known;
        for (const auto& shell : shells) {
            if (shell.name == names_[0]) {
                session.out.write(embedded(shell.script));
                return exit_code::done;
            }
            known.push_back(shell.name);
        }
        const std::string near = nearest(names_[0], known);
        throw Error(ErrorKind::usage, "no completion for the shell \"" + printable(names_[0]) + "\"", {},
                    near.empty() ? "one of bash, fish, zsh" : "did you mean " + near + "?");
    }

private:
    std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<Subcommand> make_completion() {
    return std::make_unique<CompletionCommand>();
}

}  // namespace ktrain
