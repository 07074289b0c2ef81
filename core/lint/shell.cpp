// The reader of shell scripts: one pass over the text, without recursion.
#include "core/lint/shell.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/base/ascii.h"

namespace ktrain::lint {
namespace {

constexpr std::size_t most_text = 64 * 1024;  // bytes of words together
constexpr std::size_t most_commands = 500;

bool is_name_start(char c) {
    return ascii::is_letter(c) || c == '_';
}

bool is_name(char c) {
    return is_name_start(c) || ascii::is_digit(c);
}

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, ascii::is_digit);
}

constexpr std::array<std::string_view, 14> keywords{"!",    "do", "done", "elif", "else",  "fi",    "if",
                                                    "then", "{",  "}",    "time", "until", "while", "export"};

class Reader {
public:
    Reader(std::string_view text, const Variables& variables)
        : text_(text.substr(0, most_text)), variables_(variables) {}

    std::vector<ShellCommand> read() {
        while (at_ < text_.size() && size_ < most_text && commands_.size() < most_commands) step();
        end_command(false);
        return std::move(commands_);
    }

private:
    char look(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

    void put(std::string_view part) {
        word_ += part;
        size_ += part.size();
        open_ = true;
    }

    void step() {
        const char c = look();
        if (c == '\\') return escape();
        if (c == '\'') return single_quotes();
        if (c == '"') return double_quotes();
        if (c == '$') return dollar();
        if (c == '`') return copy_until('`');
        if ((c == '<' || c == '>') && look(1) == '(') return command_in_word();
        if (c == '<' || c == '>') return redirection();
        if (c == '#' && !open_) {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (c == ' ' || c == '\t' || c == '\r') {
            end_word();
            ++at_;
        } else if (c == '\n') {
            end_command(false);
            ++at_;
            skip_here_document();
        } else if (c == ';' || c == '&' || c == '|' || c == '(' || c == ')') {
            separator();
        } else {
            put(text_.substr(at_++, 1));
        }
    }

    void separator() {
        const char c = look();
        if (c == '&' && look(1) == '>') {  // both outputs into a file
            ++at_;
            return;
        }
        const bool twice = look(1) == c;
        command_.background = c == '&' && !twice;
        end_command((c == '&' || c == '|') && !twice);
        from_pipe_ = c == '|' && !twice;
        at_ += twice ? 2 : 1;
    }

    void escape() {
        if (look(1) == '\n') {
            at_ += 2;
        } else if (look(1) == '\r' && look(2) == '\n') {
            at_ += 3;
        } else {
            put(text_.substr(at_ + 1, 1));
            at_ += 2;
        }
    }

    void single_quotes() {
        const std::size_t end = std::min(text_.find('\'', at_ + 1), text_.size());
        put(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
    }

    void double_quotes() {
        open_ = true;
        for (++at_; at_ < text_.size() && look() != '"' && size_ < most_text;) {
            if (look() == '\\' && std::string_view("\"\\$`\n").find(look(1)) != std::string_view::npos) {
                escape();
            } else if (look() == '$') {
                dollar();
            } else {
                put(text_.substr(at_++, 1));
            }
        }
        ++at_;
    }

    // The text as it stands, with whatever ends it.
    void copy_until(char end) {
        const std::size_t stop = text_.find(end, at_ + 1);
        const std::size_t count = stop == std::string_view::npos ? text_.size() - at_ : stop + 1 - at_;
        put(text_.substr(at_, count));
        at_ += count;
    }

    void dollar() {
        if (look(1) == '(') return command_in_word();
        const bool braces = look(1) == '{';
        const std::size_t start = at_ + (braces ? 2 : 1);
        std::size_t end = start;
        while (end < text_.size() && is_name(text_[end])) ++end;
        const std::string_view name = text_.substr(start, end - start);
        if (name.empty() || !is_name_start(name[0]) || (braces && end >= text_.size())) {
            put(text_.substr(at_++, 1));
            return;
        }
        const bool plain = !braces || text_[end] == '}';
        std::optional<std::string> value = value_of(name);
        const bool unknown = value && *value == "$" + std::string(name);
        if (unknown) value.reset();
        std::size_t after = end + (braces ? 1 : 0);
        if (!plain && !unknown && take_default(end, value))
            after = end;
        else if (braces && (!plain || !value))
            return copy_until('}');
        put(value ? std::string_view(*value) : text_.substr(at_, after - at_));
        at_ = after;
    }

    // ":-other}" at `end`, which is then behind it: the value is `other` where there is none. False for anything else.
    bool take_default(std::size_t& end, std::optional<std::string>& value) const {
        const bool colon = text_[end] == ':';
        const std::size_t from = end + (colon ? 2 : 1), stop = text_.find('}', end);
        if (stop == std::string_view::npos || from > stop || text_[from - 1] != '-') return false;
        const std::string_view other = text_.substr(from, stop - from);
        if (other.find_first_of("$`'\"\\{") != std::string_view::npos) return false;
        if (!value || (colon && value->empty())) value = other;
        end = stop + 1;
        return true;
    }

    // $( ... ), or <( ... ), with what is nested in it.
    void command_in_word() {
        std::size_t end = at_ + 1;
        int depth = 0;
        for (; end < text_.size(); ++end) {
            if (text_[end] == '(') ++depth;
            if (text_[end] == ')' && --depth == 0) break;
        }
        const std::size_t count = std::min(end + 1, text_.size()) - at_;
        put(text_.substr(at_, count));
        at_ += count;
    }

    void redirection() {
        if (is_digits(word_)) drop_word();  // 2>file
        end_word();
        const bool here = text_.substr(at_).starts_with("<<") && look(2) != '<';
        writes_ = look() == '>' || look(1) == '>';
        while (look() == '<' || look() == '>' || look() == '&' || look() == '|' || (here && look() == '-')) ++at_;
        drop_next_ = true;
        here_ = here_ || here;
    }

    void skip_here_document() {
        if (here_end_.empty()) return;
        while (at_ < text_.size()) {
            const std::size_t end = std::min(text_.find('\n', at_), text_.size());
            std::string_view line = text_.substr(at_, end - at_);
            at_ = std::min(end + 1, text_.size());
            line.remove_prefix(std::min(line.find_first_not_of('\t'), line.size()));
            if (line == here_end_) break;
        }
        here_end_.clear();
    }

    void drop_word() {
        word_.clear();
        open_ = false;
    }

    void end_word() {
        if (!open_) return;
        if (drop_next_) {
            if (here_) here_end_ = word_;
            if (writes_) command_.files.push_back(word_);
            drop_next_ = here_ = writes_ = false;
        } else {
            add_word();
        }
        drop_word();
    }

    void add_word() {
        const bool assignments_so_far =
            std::ranges::all_of(command_.words, [](const std::string& word) { return !assigned_name(word).empty(); });
        if (assignments_so_far) {
            if (command_.words.empty() && std::ranges::find(keywords, word_) != keywords.end()) return;
            if (const std::string_view name = assigned_name(word_); !name.empty())
                assigned_[std::string(name)] = word_.substr(name.size() + 1);
        }
        command_.words.push_back(word_);
    }

    void end_command(bool pipe) {
        end_word();
        drop_next_ = false;
        command_.piped = pipe || from_pipe_;
        from_pipe_ = false;
        if (!command_.words.empty()) commands_.push_back(std::move(command_));
        command_ = {};
    }

    std::optional<std::string> value_of(std::string_view name) const {
        if (const auto it = assigned_.find(name); it != assigned_.end()) return it->second;
        return variables_ ? variables_(name) : std::nullopt;
    }

    std::string_view text_;
    const Variables& variables_;
    std::size_t at_ = 0, size_ = 0;
    std::string word_, here_end_;
    bool open_ = false, drop_next_ = false, here_ = false, writes_ = false, from_pipe_ = false;
    ShellCommand command_;
    std::vector<ShellCommand> commands_;
    std::map<std::string, std::string, std::less<>> assigned_;
};

}  // namespace

std::string_view assigned_name(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0 || !is_name_start(word[0])) return {};
    const std::string_view name = word.substr(0, equals);
    return std::ranges::all_of(name, is_name) ? name : std::string_view();
}

std::vector<ShellCommand> read_shell(std::string_view script, const Variables& variables) {
    return Reader(script, variables).read();
}

}  // namespace ktrain::lint
