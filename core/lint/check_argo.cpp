// KT022: what Argo refuses of a Workflow: templates and tasks that there are not, cycles, variables out of scope.
#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/lint/check_argo.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

class Workflow {
public:
    Workflow(const ArgoReport& report, Value spec)
        : report_(report), spec_(spec), arguments_(named_in(spec["arguments"]["parameters"])) {
        for (const yaml::Node& node : spec["templates"].items()) {
            const std::string_view name = Value(node)["name"].text();
            if (!name.empty() && templates_.emplace(name, node).second) names_.emplace_back(name);
        }
    }

    void check() {
        find_globals();
        check_argo_templates(report_, spec_, templates_);
        entrypoint();
        for (const yaml::Node& node : spec_["templates"].items()) {
            const Value model(node);
            check_argo_outputs(report_, model, spec_["templates"]);
            if (model["dag"]) {
                for (const yaml::Node& task : model["dag"]["tasks"].items()) call(task, "task");
                check_argo_dag(report_, scope_of(model));
            } else if (model["steps"]) {
                steps(model);
            } else {
                check_argo_variables(report_, node, scope_of(model));
            }
        }
        check_argo_metrics(report_, spec_["metrics"]);
    }

private:
    const Object& object() const { return report_.object(); }

    ArgoScope scope_of(Value model) const {
        ArgoScope scope;
        scope.model = model;
        if (object().kind == "Workflow") scope.workflow = spec_;
        scope.templates = &templates_;
        scope.arguments = &arguments_;
        scope.parameters = named_in(model["inputs"]["parameters"]);
        scope.artifacts = named_in(model["inputs"]["artifacts"]);
        if (scope.workflow && !open_) scope.globals = &globals_;
        return scope;
    }

    // Outputs that have a name in the Workflow. Templates of other objects, and names that are made up later, may give
    // more.
    void find_globals() {
        open_ = bool(spec_["workflowTemplateRef"]);
        for (const auto& [name, model] : templates_) {
            for (const char* sort : {"parameters", "artifacts"}) {
                for (const yaml::Node& node : model["outputs"][sort].items()) {
                    const Value global = Value(node)["globalName"];
                    open_ = open_ || global.text().find("{{") != std::string_view::npos;
                    if (!global.text().empty()) globals_.emplace(global.text(), node);
                }
            }
            for (const yaml::Node& task : model["dag"]["tasks"].items()) open_ = open_ || is_elsewhere(task);
            for (const yaml::Node& group : model["steps"].items()) {
                for (const yaml::Node& step : Value(group).items()) open_ = open_ || is_elsewhere(step);
            }
        }
    }

    static bool is_elsewhere(Value call) {
        return call["templateRef"] || call["inline"] || call["template"].text().find("{{") != std::string_view::npos;
    }

    void named(Value name) {
        const std::string_view text = name.text();
        if (text.empty() || text.find("{{") != std::string_view::npos || templates_.contains(text)) return;
        const std::string near = nearest(text, names_);
        report_.at(name, "there is no template " + shown(text),
                   near.empty() ? "add it under templates, or name one that is there" : "did you mean '" + near + "'?");
    }

    void entrypoint() {
        if (spec_["workflowTemplateRef"]) return;  // its templates are elsewhere
        const Value entry = spec_["entrypoint"];
        const bool runs = object().kind == "Workflow" || object().kind == "CronWorkflow";
        if (runs && !entry && spec_.is(Kind::mapping)) {
            report_.missing(spec_, "entrypoint", "the Workflow has no entrypoint",
                            "add entrypoint: with the name of the template to begin with");
        }
        named(entry);
        named(spec_["onExit"]);
    }

    // A step or a task, which runs another template.
    void call(Value one, std::string_view what) {
        constexpr std::string_view ways[] = {"inline", "template", "templateRef"};
        if (one["name"] && !one["templateRef"] && !one["inline"] && !one["template"] && !is_misspelt(one, ways))
            report_.at(one, "the " + std::string(what) + " runs no template", "add template, templateRef or inline");
        if (!one["templateRef"] && !one["inline"]) named(one["template"]);
        named(one["onExit"]);
        for (const yaml::Entry& hook : one["hooks"].members()) {
            if (!Value(hook.value)["templateRef"]) named(Value(hook.value)["template"]);
        }
    }

    void steps(Value model) {
        std::set<std::string_view, std::less<>> before;
        ArgoNames calls;
        ArgoScope scope = scope_of(model);
        scope.group = "steps";
        scope.calls = &calls;
        scope.done = [&](std::string_view name) { return before.contains(name); };
        std::vector<Value> group;
        for (const yaml::Node& node : model["steps"].items()) {
            group.clear();
            for (const yaml::Node& step : node.kind == Kind::sequence ? Value(node).items() : std::span(&node, 1))
                group.emplace_back(step);
            for (const Value step : group) calls.emplace(step["name"].text(), step);
            for (const Value step : group) {
                if (!step || node.kind != Kind::sequence) continue;
                call(step, "step");
                scope.own = step;
                check_argo_variables(report_, *step.node(), scope);
            }
            for (const Value step : group) before.insert(step["name"].text());
        }
        scope.own = {};
        if (const Value outputs = model["outputs"]) check_argo_variables(report_, *outputs.node(), scope);
    }

    const ArgoReport& report_;
    Value spec_;
    ArgoNames templates_, arguments_, globals_;
    bool open_ = false;
    std::vector<std::string> names_;
};

}  // namespace

ArgoNames named_in(Value list) {
    ArgoNames names;
    for (const yaml::Node& node : list.items()) names.emplace(Value(node)["name"].text(), node);
    return names;
}

void check_workflow(const Object& object, const Bundle&, Findings& findings) {
    if (!object.schema || group_of(object.api_version) != "argoproj.io") return;
    const Value spec = Value(object.root)["spec"];
    const bool cron = object.kind == "CronWorkflow";
    if (!cron && object.kind != "Workflow" && !object.kind.ends_with("WorkflowTemplate")) return;
    const Value workflow = cron ? spec["workflowSpec"] : spec;
    const ArgoReport report(object, findings);
    Workflow(report, workflow).check();
}

}  // namespace ktrain::lint
