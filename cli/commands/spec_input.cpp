// Reading of specs for commands, and the way back from a path to its line.
#include "cli/commands/spec_input.h"

#include "cli/term/output.h"

namespace ktrain {
namespace {

constexpr std::uint64_t max_spec_bytes = 4u << 20;

// The next step of a path such as a.b[0]["c/d"]; cuts it off.
std::string next_step(std::string_view& path) {
    if (path.starts_with("[\"")) {
        const std::size_t end = path.find("\"]");
        const std::string step(path.substr(2, end - 2));
        path.remove_prefix(end == std::string_view::npos ? path.size() : end + 2);
        return step;
    }
    if (path.starts_with('[') || path.starts_with('.')) path.remove_prefix(1);
    const std::string step(path.substr(0, path.find_first_of(".[]")));
    path.remove_prefix(step.size());
    if (path.starts_with(']')) path.remove_prefix(1);
    return step;
}

const yaml::Node* child(const yaml::Node& node, const std::string& step) {
    if (node.kind == yaml::Kind::mapping) return node.find(step);
    if (node.kind != yaml::Kind::sequence || step.empty() || step.size() > 6 ||
        step.find_first_not_of("0123456789") != std::string::npos)
        return nullptr;
    const std::size_t index = std::stoul(step);
    return index < node.items.size() ? &node.items[index] : nullptr;
}

// The deepest node on the way to `path`; nullptr when not even the first step is written.
const yaml::Node* find_node(const yaml::Node& document, std::string_view path) {
    const yaml::Node* found = nullptr;
    for (const yaml::Node* node = &document; node != nullptr && !path.empty();) {
        node = child(*node, next_step(path));
        if (node != nullptr) found = node;
    }
    return found;
}

spec::Override parse_set(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
        throw Error(ErrorKind::usage, "--set needs PATH=VALUE, got \"" + text + "\"", {},
                    "for example: --set training.learning_rate=2e-4");
    return {text.substr(0, equals), text.substr(equals + 1), "--set"};
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
        return read_text(
            session,
            standard_input ? session.in.read_all(max_spec_bytes) : session.files.read(arguments_[0], max_spec_bytes),
            standard_input ? "standard input" : arguments_[0], overrides);
    }
    std::vector<spec::Override> all = parse_sets(sets_);
    all.insert(all.end(), overrides.begin(), overrides.end());
    return usable(session, spec::from_overrides(all));
}

std::optional<TrainingSpec> SpecInput::read_text(term::Session& session, std::string_view text, const std::string& file,
                                                 const std::vector<spec::Override>& overrides) {
    std::vector<spec::Override> all = parse_sets(sets_);
    all.insert(all.end(), overrides.begin(), overrides.end());
    file_ = file;
    const yaml::Stream stream = yaml::parse(text, file_);
    if (!stream.documents.empty()) document_ = stream.documents.front();
    return usable(session, spec::load(text, file_, all));
}

std::optional<TrainingSpec> SpecInput::usable(term::Session& session, spec::Loaded loaded) const {
    if (!loaded.problems.empty()) session.err.write(term::render_diagnostics(loaded.problems, session.err_color()));
    if (has_errors(loaded.problems)) return std::nullopt;
    return std::move(loaded.spec);
}

Place SpecInput::place(Place where) const {
    if (where.known() || where.path.empty()) return where;
    where.file = file_;
    if (const yaml::Node* node = document_ ? find_node(*document_, where.path) : nullptr) {
        where.line = node->line;
        where.column = node->column;
    }
    return where;
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
