// What a rule is: a row of the table in rules.cpp and a function that sees all objects and reports on one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/diagnostic.h"
#include "core/lint/object.h"

namespace ktrain::lint {

class Findings;
using Check = void (*)(const Object& object, const Bundle& bundle, Findings& findings);

struct Rule {
    std::string_view id;      // stable
    std::string_view name;    // stable, in words
    Severity severity;        // the worst it reports
    std::string_view kinds;   // what it looks at
    std::string_view what;    // it reports ...
    std::string_view why;     // why that matters
    std::string_view fix;     // how to mend it, in general
    std::string_view source;  // where the requirement is written down
    Check check;              // may serve several rules; nullptr: reported while the file is read
    bool policy = false;  // what it changes is a choice (deadlines, restarts, rights): mended only where it is named
};

// All rules, sorted by id.
std::span<const Rule> rules();
// By id or name; nullptr when there is none.
const Rule* find_rule(std::string_view id_or_name);

// Collects what the checks report on one object.
class Findings {
public:
    Findings(const Object& object, Diagnostics& into) : object_(object), into_(into) {}

    // `rule` is an id of the table; severity and fix are the rule's unless given. The reference is good until the
    // next call: for `changes`, which only a mend that is right without a question may have.
    Diagnostic& add(std::string_view rule, Place where, std::string message, std::string fix = "",
                    std::optional<Severity> severity = {});
    // Whether the value at the path must not be shown.
    bool is_private(std::string_view path) const { return object_.is_private(path); }
    std::size_t count() const { return into_.size(); }
    // Whether an error is among those behind the first `count`.
    bool has_errors(std::size_t count) const;
    std::span<const Diagnostic> behind(std::size_t count) const { return std::span(into_).subspan(count); }
    const Object& object() const { return object_; }

private:
    const Object& object_;
    Diagnostics& into_;
    SharedText file_, identity_;  // the object's, once there is a finding
};

// The checks, by the file that holds them.
void check_structure(const Object& object, const Bundle& bundle, Findings& findings);  // structure.cpp
// check_definition.cpp; KT006 to KT008 and KT048 of an object with its defaults
void check_definition(const Spot& root, const Definition& definition, Patterns& patterns, Findings& findings);
bool check_api(const Object& object, const Bundle& bundle, Findings& findings);  // versions.cpp; may it go on?
bool is_no_api(const Object& object, const Schemas& schemas);  // whether check_api() reports that there is no such kind
void check_metadata(const Object& object, const Bundle& bundle, Findings& findings);  // check_metadata.cpp
void check_same_object(const Object& object, const Bundle& bundle, Findings& findings);
void check_pod_templates(const Object& object, const Bundle& bundle, Findings& findings);  // check_pod_templates.cpp
void check_workloads(const Object& object, const Bundle& bundle, Findings& findings);      // check_workloads.cpp
void check_jobs(const Object& object, const Bundle& bundle, Findings& findings);           // check_jobs.cpp
void check_cron(const Object& object, const Bundle& bundle, Findings& findings);           // check_cron.cpp
void check_image_tags(const Object& object, const Bundle& bundle, Findings& findings);     // check_pods.cpp
void check_placeholders(const Object& object, const Bundle& bundle, Findings& findings);
void check_extended_resources(const Object& object, const Bundle& bundle, Findings& findings);  // check_resources.cpp
void check_gpu_cpu_memory(const Object& object, const Bundle& bundle, Findings& findings);
void check_hardening(const Object& object, const Bundle& bundle, Findings& findings);  // check_hardening.cpp
void check_namespace_labels(const Object& object, const Bundle& bundle, Findings& findings);
void check_remote_code(const Object& object, const Bundle& bundle, Findings& findings);  // check_remote.cpp
void check_pod_network(const Object& object, const Bundle& bundle, Findings& findings);
void check_secret_values(const Object& object, const Bundle& bundle, Findings& findings);  // check_secret_values.cpp
void check_secret_in_files(const Object& object, const Bundle& bundle, Findings& findings);
void check_workflow(const Object& object, const Bundle& bundle, Findings& findings);      // check_argo.cpp
void check_node_pools(const Object& object, const Bundle& bundle, Findings& findings);    // check_node_pools.cpp
void check_service_pods(const Object& object, const Bundle& bundle, Findings& findings);  // check_monitoring.cpp
void check_monitors(const Object& object, const Bundle& bundle, Findings& findings);
void check_prometheus_rules(const Object& object, const Bundle& bundle, Findings& findings);  // check_promql.cpp
void check_cost(const Object& object, const Bundle& bundle, Findings& findings);              // check_cost.cpp
void check_instances(const Object& object, const Bundle& bundle, Findings& findings);         // check_instances.cpp
void check_quotas(const Object& object, const Bundle& bundle, Findings& findings);            // check_quota_sums.cpp
void check_limit_ranges(const Object& object, const Bundle& bundle, Findings& findings);      // check_limit_ranges.cpp
void check_queues(const Object& object, const Bundle& bundle, Findings& findings);            // check_queues.cpp
void check_pod_volumes(const Object& object, const Bundle& bundle, Findings& findings);       // check_pod_volumes.cpp
void check_host_paths(const Object& object, const Bundle& bundle, Findings& findings);
void check_scripts(const Object& object, const Bundle& bundle, Findings& findings);       // check_scripts.cpp
void check_object_size(const Object& object, const Bundle& bundle, Findings& findings);   // check_object_size.cpp
void check_config_files(const Object& object, const Bundle& bundle, Findings& findings);  // check_config_files.cpp
void check_references(const Object& object, const Bundle& bundle, Findings& findings);    // check_references.cpp
void check_namespaces(const Object& object, const Bundle& bundle, Findings& findings);
void check_spec(const Object& object, const Bundle& bundle, Findings& findings);  // check_spec.cpp

// The text in quotes for a message, cut and cleaned where it is long or hostile.
std::string shown(std::string_view text);

// Whether the text stands for something that was to be filled in ("<your-key>", "CHANGEME", "your-registry/x").
bool is_placeholder(std::string_view text);

}  // namespace ktrain::lint
