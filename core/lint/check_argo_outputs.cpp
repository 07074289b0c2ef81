// KT022: what a template of a Workflow takes and gives back, its deadlines and its metrics.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"
#include "core/cel/time.h"
#include "core/lint/check_argo.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

constexpr std::array<std::string_view, 7> leaves{"container", "containerSet", "data",  "http",
                                                 "plugin",    "resource",     "script"};
// Where the value of an output can come from.
constexpr std::array<std::string_view, 6> origins{"expression", "jqFilter", "jsonPath",
                                                  "parameter",  "path",     "supplied"};

bool is_leaf(Value model) {
    return std::ranges::any_of(leaves, [&](std::string_view sort) { return bool(model[sort]); });
}

bool is_set(Value value) {
    return value && !(value.is(Kind::string) && value.text().empty());
}

bool is_variable(Value value) {
    return value.text().find("{{") != std::string_view::npos;
}

class Model {
public:
    Model(const ArgoReport& report, Value model, Value list)
        : report_(report), model_(model), list_(list), leaf_(is_leaf(model)) {}

    void check() {
        for (const char* side : {"inputs", "outputs"}) {
            for (const yaml::Node& node : model_[side]["artifacts"].items()) artifact(node, side[0] == 'i');
        }
        for (const yaml::Node& node : model_["outputs"]["parameters"].items()) output(node);
        deadlines();
        containers();
        paths();
        check_argo_metrics(report_, model_["metrics"]);
    }

private:
    void artifact(Value one, bool input) {
        constexpr std::string_view path[] = {"path"};
        if (!one["name"] || is_misspelt(one, path)) return;
        const std::string name = "the artifact " + shown(one["name"].text());
        if (leaf_ && !is_set(one["path"]))
            report_.at(one, name + " has no path", "add path, where the file lies in the container");
        if (!leaf_ && is_set(one["path"]))
            report_.key(one["path"], name + " has a path, and the template has no container", "remove it");
        if (input && is_set(one["from"]))
            report_.key(one["from"], "from is for arguments, and " + name + " is an input", "move it to the arguments");
    }

    void output(Value one) {
        constexpr std::string_view values[] = {"value", "valueFrom"};
        if (!one["name"] || is_misspelt(one, values)) return;
        const std::string name = "the output " + shown(one["name"].text());
        const Value from = one["valueFrom"];
        if (one["value"] && from) return report_.key(from, name + " has value and valueFrom", "keep one of them");
        if (one["value"]) return;
        if (!from) return report_.at(one, name + " has no value", "add valueFrom: with " + wanted());
        if (!from.is(Kind::mapping) || is_misspelt(from, origins)) return;
        std::string_view first;
        for (const std::string_view origin : origins) {
            if (origin == "supplied" ? !from[origin] : !is_set(from[origin])) continue;
            if (!first.empty())
                return report_.key(
                    from[origin],
                    name + " comes from two places: " + std::string(first) + " and " + std::string(origin),
                    "keep one of them");
            first = origin;
        }
        if (first.empty()) return report_.at(from, name + " comes from nowhere", "add " + wanted());
        if (!fits(first))
            report_.key(from[first], name + " cannot come from " + std::string(first) + " in this sort of template",
                        "write " + wanted());
    }

    // Containers of a set wait for each other; what goes in and out does so by the one called main.
    void containers() {
        const Value list = model_["containerSet"]["containers"];
        std::set<std::string_view> names;
        bool all_named = true;
        for (const yaml::Node& node : list.items()) {
            all_named = all_named && Value(node)["name"].is(Kind::string);
            names.insert(Value(node)["name"].text());
        }
        for (const yaml::Node& node : list.items()) {
            for (const yaml::Node& need : Value(node)["dependencies"].items()) {
                if (need.kind == Kind::string && !names.contains(need.text))
                    report_.at(need, "the set has no container " + shown(need.text),
                               "name one of the same containerSet");
            }
        }
        const bool moves = !model_["inputs"]["artifacts"].items().empty() ||
                           !model_["outputs"]["parameters"].items().empty() ||
                           !model_["outputs"]["artifacts"].items().empty();
        if (!list.items().empty() && all_named && moves && !names.contains("main"))
            report_.at(list, "inputs and outputs are those of a container called 'main', and there is none",
                       "call one of the containers main");
    }

    // Volumes and artifacts lie at paths of their own.
    void paths() {
        std::set<std::string_view> taken;
        for (const yaml::Node& node : model_["container"]["volumeMounts"].items())
            taken.insert(Value(node)["mountPath"].text());
        for (const yaml::Node& node : model_["inputs"]["artifacts"].items()) {
            const Value path = Value(node)["path"];
            if (model_["container"] && is_set(path) && !is_variable(path) && !taken.insert(path.text()).second)
                report_.at(path, "something else lies at " + shown(path.text()) + " already",
                           "give the artifact its own path");
        }
    }

    // What the outputs of the template are read from.
    std::string wanted() const {
        if (model_["resource"]) return "jsonPath or jqFilter";
        if (runs_others()) return "parameter or expression";
        return model_["suspend"] ? "supplied: {}" : "path";
    }

    bool fits(std::string_view origin) const {
        if (model_["container"] || model_["containerSet"] || model_["script"]) return origin == "path";
        if (model_["resource"]) return origin == "jsonPath" || origin == "jqFilter";
        return !runs_others() || origin == "parameter" || origin == "expression";
    }

    bool runs_others() const { return model_["dag"] || model_["steps"]; }

    void deadlines() {
        const Value deadline = model_["activeDeadlineSeconds"];
        const Value timeout = model_["timeout"];
        constexpr std::string_view move = "set it in the templates that this one runs";
        if (is_set(deadline) && runs_others()) {
            beside("activeDeadlineSeconds is for templates that run a pod", deadline, move);
        } else if (is_set(deadline) && !is_variable(deadline) && !is_count(deadline)) {
            report_.at(deadline, "activeDeadlineSeconds must be a whole number of 0 or more", "write it like 3600");
        }
        if (is_set(timeout) && !leaf_ && (runs_others() || model_["suspend"])) {
            beside("timeout is for templates that run a pod", timeout, move);
        } else if (timeout.is(Kind::string) && is_set(timeout) && !is_variable(timeout) &&
                   !cel::parse_duration(timeout.text())) {
            report_.at(timeout, "timeout must be a duration with its unit, got " + shown(timeout.text()),
                       "write it like 90s or 2h");
        }
    }

    void beside(std::string message, Value value, std::string_view fix) {
        report_.key(value, std::move(message), std::string(fix), list_);
    }

    static bool is_count(Value value) {
        if (!value.is(Kind::string) && !value.is(Kind::integer)) return true;  // KT004
        const std::string_view text = value.text();
        if (const auto number = value.number()) return *number >= 0;
        return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    }

    const ArgoReport& report_;
    Value model_, list_;
    bool leaf_;
};

}  // namespace

void check_argo_outputs(const ArgoReport& report, Value model, Value list) {
    if (model.is(Kind::mapping)) Model(report, model, list).check();
}

void check_argo_metrics(const ArgoReport& report, Value metrics) {
    constexpr std::array<std::string_view, 3> sorts{"counter", "gauge", "histogram"};
    for (const yaml::Node& node : metrics["prometheus"].items()) {
        const Value one(node);
        if (one.members().empty()) continue;
        if (std::ranges::none_of(sorts, [&](std::string_view sort) { return bool(one[sort]); }) &&
            !is_misspelt(one, sorts))
            report.warn(one, "the metric is none of counter, gauge and histogram", "add one of them, with its value");
        for (const std::string_view sort : sorts) {
            const Value value = one[sort]["value"];
            if (one[sort]["realtime"].truth() && value.text().find("resourcesDuration.") != std::string_view::npos)
                report.at(value, "resourcesDuration is known when the template has ended, and the gauge is realtime",
                          "write realtime: false");
        }
    }
}

}  // namespace ktrain::lint
