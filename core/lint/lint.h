// Checks Kubernetes manifests offline: what an API server, an operator or a GPU node would refuse, with its place.
#pragma once

#include <string>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/json.h"
#include "core/lint/object.h"
#include "core/lint/rule.h"

namespace ktrain::lint {

// Which rules run, by id, name or family ("KT"). Errors of check(): Error{usage} for an unknown one, with the nearest.
struct Selection {
    std::vector<std::string> only;  // empty: all
    std::vector<std::string> skip;
    std::vector<std::pair<std::string, Severity>> severities = {};  // instead of their own; later ones win
    bool changes = true;   // findings keep what would mend them
    bool subjects = true;  // the report names what was checked
};

// Objects whose structure is not checked, by kind.
struct Unchecked {
    std::string kind;
    std::size_t count = 0;
};

struct Report {
    Diagnostics findings;  // by source, line, column and rule
    std::size_t files = 0;
    std::size_t objects = 0;
    std::vector<Unchecked> unchecked;  // sorted by kind
    std::size_t passed_over = 0;       // documents that are no manifests: see tool_files.h
    std::size_t suppressed = 0;        // findings that somebody wants to keep
    std::size_t known = 0;             // findings of a baseline
    // What was checked (if asked for), and by which rules; sorted. Files by their names, objects as Object::identity() says.
    std::vector<std::string> subjects;
    std::vector<std::string_view> rules;

    std::size_t count(Severity severity) const;
};

// Adds the CRDs (apiextensions.k8s.io/v1) among the documents of some files. Other documents are passed over; what is
// no YAML is in the problems, and so in the report. Returns whether there was a CRD or a problem.
bool add_crds(Target& target, const std::vector<Source>& sources, unsigned threads = 1);

// A group-version of a cluster: its document of /openapi/v3 (JSON), nothing where the cluster does not serve it.
struct ServedVersion {
    std::string api_version;
    std::optional<std::string> document;
};

// Makes a cluster the target: the version of its server ("1.31", as Minors::parse takes it) and what it serves of the
// group-versions, which are those of api_versions(). Errors: Error{failed} for a document that is no JSON.
void add_cluster(Target& target, std::string_view version, const std::vector<ServedVersion>& served);

// The apiVersions of the objects in the files, sorted, each once.
std::vector<std::string> api_versions(const std::vector<Source>& sources, unsigned threads = 1);

// Checks files together: rules may look from one object to another. The result depends on nothing else, also not on the
// number of threads.
Report check(const std::vector<Source>& sources, const Selection& selection = {}, const Target& target = {},
             unsigned threads = 1);

// The same for rendered objects, as a self-check of what we generate; places are paths in "<name>".
Report check_rendered(const std::vector<Json>& objects, const std::string& name, const Selection& selection = {});

}  // namespace ktrain::lint
