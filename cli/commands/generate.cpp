// `ktrain generate`: from a spec to Kubernetes manifests, offline.
#include "cli/commands/bundle_text.h"
#include "cli/commands/commands.h"
#include "cli/commands/plan_input.h"
#include "cli/term/output.h"
#include "core/base/exit_code.h"
#include "core/base/yaml.h"
#include "core/manifest/folder.h"
#include "core/manifest/manifest.h"

namespace ktrain {
namespace {

class GenerateCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        input_.declare(flags);
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"yaml", "json"}});
        flags.add(&folder_, {.name = "to",
                             .value = "DIR",
                             .help = "Write one file for each object into this folder",
                             .complete = term::Complete::folder});
    }

    int run(term::Session& session) override {
        if (!folder_.empty() && output_ == "json")
            throw Error(ErrorKind::usage, "--to writes YAML, it cannot be used with -o json", {},
                        "leave out one of them");
        const auto spec = input_.read(session);
        if (!spec) return exit_code::invalid;
        const Plan plan = plan_of(session, input_, *spec);
        if (folder_.empty()) {
            session.out.write(bundle_text(render(plan), output_ == "json" ? term::Format::json : term::Format::yaml));
        } else {
            catch_stop_signals();  // a folder that is begun is finished
            write_bundle(session, plan);
        }
        const int signal = session.clock.stop_signal();
        return signal == 0 ? static_cast<int>(exit_code::done) : exit_code_for_signal(signal);
    }

private:
    void write_bundle(term::Session& session, const Plan& plan) const {
        const FolderChange change = write_folder(plan, folder_, session.files);
        for (const std::string& path : change.written) session.out.write(path + "\n");
        session.out.flush();
        for (const std::string& path : change.removed) session.note("removed " + path + ", of an earlier bundle");
        for (const std::string& path : change.foreign)
            session.warn(path + " is not part of the bundle: applying the folder applies it as well");
    }

    SpecInput input_;
    std::string output_ = "yaml";
    std::string folder_;
};

}  // namespace

std::unique_ptr<Subcommand> make_generate() {
    return std::make_unique<GenerateCommand>();
}

}  // namespace ktrain
