// `ktrain __complete -- WORD...`: one candidate a line ("value<TAB>help"), then ":files", ":folders" or ":" alone.
#include "cli/complete.h"
#include "cli/hidden_commands.h"

#include "core/base/exit_code.h"

namespace ktrain {
namespace {

class CompleteCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(words_, {.name = "WORD", .help = "The words typed so far", .max = 0});
    }

    int run(term::Session& session) override {
        catch_stop_signals();  // a credential plugin ends with the process
        const Completion completion = complete(session, words_);
        std::string text;
        for (const auto& candidate : completion.candidates) {
            text += candidate.value;
            if (!candidate.help.empty()) text += "\t" + candidate.help;
            text += "\n";
        }
        text += completion.files ? ":files\n" : completion.folders ? ":folders\n" : ":\n";
        session.out.write(text);
        return exit_code::done;
    }

private:
    std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Subcommand> make_complete() { return std::make_unique<CompleteCommand>(); }

}  // namespace ktrain
