// KT040: probes and hooks of containers: one handler each, and where they may stand.
#include <algorithm>
#include <array>

#include "core/base/api_names.h"
#include "core/base/text.h"
#include "core/lint/pods.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT040";
constexpr std::int64_t standard_grace = 30;  // seconds

constexpr std::array<std::string_view, 5> handlers{"exec", "httpGet", "tcpSocket", "grpc", "sleep"};

void check_sleep(const Pod& pod, Value sleep) {
    const std::int64_t grace = pod.spec["terminationGracePeriodSeconds"].number().value_or(standard_grace);
    const std::int64_t seconds = sleep["seconds"].number().value_or(0);
    if (seconds >= 0 && seconds <= grace) return;
    pod.report.within(rule, sleep["seconds"], sleep,
                      "the hook sleeps " + std::to_string(seconds) + " s, and the pod has " + std::to_string(grace) +
                          " s to end (terminationGracePeriodSeconds)",
                      "sleep at most as long as the grace period");
}

// The server keeps the first handler and refuses the others.
void check_handler(const Pod& pod, Value owner, std::string_view what) {
    if (!owner.is(yaml::Kind::mapping)) return;
    std::string_view first;
    for (std::string_view name : handlers) {
        const Value handler = owner[name];
        if (!handler) continue;
        if (first.empty()) {
            first = name;
            if (name == "sleep" && handler.is(yaml::Kind::mapping)) check_sleep(pod, handler);
        } else {
            pod.report.at_key(rule, handler,
                              std::string(what) + " has both " + std::string(first) + " and " + std::string(name),
                              "keep one of them");
        }
    }
    if (!first.empty() || is_misspelt(owner, handlers)) return;
    const bool hook = what == "postStart" || what == "preStop";
    pod.report.at_key(
        rule, owner, std::string(what) + " has no handler",
        hook ? "add one of exec, httpGet, sleep, tcpSocket" : "add one of exec, grpc, httpGet, tcpSocket");
}

void check_probe(const Pod& pod, Value probe, std::string_view what) {
    check_handler(pod, probe, what);
    const Value success = probe["successThreshold"];
    if (what != "readinessProbe" && success.number().value_or(1) > 1)
        pod.report.at(rule, success,
                      "successThreshold of a " + std::string(what) + " must be 1, got " + shown(success.node()->text),
                      "remove it");
    const Value grace = probe["terminationGracePeriodSeconds"];
    if (what == "readinessProbe" && grace)
        pod.report.at_key(rule, grace, "a readinessProbe ends no container and takes no terminationGracePeriodSeconds",
                          "remove it");
}

constexpr std::array<std::string_view, 2> windows_signals{"SIGKILL", "SIGTERM"};
constexpr std::array<std::string_view, 36> linux_signals{
    "SIGABRT", "SIGALRM",   "SIGBUS",  "SIGCHLD",   "SIGCLD",   "SIGCONT", "SIGFPE",  "SIGHUP",   "SIGILL",
    "SIGINT",  "SIGIO",     "SIGIOT",  "SIGKILL",   "SIGPIPE",  "SIGPOLL", "SIGPROF", "SIGPWR",   "SIGQUIT",
    "SIGSEGV", "SIGSTKFLT", "SIGSTOP", "SIGSYS",    "SIGTERM",  "SIGTRAP", "SIGTSTP", "SIGTTIN",  "SIGTTOU",
    "SIGURG",  "SIGUSR1",   "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ", "SIGRTMIN", "SIGRTMAX"};

// SIGRTMIN+1 to SIGRTMIN+15, SIGRTMAX-1 to SIGRTMAX-14.
bool is_real_time(std::string_view name) {
    const bool low = name.starts_with("SIGRTMIN+");
    if (!low && !name.starts_with("SIGRTMAX-")) return false;
    const std::string_view digits = name.substr(9);
    if (digits.empty() || digits.size() > 2 || digits.find_first_not_of("0123456789") != std::string_view::npos)
        return false;
    const int number = std::stoi(std::string(digits));
    return digits.front() != '0' && number >= 1 && number <= (low ? 15 : 14);
}

// The server drops the field, whatever it is, while its feature ContainerStopSignals is off, as it is by default.
void check_signal(const Pod& pod, Value signal) {
    if (!signal.is(yaml::Kind::string)) return;
    const std::string_view os = pod.spec["os"]["name"].text();
    if (!pod.spec["os"])
        return pod.report.note(rule, signal, "stopSignal needs spec.os.name",
                               "add os: {name: linux} to the pod's spec");
    const bool windows = os == "windows";
    const std::span<const std::string_view> names =
        windows ? std::span<const std::string_view>(windows_signals) : linux_signals;
    const bool known = std::find(names.begin(), names.end(), signal.text()) != names.end() ||
                       (!windows && is_real_time(signal.text()));
    if (known || (!windows && os != "linux")) return;
    const std::string near = nearest(signal.text(), names);
    pod.report.note(rule, signal, "no signal is called " + shown(signal.text()) + " on " + std::string(os),
                    near.empty() ? "write SIGTERM or another signal" : "did you mean '" + near + "'?");
}

constexpr std::array<std::string_view, 4> long_lived{"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"};

void check_container(const Pod& pod, const PodContainer& container) {
    const bool once = container.role == Role::init || container.role == Role::ephemeral;
    for (std::string_view field : long_lived) {
        const Value value = container.value[field];
        if (!value) continue;
        if (once) {
            pod.report.at_key(
                rule, value,
                container.role == Role::init
                    ? "an init container may have a " + std::string(field) + " only with restartPolicy: Always"
                    : "an ephemeral container may not have a " + std::string(field),
                "remove it");
        } else if (field != "lifecycle") {
            check_probe(pod, value, field);
        } else {
            for (std::string_view hook : {"postStart", "preStop"}) check_handler(pod, value[hook], hook);
            check_signal(pod, value["stopSignal"]);
        }
    }
}

}  // namespace

void check_handlers(const Pod& pod) {
    for (const PodContainer& container : pod.containers) check_container(pod, container);
}

}  // namespace ktrain::lint
