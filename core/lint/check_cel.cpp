// KT049: expressions in CEL where Kubernetes has them, compiled with the names that each place knows.
#include "core/cel/cel.h"
#include "core/lint/crd_typing.h"
#include "core/lint/definition.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

using cel::Environment;
using cel::Variable;

// Source: apiserver pkg/admission/plugin/cel/compile.go.
Variable request() {
    return {"request",
            {"kind", "resource", "subResource", "requestKind", "requestResource", "requestSubResource", "name",
             "namespace", "operation", "userInfo", "dryRun", "options", "uid"}};
}

Environment admission(bool params) {
    Environment environment{.variables = {{"object"}, {"oldObject"}, request(), {"namespaceObject"}}};
    if (params) environment.variables.push_back({"params"});
    environment.authorizer = true;
    environment.variables.push_back({"authorizer"});
    return environment;
}

// Source: dynamic-resource-allocation/cel/compile.go.
Environment device() {
    return {.variables = {{"device", {"driver", "attributes", "capacity", "allowMultipleAllocations"}}}, .bind = true};
}

void refuse(Findings& findings, const Spot& text, const std::string& path, const cel::Problem& problem) {
    Place where = text.place();
    if (!path.empty()) where.path = path;
    findings.add("KT049", where,
                 "the expression does not compile: " + problem.message +
                     (problem.column > 0 ? " (column " + std::to_string(problem.column) + " of it)" : ""),
                 "correct it: " + shown(text.text()));
}

// Whether it compiles to a value of the type, of two where `other` is one.
bool compiles(const Spot& text, const Environment& environment, cel::Type type, Findings& findings,
              const std::string& path = "", cel::Type other = cel::Type::failure) {
    if (!text.is(yaml::Kind::string) || text.text().find_first_not_of(" \t\r\n") == std::string_view::npos)
        return false;
    const auto compiled = cel::compile(text.text(), environment);
    if (const auto* problem = std::get_if<cel::Problem>(&compiled)) {
        refuse(findings, text, path, *problem);
        return false;
    }
    const auto& program = std::get<cel::Program>(compiled);
    const bool fits = cel::may_be(program, type) || (other != cel::Type::failure && cel::may_be(program, other));
    const std::string wanted = type == cel::Type::boolean ? "true or false" : "a text";
    if (!fits) refuse(findings, text, path, {"its value is not " + wanted, 0});
    return fits;
}

// Variables see those above them.
void add_variables(const Spot& list, Environment& environment, Findings& findings) {
    Variable variables{"variables", {""}};
    for (const Spot& item : list.items()) {
        Environment here = environment;
        here.variables.push_back(variables);
        if (item["expression"].is(yaml::Kind::string)) {
            const auto compiled = cel::compile(item["expression"].text(), here);
            const auto* problem = std::get_if<cel::Problem>(&compiled);
            if (problem != nullptr && !item["expression"].text().empty())
                refuse(findings, item["expression"], "", *problem);
        }
        variables.fields.emplace_back(item["name"].text());
    }
    environment.variables.push_back(std::move(variables));
}

void check_match_conditions(const Spot& holder, const Environment& environment, Findings& findings) {
    for (const Spot& condition : holder["matchConditions"].items())
        compiles(condition["expression"], environment, cel::Type::boolean, findings);
}

}  // namespace

void check_policy_expressions(const Spot& spec, Findings& findings) {
    Environment environment = admission(static_cast<bool>(spec["paramKind"]));
    check_match_conditions(spec, environment, findings);
    add_variables(spec["variables"], environment, findings);
    for (const Spot& validation : spec["validations"].items()) {
        compiles(validation["expression"], environment, cel::Type::boolean, findings);
        Environment quiet = environment;
        quiet.authorizer = false;
        std::erase_if(quiet.variables, [](const Variable& variable) { return variable.name == "authorizer"; });
        compiles(validation["messageExpression"], quiet, cel::Type::string, findings);
    }
    for (const Spot& annotation : spec["auditAnnotations"].items())
        compiles(annotation["valueExpression"], environment, cel::Type::string, findings, "", cel::Type::null);
    environment.objects = true;
    for (const Spot& mutation : spec["mutations"].items()) {
        for (const char* kind : {"applyConfiguration", "jsonPatch"}) {
            const Spot text = mutation[kind]["expression"];
            if (!text.is(yaml::Kind::string) || text.text().empty()) continue;
            const auto compiled = cel::compile(text.text(), environment);
            if (const auto* problem = std::get_if<cel::Problem>(&compiled)) refuse(findings, text, "", *problem);
        }
    }
}

void check_webhook_conditions(const Spot& webhook, Findings& findings) {
    check_match_conditions(webhook, admission(false), findings);
}

void check_device_selector(const Spot& selector, Findings& findings) {
    compiles(selector["cel"]["expression"], device(), cel::Type::boolean, findings);
}

void check_crd_rule(const Spot& rule, const Spot& schema, const yaml::Node& root, const std::string& path,
                    Findings& findings) {
    const SchemaTyping typing(&root);
    for (const char* field : {"rule", "messageExpression"}) {
        const Spot text = rule[field];
        const bool condition = field == std::string_view("rule");
        const std::string here = join_path(path, field);
        if (!compiles(text, {}, condition ? cel::Type::boolean : cel::Type::string, findings, here)) continue;
        const auto program = std::get<cel::Program>(cel::compile(text.text()));
        if (const auto problem = cel::type_problem(program, typing, SchemaTyping::id_of(*schema.node)))
            refuse(findings, text, here, *problem);
    }
}

}  // namespace ktrain::lint
