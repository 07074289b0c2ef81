// A long JSON document, written item by item.
#include <doctest/doctest.h>

#include "cli/term/json_stream.h"
#include "tests/support/worlds.h"

using namespace ktrain;

TEST_CASE("a document written item by item is the same as one that is written whole") {
    const Json items = {Json::object(), {{"text", "two\nlines, \"quoted\""}, {"list", {1, {{"a", {}}}}}}, "x", {}};
    for (const std::size_t count : {0u, 1u, 4u}) {
        const Json runs = {1, {{"first", {{"x", 1}}}, {"results", Json::array()}, {"z", "behind"}}, {{"y", {}}}};
        const Json document = {{"$schema", "a"}, {"a \"b\"", {1, 2}}, {"runs", runs}, {"z", {{"z", Json::array()}}}};
        Json whole = document;
        for (std::size_t i = 0; i < count; ++i) whole["runs"][1]["results"].push_back(items[i]);
        test::MemoryOutput out;
        term::write_pretty(out, document, {{"runs", "1", "results"}, count, [&](std::size_t i) { return items[i]; }});
        CHECK(out.text == to_pretty(whole));
    }
}
