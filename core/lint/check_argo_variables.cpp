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
    bool sure = true;  // false: defaults of the controller may give it
};

// The template that a step or task runs, where it stands in the Workflow itself.
Value model_of(Value call, const ArgoScope& scope) {
    if (const Value own = call["inline"]) return own;
    if (call["templateRef"]) return {};
    const auto found = scope.templates->find(call["template"].text());
    return found == scope.templates->end() ? Value() : found->second;
}

bool prints(Value model) {
    for (const char* sort : {"container", "script", "data", "http", "plugin"}) {
        if (model[sort]) return true;
    }
    return declares(model["containerSet"]["containers"], "main");
}

// What `word` can only be one of; `before` stands in front of it.
template <std::size_t n>
Problem none_of(std::string_view word, const std::string_view (&known)[n], const std::string& message,
                const std::string& before) {
    if (std::ranges::find(known, word) != std::end(known)) return {};
    const std::string near = nearest(word, known);
    return {message + (word.empty() ? " by itself" : " " + shown(word)),
            near.empty() ? "write " + before + std::string(known[0]) : "did you mean " + before + near + "?"};
}

// "outputs.parameters.x" of a step or task; `rest` is what stands behind its name.
Problem of_result(std::string_view rest, Value call, const ArgoScope& scope) {
    constexpr std::string_view known[] = {"exitCode", "finishedAt", "hostNodeName", "id",
                                          "ip",       "outputs",    "startedAt",    "status"};
    std::string_view name = rest;
    const std::string_view first = next_step(name);
    if (first.empty() || name.find_first_of("[{") != std::string_view::npos) return {};
    if (std::ranges::find(known, first) == std::end(known)) {
        const std::string near = nearest(first, known);
        return {"a task or step has no " + shown(first),
                near.empty() ? "read outputs.result, outputs.parameters.NAME or status" : "write " + near};
    }
    const Value model = model_of(call, scope);
    const std::string shown_model = model["name"] ? "the template " + shown(model["name"].text()) : "its template";
    const bool loops = call["withItems"] || call["withParam"];  // all results of a loop are one list
    if (first == "ip" && model && !model["daemon"].truth())
        return {shown_model + " is no daemon, and only of a daemon the address is known", "set daemon: true in it"};
    if (first == "exitCode" && model && !prints(model) && !loops)
        return {shown_model + " runs no container, and has no exit code", "read status"};
    if (first != "outputs") return {};
    const std::string_view sort = next_step(name);
    constexpr std::string_view sorts[] = {"parameters", "artifacts", "result"};
    if (const Problem wrong = none_of(sort, sorts, "a task or step has no outputs", "outputs."); !wrong.message.empty())
        return wrong;
    if (sort == "artifacts" ? name.empty() : sort == "parameters" && name.empty() && !loops)
        return {"outputs." + std::string(sort) + " is no value by itself", "add the name of one"};
    if (sort == "result" && !name.empty()) return {"a result has no parts", "write outputs.result"};
    if (!model) return {};
    if (sort == "result" && !prints(model) && !loops)
        return {shown_model + " prints no result", "read outputs.parameters.NAME, and declare it there"};
    if ((sort == "parameters" || sort == "artifacts") && !name.empty() && !declares(model["outputs"][sort], name))
        return {shown_model + " has no output " + shown(name), "declare it under outputs." + std::string(sort)};
    return {};
}

Problem of_results(const Variable& variable, const ArgoScope& scope, bool in_hook) {
    const std::string name(variable.second);
    if (variable.third.empty() && variable.second.starts_with("name")) return {};  // {{tasks.name}}
    if (scope.group.empty())
        return {"results of " + std::string(variable.first) + " are known in the template that runs them, not in " +
                    shown(scope.model["name"].text()),
                "pass it as an argument of the task, declare it under inputs.parameters here and write "
                "{{inputs.parameters.NAME}}"};
    if (scope.group != variable.first)
        return {"this template has " + std::string(scope.group) + ", not " + std::string(variable.first),
                "write {{" + std::string(scope.group) + "." + name + ".…}}"};
    if (scope.done(name) || (in_hook && name == scope.own["name"].text())) {
        if (variable.third.empty())
            return {shown(name) + " is no value by itself",
                    "write " + name + ".outputs.result, or another of its values"};
        const auto call = scope.calls->find(name);
        const std::size_t before = variable.first.size() + variable.second.size() + 2;
        return call == scope.calls->end() ? Problem() : of_result(variable.text.substr(before), call->second, scope);
    }
    if (scope.group == "steps")
        return {"no step before this one is called " + shown(name), "name a step of an earlier group"};
    return {"this task does not wait for a task " + shown(name), "add it to the dependencies of the task"};
}

Problem of_inputs(const Variable& variable, const ArgoScope& scope) {
    constexpr std::string_view sorts[] = {"parameters", "artifacts"};
    if (const Problem wrong = none_of(variable.second, sorts, "a template has no inputs", "inputs.");
        !wrong.message.empty())
        return wrong;
    const bool parameter = variable.second == "parameters";
    if (variable.third.empty() && parameter) return {};
    if (variable.third.empty()) return {"inputs.artifacts is no value by itself", "add the name of one"};
    std::string_view name = variable.text.substr(variable.first.size() + variable.second.size() + 2);
    if (!parameter && name.ends_with(".path")) name = variable.third;
    if ((parameter ? scope.parameters : scope.artifacts).contains(name)) return {};
    return {"the template " + shown(scope.model["name"].text()) + " has no input " + shown(name),
            "declare it under inputs." + std::string(variable.second)};
}

Problem of_workflow(const Variable& variable, const ArgoScope& scope) {
    constexpr std::string_view known[] = {"annotations", "creationTimestamp",  "duration", "failures",
                                          "labels",      "mainEntrypoint",     "name",     "namespace",
                                          "outputs",     "parameters",         "priority", "scheduledTime",
                                          "status",      "serviceAccountName", "uid"};
    if (std::ranges::find(known, variable.second) == std::end(known)) {
        const std::string near = nearest(variable.second, known);
        return {"a Workflow has no " + shown(variable.second),
                near.empty() ? "write {{workflow.name}}, {{workflow.parameters.NAME}} or another of its variables"
                             : "did you mean {{workflow." + near + "}}?"};
    }
    const Value spec = scope.workflow;
    if (variable.second == "failures" && spec && !spec["onExit"] && !spec["hooks"] && !spec["workflowTemplateRef"])
        return {"failures are known to the template of onExit", "set onExit, or remove it"};
    if (variable.second == "priority" && spec && !spec["priority"] && !spec["workflowTemplateRef"])
        return {"the Workflow has no priority", "set spec.priority", false};
    if (variable.second == "outputs" && variable.third.empty())
        return {"outputs of the Workflow are no value by themselves", "write {{workflow.outputs.parameters.NAME}}"};
    const bool output =
        variable.second == "outputs" && (variable.third == "parameters" || variable.third == "artifacts");
    if (output && scope.globals != nullptr) {
        const std::size_t before = variable.first.size() + variable.second.size() + variable.third.size() + 3;
        const std::string_view name = variable.text.substr(std::min(before, variable.text.size()));
        if (name.empty())
            return {"workflow.outputs." + std::string(variable.third) + " is no value by itself",
                    "add the name of one"};
        if (!scope.globals->contains(name))
            return {"no template gives the Workflow an output " + shown(name),
                    "write globalName: " + printable(name) + " in the output of the template that has it"};
    }
    if (variable.second != "parameters" || variable.third.empty() || !spec || spec["workflowTemplateRef"]) return {};
    if (variable.third == "json" || scope.arguments->contains(variable.third)) return {};
    return {"the Workflow has no parameter " + shown(variable.third), "declare it under spec.arguments.parameters"};
}

Problem of_pod(const Variable& variable, const ArgoScope& scope) {
    constexpr std::string_view pods[] = {"container", "containerSet", "script", "resource", "data"};
    if (variable.text != "pod.name") return {"of the pod its name is known alone", "write {{pod.name}}"};
    if (std::ranges::any_of(pods, [&](std::string_view sort) { return bool(scope.model[sort]); })) return {};
    return {shown(scope.model["name"].text()) + " runs no pod of its own", "write it in the template that does"};
}

// Whether an item of the loop may have the member: "name" of a map, "[0]" of a list.
bool has_member(Value call, std::string_view member) {
    const Value list = call["withItems"];
    if (call["withParam"] || (list && !list.is(Kind::sequence))) return true;
    return std::ranges::any_of(list.items(), [&](const yaml::Node& item) {
        if (item.kind != Kind::sequence) return bool(Value(item)[member]);
        for (std::size_t i = 0; i < item.items.size(); ++i)
            if (member == "[" + std::to_string(i) + "]") return true;
        return false;
    });
}

Problem of_item(const Variable& variable, const ArgoScope& scope) {
    const std::string_view member = variable.text.substr(variable.first.size() + 1);
    for (const char* loop : {"withItems", "withParam", "withSequence"}) {
        if (!scope.own[loop]) continue;
        const bool known = has_member(scope.own, member) ||  // Argo keeps those of other steps
                           (scope.group == "steps" && std::ranges::any_of(*scope.calls, [&](const auto& call) {
                                return has_member(call.second, member);
                            }));
        return known ? Problem() : Problem{"no item has " + shown(member), "name a member of the items"};
    }
    if (scope.group.empty())
        return {"items are known in the task or step that loops, not in " + shown(scope.model["name"].text()),
                "pass it as an argument, and write {{inputs.parameters.NAME}}"};
    return {"nothing loops here", "add withItems, withParam or withSequence"};
}

Problem problem_of(std::string_view text, const ArgoScope& scope, bool in_hook) {
    const Variable variable = variable_of(text);
    if (variable.second.empty()) return {};
    if (variable.first == "tasks" || variable.first == "steps") return of_results(variable, scope, in_hook);
    if (variable.first == "inputs") return of_inputs(variable, scope);
    if (variable.first == "workflow") return of_workflow(variable, scope);
    if (variable.first == "pod") return of_pod(variable, scope);
    if (variable.first == "item") return of_item(variable, scope);
    return {};
}

// Argo resolves what begins like this, and leaves other words in braces as they are.
constexpr std::string_view roots[] = {"item", "steps", "inputs", "outputs", "pod", "workflow", "tasks"};

bool begins_like_variable(std::string_view text) {
    constexpr std::size_t longest = 8;  // root
    const std::size_t dot = text.substr(0, longest + 1).find('.');
    return dot != std::string_view::npos && std::ranges::find(roots, text.substr(0, dot)) != std::end(roots);
}

// "input.parameters.x" for "inputs.parameters.x": what is behind the first word tells that a variable is meant.
std::string meant_by(std::string_view text) {
    const Variable variable = variable_of(text);
    constexpr std::string_view sorts[] = {"artifacts", "outputs", "parameters"};
    const bool other = variable.first.find_first_of(" |('\"[") == std::string_view::npos && !begins_like_variable(text);
    const auto is_sort = [&](std::string_view word) { return std::ranges::find(sorts, word) != std::end(sorts); };
    if (!other || (!is_sort(variable.second) && !is_sort(variable.third))) return "";
    return nearest(variable.first, roots);
}

// The braces that close what begins in `rest`; npos where there are none, or others open before.
std::size_t end_of_variable(std::string_view rest) {
    std::size_t end = rest.find_first_of("{}");
    while (end != std::string_view::npos && rest.substr(end, 2) != "{{" && rest.substr(end, 2) != "}}")
        end = rest.find_first_of("{}", end + 1);
    return rest.substr(std::min(end, rest.size())).starts_with("}}") ? end : std::string_view::npos;
}

// Text up to where a variable can only end.
std::string_view open_variable(std::string_view rest) {
    return rest.substr(0, rest.find_first_of(" \t\n\"'{}"));
}

// What Argo does not look at until it runs, so that it swallows what follows up to other braces.
bool may_stay_open(std::string_view word) {
    constexpr std::string_view begins[] = {"item.",
                                           "outputs.",
                                           "workflow.creationTimestamp",
                                           "workflow.duration",
                                           "workflow.outputs.",
                                           "workflow.parameters",
                                           "workflow.scheduledTime"};
    return std::ranges::any_of(begins, [&](std::string_view begin) { return word.starts_with(begin); });
}

void check_text(const ArgoReport& report, const yaml::Node& node, const ArgoScope& scope, bool in_hook) {
    const std::string_view text = node.text;
    const std::size_t last = text.rfind("}}");
    for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) {
        std::string_view rest = text.substr(at + 2);
        const bool closed = last != std::string_view::npos && last >= at + 2;
        const std::size_t end = closed ? end_of_variable(rest) : std::string_view::npos;
        if (end == std::string_view::npos) {
            rest.remove_prefix(std::min(rest.find_first_not_of(" \t\n"), rest.size()));
            if (!begins_like_variable(rest)) continue;
            const std::string_view word = open_variable(rest);
            const std::string open = "{{" + printable(word);
            if (may_stay_open(word))
                return report.warn(node, open + " is not closed: Argo leaves it as it is", "write " + open + "}}");
            return report.at(node, open + " is not closed: Argo cannot resolve it", "write " + open + "}}");
        }
        const std::string_view inner = trim(rest.substr(0, end));
        if (inner.starts_with('=') || inner.find('\n') != std::string_view::npos) continue;
        if (const std::string root = meant_by(inner); !root.empty()) {
            const std::string meant = root + std::string(inner.substr(inner.find('.')));
            report.warn(node, "Argo leaves " + shown("{{" + std::string(inner) + "}}") + " as it is",
                        "did you mean {{" + printable(meant) + "}}?");
            continue;
        }
        const Problem problem = problem_of(inner, scope, in_hook);
        if (problem.message.empty()) continue;
        const std::string message =
            "Argo cannot resolve " + shown("{{" + std::string(inner) + "}}") + ": " + problem.message;
        if (problem.sure)
            report.at(node, message, problem.fix);
        else
            report.warn(node, message, problem.fix);
        return;  // once for each value
    }
}

void walk(const ArgoReport& report, const yaml::Node& node, const ArgoScope& scope, bool in_hook) {
    if (node.kind == Kind::string) return check_text(report, node, scope, in_hook);
    for (const yaml::Node& item : node.items) walk(report, item, scope, in_hook);
    for (const yaml::Entry& entry : node.entries) {
        if (entry.key.text == "inline") continue;  // a template of its own
        walk(report, entry.value, scope, in_hook || entry.key.text == "hooks" || entry.key.text == "onExit");
    }
}

}  // namespace

void check_argo_variables(const ArgoReport& report, const yaml::Node& node, const ArgoScope& scope) {
    walk(report, node, scope, false);
}

}  // namespace ktrain::lint
