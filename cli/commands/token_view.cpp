// Columns of tokens that wrap together.
#include "cli/commands/token_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "cli/term/output.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

constexpr std::size_t most_shown = 400;  // tokens; -o json has all
constexpr std::array<std::string_view, 3> labels{"  text   ", "  id     ", "  learn  "};

// The lines of a block, as far as they are.
struct Block {
    std::array<std::string, 3> lines{std::string(labels[0]), std::string(labels[1]), std::string(labels[2])};
    bool empty = true;

    std::size_t width() const { return term::display_width(lines[0]); }
    void add(const std::array<std::string, 3>& cells, std::size_t column) {
        for (std::size_t i = 0; i < cells.size(); ++i)
            lines[i] += cells[i] + std::string(column + 1 - term::display_width(cells[i]), ' ');
        empty = false;
    }
    std::string text(std::size_t count) const {
        std::string text;
        for (const std::string& line : std::span(lines).first(count))
            text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
        return text;
    }
};

}  // namespace

std::string visible(std::string_view piece) {
    std::string text;
    for (const char c : piece) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == ' ')
            text += "␣";
        else if (c == '\n')
            text += "\\n";
        else if (c == '\r')
            text += "\\r";
        else if (c == '\t')
            text += "\\t";
        else if (byte < 0x20 || byte == 0x7F)
            text += fmt::format("\\x{:02x}", byte);
        else
            text += c;
    }
    return printable(text);
}

std::string token_blocks(const Json& sample, std::size_t width) {
    const Json &ids = sample.at("ids"), &pieces = sample.at("pieces"), &learned = at_path(sample, {"learned"});
    const std::size_t lines = learned.is_array() ? 3 : 2;
    const std::size_t shown = std::min(ids.size(), most_shown);
    std::string text;
    Block block;
    for (std::size_t i = 0; i < shown; ++i) {
        const std::array<std::string, 3> cells{visible(pieces[i].get<std::string>()),
                                               std::to_string(ids[i].get<std::int64_t>()),
                                               lines == 3 && learned[i].get<int>() != 0 ? "+" : "-"};
        const std::size_t column = std::max(term::display_width(cells[0]), cells[1].size());
        if (!block.empty && block.width() + column > width) {
            text += block.text(lines) + "\n";
            block = {};
        }
        block.add(cells, column);
    }
    if (!block.empty) text += block.text(lines);
    if (shown < ids.size()) text += fmt::format("  and {} more tokens: -o json\n", ids.size() - shown);
    return text;
}

}  // namespace ktrain
