// KT022: what Argo refuses of a Workflow: templates and tasks that there are not, cycles, variables out of scope.
#include <algorithm>
#include <map>
#include <set>

#include "core/base/text.h"
#include "core/lint/check_argo.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// The names in "a && (b.Succeeded || c)".
std::vector<std::string> names_in(std::string_view expression) {
    std::vector<std::string> names;
    std::string word;
    for (char c : std::string(expression) + ' ') {
        const bool part = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                          c == '_' || c == '.';
        if (part) word += c;
        if (part || word.empty()) continue;
        names.push_back(word.substr(0, word.find('.')));
        word.clear();
    }
    return names;
}

std::vector<std::string> needs_of(Value task) {
    if (const Value depends = task["depends"]) return names_in(depends.text());
    std::vector<std::string> names;
    for (const yaml::Node& name : task["dependencies"].items()) names.emplace_back(Value(name).text());
    return names;
}

using Graph = std::map<std::string, std::vector<std::string>, std::less<>>;

// All that a task waits for, itself included where it is part of a cycle.
std::set<std::string, std::less<>> ancestors(const Graph& graph, const std::string& task) {
    std::set<std::string, std::less<>> found;
    std::vector<std::string> open{task};
    while (!open.empty()) {
        const auto here = graph.find(open.back());
        open.pop_back();
        if (here == graph.end()) continue;
        for (const std::string& next : here->second) {
            if (found.insert(next).second) open.push_back(next);
        }
    }
    return found;
}

class Workflow {
public:
    Workflow(const Object& object, Value spec, Findings& findings) : object_(object), spec_(spec), findings_(findings) {
        for (const yaml::Node& node : spec["templates"].items()) {
            const std::string_view name = Value(node)["name"].text();
            if (!name.empty()) templates_.emplace_back(name);
        }
    }

    void check() {
        entrypoint();
        for (const yaml::Node& node : spec_["templates"].items()) {
            const Value model(node);
            if (model["dag"]) {
                dag(model);
            } else if (model["steps"]) {
                steps(model);
            } else {
                const ArgoScope scope{model, {}, "", object_.kind == "Workflow" ? spec_ : Value()};
                check_argo_variables(object_, node, scope, findings_);
            }
        }
    }

private:
    void report(Value at, std::string message, std::string fix) {
        findings_.add("KT022", locate(object_, at).place(), std::move(message), std::move(fix));
    }

    bool knows(std::string_view name) const {
        return std::ranges::find(templates_, name, [](const std::string& one) { return std::string_view(one); }) !=
               templates_.end();
    }

    void named(Value name) {
        const std::string_view text = name.text();
        if (text.empty() || text.find("{{") != std::string_view::npos || knows(text)) return;
        const std::string near = nearest(text, templates_);
        report(name, "there is no template " + shown(text),
               near.empty() ? "add it under templates, or name one that is there" : "did you mean '" + near + "'?");
    }

    void entrypoint() {
        if (spec_["workflowTemplateRef"]) return;  // its templates are elsewhere
        const Value entry = spec_["entrypoint"];
        const bool runs = object_.kind == "Workflow" || object_.kind == "CronWorkflow";
        if (runs && !entry && spec_.is(Kind::mapping)) {
            Spot at = locate(object_, spec_)["entrypoint"];
            findings_.add("KT022", at.place(), "the Workflow has no entrypoint",
                          "add entrypoint: with the name of the template to begin with");
        }
        named(entry);
        named(spec_["onExit"]);
    }

    // A step or a task, which runs another template.
    void call(Value one) {
        if (!one["templateRef"] && !one["inline"]) named(one["template"]);
        named(one["onExit"]);
        for (const yaml::Entry& hook : one["hooks"].members()) {
            if (!Value(hook.value)["templateRef"]) named(Value(hook.value)["template"]);
        }
    }

    void steps(Value model) {
        std::set<std::string, std::less<>> before;
        ArgoScope scope{model, {}, "steps", object_.kind == "Workflow" ? spec_ : Value()};
        for (const yaml::Node& group : model["steps"].items()) {
            scope.names = before;
            for (const yaml::Node& step : group.kind == Kind::sequence ? Value(group).items() : std::span(&group, 1)) {
                call(step);
                scope.own = Value(step)["name"].text();
                check_argo_variables(object_, step, scope, findings_);
                before.emplace(scope.own);
            }
        }
        outputs(model, scope, before);
    }

    void outputs(Value model, ArgoScope scope, const std::set<std::string, std::less<>>& all) {
        scope.names = all;
        scope.own = {};
        if (const Value outputs = model["outputs"]) check_argo_variables(object_, *outputs.node(), scope, findings_);
    }

    void dag(Value model) {
        const Value list = model["dag"]["tasks"];
        constexpr std::size_t most = 1000;  // each task is compared with all it waits for
        if (list.items().size() > most) return;
        Graph graph;
        bool uses_depends = false;
        for (const yaml::Node& node : list.items()) {
            graph[std::string(Value(node)["name"].text())] = needs_of(node);
            uses_depends = uses_depends || Value(node)["depends"];
        }
        ArgoScope scope{model, {}, "tasks", object_.kind == "Workflow" ? spec_ : Value()};
        std::set<std::string, std::less<>> all;
        bool cycle = false;
        for (const yaml::Node& node : list.items()) {
            const Value task(node);
            const std::string name(task["name"].text());
            all.insert(name);
            call(task);
            if (uses_depends && task["dependencies"])
                report(task["dependencies"], "one DAG uses both depends and dependencies",
                       "write depends: \"a && b\" in all its tasks");
            needs(task, graph);
            scope.names = ancestors(graph, name);
            if (!cycle && scope.names.contains(name)) {
                cycle = true;  // the others in it are the same cause
                report(task["depends"] ? task["depends"] : task["dependencies"],
                       "the task " + shown(name) + " waits for itself, by way of what it depends on",
                       "remove one of the dependencies");
            }
            scope.own = task["name"].text();
            check_argo_variables(object_, node, scope, findings_);
        }
        outputs(model, scope, all);
    }

    void needs(Value task, const Graph& graph) {
        std::vector<std::string> known;
        for (const auto& [name, needs] : graph) known.push_back(name);
        const Value depends = task["depends"];
        const auto check = [&](const std::string& name, Value at) {
            if (name.empty() || graph.contains(name) || name.find("{{") != std::string::npos) return;
            const std::string near = nearest(name, known);
            report(at, "the DAG has no task " + shown(name),
                   near.empty() ? "name a task of the same DAG" : "did you mean '" + near + "'?");
        };
        if (depends) {
            for (const std::string& name : names_in(depends.text())) check(name, depends);
            return;
        }
        for (const yaml::Node& name : task["dependencies"].items()) check(std::string(Value(name).text()), name);
    }

    const Object& object_;
    Value spec_;
    Findings& findings_;
    std::vector<std::string> templates_;
};

}  // namespace

void check_workflow(const Object& object, const Bundle&, Findings& findings) {
    if (!object.schema || group_of(object.api_version) != "argoproj.io") return;
    const Value spec = Value(object.root)["spec"];
    const bool cron = object.kind == "CronWorkflow";
    if (!cron && object.kind != "Workflow" && !object.kind.ends_with("WorkflowTemplate")) return;
    const Value workflow = cron ? spec["workflowSpec"] : spec;
    check_argo_templates(object, workflow, findings);
    Workflow(object, workflow, findings).check();
}

}  // namespace ktrain::lint
