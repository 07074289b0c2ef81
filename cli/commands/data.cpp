// `ktrain data`: texts to tokens, and a look at them, by the rules of a run.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/commands/data_view.h"
#include "cli/commands/leaf_flags.h"
#include "cli/commands/spec_input.h"
#include "cli/term/trainer_module.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

// The fields that tokens depend on.
constexpr std::array<std::string_view, 10> fields{
    "data.cache_dir",        "data.dataset_path", "data.eval_dataset_path",
    "data.validation_split", "model.config_name", "model.model_name_or_path",
    "model.tokenizer_name",  "objective.",        "output_dir",
    "training.seed"};
constexpr std::array<std::string_view, 4> actions{"preview", "split", "stats", "tokenize"};

class DataCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.arguments(words_, {.name = "ACTION [FILE]",
                                 .help = "preview, split, stats or tokenize; spec to read, - is standard input",
                                 .min = 1,
                                 .max = 2,
                                 .choices = {actions.begin(), actions.end()}});
        input_.declare_sets(flags);
        flags.add(&row_, {.name = "row", .value = "N", .help = "preview: this row alone, counted from 0"});
        flags.add(&limit_, {.name = "limit", .value = "N", .help = "preview: number of rows, 3 by default"});
        flags.add(&to_, {.name = "to",
                         .value = "FOLDER",
                         .help = "split: folder to make for train.jsonl and validation.jsonl",
                         .complete = term::Complete::folder});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"table", "json", "yaml"}});
        leaves_.declare(flags, fields);
    }

    int run(term::Session& session) override {
        check();
        if (words_.size() > 1) input_.use_file(words_[1]);
        const auto spec = input_.read(session, overrides(session));
        if (!spec) return exit_code::invalid;
        catch_stop_signals();  // loading takes a while
        const auto module = term::TrainerModule::load(session.env, session.files);
        DataView view(session, output_);
        try {
            return module.run(
                request(*spec), [&](const Json& event) { view.show(event); },
                [&] { return session.clock.stop_signal(); });
        } catch (const Error& error) {
            throw input_.located(error);
        }
    }

private:
    const std::string& action() const { return words_[0]; }

    void check() const {
        if (std::ranges::find(actions, action()) == actions.end()) {
            const std::string near = nearest(action(), actions);
            throw Error(ErrorKind::usage, fmt::format("ktrain data has no action \"{}\"", printable(action())), {},
                        near.empty() ? "see: ktrain data --help" : fmt::format("did you mean: ktrain data {}", near));
        }
        const bool preview = action() == "preview";
        if (!preview && (row_ || limit_))
            throw Error(ErrorKind::usage, fmt::format("--{} is for preview", row_ ? "row" : "limit"));
        if (row_ && limit_) throw Error(ErrorKind::usage, "--row shows one row, so it takes no --limit");
        if (action() == "split" && to_.empty())
            throw Error(ErrorKind::usage, "--to is missing", {}, "name the folder to make: --to FOLDER");
        if (action() != "split" && !to_.empty()) throw Error(ErrorKind::usage, "--to is for split");
        for (const auto& [name, value, least] : {std::tuple{"row", row_, 0}, {"limit", limit_, 1}})
            if (value && number(*value) < least)
                throw Error(ErrorKind::usage, fmt::format("--{} must be a number from {} on, got \"{}\"", name, least,
                                                          printable(*value)));
    }

    // -1 for what is no number.
    static std::int64_t number(const std::string& text) {
        const bool digits = !text.empty() && text.size() < 16 && text.find_first_not_of("0123456789") == text.npos;
        return digits ? std::stoll(text) : -1;
    }

    // Only the tokenizer of a model is needed, and to split not even that; a spec must name a model.
    std::vector<spec::Override> overrides(const term::Session& session) const {
        std::vector<spec::Override> all;
        const bool named =
            leaves_.given("model.model_name_or_path") || leaves_.given("model.config_name") ||
            std::ranges::any_of(input_.sets(), [](const auto& set) { return set.starts_with("model."); });
        const bool tokenizer = leaves_.given("model.tokenizer_name");
        if (words_.size() < 2 && !named && (tokenizer || action() == "split"))
            all.push_back({"model.config_name", ".", "--tokenizer_name", /*unless_said=*/true});
        for (spec::Override& override : leaves_.overrides(session)) all.push_back(std::move(override));
        return all;
    }

    Json request(const TrainingSpec& spec) const {
        return {{"action", "data"},
                {"command", action()},
                {"spec", spec::to_json(spec)},
                {"row", row_ ? Json(static_cast<std::uint64_t>(number(*row_))) : Json(nullptr)},
                {"limit", limit_ ? number(*limit_) : 3},
                {"output", to_}};
    }

    std::vector<std::string> words_;
    SpecInput input_;
    LeafFlags leaves_;
    std::optional<std::string> row_, limit_;
    std::string to_;
    std::string output_ = "table";
};

}  // namespace

std::unique_ptr<Subcommand> make_data() {
    return std::make_unique<DataCommand>();
}

}  // namespace ktrain
