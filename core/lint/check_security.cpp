// KT042: security contexts of pods and containers, and what only Linux or Windows has.
#include <algorithm>
#include <array>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT042";

// seccompProfile and appArmorProfile: a file goes with the type Localhost, and with that alone.
void check_profile(const Pod& pod, Value context, std::string_view field) {
    const Value profile = context[field];
    if (!profile.is(yaml::Kind::mapping)) return;
    const Value file = profile["localhostProfile"];
    const bool local = profile["type"].text() == "Localhost";
    if (!local && file && profile["type"].one_of({"RuntimeDefault", "Unconfined"}))
        pod.report.at_key(rule, file, "localhostProfile goes with the type Localhost alone",
                          "remove it, or write type: Localhost");
    if (!local) return;
    const bool armor = field == "appArmorProfile";
    const std::string_view text = file.text();
    if (!file || (armor && trim(text).empty()))
        return pod.report.missing(
            rule, profile, "localhostProfile", "the type Localhost needs localhostProfile",
            armor ? "add the name of the profile" : "add the file, relative to the kubelet's folder");
    if (armor) {
        if (trim(text) != text)
            pod.report.at(rule, file, "localhostProfile " + shown(text) + " has blanks around it", "remove them");
        constexpr std::size_t most = 4095;
        if (text.size() > most)
            pod.report.at(
                rule, file,
                "localhostProfile has " + std::to_string(text.size()) + " characters, at most 4095 are allowed",
                "shorten it");
        return;
    }
    const std::string problem = inner_path_problem(text, false);
    if (!problem.empty())
        pod.report.at(rule, file, "localhostProfile " + shown(text) + " " + problem,
                      "write a path relative to the kubelet's folder");
}

bool is_user_name(std::string_view name) {
    const std::size_t slash = name.find('\\');
    const std::string_view user = slash == std::string_view::npos ? name : name.substr(slash + 1);
    const bool control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; });
    if (control || user.empty() || user.size() > 104 || user.find('\\') != std::string_view::npos) return false;
    if (user.find_first_not_of(". ") == std::string_view::npos) return false;
    if (user.find_first_of("\"/:;|=,+*?<>@[]") != std::string_view::npos) return false;
    if (slash == std::string_view::npos) return true;
    const std::string_view domain = name.substr(0, slash);
    if (domain.empty() || domain.size() > 255) return false;
    const bool netbios =
        domain.size() <= 15 && domain.front() != '.' && domain.find_first_of("/:*?\"<>|") == std::string_view::npos;
    const bool dns = std::all_of(domain.begin(), domain.end(),
                                 [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; });
    return netbios || dns;
}

void check_windows(const Pod& pod, Value context) {
    const Value options = context["windowsOptions"];
    const Value spec_name = options["gmsaCredentialSpecName"];
    const std::string problem = spec_name ? dns_subdomain_problem(spec_name.text()) : "";
    if (!problem.empty())
        pod.report.at(rule, spec_name, "gmsaCredentialSpecName " + shown(spec_name.text()) + " " + problem,
                      "use the characters that the message names");
    const Value spec = options["gmsaCredentialSpec"];
    constexpr std::size_t most = 64 * 1024;
    if (spec && (spec.text().empty() || spec.text().size() > most))
        pod.report.at(rule, spec,
                      spec.text().empty() ? "gmsaCredentialSpec is empty" : "gmsaCredentialSpec has more than 64 KiB",
                      "write the specification, or name it under gmsaCredentialSpecName");
    const Value user = options["runAsUserName"];
    if (user && !is_user_name(user.text()))
        pod.report.at(rule, user, "runAsUserName " + shown(user.text()) + " is no name of a Windows user",
                      "write USER or DOMAIN\\USER");
}

bool host_users(const Pod& pod) {
    return !pod.spec["hostUsers"] || pod.spec["hostUsers"].truth();
}

void check_escalation(const Pod& pod, Value context) {
    const Value allowed = context["allowPrivilegeEscalation"];
    if (!allowed.is(yaml::Kind::boolean) || allowed.truth()) return;
    if (context["privileged"].truth())
        pod.report.within(rule, allowed, context, "allowPrivilegeEscalation is false and privileged is true",
                          "set one of the two the other way round");
    for (const yaml::Node& name : context["capabilities"]["add"].items()) {
        if (Value(name).text() != "CAP_SYS_ADMIN") continue;
        pod.report.within(rule, allowed, context, "allowPrivilegeEscalation is false and CAP_SYS_ADMIN is added",
                          "remove one of the two");
        return;
    }
}

void check_container(const Pod& pod, Value container) {
    const Value context = container["securityContext"];
    if (!context.is(yaml::Kind::mapping)) return;
    check_profile(pod, context, "seccompProfile");
    check_profile(pod, context, "appArmorProfile");
    check_windows(pod, context);
    check_escalation(pod, context);
    if (context["procMount"].text() == "Unmasked" && host_users(pod))
        pod.report.at(rule, context["procMount"], "procMount Unmasked needs hostUsers: false",
                      "set hostUsers: false in the pod's spec, or write Default");
}

// The namespace of the kernel that a parameter belongs to: "net", "ipc" or "".
std::string_view namespace_of(std::string_view name) {
    std::string dotted(name);
    const std::size_t first = name.find_first_of("./");
    if (first != std::string_view::npos && name[first] == '/') std::replace(dotted.begin(), dotted.end(), '/', '.');
    if (dotted.starts_with("net.")) return "net";
    const bool ipc = dotted == "kernel.sem" || dotted.starts_with("kernel.shm") || dotted.starts_with("kernel.msg") ||
                     dotted.starts_with("fs.mqueue.");
    return ipc ? "ipc" : "";
}

void check_sysctls(const Pod& pod) {
    for (const yaml::Node& item : pod.security()["sysctls"].items()) {
        const Value name = Value(item)["name"];
        const std::string_view space = namespace_of(name.text());
        const char* host = space == "net" && pod.spec["hostNetwork"].truth() ? "hostNetwork"
                           : space == "ipc" && pod.spec["hostIPC"].truth()   ? "hostIPC"
                                                                             : nullptr;
        if (host == nullptr) continue;
        pod.report.at(rule, name, "sysctl " + shown(name.text()) + " would change the node, for " + host + " is true",
                      std::string("remove it, or ") + host);
    }
}

void check_host_processes(const Pod& pod) {
    const Value all = pod.security()["windowsOptions"]["hostProcess"];
    std::size_t count = 0;
    for (const PodContainer& container : pod.containers) {
        const Value own = container.value["securityContext"]["windowsOptions"]["hostProcess"];
        if (all && own && all.truth() != own.truth())
            pod.report.at(rule, own, "hostProcess differs from that of the pod", "write the same value, or remove one");
        count += own ? own.truth() : all.truth();
    }
    if (count == 0) return;
    if (count != pod.containers.size())
        pod.report.at_key(rule, pod.spec, "some containers are hostProcess and some are not",
                          "set hostProcess: true for the whole pod");
    if (!pod.spec["hostNetwork"].truth())
        pod.report.missing(rule, pod.spec, "hostNetwork", "hostProcess containers need hostNetwork: true",
                           "add hostNetwork: true to the pod's spec");
}

void check_host_users(const Pod& pod) {
    if (host_users(pod)) return;
    for (const char* field : {"hostNetwork", "hostPID", "hostIPC"}) {
        if (pod.spec[field].truth())
            pod.report.at_key(rule, pod.spec[field], std::string(field) + " does not go with hostUsers: false",
                              "remove one of the two");
    }
    for (const PodContainer& container : pod.containers) {
        const Value devices = container.value["volumeDevices"];
        if (!devices.items().empty())
            pod.report.at_key(rule, devices, "volumeDevices do not go with hostUsers: false", "remove one of the two");
    }
}

constexpr std::array<std::string_view, 4> linux_spec{"hostIPC", "hostPID", "hostUsers", "shareProcessNamespace"};
constexpr std::array<std::string_view, 11> linux_context{"appArmorProfile",
                                                         "fsGroup",
                                                         "fsGroupChangePolicy",
                                                         "runAsGroup",
                                                         "runAsUser",
                                                         "seLinuxChangePolicy",
                                                         "seLinuxOptions",
                                                         "seccompProfile",
                                                         "supplementalGroups",
                                                         "supplementalGroupsPolicy",
                                                         "sysctls"};
constexpr std::array<std::string_view, 10> linux_container{
    "allowPrivilegeEscalation", "appArmorProfile", "capabilities", "privileged",     "procMount",
    "readOnlyRootFilesystem",   "runAsGroup",      "runAsUser",    "seLinuxOptions", "seccompProfile"};

void forbid(const Pod& pod, Value owner, std::span<const std::string_view> fields, std::string_view os) {
    for (std::string_view field : fields) {
        const Value value = owner[field];
        const bool off = field.starts_with("host") && field != "hostUsers" && !value.truth();
        const bool empty = field == "sysctls" && value.items().empty();
        if (value && !off && !empty)
            pod.report.at_key(rule, value, std::string(field) + " does not go with os.name: " + std::string(os),
                              "remove it, or change os.name");
    }
}

void check_os(const Pod& pod) {
    const std::string_view os = pod.spec["os"]["name"].text();
    if (os != "linux" && os != "windows") {
        if (!os.empty())
            pod.report.within("KT006", pod.spec["os"]["name"], pod.spec["os"],
                              "name must be one of linux, windows, got " + shown(os), "write linux or windows");
        return;
    }
    constexpr std::array<std::string_view, 1> windows{"windowsOptions"};
    const bool is_linux = os == "linux";
    if (!is_linux) forbid(pod, pod.spec, linux_spec, os);
    if (!is_linux && pod.spec["resources"])
        pod.report.at_key(rule, pod.spec["resources"], "resources of a whole pod do not go with os.name: windows",
                          "move them to the containers");
    forbid(pod, pod.security(), is_linux ? std::span<const std::string_view>(windows) : linux_context, os);
    for (const PodContainer& container : pod.containers)
        forbid(pod, container.value["securityContext"],
               is_linux ? std::span<const std::string_view>(windows) : linux_container, os);
}

// The server names it as if it were in the security context.
void check_share(const Pod& pod, Value share) {
    pod.report.under(rule, share, pod.spec, "securityContext.shareProcessNamespace",
                     "shareProcessNamespace and hostPID are both true", "keep one of the two");
}

}  // namespace

void check_security(const Pod& pod) {
    const Value context = pod.security();
    check_profile(pod, context, "seccompProfile");
    check_profile(pod, context, "appArmorProfile");
    check_windows(pod, context);
    check_sysctls(pod);
    for (const PodContainer& container : pod.containers) check_container(pod, container.value);
    const Value share = pod.spec["shareProcessNamespace"];
    if (share.truth() && pod.spec["hostPID"].truth()) check_share(pod, share);
    check_host_processes(pod);
    check_host_users(pod);
    check_os(pod);
}

}  // namespace ktrain::lint
