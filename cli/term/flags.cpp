// Parsing of flags by CLI11, with our own messages; the only file that includes it.
#include "cli/term/flags.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::term {
namespace {

template <class... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

std::string cli_name(const FlagDoc& doc) {
    return doc.short_name != 0 ? fmt::format("-{},--{}", doc.short_name, doc.name) : "--" + doc.name;
}

[[noreturn]] void refuse_empty(const FlagDoc& doc) {
    throw Error(ErrorKind::usage, fmt::format("--{} is empty", doc.name), {}, "give it a value, or leave it out");
}

// An empty value is a variable of a script that nobody has set; taken for "not given", it would answer another
// question.
void check_value(const FlagDoc& doc, const std::string& value) {
    if (value.empty() && !doc.may_be_empty) refuse_empty(doc);
    if (doc.choices.empty() || std::find(doc.choices.begin(), doc.choices.end(), value) != doc.choices.end()) return;
    std::vector<std::string> words(doc.choices.begin(), doc.choices.end());
    const std::string near = nearest(value, words);
    throw Error(ErrorKind::usage, fmt::format("--{} must be one of {}, got \"{}\"", doc.name, join(words, ", "), value),
                {}, near.empty() ? "" : fmt::format("did you mean --{}={}?", doc.name, near));
}

template <class Number>
Number to_number(const FlagDoc& doc, const std::string& text) {
    Number value{};
    if (!CLI::detail::lexical_cast(text, value) || text.empty())
        throw Error(ErrorKind::usage, fmt::format("--{} must be a number, got \"{}\"", doc.name, text));
    return value;
}

// Declares one flag; values are taken as text and converted here, so that every message is ours.
void declare(CLI::App& app, const Flags::Declared& declared) {
    const FlagDoc& doc = declared.doc;
    const auto value = [&](auto assign) {
        CLI::Option* option =
            app.add_option_function<std::string>(cli_name(doc), [&doc, assign](const std::string& text) {
                check_value(doc, text);
                assign(text);
            });
        option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)->expected(1);
    };
    std::visit(
        Overloaded{
            [&](bool* target) { app.add_flag_callback(cli_name(doc), [target] { *target = true; }); },
            [&](int* target) {
                app.add_flag_function(cli_name(doc),
                                      [target](std::int64_t count) { *target += static_cast<int>(count); });
            },
            [&](std::int64_t* target) {
                value([target, &doc](const std::string& text) { *target = to_number<std::int64_t>(doc, text); });
            },
            [&](double* target) {
                value([target, &doc](const std::string& text) { *target = to_number<double>(doc, text); });
            },
            [&](std::string* target) { value([target](const std::string& text) { *target = text; }); },
            [&](std::optional<std::string>* target) { value([target](const std::string& text) { *target = text; }); },
            [&](std::vector<std::string>* target) {
                app.add_option_function<std::vector<std::string>>(
                       cli_name(doc),
                       [target, &doc](const std::vector<std::string>& texts) {
                           for (const auto& text : texts) check_value(doc, text);
                           target->insert(target->end(), texts.begin(), texts.end());
                       })
                    ->expected(1)
                    ->allow_extra_args(false)  // "--only KT003 FILE": the file is no rule
                    ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
            },
        },
        declared.target);
}

bool is_boolean_word(const std::string& word) {
    return word == "true" || word == "True" || word == "false" || word == "False";
}

// "--dry-run" alone means its implied value; it must not swallow the next word. Only where "true" is implied, the next
// word may be the value ("--bf16 False"). The words are in reverse order.
void imply_values(std::vector<std::string>& reversed, const std::vector<Flags::Declared>& declared) {
    for (std::size_t i = 0; i < reversed.size(); ++i)
        for (const auto& flag : declared) {
            if (flag.doc.implied.empty() || reversed[i] != "--" + flag.doc.name) continue;
            const bool has_value = flag.doc.implied == "true" && i > 0 && is_boolean_word(reversed[i - 1]);
            if (!has_value) reversed[i] += "=" + flag.doc.implied;
        }
}

[[noreturn]] void refuse_lack(std::string_view command, std::string_view flag) {
    throw Error(ErrorKind::usage, fmt::format("{} needs a value", flag), {},
                fmt::format("see: ktrain {} --help", command));
}

// "--name=" gives an empty value; CLI11 would take the next word for it. The words are in reverse order.
void settle_empty(std::vector<std::string>& reversed, const std::vector<Flags::Declared>& declared) {
    for (std::size_t i = 0; i < reversed.size(); ++i)
        for (const auto& [doc, target] : declared) {
            if (reversed[i] != "--" + doc.name + "=") continue;
            if (std::holds_alternative<bool*>(target) || std::holds_alternative<int*>(target)) continue;
            if (!doc.may_be_empty) refuse_empty(doc);
            reversed[i].pop_back();
            reversed.insert(reversed.begin() + static_cast<std::ptrdiff_t>(i++), "");
            break;
        }
}

// Flags of fields have underscores; "--data-dir" is "--data_dir" where only that is known.
void settle_dashes(std::vector<std::string>& words, const std::vector<Flags::Declared>& declared) {
    const auto known = [&](const std::string& name) {
        return std::ranges::any_of(declared, [&](const auto& flag) { return flag.doc.name == name; });
    };
    for (auto& word : words) {
        if (!word.starts_with("--")) continue;
        const std::string name = word.substr(2, word.find('=') - 2);
        std::string with_underscores = name;
        std::ranges::replace(with_underscores, '-', '_');
        if (!known(name) && known(with_underscores)) word.replace(2, name.size(), with_underscores);
    }
}

[[noreturn]] void unknown_flag(std::string_view command, const std::string& word,
                               const std::vector<Flags::Declared>& declared, const Flags::Explain& explain) {
    const std::string bare = word.substr(0, word.find('='));
    if (const std::string meaning = explain ? explain(word) : ""; !meaning.empty())
        throw Error(ErrorKind::usage, fmt::format("unknown flag {} for ktrain {}", bare, command), {}, meaning);
    std::vector<std::string> known;
    for (const auto& flag : declared)
        if (!flag.doc.hidden) known.push_back("--" + flag.doc.name);
    const std::string near = bare.starts_with("--") ? nearest(bare, known) : "";
    throw Error(ErrorKind::usage, fmt::format("unknown flag {} for ktrain {}", bare, command), {},
                near.empty() ? fmt::format("see: ktrain {} --help", command) : fmt::format("did you mean {}?", near));
}

}  // namespace

void Flags::add(Target target, FlagDoc doc) {
    declared_.push_back({std::move(doc), target});
}

void Flags::arguments(std::vector<std::string>& target, ArgumentDoc doc) {
    argument_ = std::move(doc);
    arguments_ = &target;
}

void Flags::parse(std::string_view command, std::span<const std::string> words) {
    CLI::App app;
    app.set_help_flag();  // help is ours
    app.allow_extras();
    for (const auto& declared : declared_) declare(app, declared);
    // What stands behind "--" are arguments, whatever they look like.
    const auto end = std::find(words.begin(), words.end(), "--");
    std::vector<std::string> reversed(std::make_reverse_iterator(end), words.rend());
    settle_dashes(reversed, declared_);
    imply_values(reversed, declared_);
    settle_empty(reversed, declared_);
    try {
        app.parse(reversed);
    } catch (const CLI::ArgumentMismatch& error) {
        // CLI11 says "--flag: 1 required TEXT missing"; the name is all we need of it.
        const std::string what = error.what();
        refuse_lack(command, what.substr(0, what.find_first_of(": ")));
    } catch (const CLI::ParseError& error) {
        throw Error(ErrorKind::usage, error.what(), {}, fmt::format("see: ktrain {} --help", command));
    }
    std::vector<std::string> values;
    for (const auto& word : app.remaining()) {
        if (word.size() > 1 && word[0] == '-') unknown_flag(command, word, declared_, explain_);
        values.push_back(word);
    }
    if (end != words.end()) values.insert(values.end(), end + 1, words.end());
    const std::size_t most = argument_ ? argument_->max : 0;
    if (!argument_ && !values.empty())
        throw Error(ErrorKind::usage, fmt::format("ktrain {} takes no argument, got \"{}\"", command, values[0]), {},
                    fmt::format("see: ktrain {} --help", command));
    if (argument_ && most > 0 && values.size() > most)
        throw Error(ErrorKind::usage, fmt::format("ktrain {} got one argument too many: \"{}\"", command, values[most]),
                    {}, fmt::format("see: ktrain {} --help", command));
    if (argument_ && values.size() < argument_->min)
        throw Error(ErrorKind::usage, fmt::format("ktrain {} needs {}", command, argument_->name), {},
                    fmt::format("see: ktrain {} --help", command));
    if (arguments_ != nullptr) *arguments_ = values;
}

}  // namespace ktrain::term
