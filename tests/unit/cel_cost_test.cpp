// What rules may cost, as the API server estimates it: tests/parity/cel/costs.tsv.
#include <doctest/doctest.h>

#include <fstream>
#include <set>

#include "core/base/text.h"
#include "core/cel/cel.h"
#include "core/cel/cost.h"
#include "tests/support/cel.h"
#include "tests/support/paths.h"

using namespace ktrain;

namespace {

// What functions over optional values and maps of the rule give has no size here.
const std::set<std::string> underrated{
    "{'a': 1}['a'] == 1", "{'a': self.a}['a'].matches('b')", "self.?a.optMap(x, x == 'a').orValue(true)",
    "self.?a.optMap(x, x.size()).orValue(1) == 1", "self.m.transformMap(k, v, v + 'a')['b'] == 'c'"};

}  // namespace

TEST_CASE("cel: the same costs as the API server, or less") {
    const std::string folder = test::source_path("/tests/parity/cel/");
    std::ifstream file(folder + "schemas.yaml"), rows(folder + "costs.tsv");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const yaml::Node schemas = yaml::parse_one(text, "schemas.yaml");
    std::size_t count = 0, seen = 0;
    for (std::string line; std::getline(rows, line);) {
        if (line.starts_with("# ")) continue;
        const std::vector<std::string> cells = split(line, '\t');
        REQUIRE(cells.size() == 4);
        CAPTURE(cells[1]);
        const yaml::Node& schema = *schemas.find(cells[0]);
        const test::SchemaTyping typing;
        auto compiled = cel::compile(cells[1]);
        REQUIRE(std::holds_alternative<cel::Program>(compiled));
        const std::uint64_t wanted = std::stoull(cells[2]);
        const std::uint64_t cost =
            cel::estimated_cost(std::get<cel::Program>(compiled), typing, test::SchemaTyping::id_of(schema));
        seen += underrated.contains(cells[1]) ? 1 : 0;
        CAPTURE(cost);
        CHECK((underrated.contains(cells[1]) ? cost < wanted : cost == wanted));
        CHECK(typing.most_values(schema) == std::stoull(cells[3]));
        ++count;
    }
    CHECK(count > 180);
    CHECK(seen == underrated.size());
}
