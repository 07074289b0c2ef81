// KT022: what Argo and the rules of its CRDs refuse of single templates: names, kinds, arguments, loops, artifacts.
#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "core/base/text.h"
#include "core/lint/check_argo.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;
using Names = std::set<std::string, std::less<>>;

// What a template does; one of them. Those that run pods of their own, and those that run other templates.
constexpr std::array<std::string_view, 10> sorts{"container", "containerSet", "dag",    "data",  "http",
                                                 "plugin",    "resource",     "script", "steps", "suspend"};
constexpr std::array<std::string_view, 10> locations{"artifactory", "azure", "gcs",    "git", "hdfs",
                                                     "http",        "oss",   "plugin", "raw", "s3"};
constexpr std::array<std::string_view, 3> loops{"withItems", "withParam", "withSequence"};

class Templates {
public:
    Templates(const Object& object, Value spec, Findings& findings)
        : object_(object), spec_(spec), findings_(findings) {}

    void check() {
        const Value list = spec_["templates"];
        if (spec_["workflowTemplateRef"] && !list.items().empty())
            at(list, "the templates are those of workflowTemplateRef, and here are others", "keep one of them");
        names(list, "template", false);
        arguments(spec_["arguments"]);
        for (const yaml::Node& node : list.items()) one(node, list);
        hooks(spec_["hooks"]);
        limit_name();
    }

private:
    void at(Value value, std::string message, std::string fix, Value owner = {}) {
        Place place = locate(object_, value).place();
        if (owner) place.path = locate(object_, owner).path;
        findings_.add("KT022", std::move(place), std::move(message), std::move(fix));
    }

    void key(Value value, std::string message, std::string fix, Value owner = {}) {
        Place place = locate(object_, value).key_place();
        if (owner) place.path = locate(object_, owner).path;
        findings_.add("KT022", std::move(place), std::move(message), std::move(fix));
    }

    void limit_name() {
        const Value name = Value(object_.root)["metadata"]["name"];
        const std::size_t most = object_.kind == "CronWorkflow" ? 52 : 63;
        if (name.text().size() > most)
            at(name,
               "the name has " + std::to_string(name.text().size()) + " characters; Argo takes " + std::to_string(most),
               "shorten it");
    }

    // Of a list whose items have names of their own. `loose`: parameters and artifacts, which may have '_'.
    void names(Value list, std::string_view what, bool loose) {
        Names seen;
        for (const yaml::Node& node : list.items()) name_of(node, what, loose, seen);
    }

    void name_of(Value item, std::string_view what, bool loose, Names& seen) {
        const Value name = item["name"];
        if (!item.is(Kind::mapping) || (name && !name.is(Kind::string))) return;
        const std::string_view text = name.text();
        const bool formed = what == "template";  // else KT006
        const auto inside = [&](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || (loose && c == '_');
        };
        constexpr std::size_t most = 128;
        if (text.empty()) {
            if (name || !loose) at(name ? name : item, "the " + std::string(what) + " has no name", "add name");
        } else if (text.find("{{") != std::string_view::npos) {
            return;
        } else if (!formed &&
                   !(std::ranges::all_of(text, inside) && (loose || (text.front() != '-' && text.size() <= most)))) {
            at(name,
               "the name of a " + std::string(what) + " " + shown(text) + " must be letters, digits and '-'" +
                   (loose ? " or '_'" : ""),
               "write it like my-" + std::string(what));
        } else if (!seen.emplace(text).second) {
            at(name, "another " + std::string(what) + " is called " + shown(text), "give each its own name");
        }
    }

    void arguments(Value arguments) {
        names(arguments["parameters"], "parameter", true);
        names(arguments["artifacts"], "artifact", true);
        artifacts(arguments["artifacts"]);
        for (const yaml::Node& node : arguments["artifacts"].items()) {
            if (Value(node)["from"] && Value(node)["fromExpression"])
                key(Value(node)["fromExpression"], "the artifact has from and fromExpression", "keep one of them");
        }
    }

    void artifacts(Value list) {
        for (const yaml::Node& node : list.items()) location(node);
    }

    void location(Value artifact) {
        std::string_view first;
        for (const std::string_view kind : locations) {
            if (!artifact[kind]) continue;
            if (!first.empty())
                return key(artifact[kind],
                           "the artifact is in two places: " + std::string(first) + " and " + std::string(kind),
                           "keep one of them", artifact);
            first = kind;
        }
    }

    void one(Value model, Value list) {
        std::vector<std::string_view> found;
        for (const std::string_view sort : sorts) {
            if (model[sort]) found.push_back(sort);
        }
        if (found.empty() && model.is(Kind::mapping) && !is_misspelt(model, sorts))
            at(model, "the template does nothing", "add container, script, steps, dag, resource or suspend");
        if (found.size() > 1)
            return key(model[found[1]], "the template has " + std::string(found[0]) + " and " + std::string(found[1]),
                       "make two templates of it", list);
        for (const char* side : {"inputs", "outputs"}) {
            names(model[side]["parameters"], "parameter", true);
            names(model[side]["artifacts"], "artifact", true);
            artifacts(model[side]["artifacts"]);
        }
        const bool runs_others = model["dag"] || model["steps"];
        if (runs_others) {
            for (const char* field : {"activeDeadlineSeconds", "timeout"}) {
                if (model[field] && !(model[field].is(Kind::string) && model[field].text().empty()))
                    key(model[field], std::string(field) + " is for templates that run a pod",
                        "set it in the templates that this one runs", list);
            }
        } else if (model["parallelism"]) {
            key(model["parallelism"], "parallelism is for templates with steps or a dag", "remove it");
        }
        image(model);
        resource(model["resource"]);
        calls(model);
    }

    void image(Value model) {
        for (const char* part : {"container", "script"}) {
            const Value container = model[part];
            if (!container.is(Kind::mapping) || !container["image"].text().empty()) continue;
            if (container["image"] && !container["image"].is(Kind::string)) continue;
            if (spec_["templateDefaults"][part]["image"] || spec_["templateDefaults"]["container"]["image"]) continue;
            constexpr std::string_view wanted[] = {"image"};
            if (!is_misspelt(container, wanted))
                at(container["image"] ? container["image"] : container, std::string(part) + " has no image",
                   "add image");
        }
    }

    void resource(Value resource) {
        if (!resource) return;
        const std::string_view action = resource["action"].text();
        const Value manifest = resource["manifest"];
        const Value from = resource["manifestFrom"];
        if (manifest && from) {
            key(from, "the resource has manifest and manifestFrom", "keep one of them", resource);
        } else if (!manifest && !from && action != "delete" && action != "get") {
            at(resource, "the resource has no manifest", "add manifest");
        }
    }

    void calls(Value model) {
        Names seen;
        for (const yaml::Node& group : model["steps"].items()) {
            for (const yaml::Node& step : group.kind == Kind::sequence ? Value(group).items() : std::span(&group, 1)) {
                name_of(step, "step", false, seen);
                call(step);
            }
        }
        const Value tasks = model["dag"]["tasks"];
        names(tasks, "task", false);
        for (const yaml::Node& node : tasks.items()) {
            task(node);
            call(node);
        }
    }

    void task(Value task) {
        const Value depends = task["depends"];
        if (depends && task["continueOn"])
            key(task["continueOn"], "continueOn does not go with depends",
                "write depends: \"TASK.Succeeded || TASK.Failed\"", task);
        const std::string_view name = task["name"].text();
        if ((depends || task["dependencies"]) && !name.empty() && name[0] >= '0' && name[0] <= '9')
            at(task["name"], "the name of a task that waits for others begins with a digit", "begin it with a letter",
               task);
    }

    void call(Value one) {
        arguments(one["arguments"]);
        hooks(one["hooks"]);
        Value first;
        for (const std::string_view loop : loops) {
            if (!one[loop]) continue;
            if (first) {
                key(one[loop], "the loop is written twice", "keep one of withItems, withParam and withSequence");
                break;
            }
            first = one[loop];
        }
        const Value sequence = one["withSequence"];
        if (sequence["count"] && sequence["end"])
            key(sequence["end"], "withSequence has count and end", "keep one of them", sequence);
        if (one["template"] && one["templateRef"])
            key(one["templateRef"], "template and templateRef are both set", "keep one of them");
        inputs(one);
    }

    // The inputs that the template asks for are given to it.
    void inputs(Value one) {
        const std::string_view name = one["template"].text();
        if (name.empty() || one["templateRef"]) return;
        for (const yaml::Node& node : spec_["templates"].items()) {
            if (Value(node)["name"].text() != name) continue;
            for (const yaml::Node& input : Value(node)["inputs"]["parameters"].items()) {
                const Value parameter(input);
                const std::string_view wanted = parameter["name"].text();
                if (wanted.empty() || parameter["value"] || parameter["default"] || parameter["valueFrom"]) continue;
                const auto given = one["arguments"]["parameters"].items();
                if (std::ranges::any_of(given, [&](const yaml::Node& n) { return Value(n)["name"].text() == wanted; }))
                    continue;
                at(one["template"],
                   "the template " + shown(name) + " wants the parameter " + shown(wanted) + ", and does not get it",
                   "add it under arguments.parameters, or give the input a default");
            }
            return;
        }
    }

    void hooks(Value hooks) {
        for (const yaml::Entry& hook : hooks.members()) {
            arguments(Value(hook.value)["arguments"]);
            if (hook.key.text == "exit" || !Value(hook.value)["expression"].text().empty()) continue;
            key(hook.value, "the hook " + shown(hook.key.text) + " has no expression",
                "add expression, which says when it runs");
        }
    }

    const Object& object_;
    Value spec_;
    Findings& findings_;
};

}  // namespace

void check_argo_templates(const Object& object, Value spec, Findings& findings) {
    if (spec.is(Kind::mapping)) Templates(object, spec, findings).check();
}

}  // namespace ktrain::lint
