// Tables and hostile texts in Markdown and HTML.
#include <doctest/doctest.h>

#include "cli/term/html.h"
#include "cli/term/markdown.h"

using namespace ktrain;
using term::Table;

namespace {

Table small() {
    Table table({"A|B", "N"});
    table.align(1, Table::Align::right);
    table.row({"<i>x</i> | y\nz", "1"});
    return table;
}

}  // namespace

TEST_CASE("markdown: nothing in a cell ends it, calls anybody or is taken for markup") {
    CHECK(term::markdown_table(small()) == "| A\\|B | N |\n|---|---:|\n| \\<i\\>x\\</i\\> \\| y\ufffdz | 1 |\n");
    CHECK(term::markdown_text("a_b*c`d`[e](f) #1 $x$ \\") == "a\\_b\\*c\\`d\\`\\[e\\](f) \\#1 \\$x\\$ \\\\");
    CHECK(term::markdown_text("@team") == "@\u200bteam");
    CHECK(term::markdown_text("\x1b[31mred\r\n").find('\x1b') == std::string::npos);
    CHECK(term::markdown_text("two\nlines").find('\n') == std::string::npos);
}

TEST_CASE("html: text and values stay text") {
    CHECK(term::html_text("</script><a href='x' b=\"y\">&") ==
          "&lt;/script&gt;&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;");
    CHECK(term::html_rows(small(), {"<svg></svg>"}) ==
          "<tr><td><svg></svg>&lt;i&gt;x&lt;/i&gt; | y\ufffdz</td><td class=\"number\">1</td></tr>");
    CHECK(term::html_table(small()).starts_with("<table>\n<thead><tr><th scope=\"col\">A|B</th>"));
}

TEST_CASE("html: JSON in a script cannot end it, and is the same JSON") {
    const Json value = {{"</script><!--", "<script>&\u2028\"\\"}};
    const std::string text = term::html_json(value);
    CHECK(text.find('<') == std::string::npos);
    CHECK(text.find('>') == std::string::npos);
    CHECK(Json::parse(text) == value);
}
