// Writes a JSON document that is too long to be held, item by item of its long list.
#include "cli/term/json_stream.h"

#include <string_view>

namespace ktrain::term {
namespace {

std::string line_end(std::size_t depth) {
    return "\n" + std::string(2 * depth, ' ');
}

// No string holds a line end: JSON escapes it.
std::string indented(const Json& value, std::size_t depth) {
    std::string text;
    std::string pretty = to_pretty(value);
    pretty.pop_back();
    for (const char c : pretty) c == '\n' ? text += line_end(depth) : text += c;
    return text;
}

class Writer {
public:
    Writer(Output& out, const LongList& list) : out_(out), list_(list) {}

    // `depth` keys of the list's path lead to the value.
    void write_parent(const Json& value, std::size_t depth) {
        if (depth == list_.path.size()) return write_items(depth);
        std::size_t index = 0;
        out_.write(value.is_object() ? "{" : "[");
        for (const auto& [key, member] : value.items()) {
            out_.write((index++ == 0 ? "" : ",") + line_end(depth + 1));
            if (value.is_object()) out_.write(Json(key).dump() + ": ");
            if (key == list_.path[depth])
                write_parent(member, depth + 1);
            else
                out_.write(indented(member, depth + 1));
        }
        out_.write(line_end(depth) + (value.is_object() ? "}" : "]"));
    }

private:
    void write_items(std::size_t depth) {
        for (std::size_t i = 0; i < list_.count; ++i)
            out_.write((i == 0 ? "[" : ",") + line_end(depth + 1) + indented(list_.item(i), depth + 1));
        out_.write(list_.count == 0 ? "[]" : line_end(depth) + "]");
    }

    Output& out_;
    const LongList& list_;
};

}  // namespace

void write_pretty(Output& out, const Json& document, const LongList& list) {
    Writer(out, list).write_parent(document, 0);
    out.write("\n");
}

}  // namespace ktrain::term
