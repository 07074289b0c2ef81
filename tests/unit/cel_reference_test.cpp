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

// What the check of manifests says of an expression at a place of tests/parity/cel/places.txt, which may read
// variables.a.
std::string problem_at(const std::string& place, const std::string& expression, const std::string& variable) {
    const Json text = expression, of_variable = variable;
    const bool mutates = place == "apply" || place == "patch";
    std::string manifest =
        "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: a}\nspec:\n"
        "  selectors:\n  - cel:\n      expression: ";
    if (place != "device") {
        manifest = std::string("apiVersion: admissionregistration.k8s.io/v1\nkind: ") +
                   (mutates ? "Mutating" : "Validating") +
                   "AdmissionPolicy\nmetadata: {name: a}\nspec:\n"
                   "  paramKind: {apiVersion: v1, kind: ConfigMap}\n"
                   "  matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: ['*'], operations: [CREATE], "
                   "resources: [pods]}]}\n" +
                   (variable.empty() ? "" : "  variables: [{name: a, expression: " + of_variable.dump() + "}]\n") +
                   (mutates ? "  failurePolicy: Fail\n  reinvocationPolicy: Never\n  mutations:\n  - "
                            : "  validations:\n  - ");
    }
    if (place == "apply") manifest += "patchType: ApplyConfiguration\n    applyConfiguration:\n      expression: ";
    if (place == "patch") manifest += "patchType: JSONPatch\n    jsonPatch:\n      expression: ";
    if (place == "message") manifest += "expression: 'true'\n    messageExpression: ";
    if (place == "condition") manifest += "expression: ";
    const lint::Report report = lint::check({{"a.yaml", manifest + text.dump()}}, {.only = {"KT"}});
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
        if (known.contains(cells[1])) continue;
        const std::string problem = type_problem(cells[1], contexts.at(cells[0]).self);
        if (problem.empty())
            CHECK(outcome(cells[1], contexts.at(cells[0])) == (cells[2] == "value" ? cells[3] : "none"));
        else
            CHECK(cells[2] == "refused");
        ++count;
    }
    CHECK(count > 700);
}

TEST_CASE("cel: policies and claims on devices refuse what the API server refuses") {
    // Found by the server when it plans what to do; what is made of attributes, which servers take that have lists of
    // them.
    const std::set<std::string> unseen{
        "string(null) == ''",
        "object.x[null] == 1",
        "device.attributes['a'].b.c",
        "device.attributes['a'].b.includes('c')",
        "device.attributes['a'].b.exists(k, k == 'b')",
        "[device.attributes['a'].b, 1].size() == 2",
        "'%s %d'.format([[1, object.x], ['a']])",
    };
    std::ifstream rows(test::source_path("/tests/parity/cel/places.tsv"));
    std::size_t count = 0;
    for (std::string line; std::getline(rows, line);) {
        if (line.starts_with('#')) continue;
        const std::vector<std::string> cells = split(line, '\t');
        REQUIRE(cells.size() == 4);
        CAPTURE(line);
        const std::string problem = problem_at(cells[0], cells[1], cells[2]);
        CAPTURE(problem);
        CHECK((problem.empty() == (cells[3] == "ok")) != unseen.contains(cells[1]));
        ++count;
    }
    CHECK(count > 500);
}
