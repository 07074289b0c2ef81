// KT014, KT015 and KT047: Jobs, and the Jobs of CronJobs: how often, how many at once, and when they have failed.
#include <algorithm>

#include "core/base/api_names.h"
#include "core/base/article.h"
#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/makers.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view restart_rule = "KT014";
constexpr std::string_view policy_rule = "KT015";
constexpr std::string_view rule = "KT047";
constexpr std::int64_t most_indexes = 100'000;
constexpr std::int64_t most_at_once = 10'000;  // of Jobs with more indexes and a limit for each

// The spec of a Job, and what is so where it does not say.
struct JobSpec {
    const Reporter& report;
    Value spec;
    std::string_view mode = "NonIndexed";
    std::string_view restarts = {};  // empty: Always, which is refused
    bool counted = true;             // it says itself how many pods there are

    bool indexed() const {
        const std::string_view written = spec["completionMode"].text();
        return (written.empty() ? mode : written) == "Indexed";
    }
};

// Without both fields a Job has one pod.
std::int64_t completions_of(Value spec) {
    return spec["completions"].number().value_or(1);
}

std::vector<Change> never(const Reporter& report, Value pod) {
    const Value policy = pod["restartPolicy"];
    if (policy) return {set_value(report.path(policy), "Never")};
    return {add_member(report.path(pod), "restartPolicy", "Never")};
}

// The pods of a Job. `restarts`: as in JobSpec; `judged`: by a podFailurePolicy.
void check_restart_policy(const Reporter& report, Value pod, std::string_view restarts, bool judged) {
    if (!pod.is(yaml::Kind::mapping)) return;
    const Value policy = pod["restartPolicy"];
    const bool absent = !policy || (policy.is(yaml::Kind::string) && policy.text().empty());
    const std::string kind = report.object().kind == "CronJob" ? "CronJob" : "Job";
    if (policy.text() == "Always")
        report.at(restart_rule, policy, "restartPolicy Always is refused in " + with_article(kind),
                  "write Never (failed pods stay, with their logs) or OnFailure", never(report, pod));
    else if (absent && restarts.empty())
        report.missing(
            restart_rule, pod, "restartPolicy",
            "the pod template of " + with_article(kind) + " has no restartPolicy, and the default Always is refused",
            "add restartPolicy: Never (failed pods stay, with their logs) or OnFailure", never(report, pod));
    else if ((absent ? restarts : policy.text()) == "OnFailure" && judged) {
        constexpr const char* text = "podFailurePolicy needs restartPolicy: Never";
        constexpr const char* fix = "write restartPolicy: Never";
        absent ? report.missing(policy_rule, pod, "restartPolicy", text, fix, never(report, pod))
               : report.at(policy_rule, policy, text, fix, never(report, pod));
    }
}

void too_many(const Reporter& report, Value value, std::int64_t most, const std::string& of) {
    if (value && value.number().value_or(0) > most)  // `most` may be below 0
        report.at(rule, value, shown(value.node()->text) + " is more than " + std::to_string(most) + of, "write less");
}

void check_indexes(const JobSpec& job) {
    const Reporter& report = job.report;
    const Value spec = job.spec;
    const Value failed = spec["maxFailedIndexes"];
    const Value limit = spec["backoffLimitPerIndex"];
    if (failed && !limit)
        report.under(policy_rule, failed, spec, "backoffLimitPerIndex", "maxFailedIndexes needs backoffLimitPerIndex",
                     "add backoffLimitPerIndex");
    if (!job.indexed()) {
        for (const char* field : {"backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"}) {
            if (spec[field])
                report.at_key(policy_rule, spec[field], std::string(field) + " needs completionMode: Indexed",
                              "add completionMode: Indexed, or remove it");
        }
        return;
    }
    if (!job.counted) return;
    if (!spec["completions"] && spec["parallelism"])
        report.missing(rule, spec, "completions", "completionMode Indexed needs completions", "add completions");
    too_many(report, spec["parallelism"], most_indexes, ", the limit of Jobs with completionMode Indexed");
    too_many(report, failed, most_indexes, ", the limit of maxFailedIndexes");
    if (spec["completions"] || !spec["parallelism"]) too_many(report, failed, completions_of(spec), " completions");
    if (!limit || completions_of(spec) <= most_indexes) return;
    if (!failed)
        report.missing(rule, spec, "maxFailedIndexes", "more than 100000 completions need maxFailedIndexes",
                       "add maxFailedIndexes");
    for (const char* field : {"parallelism", "maxFailedIndexes"})
        too_many(report, spec[field], most_at_once, ", the limit with more than 100000 completions");
}

void check_exit_codes(const Reporter& report, Value codes, Value pod) {
    const Value name = codes["containerName"];
    bool known = !name.is(yaml::Kind::string);
    for (const char* list : {"containers", "initContainers"}) {
        for (const yaml::Node& node : pod[list].items()) known = known || Value(node)["name"].text() == name.text();
    }
    if (!known)
        report.at(policy_rule, name, "the pod has no container " + shown(name.text()),
                  "name one of its containers, or remove it");
    std::optional<std::int64_t> last;
    bool ordered = true;
    for (const yaml::Node& node : codes["values"].items()) {
        const auto code = node.kind == yaml::Kind::null ? std::optional<std::int64_t>(0) : Value(node).number();
        if (code == 0 && codes["operator"].text() == "In") {
            const Value value(node);  // null is 0
            report.at(policy_rule, value ? value : codes["values"], "exit code 0 is no failure", "remove it");
        }
        ordered = ordered && (!last || !code || *last <= *code);
        last = code;
    }
    if (!ordered) report.at_key(policy_rule, codes["values"], "the exit codes are not in ascending order", "sort them");
}

void check_failure_policy(const Reporter& report, Value spec) {
    const Value policy = spec["podFailurePolicy"];
    for (const yaml::Node& node : policy["rules"].items()) {
        const Value one(node);
        if (!one) continue;
        const bool codes = bool(one["onExitCodes"]);
        const bool conditions = !one["onPodConditions"].items().empty();
        if (codes == conditions)
            report.at(policy_rule, one,
                      codes ? "a rule has both onExitCodes and onPodConditions"
                            : "a rule has neither onExitCodes nor onPodConditions",
                      "give each rule one of the two");
        if (one["action"].text() == "FailIndex" && !spec["backoffLimitPerIndex"])
            report.at(policy_rule, one["action"], "the action FailIndex needs backoffLimitPerIndex",
                      "add backoffLimitPerIndex to the Job's spec");
        if (codes) check_exit_codes(report, one["onExitCodes"], spec["template"]["spec"]);
    }
    const Value replacement = spec["podReplacementPolicy"];
    if (policy && replacement.text() == "TerminatingOrFailed")
        report.at(policy_rule, replacement, "podFailurePolicy needs podReplacementPolicy: Failed",
                  "write Failed, or remove it");
}

// "1,3-5" -> 4; nothing where it is no list of rising numbers below `end`.
std::optional<std::int64_t> count_indexes(std::string_view text, std::int64_t end) {
    if (text.empty()) return 0;
    std::int64_t last = -1;
    std::int64_t total = 0;
    for (const std::string& part : split(text, ',')) {
        const std::vector<std::string> ends = split(part, '-');
        std::vector<std::int64_t> numbers;
        for (const std::string& number : ends) {
            const bool digits =
                !number.empty() && number.size() < 12 && number.find_first_not_of("0123456789") == std::string::npos;
            if (!digits) return std::nullopt;
            numbers.push_back(std::stoll(number));
        }
        if (numbers.size() > 2 || numbers.front() <= last || numbers.back() >= end) return std::nullopt;
        if (numbers.size() == 2 && numbers.front() >= numbers.back()) return std::nullopt;
        total += numbers.back() - numbers.front() + 1;
        last = numbers.back();
    }
    return total;
}

void check_success_policy(const JobSpec& job) {
    if (!job.indexed() || !job.counted) return;
    const Reporter& report = job.report;
    const Value spec = job.spec;
    const std::int64_t completions = completions_of(spec);
    for (const yaml::Node& node : spec["successPolicy"]["rules"].items()) {
        const Value one(node);
        const Value indexes = one["succeededIndexes"];
        const Value count = one["succeededCount"];
        if (!indexes && !count) {
            constexpr const char* text = "a rule has neither succeededIndexes nor succeededCount";
            if (one)
                report.at(policy_rule, one, text, "add one of the two");
            else
                report.at_key(policy_rule, spec["successPolicy"]["rules"], text, "add one of the two");
        }
        const std::optional<std::int64_t> total = count_indexes(indexes.text(), completions);
        if (indexes.is(yaml::Kind::string) && !total)
            report.at(policy_rule, indexes,
                      shown(indexes.text()) + " is no list of rising indexes below " + std::to_string(completions),
                      "write it like 0,2-4");
        const std::int64_t most = indexes && total ? std::min(*total, completions) : completions;
        if (count && count.number().value_or(0) > most)
            report.at(policy_rule, count,
                      "succeededCount is more than the " + std::to_string(most) + " indexes that count", "lower it");
    }
}

// Whether the selector asks for no more than the labels that the server gives the pods.
bool is_generated(Value selector, std::string_view name) {
    const std::span<const yaml::Entry> wanted = selector["matchLabels"].members();
    return selector["matchExpressions"].items().empty() &&
           std::all_of(wanted.begin(), wanted.end(), [&](const yaml::Entry& entry) {
               const bool own = entry.key.text == "job-name" || entry.key.text == "batch.kubernetes.io/job-name";
               return own && Value(entry.value).text() == name;
           });
}

// Whether it is said that the selector is missing.
bool misses_selector(const Reporter& report, Value spec) {
    if (!spec["manualSelector"].truth() || spec["selector"]) return false;
    report.missing("KT013", spec, "selector", "manualSelector is true, and there is no selector",
                   "add a selector, or remove manualSelector");
    return true;
}

// The server selects a Job's pods by labels of its own; another selector is refused without manualSelector.
void check_selector(const Reporter& report, Value spec, std::string_view name) {
    const Value selector = spec["selector"];
    const Value labels = spec["template"]["metadata"]["labels"];
    check_label_selector(report, selector);
    if (misses_selector(report, spec)) return;
    if (spec["manualSelector"].truth()) {
        if (selects(selector, labels)) return;
        const Value metadata = spec["template"]["metadata"];
        const char* text = "the selector does not select the pods of the template";
        const char* fix = "give the template the labels that the selector wants";
        labels ? report.at_key("KT013", labels, text, fix)
               : report.missing("KT013", metadata ? metadata : spec["template"],
                                metadata ? "labels" : "metadata.labels", text, fix);
        return;
    }
    for (const char* key :
         {"batch.kubernetes.io/job-name", "job-name", "batch.kubernetes.io/controller-uid", "controller-uid"}) {
        const Value label = labels[key];
        const bool own = std::string_view(key).ends_with("job-name");
        if (label && (!own || label.text() != name) && (!own || !name.empty()))
            report.at("KT013", label, "the label " + std::string(key) + " is the server's own", "remove it");
    }
    if (selector.is(yaml::Kind::mapping) && !is_generated(selector, name))
        report.at_key("KT013", selector, "the selector of a Job is generated",
                      "remove it, or add manualSelector: true");
}

void check_job_spec(const JobSpec& job) {
    check_indexes(job);
    check_failure_policy(job.report, job.spec);
    check_success_policy(job);
    check_restart_policy(job.report, job.spec["template"]["spec"], job.restarts, bool(job.spec["podFailurePolicy"]));
}

// A Job that runs by the model in another object: the server makes up its selector.
void check_model_selector(const Reporter& report, Value job) {
    const std::string kind = report.object().kind;
    if (job["selector"])
        report.at_key("KT013", job["selector"], "the selector of " + with_article(kind) + "'s Jobs is generated",
                      "remove it");
    if (job["manualSelector"].truth())
        report.at("KT013", job["manualSelector"],
                  "the Jobs of " + with_article(kind) + " cannot have a selector of their own",
                  "remove manualSelector");
}

// JobSet's webhook sets how Jobs count and restart. Source: jobset 0.12, pkg/webhooks, Default().
void check_made_job(const Reporter& report, const Spot& spot) {
    if (!spot.is(yaml::Kind::mapping)) return;
    const Value spec(spot);
    check_job_spec({report, spec, "Indexed", "OnFailure", !writes_over(report.object(), spot["completions"].path)});
    if (misses_selector(report, spec)) return;  // the operator adds labels: whom another selects is not known
    if (!spec["manualSelector"].truth()) check_model_selector(report, spec);
}

void check_made(const Object& object, const Part& part, const Spot& spot, Findings& findings) {
    const Reporter report(object, findings, true, name_of(part.made));
    switch (part.made) {
        case Made::claims:
            return;
        case Made::jobs:
            return check_made_job(report, spot);
        case Made::jobs_of_pods:
            return check_restart_policy(report, Value(spot), "", false);
    }
}

}  // namespace

void check_jobs(const Object& object, const Bundle&, Findings& findings) {
    each_part(object, [&](const Part& part, const Spot& spot) { check_made(object, part, spot, findings); });
    if (object.api_version != "batch/v1") return;
    const Reporter report(object, findings, false);
    const Value root(object.root);
    const Value spec = root["spec"];
    if (object.kind == "Job" && spec.is(yaml::Kind::mapping)) {
        const Value name = root["metadata"]["name"];
        check_job_spec({report, spec});
        check_selector(report, spec, name.text());
        const std::string host = std::string(name.text()) + "-" + std::to_string(completions_of(spec) - 1);
        if (JobSpec{report, spec}.indexed() && !name.text().empty() && completions_of(spec) > 0 &&
            !dns_label_problem(host).empty() && dns_subdomain_problem(name.text()).empty())
            report.at(rule, name,
                      "a pod would have the host name " + shown(host) + ", which " + dns_label_problem(host),
                      "shorten the name");
    }
    if (object.kind != "CronJob") return;
    const Value job = spec["jobTemplate"]["spec"];
    if (!job.is(yaml::Kind::mapping)) return;
    check_job_spec({report, job});
    check_model_selector(report, job);
}

}  // namespace ktrain::lint
