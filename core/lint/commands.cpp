// Unfolds shells, and finds the program behind what stands in front of it.
#include "core/lint/commands.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <optional>

namespace ktrain::lint {
namespace {

constexpr std::size_t most_entries = 2000;
constexpr std::size_t most_text = 64 * 1024;  // of an entry
constexpr int most_shells = 8;                // one inside the other, or one behind the other

// Programs that start another, and how many words behind their options are their own. `verb`: of those that do other
// things too, the word that makes them do it.
struct Prefix {
    std::string_view name;
    std::size_t own_words = 0;
    std::string_view verb = {};
};

constexpr std::array prefixes{
    Prefix{"catatonit"},
    Prefix{"chrt", 1},
    Prefix{"compute-sanitizer"},
    Prefix{"conda", 1, "run"},
    Prefix{"dumb-init"},
    Prefix{"env"},
    Prefix{"gosu", 1},
    Prefix{"hatch", 1, "run"},
    Prefix{"ionice"},
    Prefix{"mamba", 1, "run"},
    Prefix{"micromamba", 1, "run"},
    Prefix{"ncu"},
    Prefix{"nice"},
    Prefix{"nohup"},
    Prefix{"nsys", 1},
    Prefix{"numactl"},
    Prefix{"nvidia_entrypoint.sh"},
    Prefix{"pdm", 1, "run"},
    Prefix{"pipenv", 1, "run"},
    Prefix{"pixi", 1, "run"},
    Prefix{"poetry", 1, "run"},
    Prefix{"py-spy", 1, "record"},
    Prefix{"setpriv"},
    Prefix{"setsid"},
    Prefix{"stdbuf"},
    Prefix{"strace"},
    Prefix{"su-exec", 1},
    Prefix{"sudo"},
    Prefix{"taskset", 1},
    Prefix{"time"},
    Prefix{"timeout", 1},
    Prefix{"tini"},
    Prefix{"uv", 1, "run"},
    Prefix{"xvfb-run"},
};

// Programs that such words are often in front of: these are no value of an option.
constexpr std::array<std::string_view, 7> often_started{"accelerate", "deepspeed", "horovodrun", "ktrain",
                                                        "mpiexec",    "mpirun",    "torchrun"};

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
        if (value && *value != "$" + std::string(text.substr(at + 2, end - at - 2))) {
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

bool is_often_started(const std::string& word) {
    const std::string_view name = base_name(word);
    return is_shell(word) || name.starts_with("python") || name.ends_with(".py") ||
           std::ranges::find(often_started, name) != often_started.end() ||
           std::ranges::find(prefixes, name, &Prefix::name) != prefixes.end();
}

// Drops a program that starts another, with its options. Which of these take the next word is not known of all: a word
// that stands before a program which is often started is a value.
void skip_prefix(const Prefix& prefix, Words& words) {
    words = words.subspan(1);
    std::size_t own = prefix.own_words;
    const auto is_value = [&](Words rest) {
        if (rest.empty() || looks_like_option(rest[0]) || is_often_started(rest[0])) return false;
        const auto program = std::ranges::find_if(rest, is_often_started);
        const auto others = std::count_if(rest.begin(), program, std::not_fn(looks_like_option));
        return is_number(rest[0]) || (program != rest.end() && static_cast<std::size_t>(others) > own);
    };
    while (!words.empty() && (looks_like_option(words[0]) || own > 0)) {
        const bool option = looks_like_option(words[0]);
        if (!option && words[0] != prefix.verb && is_often_started(words[0])) return;
        if (words[0] == "--") own = 0;
        const bool short_one = words[0].size() == 2 && words[0][1] != '-';
        const bool whole = words[0].find('=') == std::string::npos && (short_one || words[0].starts_with("--"));
        const bool takes = option && whole && words[0] != "--" && is_value(words.subspan(1));
        if (!option && own > 0) --own;
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
        inner.push_back({std::move(one.words), command.item_of(words[at]), true, true, one.piped || stays,
                         one.background || command.background, std::move(one.files)});
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
            if (!prefix->verb.empty() && (words.size() < 2 || words[1] != prefix->verb)) return words;
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
