// Expressions evaluated as the API server's own CEL does: tests/parity/cel/reference.tsv.
#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <set>

#include "core/base/text.h"
#include "core/cel/cel.h"
#include "core/lint/lint.h"
#include "tests/support/cel.h"
#include "tests/support/paths.h"

using namespace ktrain;

namespace {

// Refused by the server for their types when the CRD is created; here types are checked while a rule runs.
const std::set<std::string> typed_only{"dyn([1, 2]) == dyn([1.0, 2u])", "[1, [2, [3]]].flatten(2)",
                                       "size(self.spec.nested) == 1"};
// And whose types are found to be wrong beforehand.
const std::set<std::string> typed{"1 == 1.0", "true ? 'a' : null"};
// The server looks at how a quantity is written, not at its value: 1000m is no integer to it.
const std::set<std::string> known{"quantity('1000m').isInteger()"};

std::string outcome(const std::string& expression, const cel::Context& context) {
    auto compiled = cel::compile(expression);
    if (std::holds_alternative<cel::Problem>(compiled)) return "none";
    const cel::Value value = cel::result_of(std::get<cel::Program>(compiled), context);
    return value.failed() ? "none" : test::text_of(value);
}

// What is wrong with the types of an expression that the server compiles; empty where nothing is.
std::string type_problem(const std::string& expression, const cel::Subject& self) {
    const auto compiled = cel::compile(expression);
    const auto* program = std::get_if<cel::Program>(&compiled);
    if (program == nullptr) return "";
    const auto problem = cel::type_problem(*program, self.typing, self.schema);
    return problem ? problem->message : "";
}

// What the check of manifests says of an expression at a place of tests/parity/cel/places.txt.
std::string problem_at(const std::string& place, const std::string& expression) {
    const Json text = expression;
    const std::string device =
        "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: a}\nspec:\n"
        "  selectors:\n  - cel:\n      expression: ";
    const std::string policy =
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {name: a}\nspec:\n"
        "  paramKind: {apiVersion: v1, kind: ConfigMap}\n  matchConstraints: {resourceRules: [{apiGroups: [''], "
        "apiVersions: ['*'], operations: [CREATE], resources: [pods]}]}\n  validations:\n  - ";
    const std::string message = place == "message" ? "expression: 'true'\n    messageExpression: " : "expression: ";
    const lint::Report report =
        lint::check({{"a.yaml", (place == "device" ? device : policy + message) + text.dump()}}, {.only = {"KT"}});
    return report.findings.empty() ? "" : report.findings.front().message;
}

}  // namespace

TEST_CASE("cel: the same values and errors as the API server") {
    const std::string folder = test::source_path("/tests/parity/cel/");
    std::ifstream file(folder + "objects.yaml"), rows(folder + "reference.tsv");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const yaml::Node objects = yaml::parse_one(text, "objects.yaml");
    const test::SchemaTyping typing;
    std::map<std::string, cel::Context> contexts;
    for (const yaml::Node& object : objects.items) {
        cel::Subject self{object.find("value"), &typing, test::SchemaTyping::id_of(*object.find("schema"))};
        contexts[object.find("name")->text] = {.self = self};
    }
    std::size_t count = 0;
    for (std::string line; std::getline(rows, line);) {
        if (line.starts_with("# ")) continue;
        const std::vector<std::string> cells = split(line, '\t');
        REQUIRE(cells.size() == 4);
        CAPTURE(cells[1]);
        if (typed.contains(cells[1])) {
            CHECK(type_problem(cells[1], contexts.at(cells[0]).self) != "");
            continue;
        }
        if (typed_only.contains(cells[1]) || known.contains(cells[1])) continue;
        CHECK(outcome(cells[1], contexts.at(cells[0])) == (cells[2] == "value" ? cells[3] : "none"));
        if (cells[2] != "refused") CHECK(type_problem(cells[1], contexts.at(cells[0]).self) == "");
        ++count;
    }
    CHECK(count > 700);
}

TEST_CASE("cel: policies and claims on devices refuse what the API server refuses") {
    // Not known: the values of maps, of optional values and of what dyn() makes, an authorizer's functions; and
    // includes(), which servers take that have lists of attributes.
    const std::set<std::string> unseen{
        "request.userInfo.size() > 1",
        "[true, object.a][0]",
        "{'a': true, 'b': object.b}['a']",
        "authorizer.group(1).resource('pods').check('get').allowed()",
        "authorizer.group('').resource('pods').check('get')",
        "device.attributes['a'].b.c",
        "device.attributes['a'].b.includes('c')",
        "device.attributes['a'].b.exists(k, k == 'b')",
        "dyn(1)",
        "request.kind.?kind.orValue(1) == 1",
        "object.?spec.optMap(s, s.a).orValue(true)",
        "{'a': 1}['a'] == 'b'",
    };
    std::ifstream rows(test::source_path("/tests/parity/cel/places.tsv"));
    std::size_t count = 0;
    for (std::string line; std::getline(rows, line);) {
        if (line.starts_with('#')) continue;
        const std::vector<std::string> cells = split(line, '\t');
        REQUIRE(cells.size() == 3);
        CAPTURE(line);
        const std::string problem = problem_at(cells[0], cells[1]);
        CAPTURE(problem);
        CHECK((problem.empty() == (cells[2] == "ok")) != unseen.contains(cells[1]));
        ++count;
    }
    CHECK(count > 150);
}
