// Completion from the command table, the declared flags and, for live names, the cluster.
#include "cli/complete.h"

#include <algorithm>

#include "cli/app.h"
#include "cli/common_flags.h"
#include "cli/complete_values.h"
#include "core/base/error.h"

namespace ktrain {
namespace {

// Only what starts with the unfinished word, each once.
void keep_matching(std::vector<Candidate>& candidates, const std::string& prefix) {
    std::erase_if(candidates, [&](const Candidate& c) { return !c.value.starts_with(prefix); });
}

Completion commands_for(const std::string& word) {
    Completion result;
    for (const auto& command : commands())
        if (!command.hidden) result.candidates.push_back({std::string(command.name), std::string(command.summary)});
    result.candidates.push_back({"help", "Show help for a command"});
    keep_matching(result.candidates, word);
    return result;
}

const term::Flags::Declared* find_flag(const term::Flags& flags, const std::string& word) {
    for (const auto& flag : flags.declared()) {
        if (word == "--" + flag.doc.name) return &flag;
        if (flag.doc.short_name != 0 && word == std::string("-") + flag.doc.short_name) return &flag;
    }
    return nullptr;
}

bool takes_next_word(const term::Flags::Declared& flag) {
    return !std::holds_alternative<bool*>(flag.target) && !std::holds_alternative<int*>(flag.target) &&
           flag.doc.implied.empty();
}

// Values of a flag or an argument; `lead` ("--output=") stays in front of each.
Completion values_for(term::Session& session, std::span<const std::string> words,
                      const std::vector<std::string_view>& choices, term::Complete kind, const std::string& lead,
                      const std::string& prefix) {
    Completion result;
    result.files = kind == term::Complete::file;
    result.folders = kind == term::Complete::folder;
    for (const auto choice : choices) result.candidates.push_back({std::string(choice), ""});
    for (auto& value : live_values(session, kind, words)) result.candidates.push_back(std::move(value));
    keep_matching(result.candidates, prefix);
    for (auto& candidate : result.candidates) candidate.value = lead + candidate.value;
    return result;
}

Completion flags_for(const term::Flags& flags, const std::string& word) {
    Completion result;
    for (const auto& flag : flags.declared())
        if (!flag.doc.hidden) result.candidates.push_back({"--" + flag.doc.name, flag.doc.help});
    keep_matching(result.candidates, word);
    return result;
}

Completion complete_command(term::Session& session, const Command& command, std::span<const std::string> words) {
    const auto subcommand = command.make();
    term::Flags flags;
    subcommand->declare(flags);
    CommonFlags common;
    common.declare(flags);
    const std::string& last = words.back();
    const auto equals = last.find('=');
    if (last.starts_with("--") && equals != std::string::npos) {
        const auto* flag = find_flag(flags, last.substr(0, equals));
        if (flag == nullptr) return {};
        return values_for(session, words, flag->doc.choices, flag->doc.complete, last.substr(0, equals + 1),
                          last.substr(equals + 1));
    }
    if (words.size() >= 2) {
        const auto* flag = find_flag(flags, words[words.size() - 2]);
        if (flag != nullptr && takes_next_word(*flag))
            return values_for(session, words, flag->doc.choices, flag->doc.complete, "", last);
    }
    if (last.starts_with("-")) return flags_for(flags, last);
    if (!flags.argument()) return flags_for(flags, last);
    return values_for(session, words, flags.argument()->choices, flags.argument()->complete, "", last);
}

}  // namespace

Completion complete(term::Session& session, std::span<const std::string> words) {
    try {
        if (words.empty()) return {};
        if (words.size() == 1) return commands_for(words[0]);
        if (words[0] == "help") return words.size() == 2 ? commands_for(words[1]) : Completion{};
        for (const auto& command : commands())
            if (!command.hidden && command.name == words[0]) return complete_command(session, command, words.subspan(1));
    } catch (const Error&) {  // an unreachable cluster or a broken kubeconfig offers nothing
    }
    return {};
}

}  // namespace ktrain
