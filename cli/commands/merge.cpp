// `ktrain merge`: folds a LoRA adapter into the weights of its base model.
#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/term/output.h"
#include "cli/term/progress.h"
#include "cli/term/trainer_module.h"
#include "core/base/error.h"

namespace ktrain {
namespace {

class MergeCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(folders_, {.name = "ADAPTER",
                                   .help = "Folder with adapter_config.json and adapter_model.safetensors",
                                   .min = 1,
                                   .max = 1,
                                   .complete = term::Complete::folder});
        flags.add(&base_, {.name = "base",
                           .value = "FOLDER",
                           .help = "Base model; by default the one that the adapter names",
                           .complete = term::Complete::folder});
        flags.add(&to_, {.name = "to",
                         .value = "FOLDER",
                         .help = "Folder to make for the merged model",
                         .complete = term::Complete::folder});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"table", "json", "yaml"}});
    }

    int run(term::Session& session) override {
        if (to_.empty()) throw Error(ErrorKind::usage, "--to is missing", {}, "name the folder to make: --to FOLDER");
        catch_stop_signals();  // loading takes a while
        const auto module = term::TrainerModule::load(session.env, session.files);
        term::Progress progress(session);
        const auto show = [&](const Json& event) {
            if (string_or(event, "event") == "merge")
                progress.show("merging", event["files"].get<std::uint64_t>(), event["files_total"].get<std::uint64_t>(),
                              string_or(event, "file"));
            if (string_or(event, "event") != "merged") return;
            progress.clear();
            show_merged(session, event);
        };
        return module.run({{"action", "merge"}, {"adapter", folders_[0]}, {"base", base_}, {"output", to_}}, show,
                          [&] { return session.clock.stop_signal(); });
    }

private:
    void show_merged(term::Session& session, Json event) const {
        if (output_ == "table")
            return session.out.write(fmt::format("merged {} modules into {}\n", event["modules"].get<std::uint64_t>(),
                                                 string_or(event, "output")));
        event.erase("event");
        session.out.write(term::render(event, output_ == "json" ? term::Format::json : term::Format::yaml));
    }

    std::vector<std::string> folders_;
    std::string base_, to_;
    std::string output_ = "table";
};

}  // namespace

std::unique_ptr<Subcommand> make_merge() {
    return std::make_unique<MergeCommand>();
}

}  // namespace ktrain
