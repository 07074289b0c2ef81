// Takes a shell script apart into its simple commands, as far as that can be told without running it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain::lint {

// The value of a variable: none where it is not set; "$NAME" where it is set to what nobody knows.
using Variables = std::function<std::optional<std::string>(std::string_view name)>;

struct ShellCommand {
    std::vector<std::string> words;  // without quotes, redirections, and keywords in front ("then")
    bool piped = false;              // one end of a pipe, or in the background
    bool background = false;         // in the background
    std::vector<std::string> files;  // that its redirections write
};

// Quotes, escapes, continued lines, comments, here-documents; $NAME and ${NAME} where known, ${NAME:-other} where it is
// known whether NAME is set, others and $(...) as written. Assignments of the script (NAME=value, export) are known
// from there on. Bounded: of a script that is longer than any real one the rest is left out. Source: POSIX.1-2017,
// Shell Command Language, 2.2 to 2.9.
std::vector<ShellCommand> read_shell(std::string_view script, const Variables& variables);

// "NAME=value": the name; else empty.
std::string_view assigned_name(std::string_view word);

}  // namespace ktrain::lint
