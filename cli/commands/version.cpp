// `ktrain version`: what this program is.
#include "core/base/version.h"
#include "cli/commands/commands.h"
#include "cli/term/output.h"
#include "core/base/exit_code.h"
#include "core/run/trainer_api.h"

namespace ktrain {
namespace {

class VersionCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"table", "json", "yaml", "name"}});
    }

    int run(term::Session& session) override {
        if (output_ == "json" || output_ == "yaml") {
            const Json json = {
                {"version", version()}, {"compiler", __VERSION__}, {"trainerApi", KTRAIN_TRAINER_API_VERSION}};
            session.out.write(term::render(json, output_ == "json" ? term::Format::json : term::Format::yaml));
        } else if (output_ == "name") {
            session.out.write(std::string(version()) + "\n");
        } else {
            session.out.write("ktrain " + std::string(version()) + "\n");
        }
        return exit_code::done;
    }

private:
    std::string output_ = "table";
};

}  // namespace

std::unique_ptr<Subcommand> make_version() {
    return std::make_unique<VersionCommand>();
}

}  // namespace ktrain
