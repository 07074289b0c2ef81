// Unfolds shells, and finds the program behind what stands in front of it.
#include "core/lint/commands.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

namespace ktrain::lint {
namespace {

constexpr std::size_t most_entries = 2000;
constexpr std::size_t most_text = 64 * 1024;  // of an entry
constexpr int most_shells = 8;                // one inside the other, or one behind the other

// Programs that start another, and how many words behind their options are their own.
struct Prefix {
    std::string_view name;
    std::size_t own_words;
};

constexpr std::array prefixes{
    Prefix{"catatonit", 0}, Prefix{"dumb-init", 0}, Prefix{"env", 0},      Prefix{"ionice", 0}, Prefix{"nice", 0},
    Prefix{"nohup", 0},     Prefix{"nsys", 1},      Prefix{"numactl", 0},  Prefix{"pipenv", 1}, Prefix{"poetry", 1},
    Prefix{"setsid", 0},    Prefix{"stdbuf", 0},    Prefix{"sudo", 0},     Prefix{"time", 0},   Prefix{"timeout", 1},
    Prefix{"tini", 0},      Prefix{"uv", 1},        Prefix{"xvfb-run", 0},
};

bool is_shell(std::string_view word) {
    const std::string_view name = base_name(word);
    return name == "sh" || name == "bash" || name == "dash" || name == "ash" || name == "zsh";
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// $(NAME) as the kubelet replaces it; $$(NAME) is left as it is.
std::string expand(std::string_view text, const Variables& variables) {
    std::string result;
    text = text.substr(0, most_text);
    for (std::size_t at = 0; at < text.size() && result.size() < most_text;) {
        const std::size_t end = text.substr(at).starts_with("$(") ? text.find(')', at) : std::string_view::npos;
        const auto value =
            end != std::string_view::npos && variables ? variables(text.substr(at + 2, end - at - 2)) : std::nullopt;
        if (value) {
            result += *value;
            at = end + 1;
        } else {
            const std::size_t count = text.substr(at).starts_with("$$") ? 2 : 1;
            result += text.substr(at, count);
            at += count;
        }
    }
    return result;
}

// The place of the script in the words of a shell ("bash", "-lc", "script"), or 0 when it reads a file.
std::size_t script_of_shell(Words words) {
    for (std::size_t i = 1; i < words.size() && words[i].size() > 1 && words[i][0] == '-'; ++i) {
        const bool letters = words[i][1] != '-';
        if (letters && words[i].find('c') != std::string::npos) {
            std::size_t script = i + 1;
            while (script < words.size() && looks_like_option(words[script])) ++script;  // bash -c -- text, bash -c -x
            return script < words.size() ? script : 0;
        }
        if (words[i].ends_with('o')) ++i;  // -euo pipefail
    }
    return 0;
}

// Drops a program that starts another, with its options.
void skip_prefix(const Prefix& prefix, Words& words) {
    words = words.subspan(1);
    std::size_t own = prefix.own_words;
    while (!words.empty() && (looks_like_option(words[0]) || own > 0)) {
        const bool option = looks_like_option(words[0]);
        const bool takes = option && words[0].size() == 2 && words.size() > 1 && is_number(words[1]);  // nice -n 5
        if (!option) --own;
        words = words.subspan(takes ? 2 : 1);
    }
}

// The commands of the script that a command hands to a shell; none where it does not.
std::vector<LaunchedCommand> unfolded(const LaunchedCommand& command, const Variables& variables) {
    bool execs = false;
    const Words words = program_of(command, execs);
    const std::size_t at = !words.empty() && is_shell(words[0]) ? script_of_shell(words) : 0;
    if (at == 0) return {};
    const bool stays = command.in_shell && !execs && (!command.alone || command.piped);
    std::vector<LaunchedCommand> inner;
    for (ShellCommand& one : read_shell(words[at], variables))
        inner.push_back({std::move(one.words), command.item_of(words[at]), true, true, one.piped || stays});
    for (LaunchedCommand& one : inner) one.alone = inner.size() == 1;
    return inner;
}

}  // namespace

std::vector<LaunchedCommand> read_commands(const std::vector<std::string_view>& entries, const Variables& variables) {
    std::vector<LaunchedCommand> commands(1);
    for (std::size_t i = 0; i < entries.size() && i < most_entries; ++i)
        commands[0].words.push_back(expand(entries[i], variables));
    int shells = 0;
    for (std::size_t i = 0; i < commands.size() && commands.size() < most_entries && shells < most_shells;) {
        std::vector<LaunchedCommand> inner = unfolded(commands[i], variables);
        if (inner.empty()) {
            ++i;
            continue;
        }
        ++shells;
        const auto at = commands.erase(commands.begin() + static_cast<std::ptrdiff_t>(i));
        commands.insert(at, std::make_move_iterator(inner.begin()), std::make_move_iterator(inner.end()));
    }
    return commands;
}

Words program_of(const LaunchedCommand& command, bool& execs) {
    Words words = command.words;
    for (int i = 0; i < 16 && !words.empty(); ++i) {
        const std::string_view first = base_name(words[0]);
        const auto prefix = std::ranges::find(prefixes, first, &Prefix::name);
        if (!assigned_name(words[0]).empty() || first == "exec") {
            execs = execs || first == "exec";
            words = words.subspan(1);
        } else if (prefix != prefixes.end()) {
            if (first == "uv" && (words.size() < 2 || words[1] != "run")) return words;
            skip_prefix(*prefix, words);
        } else {
            break;
        }
    }
    return words;
}

bool looks_like_option(std::string_view word) {
    return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9') && word[1] != '.';
}

std::string_view base_name(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

}  // namespace ktrain::lint
