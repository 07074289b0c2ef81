// Reading of specs for commands, and where their fields were said.
#include "cli/commands/spec_input.h"

#include "cli/term/output.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

spec::Override parse_set(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        throw Error(ErrorKind::usage, "--set needs PATH=VALUE, got \"" + text + "\"", {},
                    "for example: --set training.learning_rate=2e-4");
    const std::string path = text.substr(0, equals);
    // The place of problems: without the value, which may be long or a secret.
    return {path, text.substr(equals + 1), "--set " + printable(path.substr(0, 120))};
}

}  // namespace

std::vector<spec::Override> parse_sets(const std::vector<std::string>& texts) {
    std::vector<spec::Override> overrides;
    for (const std::string& text : texts) overrides.push_back(parse_set(text));
    return overrides;
}

void SpecInput::declare(term::Flags& flags, bool required) {
    flags.arguments(arguments_,
                    {.name = "FILE", .help = "Spec to read; - is standard input", .min = required ? 1u : 0u});
    declare_sets(flags);
}

void SpecInput::declare_sets(term::Flags& flags) {
    flags.add(&sets_, {.name = "set",
                       .value = "PATH=VALUE",
                       .help = "Set a field of the spec; repeat for more",
                       .complete = term::Complete::field});
}

void SpecInput::use_file(const std::string& path) {
    if (has_file())
        throw Error(ErrorKind::usage, "there are two specs: " + arguments_[0] + " and " + path, {}, "name one of them");
    arguments_.push_back(path);
}

std::optional<TrainingSpec> SpecInput::read(term::Session& session, const std::vector<spec::Override>& overrides) {
    if (has_file()) {
        const bool standard_input = arguments_[0] == "-";
        const std::string text =
            standard_input ? session.in.read_all(limits::spec) : session.files.read(arguments_[0], limits::spec);
        return usable(session,
                      spec::load(text, standard_input ? "standard input" : arguments_[0], after_sets(overrides)));
    }
    return usable(session, spec::from_overrides(after_sets(overrides)));
}

std::optional<TrainingSpec> SpecInput::read_document(term::Session& session, yaml::Node document,
                                                     const std::string& file,
                                                     const std::vector<spec::Override>& overrides) {
    return usable(session, spec::load(std::move(document), file, after_sets(overrides)));
}

std::vector<spec::Override> SpecInput::after_sets(const std::vector<spec::Override>& overrides) const {
    std::vector<spec::Override> all = parse_sets(sets_);
    all.insert(all.end(), overrides.begin(), overrides.end());
    return all;
}

std::optional<TrainingSpec> SpecInput::usable(term::Session& session, spec::Loaded loaded) {
    places_ = std::move(loaded.places);
    if (!loaded.problems.empty()) session.err.write(term::render_diagnostics(loaded.problems, session.err_color()));
    if (has_errors(loaded.problems)) return std::nullopt;
    return std::move(loaded.spec);
}

Place SpecInput::place(Place where) const {
    return where.known() ? where : spec::place_of(places_, where.path);
}

Error SpecInput::located(Error error) const {
    error.where = place(error.where);
    return error;
}

Diagnostics SpecInput::located(Diagnostics diagnostics) const {
    for (Diagnostic& diagnostic : diagnostics) diagnostic.where = place(diagnostic.where);
    return diagnostics;
}

}  // namespace ktrain
