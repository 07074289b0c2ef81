// KT044: projected volumes and the files of the downward API.
#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT044";

// Every file of a projected volume has its own path.
struct Paths {
    std::vector<std::string_view> taken;

    void add(const Pod& pod, Value path) {
        const std::string_view text = path.text();
        if (text.empty()) return;
        if (std::find(taken.begin(), taken.end(), text) != taken.end())
            pod.report.at(rule, path, "two files of the volume have the path " + shown(text),
                          "give each file its own path");
        taken.push_back(text);
    }
};

void check_files(const Pod& pod, Value source, Paths& paths) {
    for (const yaml::Node& item : source["items"].items()) {
        check_inner_path(pod, Value(item)["path"], true);
        paths.add(pod, Value(item)["path"]);
    }
}

void check_downward_files(const Pod& pod, Value source, Paths& paths) {
    for (const yaml::Node& item : source["items"].items()) {
        check_downward_file(pod, item);
        paths.add(pod, Value(item)["path"]);
    }
}

void check_token(const Pod& pod, Value source, Paths&) {
    check_inner_path(pod, source["path"], true);
}

// Sources behind a feature gate that is off: the server takes them away before it looks into them.
void drop(const Pod& pod, Value source, const std::string& gate) {
    pod.report.note(rule, source, "this source is off by default: the server drops it, and the volume lacks its files",
                    "turn on the feature gate " + gate + ", or take a source of another kind");
}

void drop_trust_bundle(const Pod& pod, Value source, Paths&) {
    drop(pod, source, "ClusterTrustBundleProjection");
}

void drop_certificate(const Pod& pod, Value source, Paths&) {
    drop(pod, source, "PodCertificateRequest");
}

struct Projection {
    std::string_view name;
    void (*check)(const Pod&, Value, Paths&);
};

constexpr std::array projections{
    Projection{"clusterTrustBundle", drop_trust_bundle},
    Projection{"configMap", check_files},
    Projection{"downwardAPI", check_downward_files},
    Projection{"podCertificate", drop_certificate},
    Projection{"secret", check_files},
    Projection{"serviceAccountToken", check_token},
};

}  // namespace

void check_projections(const Pod& pod, Value projected) {
    Paths paths;
    for (const yaml::Node& node : projected["sources"].items()) {
        const Value source(node);
        std::vector<std::string> there;
        for (const Projection& projection : projections) {
            const Value value = source[projection.name];
            if (!value) continue;
            there.emplace_back(projection.name);
            if (value.is(yaml::Kind::mapping)) projection.check(pod, value, paths);
        }
        if (there.size() > 1)
            pod.report.at(rule, source, "one source of a projected volume has " + join(there, " and "),
                          "write each as a source of its own");
    }
}

void check_downward_file(const Pod& pod, Value file) {
    check_inner_path(pod, file["path"], true);
    const Value field = file["fieldRef"];
    const Value resource = file["resourceFieldRef"];
    if (field) check_field_ref(pod, rule, field, true);
    if (field && resource) {
        pod.report.at(rule, file, "a file has both fieldRef and resourceFieldRef", "keep one of the two");
    } else if (resource) {
        check_resource_ref(pod, rule, resource, true);
    } else if (!field) {
        pod.report.at(rule, file, "a file has neither fieldRef nor resourceFieldRef", "add one of the two");
    }
}

}  // namespace ktrain::lint
