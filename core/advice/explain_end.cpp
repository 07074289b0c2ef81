// Why a pod ended badly: eviction, memory, what its log says, its exit code.
#include <fmt/format.h>

#include <algorithm>

#include "core/advice/explain.h"
#include "core/advice/failure.h"
#include "core/advice/log_cause.h"
#include "core/advice/log_text.h"
#include "core/base/text.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

constexpr std::size_t shown_lines = 20, some_logs = 3;
// Ranks that wait for one another end within this time, and any of them may be the cause.
constexpr std::chrono::seconds together{15};

// Whether the container runs ktrain, whose exit codes have a meaning.
bool runs_ktrain(const Json& pod, const Container& container) {
    if (!kube::label_value(pod, "ktrain.dev/job").empty()) return true;
    if (container.spec == nullptr) return false;
    for (const char* key : {"command", "args"})
        for (const Json& word : at_path(*container.spec, {key}))
            if (word.is_string() && word.get_ref<const std::string&>().find("ktrain") != std::string::npos) return true;
    return container.image.find("ktrain") != std::string::npos;
}

const LogTail* tail_of(const Snapshot& snapshot, const Failure& failure) {
    for (const LogTail& log : snapshot.logs)
        if (log.pod == kube::meta(*failure.pod, "name") && log.container == failure.container.name) return &log;
    return nullptr;
}

// The log, and behind it what the container left as its termination message.
std::string words_left(const Snapshot& snapshot, const Failure& failure) {
    const LogTail* log = tail_of(snapshot, failure);
    const std::string message = string_or(*failure.ended, "message");
    std::string out = log != nullptr ? log->text : "";
    if (!message.empty() && out.find(message) == std::string::npos) out += "\n" + message;
    return out;
}

std::vector<std::string> lines_left(const Snapshot& snapshot, const Failure& failure) {
    std::vector<std::string> out = split(readable_log(words_left(snapshot, failure)), '\n');
    std::erase_if(out, [](const std::string& line) { return trim(line).empty(); });
    return out;
}

std::string outcome(const Failure& failure) {
    std::string out = fmt::format("container {} of pod {}", failure.container.name, kube::meta(*failure.pod, "name"));
    if (const std::string place = place_of(*failure.pod); !place.empty()) out += " (" + place + ")";
    out += fmt::format(" ended with exit code {}", failure.code());
    if (!failure.reason().empty()) out += ", " + printable(failure.reason());
    if (failure.at) out += ", at " + kube::format_time(*failure.at);
    if (const auto restarts = number_at(*failure.container.status, {"restartCount"}); restarts > 0)
        out += fmt::format(", restarted {} times", restarts);
    return out;
}

// The container never ran: what is known is what the container runtime says, and its end says most.
bool never_began(const Failure& failure) {
    return failure.reason() == "StartError" || failure.reason() == "ContainerCannotRun";
}

void add_log(const Case& c, const Failure& failure, Finding& out) {
    if (never_began(failure)) {
        out.evidence.push_back(
            fmt::format("{}: {}", failure.reason(), printable(one_line(string_or(*failure.ended, "message")))));
        return;
    }
    std::vector<std::string> lines;
    for (const std::string& line : lines_left(c.snapshot, failure)) lines.push_back("log: " + brief(line, 400));
    const std::size_t from = lines.size() > shown_lines ? lines.size() - shown_lines : 0;
    out.evidence.insert(out.evidence.end(), lines.begin() + static_cast<std::ptrdiff_t>(from), lines.end());
}

// What goes on beside the container that failed, so that the pod, and with it the job, does not end.
void add_living(const Json& pod, const Failure& failure, Finding& out) {
    if (failure.restarted || phase_of(pod) != "Running") return;
    for (const Container& one : containers_of(pod))
        if (!one.init && one.status != nullptr && at_path(*one.status, {"state"}).contains("running"))
            out.evidence.push_back(fmt::format("the container {} goes on, so that the pod does not end", one.name));
}

// Who killed it is said in an event alone: the kubelet does, when a postStart hook fails; the kernel of the node, when
// that has no memory left.
std::optional<Finding> by_killer(const Case& c, const Failure& failure, const Words& words) {
    if (!was_killed(failure)) return std::nullopt;
    const Json node{{"kind", "Node"}, {"metadata", {{"name", string_or(at_path(*failure.pod, {"spec"}), "nodeName")}}}};
    std::vector<Event> events = c.history.of(*failure.pod);
    std::ranges::move(c.history.of(node), std::back_inserter(events));
    for (const Event& event : events) {
        const auto near = event.reason.ends_with("OOM") || event.reason == "OOMKilling" ? grace : patience;
        if (!failure.at || !event.last || std::chrono::abs(*failure.at - *event.last) >= near) continue;
        const auto found = event.reason == "FailedPostStartHook"
                               ? c.symptoms.find(Source::waiting, "PostStartHookError", event.message)
                           : event.object.kind == "Node" ? c.symptoms.find(Source::pod, event.reason, event.message)
                                                         : Symptoms::Match{};
        if (!found) continue;
        Finding out = finding_of(found, words, weight::ending);
        if (event.object.kind == "Node") quote(found, event.message, out);
        out.evidence.push_back(event.reason + ": " + printable(event.message));
        return out;
    }
    return std::nullopt;
}

// Nothing that is known: what the program said last, if anything.
Finding by_code_alone(const Case& c, const Failure& failure, const Words& words) {
    Finding out;
    out.cause = "exit-code";
    out.summary = fmt::format("the container {} ended with exit code {}", failure.container.name, failure.code());
    out.remedy = "read the log of this pod";
    out.command = fill("kubectl logs {pod} -c {container} -n {namespace}", words);
    out.weight = weight::exit_code;
    const std::vector<std::string> lines = lines_left(c.snapshot, failure);
    if (!lines.empty()) {
        out.summary += "; its last words: " + brief(trim(lines.back()), 200);
    } else if (tail_of(c.snapshot, failure) != nullptr) {
        out.summary += ", and its log is empty";
        out.remedy =
            "have it say what it does (PYTHONUNBUFFERED=1 and PYTHONFAULTHANDLER=1, sh -x), and see whether it "
            "writes its log to a file, or leaves without a word (sys.exit(1), set -e)";
        out.command = fill("kubectl get pod {pod} -n {namespace} -o yaml", words);
    }
    return out;
}

// The kubelet's or the container runtime's word first, then the log, then the exit code alone.
Finding by_exit(const Case& c, const Failure& failure) {
    const Words words = words_of(c, *failure.pod, &failure.container);
    if (auto killer = by_killer(c, failure, words)) return *killer;
    const std::string code = fmt::format("{}\n{}", failure.code(), string_or(*failure.ended, "message"));
    if (const auto certain = c.symptoms.find(Source::runtime, failure.reason(), code))
        return finding_of(certain, words, weight::ending);
    const bool ours = runs_ktrain(*failure.pod, failure.container);
    const std::string said = code + "\n" + words_left(c.snapshot, failure);
    const auto by_code = c.symptoms.find(ours ? Source::contract : Source::exit, failure.reason(), said);
    if (const auto found = cause_in_log(c.symptoms, words_left(c.snapshot, failure), !ours && !by_code)) {
        Finding out = finding_of(found, words, found.row->general ? weight::exit_code : weight::ending);
        quote(found, found.line, out);
        out.said = found.line;
        out.evidence.push_back("the log says: " + brief(trim(found.line), 400));
        return out;
    }
    if (by_code) return finding_of(by_code, words, weight::exit_code);
    if (const auto found = c.symptoms.find(Source::exit, failure.reason(), said))
        return finding_of(found, words, weight::exit_code);
    return by_code_alone(c, failure, words);
}

// A pod that the kubelet, the scheduler or an eviction ended.
std::optional<Finding> by_pod(const Case& c, const Json& pod) {
    const Json& disrupted = condition_of(pod, "DisruptionTarget");
    const std::string reason = string_or(at_path(pod, {"status"}), "reason");
    const std::string message = string_or(at_path(pod, {"status"}), "message");
    auto found = c.symptoms.find(Source::pod, reason, message);
    std::string line = fmt::format("pod {}: {}: {}", kube::meta(pod, "name"), reason, printable(message));
    if (!found && string_or(disrupted, "status") == "True") {
        const std::string why = string_or(disrupted, "reason"), text = string_or(disrupted, "message");
        found = c.symptoms.find(Source::pod, why, text);
        line = fmt::format("DisruptionTarget: {}: {}", why, printable(text));
        // Who used the eviction API tells why.
        for (const Event& event : c.history.of(pod)) {
            if (why != "EvictionByEvictionAPI" || event.source != "karpenter" || tells_of_placing(event.reason))
                continue;
            if (const auto exact = c.symptoms.find(Source::pod, event.reason, event.message)) found = exact;
            line += fmt::format("; {}: {}", event.reason, printable(event.message));
        }
    }
    if (!found) return std::nullopt;
    Finding out = finding_of(found, words_of(c, pod), weight::ending);
    out.evidence.push_back(line);
    out.object = ref_of(pod);
    out.since = time_at(disrupted, {"lastTransitionTime"});
    return out;
}

// Of the container, or of the whole pod.
std::optional<std::string> memory_limit(const Json& container, const Json& pod) {
    for (const Json* memory : {&at_path(container, {"resources", "limits", "memory"}),
                               &at_path(pod, {"spec", "resources", "limits", "memory"})})
        if (memory->is_string()) return memory->get<std::string>();
    return std::nullopt;
}

}  // namespace

Words words_of(const Case& c, const Json& object, const Container* container) {
    const ObjectRef ref = ref_of(object);
    Words out{{"kind", ref.kind}, {"name", ref.name}, {"namespace", ref.namespace_}};
    std::string lower_kind = ref.kind;
    std::ranges::transform(lower_kind, lower_kind.begin(), [](unsigned char letter) { return std::tolower(letter); });
    out["object"] = lower_kind + "/" + ref.name;
    out["root"] = kube::meta(c.snapshot.root, "name");
    if (ref.kind != "Pod") return out;
    out["pod"] = ref.name;
    out["node"] = string_or(at_path(object, {"spec"}), "nodeName");
    out["account"] = string_or(at_path(object, {"spec"}), "serviceAccountName", "default");
    out["place"] = place_of(object);
    const auto all = containers_of(object);
    if (container == nullptr && !all.empty()) container = &all.back();
    if (container == nullptr) return out;
    out["container"] = container->name;
    out["image"] = container->image;
    const auto limit = memory_limit(*container->spec, object);
    out["memory"] = limit ? fmt::format("it may (limit {})", *limit) : "its node had left";
    out["more_memory"] = limit ? "raise the memory limit"
                               : "it has no memory limit, and shares what the node has: request as much memory as it "
                                 "needs, so that it comes to a node that has it";
    return out;
}

std::optional<Finding> explain_end(const Case& c, const Json& pod) {
    if (auto out = by_pod(c, pod)) return out;
    const auto failure = failure_of(c.snapshot, pod);
    if (!failure) {
        if (phase_of(pod) != "Failed") return std::nullopt;
        Finding out;
        out.cause = "pod-failed";
        const std::string reason = string_or(at_path(pod, {"status"}), "reason", "no reason given");
        out.summary = fmt::format("the pod failed: {}", printable(reason));
        out.evidence.push_back(
            printable(string_or(at_path(pod, {"status"}), "message", "the pod's status says no more")));
        out.object = ref_of(pod);
        out.remedy = "see the events of the pod and of its node";
        out.command = fill("kubectl describe pod {pod} -n {namespace}", words_of(c, pod));
        out.weight = weight::exit_code;
        return out;
    }
    Finding out = by_exit(c, *failure);
    out.evidence.insert(out.evidence.begin(), outcome(*failure));
    add_living(pod, *failure, out);
    add_log(c, *failure, out);
    if (out.object.name.empty()) out.object = ref_of(pod);
    out.since = failure->at;
    return out;
}

std::vector<LogWish> wanted_logs(const Snapshot& snapshot) {
    std::vector<LogWish> out;
    std::optional<kube::Time> first;
    for (const Failure& failure : failures(snapshot)) {
        if (never_began(failure)) continue;
        if (out.empty()) first = failure.at;
        if (out.size() >= some_logs && !(first && failure.at && *failure.at - *first <= together)) break;
        out.push_back({kube::meta(*failure.pod, "name"), failure.container.name,
                       failure.restarted && at_path(*failure.container.status, {"state"}).contains("running")});
    }
    return out;
}

}  // namespace ktrain::advice
