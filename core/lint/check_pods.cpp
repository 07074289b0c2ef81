// KX601 and KT028: the images of pods, and placeholders that nobody filled in.
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/runners.h"

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

void check_image_tags(const Object& object, const Bundle& bundle, Findings& findings) {
    each_container(object, bundle, [&](Value container, const Launch&) {
        const Value image = container["image"];
        if (!image.is(Kind::string) || image.text().empty() || is_placeholder(image.text())) return;
        if (image.text().find('@') != std::string_view::npos) return;  // a digest never moves
        const std::string_view tag = tag_of(image.text());
        if (!tag.empty() && tag != "latest") return;
        findings.add(
            "KX601", locate(object, image).place(),
            "image " + shown(image.text()) + (tag.empty() ? " has no tag, which means latest" : " has the tag latest"),
            "name a version, or a digest: image@sha256:DIGEST");
    });
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
