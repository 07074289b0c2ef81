// KT022: what Argo and the rules of its CRDs refuse of single templates: names, kinds, arguments, loops, artifacts.
#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "core/base/error.h"
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
    Templates(const ArgoReport& report, Value spec, const ArgoNames& templates)
        : report_(report), spec_(spec), templates_(templates) {}

    void check() {
        const Value list = spec_["templates"];
        if (spec_["workflowTemplateRef"] && !list.items().empty())
            report_.at(list, "the templates are those of workflowTemplateRef, and here are others", "keep one of them");
        names(list, "template", false);
        arguments(spec_["arguments"]);
        for (const yaml::Node& node : spec_["arguments"]["parameters"].items()) choice(node);
        for (const yaml::Node& node : list.items()) one(node, list);
        hooks(spec_["hooks"]);
        patch(spec_["podSpecPatch"]);
        patch(spec_["templateDefaults"]["podSpecPatch"]);
        check_argo_retries(report_, spec_["templateDefaults"]["retryStrategy"]);
        limit_name();
    }

private:
    // Argo reads it once its variables are filled in. Source: workflow/util/util.go, ApplyPodSpecPatch.
    void patch(Value text) {
        if (!text.is(Kind::string) || trim(text.text()).empty() || text.text().find("{{") != std::string_view::npos)
            return;
        try {
            const Kind kind = yaml::parse_one(text.text(), "podSpecPatch").kind;
            if (kind == Kind::mapping || kind == Kind::null) return;
        } catch (const Error&) {
        }
        report_.at(text, "Argo cannot read the podSpecPatch: it is no object in YAML or JSON",
                   "write it like '{\"nodeSelector\": {\"disk\": \"ssd\"}}'");
    }

    void limit_name() {
        const Value name = Value(report_.object().root)["metadata"]["name"];
        const std::size_t most = report_.object().kind == "CronWorkflow" ? 52 : 63;
        if (name.text().size() > most)
            report_.at(name,
                       "the name has " + std::to_string(name.text().size()) + " characters; Argo takes " +
                           std::to_string(most),
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
        if (text.empty()) {  // the schema wants one of a task, and none that is empty
            if (!name && !loose && what != "task")
                report_.at(item, "the " + std::string(what) + " has no name", "add name");
        } else if (text.find("{{") != std::string_view::npos) {
            return;
        } else if (!formed &&
                   !(std::ranges::all_of(text, inside) && (loose || (text.front() != '-' && text.size() <= most)))) {
            report_.at(name,
                       "the name of a " + std::string(what) + " " + shown(text) + " must be letters, digits and '-'" +
                           (loose ? " or '_'" : ""),
                       "write it like my-" + std::string(what));
        } else if (!seen.emplace(text).second) {
            report_.at(name, "another " + std::string(what) + " is called " + shown(text), "give each its own name");
        }
    }

    void arguments(Value arguments) {
        names(arguments["parameters"], "parameter", true);
        names(arguments["artifacts"], "artifact", true);
        artifacts(arguments["artifacts"]);
        for (const yaml::Node& node : arguments["artifacts"].items()) {
            if (Value(node)["from"] && Value(node)["fromExpression"])
                report_.key(Value(node)["fromExpression"], "the artifact has from and fromExpression",
                            "keep one of them");
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
                return report_.key(artifact[kind],
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
            report_.at(model, "the template does nothing", "add container, script, steps, dag, resource or suspend");
        if (found.size() > 1)
            return report_.key(model[found[1]],
                               "the template has " + std::string(found[0]) + " and " + std::string(found[1]),
                               "make two templates of it", list);
        patch(model["podSpecPatch"]);
        for (const char* side : {"inputs", "outputs"}) {
            names(model[side]["parameters"], "parameter", true);
            names(model[side]["artifacts"], "artifact", true);
            artifacts(model[side]["artifacts"]);
        }
        if (!model["dag"] && !model["steps"] && model["parallelism"])
            report_.key(model["parallelism"], "parallelism is for templates with steps or a dag", "remove it");
        image(model);
        check_argo_retries(report_, model["retryStrategy"]);
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
                report_.at(container["image"] ? container["image"] : container, std::string(part) + " has no image",
                           "add image");
        }
    }

    void resource(Value resource) {
        if (!resource.is(Kind::mapping)) return;
        const std::string_view action = resource["action"].text();
        const Value manifest = resource["manifest"];
        const Value from = resource["manifestFrom"];
        if (manifest && from) {
            report_.key(from, "the resource has manifest and manifestFrom", "keep one of them", resource);
        } else if (!manifest && !from && action != "delete" && action != "get") {
            report_.at(resource, "the resource has no manifest", "add manifest");
        }
        if (manifest.text().empty() || manifest.text().find("{{") != std::string_view::npos) return;  // filled in later
        for (const Diagnostic& problem : yaml::parse(manifest.text(), "manifest").problems) {
            if (problem.rule != "KT001" || problem.severity != Severity::error) continue;
            return report_.at(manifest, "the manifest is no YAML: " + problem.message, "correct it");
        }
    }

    void calls(Value model) {
        Names seen;
        for (const yaml::Node& group : model["steps"].items()) {
            for (const yaml::Node& step : Value(group).items()) {
                name_of(step, "step", false, seen);
                call(step);
            }
        }
        const Value tasks = model["dag"]["tasks"];
        names(tasks, "task", false);
        for (const yaml::Node& node : tasks.items()) call(node);
    }

    void call(Value one) {
        arguments(one["arguments"]);
        hooks(one["hooks"]);
        check_argo_condition(report_, one["when"]);
        Value first;
        for (const std::string_view loop : loops) {
            if (!one[loop]) continue;
            if (first) {
                report_.key(one[loop], "the loop is written twice",
                            "keep one of withItems, withParam and withSequence");
                break;
            }
            first = one[loop];
        }
        const Value sequence = one["withSequence"];
        if (sequence["count"] && sequence["end"])
            report_.key(sequence["end"], "withSequence has count and end", "keep one of them", sequence);
        if (one["template"] && one["templateRef"])
            report_.key(one["templateRef"], "template and templateRef are both set", "keep one of them");
        given(one["arguments"]);
        inputs(one);
    }

    // A parameter that can be one of some values is one of them.
    void choice(Value parameter) {
        const Value value = parameter["value"];
        const auto known = parameter["enum"].items();
        if (!value.is(Kind::string) || known.empty() || value.text().find("{{") != std::string_view::npos) return;
        if (std::ranges::any_of(known, [&](const yaml::Node& one) { return one.text == value.text(); })) return;
        report_.at(value, "the value " + shown(value.text()) + " is not in the enum of the parameter",
                   "use one of them, or add it to enum");
    }

    // Each argument of a step or task has a value, or says where it comes from.
    void given(Value arguments) {
        constexpr std::string_view values[] = {"value", "valueFrom"};
        for (const yaml::Node& node : arguments["parameters"].items()) {
            const Value one(node);
            if (one["name"] && !one["value"] && !one["valueFrom"] && !is_misspelt(one, values))
                report_.at(one, "the argument " + shown(one["name"].text()) + " has no value", "add value");
        }
        constexpr std::string_view sources[] = {"from", "fromExpression"};
        for (const yaml::Node& node : arguments["artifacts"].items()) {
            const Value one(node);
            if (!one["name"] || one["from"] || one["fromExpression"] || is_placed(one)) continue;
            if (!is_misspelt(one, sources) && !is_misspelt(one, locations))
                report_.at(one, "the artifact " + shown(one["name"].text()) + " comes from nowhere",
                           "add from, or a place such as s3");
        }
    }

    // The inputs that the template asks for are given to it.
    void inputs(Value one) {
        const std::string_view name = one["template"].text();
        const auto found = templates_.find(name);
        if (found == templates_.end() || one["templateRef"]) return;
        for (const char* sort : {"parameters", "artifacts"}) {
            const ArgoNames given = named_in(one["arguments"][sort]);
            for (const yaml::Node& input : found->second["inputs"][sort].items()) {
                const std::string_view wanted = Value(input)["name"].text();
                if (wanted.empty() || has_own(input) || given.contains(wanted)) continue;
                const bool parameter = sort[0] == 'p';
                report_.at(one["template"],
                           "the template " + shown(name) + " wants the " + (parameter ? "parameter " : "artifact ") +
                               shown(wanted) + ", and does not get it",
                           std::string("add it under arguments.") + sort +
                               (parameter ? ", or give the input a default" : ", or make the input optional"));
            }
        }
    }

    // Whether an input needs no argument.
    static bool has_own(Value input) {
        for (const char* field : {"value", "default", "valueFrom"}) {
            if (input[field]) return true;
        }
        return input["optional"].truth() || is_placed(input);
    }

    static bool is_placed(Value artifact) {
        return std::ranges::any_of(locations, [&](std::string_view place) { return bool(artifact[place]); });
    }

    void hooks(Value hooks) {
        for (const yaml::Entry& hook : hooks.members()) {
            arguments(Value(hook.value)["arguments"]);
            const Value expression = Value(hook.value)["expression"];
            const bool said = expression && (!expression.is(Kind::string) || !expression.text().empty());
            if (hook.key.text == "exit" || said || !Value(hook.value).is(Kind::mapping)) continue;
            report_.key(hook.value, "the hook " + shown(hook.key.text) + " has no expression",
                        "add expression, which says when it runs");
        }
    }

    const ArgoReport& report_;
    Value spec_;
    const ArgoNames& templates_;
};

}  // namespace

void check_argo_templates(const ArgoReport& report, Value spec, const ArgoNames& templates) {
    if (spec.is(Kind::mapping)) Templates(report, spec, templates).check();
}

}  // namespace ktrain::lint
