// Lines of logs on a terminal: what would command it is gone, what a person reads stays.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/base/escapes.h"

using namespace ktrain;

TEST_CASE("escapes: sequences go whole, colours stay where they are wanted") {
    struct Case {
        std::string line, plain, colored;
    };
    const std::vector<Case> cases{
        {"\x1b[1;31mred\x1b[0m", "red", "\x1b[1;31mred\x1b[0m"},
        {"\x1b[2J\x1b[Hgone", "gone", "gone"},
        {"\x1b[>4;2mmode", "mode", "mode"},
        {"\x1b]0;title\x07text", "text", "text"},
        {"\x1b]52;c;cm0=\x1b\\text", "text", "text"},
        {"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link", "link"},
        {"\x1b]0;never closed", "", ""},
        {"\x1bPq#0\x1b\\text", "text", "text"},
        {"\x1b(Btext\x1b"
         "c",
         "text", "text"},
        {"\xc2\x9b"
         "2Jtext\xc2\x9d"
         "0;t\xc2\x9c.",
         "text.", "text."},
        {"bell\x07 back\x08 nul" + std::string(1, '\0') + " del\x7f", "bell back nul del", "bell back nul del"},
        {"10%\r20%\ttab", "10%\r20%\ttab", "10%\r20%\ttab"},
        {"\xff not UTF-8 \xc3\xa9", "\xff not UTF-8 \xc3\xa9", "\xff not UTF-8 \xc3\xa9"},
        {"\xc2\x1b[0m\x9b"
         "2J",
         "",
         "\xc2\x1b[0m\x9b"
         "2J"},
        {"a\xc2\x01\x9d"
         "52;c;ZXZpbA==\xc2\x01\x9c.",
         "a.", "a."},
        {"\x1b", "", ""},
        {"\x1b[", "", ""},
    };
    for (const Case& one : cases) {
        CAPTURE(one.line);
        CHECK(without_escapes(one.line, false) == one.plain);
        CHECK(without_escapes(one.line, true) == one.colored);
        CHECK(has_escapes(one.line) == (one.line != one.plain));
    }
}
