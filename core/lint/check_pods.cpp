// Rules about pod templates: restart policy, volumes, images, placeholders.
#include <map>
#include <set>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/rule.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// "registry:5000/team/image:tag@sha256:..." -> "tag"; empty when there is none.
std::string_view tag_of(std::string_view image) {
    std::string_view name = image.substr(0, image.find('@'));
    std::size_t slash = name.rfind('/');
    std::string_view last = slash == std::string_view::npos ? name : name.substr(slash + 1);
    std::size_t colon = last.find(':');
    return colon == std::string_view::npos ? std::string_view() : last.substr(colon + 1);
}

// Volumes with more than one source; returns the names of all volumes that are used by nobody so far.
std::map<std::string, Spot, std::less<>> check_volumes(const PodTemplate& pod, Findings& findings) {
    std::map<std::string, Spot, std::less<>> unused;
    for (const Spot& volume : pod.spec["volumes"].items()) {
        std::vector<std::string> sources;
        for (const Spot& member : volume.members()) {
            if (member.key->text != "name") sources.push_back(member.key->text);
        }
        if (sources.size() > 1) {
            findings.add("KT017", volume.place(),
                         "volume " + shown(volume["name"].text()) + " has " + std::to_string(sources.size()) +
                             " sources: " + printable(join(sources, ", ")),
                         "keep one source in each volume");
        }
        if (volume["name"]) unused.emplace(volume["name"].text(), volume);
    }
    return unused;
}

void check_mounts(const Spot& container, const std::vector<std::string_view>& names,
                  std::map<std::string, Spot, std::less<>>& unused, Findings& findings) {
    std::map<std::string, int, std::less<>> lines;  // of each mount path
    for (const char* list : {"volumeMounts", "volumeDevices"}) {
        for (const Spot& mount : container[list].items()) {
            Spot name = mount["name"];
            if (name.is(Kind::string)) {
                unused.erase(std::string(name.text()));
                if (std::find(names.begin(), names.end(), name.text()) == names.end()) {
                    std::string near = nearest(name.text(), names);
                    unused.erase(near);  // one cause, one finding
                    findings.add("KT017", name.place(), "no volume is called " + shown(name.text()),
                                 near.empty() ? "add it to the pod's volumes" : "did you mean '" + near + "'?");
                }
            }
            Spot path = mount[list == std::string_view("volumeMounts") ? "mountPath" : "devicePath"];
            if (!path.is(Kind::string)) continue;
            auto [first, is_new] = lines.emplace(path.text(), path.place().line);
            if (!is_new) {
                findings.add(
                    "KT017", path.place(),
                    shown(path.text()) + " is mounted twice: here and on line " + std::to_string(first->second),
                    "mount each path once");
            }
        }
    }
}

void report_placeholder(const Spot& spot, std::string_view what, Findings& findings) {
    if (!spot.is(Kind::string) || !is_placeholder(spot.text())) return;
    const std::string value = findings.is_private(spot.path) ? "" : " " + shown(spot.text());
    findings.add("KT028", spot.place(), std::string(what) + value + " is a placeholder", "fill in the real value");
}

}  // namespace

bool is_placeholder(std::string_view text) {
    std::string word = lower(text);
    std::size_t open = word.find('<');
    if (open != std::string::npos && word.find('\n') == std::string::npos) {
        std::size_t close = word.find('>', open);
        if (close != std::string::npos && close > open + 1) return true;
    }
    for (const char* mark : {"changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me",
                             "example.com", "example.org", "example.net"}) {
        if (word.find(mark) != std::string::npos) return true;
    }
    for (const char* mark : {"your-", "your_"}) {
        for (std::size_t at = word.find(mark); at != std::string::npos; at = word.find(mark, at + 1)) {
            if (at == 0 || word[at - 1] == '/' || word[at - 1] == ':' || word[at - 1] == '.') return true;
        }
    }
    return false;
}

void check_job_restart_policy(const Object& object, const Bundle&, Findings& findings) {
    bool job = object.kind == "Job" || object.kind == "CronJob";
    if (!job || !object.api_version.starts_with("batch/")) return;
    for (const PodTemplate& pod : object.templates) {
        if (!pod.spec.is(Kind::mapping)) continue;
        Spot policy = pod.spec["restartPolicy"];
        const char* fix = "add restartPolicy: Never (failed pods stay, with their logs) or OnFailure";
        if (!policy) {
            findings.add(
                "KT014", pod.spec.key_place(),
                "the pod template of a " + object.kind + " has no restartPolicy, and the default Always is refused",
                fix);
        } else if (policy.text() == "Always") {
            findings.add("KT014", policy.place(), "restartPolicy Always is refused in a " + object.kind,
                         "write Never (failed pods stay, with their logs) or OnFailure");
        }
    }
}

void check_volume_refs(const Object& object, const Bundle&, Findings& findings) {
    for (const PodTemplate& pod : object.templates) {
        if (pod.argo) continue;
        std::map<std::string, Spot, std::less<>> unused = check_volumes(pod, findings);
        std::vector<std::string_view> names;
        for (const Spot& volume : pod.spec["volumes"].items()) names.push_back(volume["name"].text());
        // Each claim of a StatefulSet is a volume of its pods.
        for (const Spot& claim : object.root["spec"]["volumeClaimTemplates"].items())
            names.push_back(claim["metadata"]["name"].text());
        for (const Spot& container : pod.containers()) check_mounts(container, names, unused, findings);
        for (const auto& [name, volume] : unused) {
            findings.add("KT017", volume.place(), "no container mounts volume " + shown(name), "mount it, or remove it",
                         Severity::warning);
        }
    }
}

void check_image_tags(const Object& object, const Bundle&, Findings& findings) {
    for (const PodTemplate& pod : object.templates) {
        for (const Spot& container : pod.containers()) {
            Spot image = container["image"];
            if (!image.is(Kind::string) || image.text().empty() || is_placeholder(image.text())) continue;
            if (image.text().find('@') != std::string_view::npos) continue;  // a digest never moves
            std::string_view tag = tag_of(image.text());
            if (!tag.empty() && tag != "latest") continue;
            findings.add("KX601", image.place(),
                         "image " + shown(image.text()) +
                             (tag.empty() ? " has no tag, which means latest" : " has the tag latest"),
                         "name a version, or a digest: image@sha256:DIGEST");
        }
    }
}

void check_placeholders(const Object& object, const Bundle&, Findings& findings) {
    for (const PodTemplate& pod : object.templates) {
        for (const Spot& container : pod.containers()) {
            report_placeholder(container["image"], "image", findings);
            for (const Spot& variable : container["env"].items()) {
                report_placeholder(variable["valueFrom"]["secretKeyRef"]["name"], "secret name", findings);
                report_placeholder(variable["valueFrom"]["configMapKeyRef"]["name"], "config map name", findings);
            }
            for (const Spot& source : container["envFrom"].items()) {
                report_placeholder(source["secretRef"]["name"], "secret name", findings);
                report_placeholder(source["configMapRef"]["name"], "config map name", findings);
            }
        }
        report_placeholder(pod.spec["priorityClassName"], "priority class", findings);
        report_placeholder(pod.spec["runtimeClassName"], "runtime class", findings);
        for (const Spot& volume : pod.spec["volumes"].items()) {
            report_placeholder(volume["persistentVolumeClaim"]["claimName"], "claim name", findings);
            report_placeholder(volume["secret"]["secretName"], "secret name", findings);
        }
    }
    if (object.kind == "PersistentVolumeClaim") {
        report_placeholder(object.root["spec"]["storageClassName"], "storage class", findings);
    }
    if (object.kind == "Secret") {  // placeholders in its data are no base64: KT012
        for (const Spot& value : object.root["stringData"].members()) {
            report_placeholder(value, "the secret value of '" + yaml::key_text(*value.key) + "'", findings);
        }
    }
}

}  // namespace ktrain::lint
