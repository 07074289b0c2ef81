// Annotations of pods that the server looks at: most are from before there was a field.
#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view apparmor = "container.apparmor.security.beta.kubernetes.io/";

// Source: pkg/apis/core/validation, ValidateSeccompPodAnnotations.
bool is_seccomp_profile(std::string_view text) {
    constexpr std::string_view local = "localhost/";
    if (!text.starts_with(local)) return text == "runtime/default" || text == "docker/default" || text == "unconfined";
    const std::string path = "/" + std::string(text.substr(local.size())) + "/";
    return !path.starts_with("//") && path.find("/../") == path.npos;
}

// Nothing reads them any more, and the server still looks at them.
void check_seccomp(const Pod& pod, std::string_view key, Value value) {
    const bool asks = key == "seccomp.security.alpha.kubernetes.io/pod" ||
                      key.starts_with("container.seccomp.security.alpha.kubernetes.io/");
    if (!asks || is_seccomp_profile(value.text())) return;
    pod.report.at("KT006", value, shown(value.text()) + " is no profile of seccomp",
                  "remove the annotation, and write securityContext.seccompProfile");
}

struct Profile {
    std::string_view type;        // of the field
    std::string_view annotation;  // or how it begins
};
constexpr std::array profiles{Profile{"Localhost", "localhost/"}, Profile{"RuntimeDefault", "runtime/default"},
                              Profile{"Unconfined", "unconfined"}};

// The profile of the field says the same as that of the annotation.
void check_same_profile(const Pod& pod, Value container, std::string_view text) {
    const Value own = container["securityContext"]["appArmorProfile"];
    const Value field = own ? own : pod.security()["appArmorProfile"];
    const auto row = std::ranges::find(profiles, field["type"].text(), &Profile::type);
    if (!field || row == profiles.end() || pod.spec["os"]["name"].text() == "windows") return;
    const bool local = row->type == "Localhost";
    const Value file = field["localhostProfile"];
    const bool same = local ? text.starts_with(row->annotation) : text == row->annotation;
    if (same && (!local || text.substr(row->annotation.size()) == file.text())) return;
    pod.report.at("KT042", same ? file : field["type"],
                  "the profile of AppArmor is another than that of the annotation, " + shown(text),
                  "remove the annotation");
}

// Source: pkg/apis/core/validation, ValidateAppArmorPodAnnotations.
void check_apparmor(const Pod& pod, std::string_view key, Value value) {
    if (!key.starts_with(apparmor) || pod.workflow) return;  // whose containers get their names later
    const std::string_view text = value.text(), name = key.substr(apparmor.size());
    const auto container =
        std::ranges::find(pod.containers, name, [](const PodContainer& one) { return one.value["name"].text(); });
    if (container == pod.containers.end())
        pod.report.at_key("KT042", value, "there is no container " + shown(name),
                          "remove the annotation, and write securityContext.appArmorProfile");
    const bool known = text.empty() || std::ranges::any_of(profiles, [&](const Profile& one) {
                           return one.type == "Localhost" ? text.starts_with(one.annotation) : text == one.annotation;
                       });
    if (!known)
        pod.report.at("KT042", value, shown(text) + " is no profile of AppArmor",
                      "remove the annotation, and write securityContext.appArmorProfile");
    else if (container != pod.containers.end())
        check_same_profile(pod, container->value, text);
}

void check_mirror(const Pod& pod, std::string_view key, Value value) {
    if (key == "kubernetes.io/config.mirror" && pod.spec["nodeName"].text().empty())
        pod.report.at("KT043", value, "only pods that a kubelet mirrors have this annotation, and a nodeName",
                      "remove the annotation");
}

void check_tolerations(const Pod& pod, std::string_view key, Value value) {
    if (key != "scheduler.alpha.kubernetes.io/tolerations" || value.text().empty()) return;
    const Json list = Json::parse(value.text(), nullptr, false);
    constexpr const char* fix = "remove the annotation, and write spec.tolerations";
    if (!list.is_array() && !list.is_null())
        return pod.report.within("KT024", value, pod.metadata["annotations"], "the tolerations are no list in JSON",
                                 fix);
    for (const Json& one : list) {
        const std::string word = string_or(one, "operator");
        if (!word.empty() && word != "Equal" && word != "Exists")
            pod.report.at("KT024", value, "operator must be one of Equal, Exists, got " + shown(word), fix);
    }
}

void check_deletion_cost(const Pod& pod, std::string_view key, Value value) {
    if (key != "controller.kubernetes.io/pod-deletion-cost") return;
    const std::string_view text = value.text();
    std::int32_t cost = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cost);
    const bool padded = text.size() > 1 && (text.front() == '0' || text.starts_with("-0"));
    if (text.empty() || (error == std::errc() && end == text.data() + text.size() && !padded)) return;
    pod.report.at("KT043", value, "the cost of deletion " + shown(text) + " is no 32-bit number",
                  "write a whole number");
}

}  // namespace

void check_pod_annotations(const Pod& pod) {
    for (const yaml::Entry& entry : pod.metadata["annotations"].members()) {
        const std::string key = yaml::key_text(entry.key);
        for (const auto check : {check_seccomp, check_apparmor, check_mirror, check_tolerations, check_deletion_cost})
            check(pod, key, entry.value);
    }
}

}  // namespace ktrain::lint
