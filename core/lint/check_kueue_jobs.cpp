// Labels and annotations by which a job asks Kueue for something: what its webhooks for jobs refuse.
#include <algorithm>
#include <charconv>

#include "core/base/api_names.h"
#include "core/base/go_bool.h"
#include "core/lint/operators.h"
#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

constexpr const char* queue = "kueue.x-k8s.io/queue-name";
constexpr const char* longest = "kueue.x-k8s.io/max-exec-time-seconds";
constexpr const char* least_pods = "kueue.x-k8s.io/job-min-parallelism";
constexpr const char* together = "kueue.x-k8s.io/job-completions-equal-parallelism";
constexpr const char* elastic = "kueue.x-k8s.io/elastic-job";
constexpr const char* required_level = "kueue.x-k8s.io/podset-required-topology";
constexpr const char* preferred_level = "kueue.x-k8s.io/podset-preferred-topology";
constexpr const char* no_level = "kueue.x-k8s.io/podset-unconstrained-topology";
constexpr const char* slice_level = "kueue.x-k8s.io/podset-slice-required-topology";
constexpr const char* slice_size = "kueue.x-k8s.io/podset-slice-size";
constexpr const char* slice_levels = "kueue.x-k8s.io/podset-slice-required-topology-constraints";
constexpr const char* group_name = "kueue.x-k8s.io/podset-group-name";

// As Go's Atoi reads it; nothing for what is no number of 32 bits.
std::optional<std::int32_t> count_in(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int32_t count = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return count;
}

// A text that the object has; KT004 reports others.
bool is_there(const Spot& note) {
    return note.is(yaml::Kind::string);
}

void wrong(Findings& findings, const Spot& note, const std::string& wanted, std::string fix) {
    findings.add("KT006", note.place(), field_of(note) + " must be " + wanted + ", got " + shown(note.text()),
                 std::move(fix));
}

// The pods of a Job that run at once.
std::int64_t pods_of(const Spot& spec) {
    const std::int64_t most = number_of(spec["parallelism"]).value_or(1);
    return std::min(most, number_of(spec["completions"]).value_or(most));
}

void check_partial(const Object& job, Findings& findings) {
    const Spot notes = job.root["metadata"]["annotations"];
    const Spot least = notes[least_pods];
    const Spot spec = job.root["spec"];
    const std::int64_t pods = pods_of(spec);
    if (is_there(least)) {
        const auto count = count_in(least.text());
        if (pods <= 1)
            forbid(findings, least, "the Job has one pod");
        else if (!count || *count <= 0 || *count >= pods)
            wrong(findings, least,
                  "a number from 1 to " + std::to_string(pods - 1) + ", fewer than the pods of the Job",
                  "write \"1\", or raise parallelism");
        if (parse_go_bool(notes[elastic].text()).value_or(false)) forbid(findings, least, "the job is elastic");
    }
    const Spot equal = notes[together];
    if (!is_there(equal)) return;
    const auto is_equal = parse_go_bool(equal.text());
    if (!is_equal) return wrong(findings, equal, "true or false", "write \"true\"");
    if (!*is_equal) return;
    if (spec["completionMode"].text() != "Indexed") forbid(findings, equal, "the Job is not Indexed");
    const auto count = [&](const char* field) { return spec[field] ? number_of(spec[field]) : 1; };
    if (count("parallelism") && count("completions") && count("parallelism") != count("completions"))
        contradict(findings, spec["completions"],
                   "completions are not as many as parallelism, which the annotation wants",
                   "write the same number in both");
}

void check_labels_of(const Object& job, Findings& findings) {
    const Spot labels = job.root["metadata"]["labels"];
    const Spot name = labels[queue];
    const std::string problem = is_there(name) && !name.text().empty() ? dns_subdomain_problem(name.text()) : "";
    if (!problem.empty()) findings.add("KT007", name.place(), "the queue " + shown(name.text()) + " " + problem);
    const Spot seconds = labels[longest];
    if (is_there(seconds) && count_in(seconds.text()).value_or(0) <= 0)
        wrong(findings, seconds, "a number of seconds above 0", "write it like \"3600\"");
}

void check_level(const Spot& level, Findings& findings) {
    const std::string problem = is_there(level) ? qualified_name_problem(level.text()) : "";
    if (!problem.empty())
        findings.add("KT007", level.place(), "the label of nodes " + shown(level.text()) + " " + problem);
}

// The annotations of pods that say how near to each other they must be.
void check_topology_notes(const Spot& notes, Findings& findings) {
    std::size_t ways = 0;
    for (const char* way : {required_level, preferred_level, no_level}) ways += notes[way] ? 1 : 0;
    if (ways > 1)
        contradict(findings, notes, "the pods ask for two topologies: one of required, preferred and unconstrained",
                   "keep one of the annotations");
    for (const char* level : {required_level, preferred_level, slice_level}) check_level(notes[level], findings);
    const Spot free = notes[no_level];
    if (is_there(free) && !parse_go_bool(free.text())) wrong(findings, free, "true or false", "write \"true\"");
    const Spot size = notes[slice_size];
    if (is_there(size) && count_in(size.text()).value_or(0) < 1)
        wrong(findings, size, "a number of pods above 0", "write it like \"4\"");
    if (notes[slice_level] && !size) require(findings, size, "the topology of slices is set");
    if (!notes[slice_level]) forbid(findings, size, "no topology of slices is set");
    const Spot group = notes[group_name];
    if (!is_there(group)) return;
    if (!group.text().empty() && group.text().find_first_not_of("0123456789") == std::string_view::npos)
        wrong(findings, group, "a name, not a number", "write it like workers");
    for (const char* slice : {slice_size, slice_level, slice_levels})
        if (notes[slice]) return forbid(findings, group, "slices of pods are in no group");
    if (!notes[required_level] && !notes[preferred_level])
        forbid(findings, group, "no topology is required or preferred");
}

// Most objects ask for nothing.
bool asks(const Spot& metadata) {
    for (const char* kind : {"labels", "annotations"}) {
        for (const yaml::Entry& mark : Value(metadata)[kind].members()) {
            if (mark.key.text.starts_with("kueue.x-k8s.io/")) return true;
        }
    }
    return false;
}

}  // namespace

void check_kueue_marks(const Object& object, Findings& findings) {
    bool any = asks(object.root["metadata"]);
    if (any) check_labels_of(object, findings);
    for (const PodTemplate& model : object.templates) {
        if (!asks(model.metadata)) continue;
        any = true;
        check_topology_notes(model.metadata["annotations"], findings);
    }
    if (!any) return;
    if (object.kind != "Job" || group_of(object.api_version) != "batch") return;
    check_partial(object, findings);
    const Spot size = object.root["spec"]["template"]["metadata"]["annotations"][slice_size];
    const std::int64_t pods = pods_of(object.root["spec"]);
    if (is_there(size) && count_in(size.text()).value_or(0) > pods)
        wrong(findings, size, "no more than the pods of the Job, " + std::to_string(pods), "write less");
}

}  // namespace ktrain::lint
