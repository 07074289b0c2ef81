// Reads YAML through the events of yaml-cpp, mending what that parser lets through and how it words its errors.
#include "core/base/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <istream>
#include <streambuf>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/yaml_bytes.h"
#include "core/base/yaml_tree.h"

namespace ktrain::yaml {
namespace {

// yaml-cpp holds every token of an unfinished flow collection that could be a key; no honest key is this long.
constexpr std::size_t max_pending_tokens = 500'000;

// Feeds the parser in pieces and counts the flow indicators that it swallows between two events.
class Feed : public std::streambuf {
public:
    explicit Feed(std::string_view text) : rest_(text) {}
    void event() { pending_ = 0; }

protected:
    int_type underflow() override {
        if (rest_.empty()) return traits_type::eof();
        std::string_view piece = rest_.substr(0, 1 << 16);
        for (char c : piece) pending_ += c == '[' || c == ']' || c == '{' || c == '}' || c == ',';
        if (pending_ > max_pending_tokens) {
            throw Stop{syntax_error({}, "brackets nest too deep or hold too much", "split the file")};
        }
        rest_.remove_prefix(piece.size());
        char* begin = const_cast<char*>(piece.data());  // streambuf wants it so; nothing writes
        setg(begin, begin, begin + piece.size());
        return traits_type::to_int_type(*begin);
    }

private:
    std::string_view rest_;
    std::size_t pending_ = 0;
};

// What the parser gets to read: the user's text, with a marker in front of a root in brackets. Behind "--- " yaml-cpp
// knows that such a root is no key and hands its events out at once, instead of holding the whole document.
struct Prepared {
    explicit Prepared(std::string_view user) : text(user) {
        std::size_t first = user.find_first_not_of(" \n");
        if (first == std::string_view::npos || (user[first] != '{' && user[first] != '[')) return;
        std::size_t begin = user.rfind('\n', first) + 1;  // npos + 1 == 0
        line = static_cast<int>(std::count(user.begin(), user.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
        shift = 4;
        marked.append(user.substr(0, begin)).append("--- ").append(user.substr(begin));
    }
    std::string_view read() const { return shift > 0 ? std::string_view(marked) : text; }

    std::string_view text;
    std::string marked;
    int line = -1;  // the line that is `shift` bytes longer for the parser
    int shift = 0;
};

// yaml-cpp turns the escapes \N and \_ into the bare bytes 0x85 and 0xa0: makes them UTF-8.
std::string mended(const std::string& value) {
    if (valid_utf8(value)) return value;
    std::string result;
    for (std::size_t i = 0; i < value.size();) {
        const auto lead = static_cast<unsigned char>(value[i]);
        if (lead >= 0x80 && lead < 0xc0) result += '\xc2';
        const std::size_t length = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        result.append(value, i, length);
        i += length;
    }
    return result;
}

// Passes events on with places in the user's text.
class Events : public YAML::EventHandler {
public:
    Events(const Prepared& source, const std::string& file, Feed& feed, TreeBuilder& tree)
        : source_(source), file_(file), feed_(feed), tree_(tree) {}

    Place place(const YAML::Mark& mark) const {
        int column = mark.column - (mark.line == source_.line ? source_.shift : 0);
        return {file_, mark.line + 1, std::max(column, 0) + 1, ""};
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (seen_document_ && !starts_document(mark)) {
            throw Stop{syntax_error(place(mark), "unexpected text after the end of the document",
                                    "check the indentation, or separate documents by a line '---'")};
        }
        seen_document_ = true;
        tree_.start_document();
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        feed_.event();
        std::string text = null_text(mark);
        if (text.empty() && anchor == 0) check_omission(mark);
        tree_.null(place(mark), std::move(text), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        feed_.event();
        tree_.alias(place(mark), anchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        feed_.event();
        last_scalar_ = mark;
        last_size_ = tag == "?" ? value.size() : 0;
        tree_.scalar(place(mark), tag == "?" ? value : mended(value), tag, anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override {
        feed_.event();
        flow_.push_back(style == YAML::EmitterStyle::Flow);
        tree_.open(place(mark), Kind::sequence, tag, anchor);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override {
        feed_.event();
        flow_.push_back(style == YAML::EmitterStyle::Flow);
        tree_.open(place(mark), Kind::mapping, tag, anchor);
    }
    void OnSequenceEnd() override {
        flow_.pop_back();
        tree_.close();
    }
    void OnMapEnd() override {
        flow_.pop_back();
        tree_.close();
    }

    // yaml-cpp takes the end of the file for the closing quote of the last scalar.
    void check_quotes_closed() const {
        if (behind_last_scalar()) return;
        throw Stop{syntax_error(place(last_scalar_), "this quoted text is not closed before the end of the file",
                                "close the quotes")};
    }

private:
    // The text behind the last scalar; nullopt when its quotes are not closed. Of use for scalars on one line only.
    std::optional<std::string_view> behind_last_scalar() const {
        std::string_view rest = rest_at(last_scalar_);
        while (rest.starts_with('&') || rest.starts_with('!')) {  // its anchor and tag
            rest.remove_prefix(std::min(rest.find_first_of(" \n"), rest.size()));
            rest.remove_prefix(std::min(rest.find_first_not_of(" \n"), rest.size()));
        }
        char quote = rest.starts_with('\'') ? '\'' : '"';
        if (last_size_ > 0 || !rest.starts_with(quote)) return rest.substr(std::min(last_size_, rest.size()));
        for (std::size_t i = 1; i < rest.size(); ++i) {
            bool pair = quote == '"' ? rest[i] == '\\' : rest.substr(i).starts_with("''");
            if (!pair && rest[i] == quote) return rest.substr(i + 1);
            if (pair) ++i;
        }
        return std::nullopt;
    }

    // Where nothing is written, yaml-cpp sees a null; not all such places are valid.
    void check_omission(const YAML::Mark& mark) const {
        if (flow_.empty()) return;
        if (flow_.back()) {
            if (tree_.in_sequence()) throw Stop{syntax_error(place(mark), "nothing between two commas", "remove one")};
            return;
        }
        if (!tree_.awaits_value()) return;
        std::string_view rest = behind_last_scalar().value_or("");
        std::size_t next = rest.find_first_not_of(" \t");
        if (next != std::string_view::npos && rest[next] == ':') return;
        std::string_view before = source_.text.substr(0, source_.text.size() - rest_at(last_scalar_).size());
        std::size_t last = before.find_last_not_of(" \t");
        if (last != std::string_view::npos && before[last] == '?') return;  // an explicit key
        throw Stop{syntax_error(place(last_scalar_), "this line has no ':' and continues no value",
                                "write \"key: value\", or check the indentation")};
    }

    std::string_view rest_at(const YAML::Mark& mark) const {
        std::size_t at = static_cast<std::size_t>(std::max(mark.pos - source_.shift, 0));
        return source_.text.substr(std::min(at, source_.text.size()));
    }

    // yaml-cpp does not tell how a null was written.
    std::string null_text(const YAML::Mark& mark) const {
        std::string_view rest = rest_at(mark);
        for (std::string_view word : {"~", "null", "Null", "NULL"}) {
            if (rest.starts_with(word)) return std::string(word);
        }
        return "";
    }

    // A later document begins with "---" or follows a line "..."; yaml-cpp takes any left-over text for one.
    bool starts_document(const YAML::Mark& mark) const {
        std::string_view rest = rest_at(mark);
        if (rest.empty() || rest.starts_with("---")) return true;
        std::string_view before = source_.text.substr(0, source_.text.size() - rest.size());
        while (!before.empty()) {
            std::size_t begin = before.substr(0, before.size() - 1).rfind('\n') + 1;  // npos + 1 == 0
            std::string_view line = before.substr(begin);
            if (line.starts_with("...")) return true;
            std::size_t word = line.find_first_not_of(" \t\n");
            if (word != std::string_view::npos && line[word] != '#') return false;
            before = before.substr(0, begin);
        }
        return false;
    }

    const Prepared& source_;
    const std::string& file_;
    Feed& feed_;
    TreeBuilder& tree_;
    std::vector<bool> flow_;  // of the open collections
    YAML::Mark last_scalar_ = YAML::Mark::null_mark();
    std::size_t last_size_ = 0;  // of a plain scalar
    bool seen_document_ = false;
};

struct Wording {
    std::string_view parser;  // how yaml-cpp begins its message
    std::string_view message;
    std::string_view fix;
};

constexpr std::array wordings{
    Wording{"end of map flow not found", "a '{' has no closing '}'",
            "close the brace, or quote a value that begins with '{'"},
    Wording{"end of sequence flow not found", "a '[' has no closing ']'",
            "close the bracket, or quote a value that begins with '['"},
    Wording{"end of map not found", "this line is no 'key: value' of the map above it",
            "check its indentation and its ':'"},
    Wording{"end of sequence not found", "this line is no '- item' of the list above it",
            "align the '-' with the others, or indent what belongs to an item"},
    Wording{"illegal map value", "unexpected ':' in a value", "quote the value, or check the indentation"},
    Wording{"illegal map key", "unexpected '?' or key in a value", "check the indentation"},
    Wording{"illegal block entry", "unexpected '-' in a value", "start the list on its own line, below its key"},
    Wording{"illegal flow end", "a closing bracket without its opening one", "remove it, or quote the value"},
    Wording{"illegal EOF in scalar", "a quoted text is not closed before the end of the file", "close the quotes"},
    Wording{"illegal document indicator in scalar", "a quoted text is not closed before the next document",
            "close the quotes"},
    Wording{"the referenced anchor is not defined", "the alias refers to no anchor above it", "define it with &name"},
    Wording{"unknown token", "a value cannot begin with this character", "quote the value"},
    Wording{"unknown escape character", "unknown escape in double quotes",
            "write the backslash twice, or use single quotes"},
    Wording{"bad file", "nested too deep", "check the indentation and the brackets"},
};

std::string_view line_of(std::string_view text, int line) {
    for (; line > 0; --line) {
        std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return "";
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

Diagnostic translate(const YAML::ParserException& error, std::string_view text, const Events& events) {
    for (int line = error.mark.line; line >= std::max(error.mark.line - 1, 0); --line) {
        std::string_view content = line_of(text, line);
        std::size_t tab = content.find('\t');
        if (tab != std::string_view::npos && content.find_first_not_of(" \t") > tab) {
            Place where = events.place(error.mark);
            where.line = line + 1;
            where.column = static_cast<int>(tab) + 1;
            return syntax_error(where, "a tab indents this line: YAML allows only spaces", "replace the tab by spaces");
        }
    }
    for (const Wording& wording : wordings) {
        if (error.msg.starts_with(wording.parser)) {
            return syntax_error(events.place(error.mark), std::string(wording.message), std::string(wording.fix));
        }
    }
    return syntax_error(events.place(error.mark), error.msg);
}

}  // namespace

Stream parse(std::string_view text, const std::string& file, const Limits& limits) {
    Stream stream;
    std::string storage;
    if (std::optional<Diagnostic> problem = prepare(text, storage, file, limits.max_bytes)) {
        stream.problems.push_back(std::move(*problem));
        return stream;
    }
    Prepared source(text);
    Feed feed(source.read());
    TreeBuilder tree(file, limits, stream);
    Events events(source, file, feed, tree);
    try {
        std::istream input(&feed);
        YAML::Parser parser(input);
        while (parser.HandleNextDocument(events)) {
        }
        events.check_quotes_closed();
    } catch (const YAML::ParserException& error) {
        stream.problems.push_back(translate(error, text, events));
    } catch (Stop& stop) {
        stop.problem.where.file = file;
        stream.problems.push_back(std::move(stop.problem));
    }
    return stream;
}

Node parse_one(std::string_view text, const std::string& file, const Limits& limits) {
    Stream stream = parse(text, file, limits);
    if (!stream.problems.empty()) {
        Diagnostic& first = stream.problems.front();
        throw Error(ErrorKind::input, first.message, first.where, first.fix);
    }
    if (stream.documents.empty()) throw Error(ErrorKind::input, "the file is empty", {file, 0, 0, ""});
    if (stream.documents.size() > 1) {
        const Node& second = stream.documents[1];
        throw Error(ErrorKind::input, "one document is wanted, but a second one begins here",
                    {file, second.line, second.column, ""}, "keep one document in this file");
    }
    return std::move(stream.documents.front());
}

}  // namespace ktrain::yaml
