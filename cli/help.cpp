// Layout of help for people: example first, at most 80 columns.
#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/app.h"
#include "cli/term/output.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

using term::Ink;
using term::ink;

constexpr std::size_t page_width = 80;

// Breaks `text` at blanks into lines that start at column `indent`; the first line is already there.
std::string wrap(const std::string& text, std::size_t indent) {
    std::string result;
    std::size_t column = indent;
    for (const auto& word : split(text, ' ')) {
        if (column > indent && column + 1 + word.size() > page_width) {
            result += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (column > indent) {
            result += ' ';
            ++column;
        }
        result += word;
        column += word.size();
    }
    return result;
}

std::string flag_names(const term::FlagDoc& doc) {
    std::string text = doc.short_name != 0 ? fmt::format("-{}, ", doc.short_name) : "    ";
    text += "--" + doc.name;
    if (!doc.value.empty()) text += (doc.implied.empty() ? "=" : "[=") + doc.value + (doc.implied.empty() ? "" : "]");
    return text;
}

std::string flag_lines(const term::FlagDoc& doc) {
    constexpr std::size_t indent = 30;
    std::string line = "  " + flag_names(doc);
    line += line.size() + 2 > indent ? "\n" + std::string(indent, ' ') : std::string(indent - line.size(), ' ');
    std::string help = doc.help;
    if (!doc.choices.empty())
        help += ": " + join(std::vector<std::string>(doc.choices.begin(), doc.choices.end()), ", ");
    return line + wrap(help, indent) + "\n";
}

std::string group_of(const term::Flags::Declared& flag) { return flag.doc.group.empty() ? "Flags" : flag.doc.group; }

std::string examples(std::string_view text, bool color) {
    std::string result;
    for (const auto& line : split(text, '\n'))
        result += "  " + (line.starts_with('#') ? ink(line, Ink::dim, color) : line) + "\n";
    return result;
}

}  // namespace

std::string usage_line(const Command& command, const term::Flags& flags) {
    std::string text = fmt::format("ktrain {}", command.name);
    if (flags.argument()) {
        const auto& argument = *flags.argument();
        const bool several = argument.max != 1 && argument.name.find(' ') == std::string::npos;
        const std::string name = several ? argument.name + "..." : argument.name;
        text += argument.min > 0 ? " " + name : " [" + name + "]";
    }
    return text + " [flags]";
}

std::string command_help(const Command& command, const term::Flags& flags, bool color) {
    std::string text = wrap(std::string(command.summary), 0) + ".\n\n";
    text += ink("Examples:", Ink::bold, color) + "\n" + examples(command.examples, color) + "\n";
    text += ink("Usage:", Ink::bold, color) + "\n  " + usage_line(command, flags) + "\n";
    if (flags.argument()) {
        const auto& argument = *flags.argument();
        text += "  " + argument.name + std::string(argument.name.size() < 26 ? 28 - argument.name.size() : 1, ' ') +
                wrap(argument.help, 30) + "\n";
    }
    std::vector<std::string> groups;
    for (const auto& flag : flags.declared())
        if (!flag.doc.hidden && std::find(groups.begin(), groups.end(), group_of(flag)) == groups.end())
            groups.push_back(group_of(flag));
    for (const auto& group : groups) {
        text += "\n" + ink(group + ":", Ink::bold, color) + "\n";
        for (const auto& flag : flags.declared())
            if (!flag.doc.hidden && group_of(flag) == group) text += flag_lines(flag.doc);
    }
    return text;
}

std::string overview_help(bool color) {
    std::string text =
        "ktrain plans, checks, submits and runs training jobs on Kubernetes.\n\n" +
        ink("Examples:", Ink::bold, color) + "\n" +
        examples(
            "# One spec, from idea to trained model\n"
            "ktrain init --template cnn > train.yaml\n"
            "ktrain estimate train.yaml\n"
            "ktrain generate train.yaml | ktrain validate -\n"
            "ktrain submit train.yaml --wait --logs\n"
            "# The same spec on this machine\n"
            "ktrain run --spec train.yaml",
            color) +
        "\n";
    std::vector<std::string_view> groups{"Plan a job", "Run on a cluster", "Train", "Other commands"};
    for (const auto group : groups) {
        std::string lines;
        for (const auto& command : commands())
            if (command.group == group && !command.hidden)
                lines += fmt::format("  {:<12}{}\n", command.name, command.summary);
        if (!lines.empty()) text += ink(std::string(group) + ":", Ink::bold, color) + "\n" + lines + "\n";
    }
    return text + "Use \"ktrain COMMAND --help\" for examples and flags of a command.\n";
}

}  // namespace ktrain
