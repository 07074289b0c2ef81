// `ktrain eval`: loss, perplexity and multiple choice of a model folder, a checkpoint or an adapter.
#include <fmt/format.h>

#include <array>

#include "cli/commands/commands.h"
#include "cli/commands/leaf_flags.h"
#include "cli/commands/spec_input.h"
#include "cli/term/output.h"
#include "cli/term/progress.h"
#include "cli/term/trainer_module.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

// The fields that scores depend on.
constexpr std::array<std::string_view, 7> fields{"data.cache_dir",
                                                 "data.dataset_path",
                                                 "data.eval_dataset_path",
                                                 "data.validation_split",
                                                 "model.tokenizer_name",
                                                 "objective.",
                                                 "training.per_device_eval_batch_size"};

// "acc,none" with "acc_stderr,none" beside it; what is no number of the model is no row.
std::string table_of(const Json& results) {
    term::Table table({"TASK", "N", "METRIC", "VALUE", "STDERR"});
    for (const std::size_t column : {1, 3, 4}) table.align(column, term::Table::Align::right);
    for (const auto& [task, values] : results.at("results").items())
        for (const auto& [key, value] : values.items()) {
            const std::string metric = key.substr(0, key.find(','));
            if (!key.ends_with(",none") || metric.ends_with("_stderr")) continue;
            const Json& error = at_path(values, {metric + "_stderr,none"});
            table.row({task, std::to_string(results.at("n-samples").at(task).at("effective").get<std::uint64_t>()),
                       metric, fmt::format("{:.4f}", value.get<double>()),
                       error.is_number() ? fmt::format("{:.4f}", error.get<double>()) : ""});
        }
    return table.text();
}

// Before the work, not after it. Leaves nothing behind. Errors: those that writing the file would have.
void require_writable(Files& files, const std::string& path) {
    if (files.is_folder(path))
        throw Error(ErrorKind::input, path + " is a folder", {path, 0, 0, ""}, "name a file in it");
    if (files.exists(path) && !files.is_file(path)) return;  // a device or a pipe
    const std::string beside = path + ".ktrain-probe";
    try {
        files.write(beside, "");
        files.remove(beside);
    } catch (Error& error) {
        if (const std::size_t at = error.message.find(beside); at != std::string::npos)
            error.message.replace(at, beside.size(), path);
        error.where.file = path;
        throw;
    }
}

class EvalCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(models_, {.name = "MODEL",
                                  .help = "Folder of a model, a checkpoint or an adapter",
                                  .min = 1,
                                  .max = 1,
                                  .complete = term::Complete::folder});
        flags.add(&spec_, {.name = "spec",
                           .value = "FILE",
                           .help = "Spec whose data and objective are meant",
                           .complete = term::Complete::file});
        input_.declare_sets(flags);
        flags.add(&tasks_, {.name = "tasks",
                            .value = "FILES",
                            .help = "Files of questions with choices, separated by commas",
                            .complete = term::Complete::file});
        flags.add(&base_, {.name = "base",
                           .value = "FOLDER",
                           .help = "Base of an adapter; by default the one that it names",
                           .complete = term::Complete::folder});
        flags.add(&to_, {.name = "output_path",
                         .value = "FILE",
                         .help = "Write the results here too, as JSON",
                         .complete = term::Complete::file});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format; json is that of lm-eval",
                             .choices = {"table", "json", "yaml"}});
        leaves_.declare(flags, fields);
    }

    int run(term::Session& session) override {
        if (!spec_.empty()) input_.use_file(spec_);
        const auto spec = input_.read(session, overrides(session));
        if (!spec) return exit_code::invalid;
        if (!to_.empty()) require_writable(session.files, to_);
        catch_stop_signals();  // loading takes a while
        const auto module = term::TrainerModule::load(session.env, session.files);
        term::Progress progress(session);
        const Json request = {{"action", "eval"}, {"spec", spec::to_json(*spec)}, {"base", base_}, {"tasks", files()}};
        try {
            return module.run(
                request, [&](const Json& event) { show(session, progress, event); },
                [&] { return session.clock.stop_signal(); });
        } catch (const Error& error) {
            throw input_.located(error);
        }
    }

private:
    // The model of the command line in place of the spec's.
    std::vector<spec::Override> overrides(const term::Session& session) const {
        std::vector<spec::Override> all = leaves_.overrides(session);
        for (spec::Override& one : all)  // of a run it is the batch that is trained
            if (one.source == "--batch_size") one.path = "training.per_device_eval_batch_size";
        all.push_back({"model.config_name", "", "MODEL"});
        all.push_back({"model.type", "", "MODEL"});
        const bool bare = models_[0].find('/') == std::string::npos;
        all.push_back({"model.model_name_or_path", bare ? "./" + models_[0] : models_[0], "MODEL"});
        return all;
    }

    std::vector<std::string> files() const {
        std::vector<std::string> all;
        for (const std::string& list : tasks_)
            for (const std::string& file : split(list, ','))
                if (!trim(file).empty()) all.emplace_back(trim(file));
        return all;
    }

    void show(term::Session& session, term::Progress& progress, const Json& event) const {
        const std::string kind = string_or(event, "event");
        if (kind == "warning") {
            progress.clear();
            session.warn(string_or(event, "message"));
        }
        if (kind == "tokenize")
            progress.show("tokenizing", event["rows"].get<std::uint64_t>(), event["rows_total"].get<std::uint64_t>());
        if (kind == "evaluate")
            progress.show("evaluating", event["done"].get<std::uint64_t>(), event["total"].get<std::uint64_t>());
        if (kind != "evaluated") return;
        progress.clear();
        Json results = event;
        results.erase("event");
        if (!to_.empty()) session.files.write(to_, to_pretty(results));
        session.out.write(output_ == "table"
                              ? table_of(results)
                              : term::render(results, output_ == "json" ? term::Format::json : term::Format::yaml));
    }

    std::vector<std::string> models_;
    std::string spec_;
    SpecInput input_;
    LeafFlags leaves_;
    std::vector<std::string> tasks_;
    std::string base_, to_;
    std::string output_ = "table";
};

}  // namespace

std::unique_ptr<Subcommand> make_eval() {
    return std::make_unique<EvalCommand>();
}

}  // namespace ktrain
