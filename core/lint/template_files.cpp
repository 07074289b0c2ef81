// Looks for the actions of Go templates, where they are no part of a manifest's own texts.
#include "core/lint/template_files.h"

#include <algorithm>
#include <array>

namespace ktrain::lint {
namespace {

// What Helm alone gives to a template; other templates (of alerts, of Workflows) know nothing of these.
constexpr std::array<std::string_view, 6> of_helm{".Capabilities", ".Chart",  ".Files",
                                                  ".Release",      ".Values", "include \""};
// Fields whose texts may be templates of something else.
constexpr std::array<std::string_view, 7> free_texts{"annotations", "args",   "binaryData", "command",
                                                     "data",        "source", "stringData"};

// The place of the first "{{" with one of these in the braces.
std::size_t action_in(std::string_view text) {
    for (std::size_t at = text.find("{{"); at != std::string_view::npos;) {
        const std::size_t end = std::min(text.find("}}", at), text.size());
        const std::string_view inside = text.substr(at, end - at);
        const auto has = [&](std::string_view word) { return inside.find(word) != std::string_view::npos; };
        if (std::ranges::any_of(of_helm, has)) return at;
        at = text.find("{{", end);  // what opens in between ends there, too
    }
    return std::string_view::npos;
}

bool holds_action(const yaml::Node& node) {
    if (node.is_scalar()) return action_in(node.text) != std::string_view::npos;
    if (std::ranges::any_of(node.items, holds_action)) return true;
    return std::ranges::any_of(node.entries, [](const yaml::Entry& entry) {
        const bool free = std::ranges::find(free_texts, std::string_view(entry.key.text)) != free_texts.end();
        return !free && (holds_action(entry.key) || holds_action(entry.value));
    });
}

}  // namespace

void recognise_template(const Source& source, yaml::Stream& stream) {
    if (source.text.find("{{") == std::string::npos) return;
    const bool broken = std::ranges::any_of(stream.problems, [](const Diagnostic& one) { return one.rule == "KT001"; });
    if (!broken && !std::ranges::any_of(stream.documents, holds_action)) return;
    const std::size_t at = action_in(source.text);
    if (at == std::string::npos) return;
    const std::string_view before = std::string_view(source.text).substr(0, at);
    Place place{source.file, 1, 1, ""};
    place.line += static_cast<int>(std::ranges::count(before, '\n'));
    place.column += static_cast<int>(before.size() - (before.rfind('\n') + 1));
    stream.documents.clear();
    stream.problems = {{"KT001", Severity::error, std::move(place),
                        "the file is a template of Helm, and no manifest yet",
                        "check what it becomes: helm template CHART | ktrain validate -",
                        "the API server reads no object from a file that is not valid YAML"}};
}

}  // namespace ktrain::lint
