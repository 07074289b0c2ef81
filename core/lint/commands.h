// The commands that a container runs, taken out of the shells that start them; on the way to launch.h.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/lint/shell.h"

namespace ktrain::lint {

using Words = std::span<const std::string>;

// `item`: the number of the entry of command and args that a word stands in.
struct LaunchedCommand {
    std::vector<std::string> words;
    std::size_t item = 0;   // of the script that it is in
    bool in_shell = false;  // one of a shell's; else the words are the entries
    bool alone = true;      // the shell's only one
    bool piped = false;     // or started by a shell that stays
    bool background = false;
    std::vector<std::string> files = {};  // that its redirections write

    std::size_t item_of(const std::string& word) const {
        return in_shell ? item : static_cast<std::size_t>(&word - words.data());
    }
};

// Each command of the shells in place of the shell, whatever is inside what, up to a limit. Variables as in shell.h;
// outside of shells $(NAME) alone.
std::vector<LaunchedCommand> read_commands(const std::vector<std::string_view>& entries, const Variables& variables);

// The program of the command: without assignments, exec, and programs that start another (env, nice, timeout 10).
// `execs`: whether exec was among them.
Words program_of(const LaunchedCommand& command, bool& execs);

// "-x" and "--y", but not "-5", which is a value.
bool looks_like_option(std::string_view word);
std::string_view base_name(std::string_view path);

}  // namespace ktrain::lint
