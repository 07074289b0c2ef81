// KT044: projected volumes and the files of the downward API.
#include <algorithm>
#include <array>

#include "core/base/api_names.h"
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

// A signer is called DOMAIN/PATH.
void check_signer(const Pod& pod, Value name) {
    const std::string_view text = name.text();
    const std::size_t slash = text.find('/');
    const bool shape = slash != std::string_view::npos && slash > 0 && slash + 1 < text.size();
    if (!name || (shape && dns_subdomain_problem(text.substr(0, slash)).empty() && text.find('.') < slash)) return;
    pod.report.at(rule, name, "signerName " + shown(text) + " is no name of a signer",
                  "write it like example.com/signer");
}

void check_trust_bundle(const Pod& pod, Value source, Paths& paths) {
    const Value name = source["name"];
    const Value signer = source["signerName"];
    if (name && signer)
        pod.report.at_key(rule, source, "clusterTrustBundle has both name and signerName", "keep one of the two");
    if (!name && !signer)
        pod.report.at_key(rule, source, "clusterTrustBundle has neither name nor signerName", "add one of the two");
    if (name && !signer && source["labelSelector"])
        pod.report.at_key(rule, source["labelSelector"], "labelSelector goes with signerName, not with name",
                          "remove it");
    if (signer && !name) {
        check_signer(pod, signer);
        check_label_selector(pod.report, source["labelSelector"]);
    }
    check_inner_path(pod, source["path"], true);
    paths.add(pod, source["path"]);
}

void check_certificate(const Pod& pod, Value source, Paths& paths) {
    check_signer(pod, source["signerName"]);
    if (!source["keyType"].one_of({"RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"}) &&
        source["keyType"])
        pod.report.at(rule, source["keyType"], "keyType " + shown(source["keyType"].text()) + " is not known",
                      "write RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519");
    const std::optional<std::int64_t> seconds = source["maxExpirationSeconds"].number();
    constexpr std::int64_t hour = 3600;
    constexpr std::int64_t most = 91 * 24 * hour;
    if (seconds && (*seconds < hour || *seconds > most))
        pod.report.at(rule, source["maxExpirationSeconds"],
                      "maxExpirationSeconds must be 3600 to 7862400, got " + std::to_string(*seconds),
                      "write a number from 3600 to 7862400");
    bool any = false;
    for (const char* field : {"credentialBundlePath", "keyPath", "certificateChainPath"}) {
        if (source[field].text().empty()) continue;
        any = true;
        check_inner_path(pod, source[field], true);
        paths.add(pod, source[field]);
    }
    if (!any)
        pod.report.at_key(rule, source, "podCertificate writes no file",
                          "add credentialBundlePath, or two other paths");
}

struct Projection {
    std::string_view name;
    void (*check)(const Pod&, Value, Paths&);
};

constexpr std::array projections{
    Projection{"clusterTrustBundle", check_trust_bundle},
    Projection{"configMap", check_files},
    Projection{"downwardAPI", check_downward_files},
    Projection{"podCertificate", check_certificate},
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
