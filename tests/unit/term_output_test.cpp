// Tables, errors and findings as text.
#include <doctest/doctest.h>

#include "cli/term/output.h"

using namespace ktrain;

TEST_CASE("tables align by display width") {
    term::Table table({"NAME", "GB", "NOTE"});
    table.align(1, term::Table::Align::right);
    table.row({"模型", "1.5", "x"});
    table.row({"a", "13.5", "tab\there"});
    CHECK(table.text() ==
          "NAME     GB   NOTE\n"
          "模型    1.5   x\n"
          "a      13.5   tab\uFFFDhere\n");
}

TEST_CASE("a wide last column is cut, never a character") {
    term::Table table({"A", "B"});
    table.row({"x", std::string(100, 'y')});
    CHECK(table.text(20) == "A   B\nx   " + std::string(15, 'y') + "…\n");
    term::Table wide({"A", "B"});
    wide.row({"x", "漢漢漢漢漢漢漢漢漢漢"});
    CHECK(wide.text(20) == "A   B\nx   漢漢漢漢漢漢漢…\n");
}

TEST_CASE("a table that is too wide for the terminal loses gaps, then the widest columns, the name last") {
    term::Table table({"NAME", "QUEUE", "AGE"});
    table.row({std::string(20, 'n'), std::string(30, 'q'), "1h00m"});
    CHECK(table.text(61) == "NAME" + std::string(19, ' ') + "QUEUE" + std::string(28, ' ') + "AGE\n" +
                                std::string(20, 'n') + "   " + std::string(30, 'q') + "   1h00m\n");
    CHECK(table.text(59) == "NAME" + std::string(18, ' ') + "QUEUE" + std::string(27, ' ') + "AGE\n" +
                                std::string(20, 'n') + "  " + std::string(30, 'q') + "  1h00m\n");
    CHECK(table.text(40) == "NAME" + std::string(18, ' ') + "QUEUE" + std::string(8, ' ') + "AGE\n" +
                                std::string(20, 'n') + "  " + std::string(10, 'q') + "…  1h00m\n");
    CHECK(table.text(25) ==
          "NAME       QUEUE    AGE\n" + std::string(9, 'n') + "… " + std::string(7, 'q') + "… 1h00m\n");
}

TEST_CASE("an error prints message, place and remedy") {
    const Error error(ErrorKind::input, "method.r must be between 1 and 1024, got 0", {"train.yaml", 14, 9, "method.r"},
                      "8 to 64 is usual");
    CHECK(term::render_error(error, false) ==
          "error: method.r must be between 1 and 1024, got 0\n  at train.yaml:14:9\n  hint: 8 to 64 is usual\n");
    CHECK(term::render_error(Error(ErrorKind::bug, "no column x"), true) == "\x1b[31mbug:\x1b[0m no column x\n");
    CHECK(term::render_error(Error(ErrorKind::failed, "cannot read a: gone", {"a", 0, 0, ""}), false) ==
          "error: cannot read a: gone\n");
}

TEST_CASE("findings print worst last with a count") {
    Diagnostics found(2);
    found[0] = {"KT014", Severity::error, {"j.yaml", 3, 1, ""}, "no restartPolicy", "add Never", ""};
    found[1] = {"KX601", Severity::warning, {"j.yaml", 9, 2, ""}, "tag latest", "", ""};
    CHECK(term::render_diagnostics(found, false) ==
          "warning: KX601 tag latest\n  at j.yaml:9:2\n"
          "error: KT014 no restartPolicy\n  at j.yaml:3:1\n  hint: add Never\n"
          "1 error, 1 warning\n");
}
