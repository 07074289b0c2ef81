// Words for the errors of libyaml (scanner.c, parser.c, reader.c), which are those of go-yaml.
#include "core/base/yaml_problems.h"

#include <algorithm>
#include <array>

#include "core/base/lines.h"
#include "core/base/yaml_tree.h"

namespace ktrain::yaml {
namespace {

enum class At { problem, context };  // which of the parser's two places helps

struct Wording {
    std::string_view problem;
    std::string_view context;  // how it begins; empty: any
    At at;
    std::string_view message;
    std::string_view fix;
};

constexpr std::array wordings{
    Wording{"could not find expected ':'", "", At::context, "this line has no ':' and continues no value",
            "write \"key: value\", or check the indentation"},
    Wording{"mapping values are not allowed in this context", "", At::problem, "unexpected ':' in a value",
            "quote the value, or check the indentation"},
    Wording{"mapping keys are not allowed in this context", "", At::problem, "unexpected '?' in a value",
            "check the indentation"},
    Wording{"block sequence entries are not allowed in this context", "", At::problem, "unexpected '-' in a value",
            "start the list on its own line, below its key"},
    Wording{"found unexpected end of stream", "", At::context,
            "this quoted text is not closed before the end of the file", "close the quotes"},
    Wording{"found unexpected document indicator", "", At::context,
            "this quoted text is not closed before the next document", "close the quotes"},
    Wording{"found unknown escape character", "", At::problem, "unknown escape in double quotes",
            "write the backslash twice, or use single quotes"},
    Wording{"did not find expected hexdecimal number", "", At::problem,
            "an escape of hexadecimal digits is not complete", "write all of its digits, or use single quotes"},
    Wording{"found invalid Unicode character escape code", "", At::problem, "this escape is no character",
            "write the character itself"},
    Wording{"did not find expected ',' or ']'", "", At::problem, "a ',' or the closing ']' is missing",
            "close the bracket, or quote a value that begins with '['"},
    Wording{"did not find expected ',' or '}'", "", At::problem, "a ',' or the closing '}' is missing",
            "close the brace, or quote a value that begins with '{'"},
    Wording{"did not find expected '-' indicator", "", At::problem, "this line is no '- item' of the list above it",
            "align the '-' with the others, or indent what belongs to an item"},
    Wording{"did not find expected key", "", At::problem, "this line is no 'key: value' of the map above it",
            "check its indentation and its ':'"},
    Wording{"did not find expected <document start>", "", At::problem, "unexpected text after the end of the document",
            "check the indentation, or separate documents by a line '---'"},
    Wording{"did not find expected node content", "while parsing a flow node", At::problem,
            "a value is missing between the brackets", "write it, or remove a comma"},
    Wording{"did not find expected node content", "", At::problem, "a value is missing here",
            "write the value, or quote it"},
    Wording{"found character that cannot start any token", "", At::problem, "a value cannot begin with this character",
            "quote the value"},
    Wording{"did not find expected alphabetic or numeric character", "while scanning an alias", At::problem,
            "'*' begins an alias and must be followed by its name", "quote the value"},
    Wording{"did not find expected alphabetic or numeric character", "", At::problem,
            "'&' begins an anchor and must be followed by its name", "quote the value"},
    Wording{"found undefined tag handle", "", At::problem, "the tag is unknown", "remove the tag"},
    Wording{"found a tab character where an indentation space is expected", "", At::problem,
            "a tab indents this line: YAML allows only spaces", "replace the tab by spaces"},
    Wording{"did not find expected comment or line break", "", At::problem,
            "unexpected text behind the mark of a block of text", "begin the text on the next line"},
    Wording{"found an indentation indicator equal to 0", "", At::problem, "a block of text cannot be indented by 0",
            "remove the 0"},
    Wording{"found incompatible YAML document", "", At::problem, "this version of YAML is unknown",
            "remove the line, or write %YAML 1.1"},
    Wording{"control characters are not allowed", "", At::problem, "a character that YAML does not allow",
            "remove it, or write it as an escape in double quotes"},
};

// A tab in front of the first word of the line of `mark` or of the line before; column 0 when there is none.
Mark find_tab(std::string_view text, const Mark& mark) {
    for (int line = mark.line; line >= std::max(mark.line - 1, 1); --line) {
        const std::string_view content = Lines(text).line(line);
        const std::size_t tab = content.find('\t');
        if (tab != std::string_view::npos && content.find_first_not_of(" \t") > tab)
            return {line, static_cast<int>(tab) + 1};
    }
    return {};
}

// What stands at `mark` and behind it.
std::string_view rest_at(std::string_view text, const Mark& mark) {
    for (int line = 1; line < mark.line; ++line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    return text.substr(std::min(static_cast<std::size_t>(mark.column) - 1, text.size()));
}

const Wording* find_wording(std::string_view problem, std::string_view context) {
    for (const Wording& wording : wordings)
        if (wording.problem == problem && context.starts_with(wording.context)) return &wording;
    return nullptr;
}

}  // namespace

Diagnostic problem_of(const ParserError& error, std::string_view text, const std::string& file, Places& places) {
    Mark mark = error.of_bytes ? places.at_byte(error.problem_index) : places.at(error.problem_index);
    const auto finding = [&](std::string_view message, std::string_view fix) {
        return syntax_error({file, mark.line, mark.column, ""}, std::string(message), std::string(fix));
    };
    if (const Mark tab = find_tab(text, mark); tab.column > 0) {
        mark = tab;
        return finding("a tab indents this line: YAML allows only spaces", "replace the tab by spaces");
    }
    const Wording* const wording = find_wording(error.problem, error.context);
    if (wording == nullptr) return finding(error.problem, "");
    const std::string_view rest = rest_at(text, mark);
    if (error.problem == "did not find expected key" && (rest.starts_with(']') || rest.starts_with('}')))
        return finding("a closing bracket without its opening one", "remove it, or quote the value");
    if (error.context.starts_with("while parsing a flow") && rest.find_first_not_of(" \n") == std::string_view::npos)
        return finding("a bracket is not closed before the end of the file",
                       "close it, or quote a value that begins with a bracket");
    if (wording->at == At::context) mark = places.at(error.context_index);
    return finding(wording->message, wording->fix);
}

}  // namespace ktrain::yaml
