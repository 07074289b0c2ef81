// Tokens on a terminal: aligned, within the width, and nothing of a text reaches the terminal as a command.
#include "cli/commands/token_view.h"

#include <doctest/doctest.h>

#include "cli/term/output.h"
#include "core/base/text.h"

using namespace ktrain;

namespace {

Json sample(std::size_t count) {
    Json json = {{"ids", Json::array()}, {"pieces", Json::array()}, {"learned", Json::array()}};
    for (std::size_t i = 0; i < count; ++i) {
        json["ids"].push_back(i * 37);
        json["pieces"].push_back(i % 3 == 0 ? " word" : i % 3 == 1 ? "王様" : "\n");
        json["learned"].push_back(i % 2);
    }
    return json;
}

}  // namespace

TEST_CASE("a block has pieces, ids and what is learned in columns") {
    const Json json = {{"ids", {1, 4711, 5}}, {"pieces", {"<s>", " a", "王様"}}, {"learned", {0, 1, 1}}};
    CHECK(token_blocks(json, 80) ==
          "  text   <s> ␣a   王様\n"
          "  id     1   4711 5\n"
          "  learn  -   +    +\n");
}

TEST_CASE("blocks wrap together at the width") {
    const std::string text = token_blocks(sample(60), 80);
    std::size_t lines = 0;
    for (const std::string& line : split(text, '\n')) {
        CHECK(term::display_width(line) <= 80);
        lines += line.starts_with("  text ") ? 1 : 0;
    }
    CHECK(lines > 2);
    CHECK(token_blocks(sample(401), 80).ends_with("\n  and 1 more tokens: -o json\n"));
}

TEST_CASE("blanks and control characters are visible, and no escape passes") {
    CHECK(visible(" a b") == "␣a␣b");
    CHECK(visible("\r\n\t") == "\\r\\n\\t");
    CHECK(visible("\x1b[31m\x7f") == "\\x1b[31m\\x7f");
    CHECK(visible("\xc2\x9b") == "\uFFFD");  // an escape of eight bits
}
