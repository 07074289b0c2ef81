// KT022: resolves the variables of Workflows.
#include <algorithm>

#include "core/base/text.h"
#include "core/lint/check_argo.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

bool declares(Value list, std::string_view name) {
    return std::ranges::any_of(list.items(), [&](const yaml::Node& one) { return Value(one)["name"].text() == name; });
}

struct Variable {
    std::string_view text;   // "tasks.a.outputs.result"
    std::string_view first;  // "tasks"
    std::string_view second;
    std::string_view third;
};

std::string_view next_step(std::string_view& rest) {
    const std::size_t dot = rest.find('.');
    const std::string_view step = rest.substr(0, dot);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    return step;
}

Variable variable_of(std::string_view text) {
    Variable variable{text, {}, {}, {}};
    std::string_view rest = text;
    variable.first = next_step(rest);
    variable.second = next_step(rest);
    variable.third = next_step(rest);
    return variable;
}

struct Problem {
    std::string message;
    std::string fix;
};

Problem of_results(const Variable& variable, const ArgoScope& scope, bool in_hook) {
    const std::string name(variable.second);
    if (variable.third.empty()) return {};  // {{tasks.name}}
    if (scope.group.empty())
        return {"results of " + std::string(variable.first) + " are known in the template that runs them, not in " +
                    shown(scope.model["name"].text()),
                "pass it as an argument of the task, declare it under inputs.parameters here and write "
                "{{inputs.parameters.NAME}}"};
    if (scope.group != variable.first)
        return {"this template has " + std::string(scope.group) + ", not " + std::string(variable.first),
                "write {{" + std::string(scope.group) + "." + name + ".…}}"};
    if (scope.names.contains(name) || (in_hook && name == scope.own)) return {};
    if (scope.group == "steps")
        return {"no step before this one is called " + shown(name), "name a step of an earlier group"};
    return {"this task does not wait for a task " + shown(name), "add it to the dependencies of the task"};
}

Problem of_inputs(const Variable& variable, const ArgoScope& scope) {
    const bool parameter = variable.second == "parameters";
    if ((!parameter && variable.second != "artifacts") || variable.third.empty()) return {};
    if (declares(scope.model["inputs"][variable.second], variable.third)) return {};
    return {"the template " + shown(scope.model["name"].text()) + " has no input " + shown(variable.third),
            "declare it under inputs." + std::string(variable.second)};
}

Problem of_workflow(const Variable& variable, const ArgoScope& scope) {
    const Value spec = scope.workflow;
    if (variable.second != "parameters" || variable.third.empty() || !spec || spec["workflowTemplateRef"]) return {};
    if (declares(spec["arguments"]["parameters"], variable.third)) return {};
    return {"the Workflow has no parameter " + shown(variable.third), "declare it under spec.arguments.parameters"};
}

Problem problem_of(std::string_view text, const ArgoScope& scope, bool in_hook) {
    const Variable variable = variable_of(text);
    if (variable.first == "tasks" || variable.first == "steps") return of_results(variable, scope, in_hook);
    if (variable.first == "inputs") return of_inputs(variable, scope);
    if (variable.first == "workflow") return of_workflow(variable, scope);
    return {};
}

void check_text(const Object& object, const yaml::Node& node, const ArgoScope& scope, bool in_hook,
                Findings& findings) {
    const std::string_view text = node.text;
    for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
        const std::size_t end = text.find("}}", at);
        if (end == std::string_view::npos) return;
        const std::string_view inner = trim(text.substr(at + 2, end - at - 2));
        if (inner.starts_with('=') || inner.find('\n') != std::string_view::npos) continue;
        const Problem problem = problem_of(inner, scope, in_hook);
        if (problem.message.empty()) continue;
        findings.add("KT022", locate(object, Value(node)).place(),
                     "Argo cannot resolve " + shown("{{" + std::string(inner) + "}}") + ": " + problem.message,
                     problem.fix);
        return;  // once for each value
    }
}

void walk(const Object& object, const yaml::Node& node, const ArgoScope& scope, bool in_hook, Findings& findings) {
    if (node.kind == Kind::string) return check_text(object, node, scope, in_hook, findings);
    for (const yaml::Node& item : node.items) walk(object, item, scope, in_hook, findings);
    for (const yaml::Entry& entry : node.entries) {
        if (entry.key.text == "inline") continue;  // a template of its own
        walk(object, entry.value, scope, in_hook || entry.key.text == "hooks" || entry.key.text == "onExit", findings);
    }
}

}  // namespace

void check_argo_variables(const Object& object, const yaml::Node& node, const ArgoScope& scope, Findings& findings) {
    walk(object, node, scope, false, findings);
}

}  // namespace ktrain::lint
