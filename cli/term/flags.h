// Flags of a subcommand: declared once, used for parsing, help, completion and docs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ktrain::term {

// What the shell offers as a value.
enum class Complete { none, file, folder, namespace_, context, job, shell, field };

struct FlagDoc {
    std::string name;        // "dry-run"; a spec leaf keeps its underscores
    char short_name = 0;     // 'f'
    std::string value = "";  // "FILE" in help; empty for switches
    std::string help = "";   // "Read the spec from a file", no full stop
    std::vector<std::string_view> choices = {};
    Complete complete = Complete::none;
    std::string group = "";    // heading in help; empty: "Flags"
    std::string implied = "";  // the value when the flag is given without one ("--dry-run"); after one that implies
                               // "true" the next word may be "true" or "false"
    bool hidden = false;
    bool may_be_empty = false;  // "--name=" and "--name ''" say something; else they are refused
};

struct ArgumentDoc {
    std::string name;  // "FILE", or of several different ones "ACTION [FILE]"
    std::string help;
    std::size_t min = 0;
    std::size_t max = 1;  // 0: any number
    Complete complete = Complete::file;
    std::vector<std::string_view> choices = {};  // that the shell offers too
};

class Flags {
public:
    using Target = std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::optional<std::string>*,
                                std::vector<std::string>*>;
    struct Declared {
        FlagDoc doc;
        Target target;
    };

    // A bool is a switch, an int counts repetitions, a vector collects repetitions, the rest take one value.
    void add(Target target, FlagDoc doc);
    void arguments(std::vector<std::string>& target, ArgumentDoc doc);

    const std::vector<Declared>& declared() const { return declared_; }
    const std::optional<ArgumentDoc>& argument() const { return argument_; }

    // What a word that is no flag may mean ("--method.type=lora"); empty: nothing that is known.
    using Explain = std::function<std::string(const std::string& word)>;
    void explain_unknown(Explain explain) { explain_ = std::move(explain); }

    // Errors: Error{usage} naming the flag, with what it may mean or the nearest known one as hint. `command` is for
    // the messages.
    void parse(std::string_view command, std::span<const std::string> words);

private:
    std::vector<Declared> declared_;
    std::optional<ArgumentDoc> argument_;
    std::vector<std::string>* arguments_ = nullptr;
    Explain explain_;
};

}  // namespace ktrain::term
