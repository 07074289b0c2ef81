// KT017 and KT044: the volumes of pods: one source each, and what each source must have.
#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/api_names.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT044";

void check_host_path(const Pod& pod, Value source) {
    if (!has_backsteps(source["path"].text())) return;
    pod.report.at(rule, source["path"], "the path " + shown(source["path"].text()) + " contains '..'",
                  "write the path without '..'");
}

void check_items(const Pod& pod, Value source) {
    for (const yaml::Node& item : source["items"].items()) check_inner_path(pod, Value(item)["path"], true);
}

void check_downward(const Pod& pod, Value source) {
    for (const yaml::Node& item : source["items"].items()) check_downward_file(pod, item);
}

void check_git(const Pod& pod, Value source) {
    check_inner_path(pod, source["directory"], false);
}

void check_partition(const Pod& pod, Value source) {
    const std::optional<std::int64_t> number = source["partition"].number();
    if (!number || (*number >= 0 && *number <= 255)) return;
    pod.report.at(rule, source["partition"], "partition must be 0 to 255, got " + std::to_string(*number),
                  "write the number of a partition, or 0 for the whole disk");
}

void check_lun(const Pod& pod, Value source) {
    const std::optional<std::int64_t> number = source["lun"].number();
    if (!number || (*number >= 0 && *number <= 255)) return;
    pod.report.at(rule, source["lun"], "lun must be 0 to 255, got " + std::to_string(*number),
                  "write a number from 0 to 255");
}

bool all_alnum(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

// iqn.2001-04.com.example:disk, eui. and 16 characters, naa. and 32.
bool is_iscsi_name(std::string_view name) {
    if (name.starts_with("eui")) return name.size() == 20 && all_alnum(name.substr(4));
    if (name.starts_with("naa")) return name.size() == 36 && all_alnum(name.substr(4));
    constexpr std::string_view shape = "iqn.dddd-dd.";
    if (name.size() < shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const bool digit = std::isdigit(static_cast<unsigned char>(name[i])) != 0;
        if (shape[i] == 'd' ? !digit && i >= 4 : name[i] != shape[i]) return false;
    }
    const std::string_view rest = name.substr(shape.size());
    const std::size_t colon = rest.find(':');
    if (colon == 0 || colon == std::string_view::npos || colon + 1 == rest.size()) return false;
    const std::string_view domain = rest.substr(0, colon);
    return std::all_of(domain.begin(), domain.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; }) &&
           rest.find_first_of(",;*&$| \t\n\r\f\v", colon) == std::string_view::npos;
}

void check_iscsi(const Pod& pod, Value source) {
    for (const char* field : {"iqn", "initiatorName"}) {
        const std::string_view name = source[field].text();
        if (!source[field] || name.empty() || is_iscsi_name(name)) continue;
        pod.report.at(rule, source[field], std::string(field) + " " + shown(name) + " is no name of iSCSI",
                      "write it like iqn.2001-04.com.example:disk");
    }
    check_lun(pod, source);
    const bool chap = source["chapAuthDiscovery"].truth() || source["chapAuthSession"].truth();
    if (chap && !source["secretRef"])
        pod.report.missing(rule, source, "secretRef", "CHAP needs a secret, and secretRef is missing",
                           "add secretRef with the name of the Secret");
}

void check_fc(const Pod& pod, Value source) {
    const bool targets = !source["targetWWNs"].items().empty();
    const bool names = !source["wwids"].items().empty();
    if (targets == names)
        pod.report.missing(rule, source, "targetWWNs",
                           targets ? "fc has both targetWWNs and wwids" : "fc has neither targetWWNs nor wwids",
                           "give one of the two");
    if (targets && !source["lun"])
        pod.report.missing(rule, source, "lun", "targetWWNs need a lun", "add lun: 0 to 255");
    if (targets) check_lun(pod, source);
}

void check_quobyte(const Pod& pod, Value source) {
    const std::string_view registry = source["registry"].text();
    if (registry.empty()) return;
    for (const std::string& pair : split(registry, ',')) {
        const std::size_t colon = pair.rfind(':');
        const bool bracket = !pair.empty() && pair.front() == '[' && colon > 0 && pair[colon - 1] == ']';
        if (colon != std::string::npos && (bracket || pair.find(':') == colon)) continue;
        pod.report.at(rule, source["registry"], "registry " + shown(registry) + " is no list of host:port",
                      "write host:port, and more behind commas");
        return;
    }
    if (source["tenant"].text().size() > 64)
        pod.report.at(rule, source["tenant"], "tenant has more than 64 characters", "write the tenant's UUID");
}

void check_flocker(const Pod& pod, Value source) {
    const bool name = !source["datasetName"].text().empty();
    const bool uuid = !source["datasetUUID"].text().empty();
    if (name == uuid)
        pod.report.at_key(rule, source,
                          name ? "flocker has both datasetName and datasetUUID" : "flocker has no dataset",
                          "give one of datasetName and datasetUUID");
    if (source["datasetName"].text().find('/') != std::string_view::npos)
        pod.report.at(rule, source["datasetName"], "datasetName contains '/'", "write a name without '/'");
}

void check_flex(const Pod& pod, Value source) {
    for (const yaml::Entry& option : source["options"].members()) {
        const std::string key = yaml::key_text(option.key);
        const std::string owner = "." + lower(key.substr(0, key.find('/')));
        if (!owner.ends_with(".kubernetes.io") && !owner.ends_with(".k8s.io")) continue;
        pod.report.at_key(rule, option.value, "the option " + shown(key) + " is reserved for Kubernetes",
                          "use a name of the driver");
    }
}

void check_azure_disk(const Pod& pod, Value source) {
    const std::string_view uri = source["diskURI"].text();
    const bool managed = source["kind"].text() == "Managed";
    if (!source["kind"] || uri.empty() || uri.starts_with(managed ? "/subscriptions/" : "https://")) return;
    pod.report.at(rule, source["diskURI"],
                  "diskURI " + shown(uri) + " does not fit the kind " + shown(source["kind"].text()),
                  managed ? "begin it with /subscriptions/" : "begin it with https://");
}

void check_csi(const Pod& pod, Value source) {
    const std::string_view driver = source["driver"].text();
    const std::string problem =
        driver.size() > 63 ? "has more than 63 characters" : dns_subdomain_problem(lower(driver));
    if (!driver.empty() && !problem.empty())
        pod.report.at(rule, source["driver"], "driver " + shown(driver) + " " + problem, "write the driver's name");
    const Value secret = source["nodePublishSecretRef"];
    if (secret && secret["name"].text().empty())
        pod.report.missing(rule, secret, "name", "nodePublishSecretRef has no name", "name the Secret");
    const std::string_view name = secret["name"].text();
    if (const std::string wrong = name.empty() ? "" : dns_subdomain_problem(name); !wrong.empty())
        pod.report.at(rule, secret["name"], "the name of a Secret " + shown(name) + " " + wrong, "name the Secret");
}

void check_ephemeral(const Pod& pod, Value source) {
    const Value claim = source["volumeClaimTemplate"];
    for (const yaml::Entry& entry : claim["metadata"].members()) {
        const std::string key = yaml::key_text(entry.key);
        const Value value(entry.value);
        if (key == "labels" || key == "annotations" || key == "creationTimestamp" || !value) continue;
        pod.report.at_key(rule, value, "the template of a claim may not set metadata." + key,
                          "keep labels and annotations alone");
    }
    for (const yaml::Entry& label : claim["metadata"]["labels"].members()) {
        const std::string problem = label_value_problem(Value(label.value).text());
        if (!problem.empty())
            pod.report.at(rule, label.value, "the label value " + shown(Value(label.value).text()) + " " + problem,
                          "put free text into an annotation");
    }
    check_label_selector(pod.report, claim["spec"]["selector"]);
}

void check_image(const Pod& pod, Value source) {
    if (!pod.is_pod || !source["reference"].text().empty()) return;
    pod.report.missing(rule, source, "reference", "the image volume names no image", "add reference: IMAGE");
}

void check_storageos(const Pod& pod, Value source) {
    for (const char* field : {"volumeName", "volumeNamespace"}) {
        const std::string_view name = source[field].text();
        const std::string problem = name.empty() ? "" : dns_label_problem(name);
        if (!problem.empty())
            pod.report.at(rule, source[field], std::string(field) + " " + shown(name) + " " + problem,
                          "use the characters that the message names");
    }
}

struct Source {
    std::string_view name;
    void (*check)(const Pod&, Value);
};

// In the order in which the server looks for them: the first one stays, the second is refused.
constexpr std::array sources{
    Source{"emptyDir", nullptr},
    Source{"hostPath", check_host_path},
    Source{"gitRepo", check_git},
    Source{"gcePersistentDisk", check_partition},
    Source{"awsElasticBlockStore", check_partition},
    Source{"secret", check_items},
    Source{"nfs", nullptr},
    Source{"iscsi", check_iscsi},
    Source{"glusterfs", nullptr},
    Source{"flocker", check_flocker},
    Source{"persistentVolumeClaim", nullptr},
    Source{"rbd", nullptr},
    Source{"cinder", nullptr},
    Source{"cephfs", nullptr},
    Source{"quobyte", check_quobyte},
    Source{"downwardAPI", check_downward},
    Source{"fc", check_fc},
    Source{"flexVolume", check_flex},
    Source{"configMap", check_items},
    Source{"azureFile", nullptr},
    Source{"vsphereVolume", nullptr},
    Source{"photonPersistentDisk", nullptr},
    Source{"portworxVolume", nullptr},
    Source{"azureDisk", check_azure_disk},
    Source{"storageos", check_storageos},
    Source{"projected", check_projections},
    Source{"scaleIO", nullptr},
    Source{"csi", check_csi},
    Source{"ephemeral", check_ephemeral},
    Source{"image", check_image},
};

void check_volume(const Pod& pod, Value volume) {
    std::vector<std::string> there;
    Value second;
    for (const Source& source : sources) {
        const Value value = volume[source.name];
        if (!value) continue;
        there.emplace_back(source.name);
        if (there.size() == 2) second = value;
        if (there.size() == 1 && source.check != nullptr && value.is(yaml::Kind::mapping)) source.check(pod, value);
    }
    if (!second) return;
    pod.report.at_key("KT017", second,
                      "volume " + shown(volume["name"].text()) + " has " + std::to_string(there.size()) +
                          " sources: " + join(there, ", "),
                      "keep one source in each volume");
}

// A claim that an ephemeral volume of the same pod makes has the name of both.
void check_claim_name(const Pod& pod, Value volume) {
    const Value name = volume["persistentVolumeClaim"]["claimName"];
    const std::string prefix = std::string(pod.metadata["name"].text()) + "-";
    if (!pod.is_pod || prefix == "-" || !name.text().starts_with(prefix)) return;
    const Value other = pod.volume(name.text().substr(prefix.size()));
    if (other["ephemeral"])
        pod.report.at(rule, name, "the claim " + shown(name.text()) + " is made for an ephemeral volume of this pod",
                      "mount that volume, or name another claim");
}

}  // namespace

std::string inner_path_problem(std::string_view path, bool reserved) {
    if (path.starts_with('/')) return "is absolute, and must be relative";
    if (has_backsteps(path)) return "contains '..'";
    if (reserved && path.starts_with("..")) return "begins with '..', which is reserved";
    return "";
}

void check_inner_path(const Pod& pod, Value path, bool reserved) {
    const std::string problem = inner_path_problem(path.text(), reserved);
    if (!problem.empty())
        pod.report.at(rule, path, "the path " + shown(path.text()) + " " + problem,
                      "write a path relative to the volume, without '..'");
}

void check_volumes(const Pod& pod) {
    for (const yaml::Node& volume : pod.spec["volumes"].items()) {
        check_volume(pod, volume);
        check_claim_name(pod, volume);
    }
}

}  // namespace ktrain::lint
