// KT013, KT045 and KT046: what Deployments, StatefulSets and the like ask of their pods, and how they replace them.
#include <algorithm>
#include <array>

#include "core/base/article.h"
#include "core/base/text.h"
#include "core/lint/facts.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view selector_rule = "KT013";
constexpr std::string_view lasting_rule = "KT045";
constexpr std::string_view rollout_rule = "KT046";

// What a budget of pods comes to: a number, or the number in front of a percent sign.
struct Budget {
    std::int64_t amount = 0;
    bool percent = false;
};

Budget budget_of(Value value, Budget standard) {
    if (!value) return standard;
    if (const std::optional<std::int64_t> number = value.number()) return {*number, false};
    const std::string_view text = value.text();
    const std::string_view digits = text.substr(0, text.find('%'));
    const bool fine = !digits.empty() && digits.size() < 10 && digits.size() + 1 == text.size() &&
                      digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (!fine) return standard;  // KT006
    return {std::stoll(std::string(digits)), true};
}

bool above_all(const Budget& budget) {
    return budget.percent && budget.amount > 100;
}

void check_percent(const Reporter& report, Value value) {
    if (above_all(budget_of(value, {})))
        report.at(rollout_rule, value, "a share of the pods is at most 100%, got " + shown(value.text()),
                  "write 100% or less");
}

void at_or_missing(const Reporter& report, std::string_view rule, Value owner, std::string_view field, std::string text,
                   std::string fix) {
    const Value value = owner[field];
    value ? report.at(rule, value, std::move(text), std::move(fix))
          : report.missing(rule, owner, field, std::move(text), std::move(fix));
}

// The server names the strategy, and not its type.
void check_type(const Reporter& report, Value strategy, std::span<const std::string_view> words) {
    const Value type = strategy["type"];
    if (!type.is(yaml::Kind::string) || type.text().empty()) return;
    if (std::find(words.begin(), words.end(), type.text()) != words.end()) return;
    const std::string near = nearest(type.text(), words);
    report.within("KT006", type, strategy,
                  "type must be one of " + join({words.begin(), words.end()}, ", ") + ", got " + shown(type.text()),
                  near.empty() ? "write one of them" : "did you mean '" + near + "'?");
}

constexpr std::array<std::string_view, 2> deployment_types{"Recreate", "RollingUpdate"};
constexpr std::array<std::string_view, 2> set_types{"RollingUpdate", "OnDelete"};

void check_deployment(const Reporter& report, Value spec) {
    const Value strategy = spec["strategy"];
    check_type(report, strategy, deployment_types);
    const Value rolling = strategy["rollingUpdate"];
    if (strategy["type"].text() == "Recreate" && rolling)
        report.at_key(rollout_rule, rolling, "rollingUpdate does not go with the strategy Recreate", "remove it");
    if (strategy["type"].text() != "Recreate" && rolling) {
        const Budget quarter{25, true};
        if (budget_of(rolling["maxUnavailable"], quarter).amount == 0 &&
            budget_of(rolling["maxSurge"], quarter).amount == 0)
            at_or_missing(report, rollout_rule, rolling, "maxUnavailable",
                          "maxUnavailable and maxSurge are both 0: no pod can be replaced", "raise one of them");
        check_percent(report, rolling["maxUnavailable"]);
    }
    constexpr std::int64_t standard_deadline = 600;
    const std::int64_t deadline = spec["progressDeadlineSeconds"].number().value_or(standard_deadline);
    const std::int64_t ready = spec["minReadySeconds"].number().value_or(0);
    if (deadline >= 0 && deadline <= ready)
        at_or_missing(report, rollout_rule, spec, "progressDeadlineSeconds",
                      "progressDeadlineSeconds " + std::to_string(deadline) + " must be more than minReadySeconds " +
                          std::to_string(ready),
                      "raise it, or lower minReadySeconds");
}

void check_daemon_set(const Reporter& report, Value spec) {
    const Value strategy = spec["updateStrategy"];
    check_type(report, strategy, set_types);
    const Value rolling = strategy["rollingUpdate"];
    if (strategy["type"].text() == "OnDelete" || !rolling) return;
    const bool unavailable = budget_of(rolling["maxUnavailable"], {1, false}).amount != 0;
    const bool surge = budget_of(rolling["maxSurge"], {}).amount != 0;
    if (unavailable && surge)
        report.at(rollout_rule, rolling["maxSurge"], "maxSurge needs maxUnavailable: 0", "set one of the two to 0");
    if (!unavailable && !surge)
        at_or_missing(report, rollout_rule, rolling, "maxUnavailable",
                      "maxUnavailable and maxSurge are both 0: no pod can be replaced", "raise one of them");
    for (const char* field : {"maxUnavailable", "maxSurge"}) check_percent(report, rolling[field]);
}

void check_stateful_set(const Reporter& report, Value spec) {
    const Value strategy = spec["updateStrategy"];
    check_type(report, strategy, set_types);
    const Value rolling = strategy["rollingUpdate"];
    if (strategy["type"].text() == "OnDelete" && rolling)
        report.at_key(rollout_rule, rolling, "rollingUpdate does not go with the strategy OnDelete", "remove it");
    // The server drops the field, whatever it is, while its feature MaxUnavailableStatefulSet is off, as it is by
    // default.
    const Value most = rolling["maxUnavailable"];
    if (most.is(yaml::Kind::string) && !format_problem("percent", most.text()).empty())
        report.note(rollout_rule, most, "maxUnavailable is neither a number nor a percentage",
                    std::string(format_fix("percent")));
    const Budget budget = budget_of(most, {1, false});
    if (strategy["type"].text() != "OnDelete" && most && (budget.amount == 0 || above_all(budget)))
        report.note(rollout_rule, most,
                    budget.amount == 0 ? "maxUnavailable is 0: no pod can be replaced"
                                       : "a share of the pods is at most 100%, got " + shown(most.text()),
                    budget.amount == 0 ? "write 1 or more" : "write 100% or less");
    for (const yaml::Node& claim : spec["volumeClaimTemplates"].items())
        check_label_selector(report, Value(claim)["spec"]["selector"]);
}

// Pods of these kinds are replaced for ever.
void check_lasting(const Reporter& report, const std::string& kind, Value pod) {
    const Value policy = pod["restartPolicy"];
    if (policy.one_of({"Never", "OnFailure"}))
        report.at(lasting_rule, policy,
                  "restartPolicy " + std::string(policy.text()) + " is refused in " + with_article(kind),
                  "remove it, or make it a Job");
    if (pod["activeDeadlineSeconds"])
        report.at_key(lasting_rule, pod["activeDeadlineSeconds"],
                      "pods of " + with_article(kind) + " have no activeDeadlineSeconds",
                      "remove it, or make it a Job");
}

// A LeaderWorkerSet makes StatefulSets, a DisaggregatedSet makes those. Source: lws 0.9, pkg/controllers.
void check_groups(const Object& object, Findings& findings) {
    const Reporter report(object, findings, true, "StatefulSets");
    for (const PodTemplate& model : object.templates) check_lasting(report, "StatefulSet", Value(model.spec));
}

void mismatch(const Reporter& report, Value model) {
    const Value metadata = model["metadata"];
    const char* text = "the selector does not select the pods of the template";
    const char* fix = "give the template the labels that the selector wants";
    if (metadata.is(yaml::Kind::mapping)) {
        const Value labels = metadata["labels"];
        labels ? report.at_key(selector_rule, labels, text, fix)
               : report.missing(selector_rule, metadata, "labels", text, fix);
    } else if (model.is(yaml::Kind::mapping)) {
        report.missing(selector_rule, model, "metadata.labels", text, fix);
    }
}

void check_selector(const Reporter& report, Value spec) {
    const Value selector = spec["selector"];
    if (!selector.is(yaml::Kind::mapping)) return;  // KT008
    check_label_selector(report, selector);
    const bool empty = selector["matchLabels"].members().empty() && selector["matchExpressions"].items().empty();
    if (empty)
        return report.at_key(selector_rule, selector, "the selector is empty",
                             "write matchLabels with the template's labels");
    if (!selects(selector, spec["template"]["metadata"]["labels"])) mismatch(report, spec["template"]);
}

// The selector of a ReplicationController is a map of labels; without one the template's labels are taken.
void check_controller(const Reporter& report, Value spec) {
    const Value selector = spec["selector"];
    const Value labels = spec["template"]["metadata"]["labels"];
    if (selector.members().empty()) {
        if (labels.members().empty() && spec["template"])
            report.missing(selector_rule, spec, "selector", "there is neither a selector nor a label in the template",
                           "add labels to the template, and the same to the selector");
        return;
    }
    for (const yaml::Entry& entry : selector.members()) {
        const Value label = labels[yaml::key_text(entry.key)];
        if (!label || label.text() != Value(entry.value).text()) return mismatch(report, spec["template"]);
    }
}

}  // namespace

void check_workloads(const Object& object, const Bundle& bundle, Findings& findings) {
    check_service_pods(object, bundle, findings);
    const Reporter report(object, findings, false);
    const Value spec = Value(object.root)["spec"];
    const bool apps = object.api_version == "apps/v1";
    const bool controller = object.api_version == "v1" && object.kind == "ReplicationController";
    if (!spec.is(yaml::Kind::mapping)) return;
    if (controller) check_controller(report, spec);
    const bool known = apps && (object.kind == "Deployment" || object.kind == "ReplicaSet" ||
                                object.kind == "StatefulSet" || object.kind == "DaemonSet");
    if (known) check_selector(report, spec);
    if (known || controller) check_lasting(report, object.kind, spec["template"]["spec"]);
    const std::string_view group = group_of(object.api_version);
    if (group == "leaderworkerset.x-k8s.io" || group == "disaggregatedset.x-k8s.io") check_groups(object, findings);
    if (apps && object.kind == "Deployment") check_deployment(report, spec);
    if (apps && object.kind == "DaemonSet") check_daemon_set(report, spec);
    if (apps && object.kind == "StatefulSet") check_stateful_set(report, spec);
}

}  // namespace ktrain::lint
