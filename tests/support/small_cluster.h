// Small clusters for tests of diagnoses: a Job, its pod and what is said of them, at noon.
#pragma once

#include <doctest/doctest.h>

#include "core/advice/explain.h"
#include "core/base/yaml.h"
#include "tests/support/recorded.h"

namespace ktrain::test {

using advice::Finding;
using Objects = std::vector<Json>;

inline Json flow(const std::string& text) {
    return yaml::to_json(yaml::parse_one(text, "test"));
}

inline std::string ago(int seconds) {
    return kube::format_time(*kube::parse_time("2026-01-01T12:00:00Z") - std::chrono::seconds(seconds));
}

// Of an owner, which an object has or not, an hour old.
inline Json object(const std::string& version, const std::string& kind, const std::string& name,
                   const Json* owner = nullptr) {
    Json out{
        {"apiVersion", version},
        {"kind", kind},
        {"metadata", {{"name", name}, {"namespace", "team"}, {"uid", kind + name}, {"creationTimestamp", ago(3600)}}}};
    if (owner != nullptr)
        out["metadata"]["ownerReferences"] = Json::array({{{"kind", (*owner)["kind"]},
                                                           {"name", (*owner)["metadata"]["name"]},
                                                           {"uid", (*owner)["metadata"]["uid"]},
                                                           {"controller", true}}});
    return out;
}

inline Json with(Json object, const std::string& more) {
    object.merge_patch(flow(more));
    return object;
}

inline Json job(const std::string& more = "{status: {active: 1}}") {
    return with(object("batch/v1", "Job", "job"), more);
}

inline Json pod(const std::string& more, const std::string& name = "job-abcde") {
    const Json owner = object("batch/v1", "Job", "job");
    return with(with(object("v1", "Pod", name, &owner),
                     "{spec: {nodeName: n1, containers: [{name: trainer, image: 'x:1'}]}, status: {phase: Running, "
                     "startTime: '" +
                         ago(3500) + "'}}"),
                more);
}

inline Json event(const Json& about, const std::string& reason, const std::string& message, int seconds = 30,
                  const std::string& type = "Warning") {
    Json out = object("v1", "Event", reason);
    out["involvedObject"] = {{"kind", about["kind"]},
                             {"name", about["metadata"]["name"]},
                             {"namespace", "team"},
                             {"uid", about["metadata"]["uid"]}};
    out["reason"] = reason, out["message"] = message, out["type"] = type;
    out["firstTimestamp"] = out["lastTimestamp"] = ago(seconds);
    return out;
}

inline Json node(const std::string& more = "{}") {
    return with(with(object("v1", "Node", "n1"),
                     "{status: {allocatable: {cpu: '8', memory: 32Gi, pods: '110', nvidia.com/gpu: '2'}, conditions: "
                     "[{type: Ready, status: 'True'}]}}"),
                more);
}

inline std::vector<Finding> findings_of(const Objects& objects) {
    advice::Snapshot snapshot = empty_snapshot();
    snapshot.now = *kube::parse_time("2026-01-01T12:00:00Z");
    const std::string root = advice::ref_of(objects.front()).text();
    for (const Json& one : objects) put(snapshot, one, root);
    return advice::diagnose(snapshot, advice::Symptoms::built_in());
}

// "cause Kind/name" of the first finding, or "" for a workload that is well.
inline std::string verdict(const Objects& objects) {
    const auto findings = findings_of(objects);
    if (findings.empty()) return "";
    CHECK(findings[0].summary.find(" ?") == std::string::npos);
    CHECK_FALSE(findings[0].remedy.empty());
    return findings[0].cause + " " + findings[0].object.text();
}

}  // namespace ktrain::test
