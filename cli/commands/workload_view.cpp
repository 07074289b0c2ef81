// How workloads, pods and events are shown: as rows of tables and as JSON.
#include "cli/commands/workload_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

template <typename Value>
Json or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json summary(const kube::Progress& progress) {
    return {{"percent", or_null(progress.percent)},
            {"secondsLeft", progress.left ? Json(progress.left->count()) : Json(nullptr)},
            {"loss", or_null(progress.loss)},
            {"at", time_json(progress.at)}};
}

// "team", or "team #3" of the one that is third in it.
std::string queue_text(const kube::WorkloadState& state, const std::map<std::string, int>& positions) {
    const auto place = positions.find(state.uid);
    return place == positions.end() ? state.queue : fmt::format("{} #{}", state.queue, place->second);
}

}  // namespace

std::string age(std::optional<kube::Time> from, std::optional<kube::Time> to, const Clock& clock) {
    if (!from) return "";
    return human_duration(std::chrono::duration_cast<std::chrono::seconds>(to.value_or(clock.now()) - *from));
}

Json time_json(const std::optional<kube::Time>& time) {
    return time ? Json(kube::format_time(*time)) : Json(nullptr);
}

Json summary(const kube::WorkloadState& state) {
    return {{"name", state.name},
            {"namespace", state.namespace_},
            {"kind", state.kind == nullptr ? "" : state.kind->kind},
            {"group", state.kind == nullptr ? "" : state.kind->group},
            {"status", state.status()},
            {"reason", state.reason},
            {"message", state.message},
            {"specDigest", state.digest},
            {"queue", state.queue},
            {"completions", state.wanted},
            {"active", state.active},
            {"ready", state.ready},
            {"succeeded", state.succeeded},
            {"failed", state.failed},
            {"restarts", state.restarts},
            {"progress", state.progress.told() ? summary(state.progress) : Json(nullptr)},
            {"created", time_json(state.created)},
            {"started", time_json(state.started)},
            {"finished", time_json(state.finished)}};
}

Json summary(const kube::PodState& pod) {
    return {{"name", pod.name},
            {"rank", pod.rank < 0 ? Json(nullptr) : Json(pod.rank)},
            {"status", pod.status},
            {"message", pod.message},
            {"node", pod.node},
            {"restarts", pod.restarts},
            {"exitCode", or_null(pod.exit_code)},
            {"created", time_json(pod.created)}};
}

Json summary(const kube::EventLine& event) {
    return {{"object", event.object},   {"type", event.type},   {"reason", event.reason},
            {"message", event.message}, {"count", event.count}, {"last", time_json(event.last)}};
}

ProgressText progress_text(const kube::Progress& progress) {
    ProgressText out;
    if (progress.percent) out.percent = fmt::format("{:.0f}%", *progress.percent);
    if (progress.left) out.left = human_duration(*progress.left);
    if (progress.loss) out.loss = fmt::format("{:.4g}", *progress.loss);
    return out;
}

term::Table workload_table(const std::vector<kube::WorkloadState>& states, const WorkloadTable& options,
                           const Clock& clock) {
    const auto any = [&](auto has) { return options.wide || std::any_of(states.begin(), states.end(), has); };
    const bool queues = any([](const auto& state) { return !state.queue.empty(); });
    const bool done = any([](const auto& state) { return state.progress.percent.has_value(); });
    const bool left = any([](const auto& state) { return state.progress.left.has_value(); });
    const bool loss = any([](const auto& state) { return state.progress.loss.has_value(); });
    std::vector<std::string> headers{"NAME", "KIND", "STATUS", "READY", "RESTARTS"};
    if (options.namespaces) headers.insert(headers.begin(), "NAMESPACE");
    if (queues) headers.push_back("QUEUE");
    if (done) headers.push_back("DONE");
    if (left) headers.push_back("ETA");
    if (loss) headers.push_back("LOSS");
    headers.insert(headers.end(), {"DURATION", "AGE"});
    if (options.wide) headers.insert(headers.end(), {"SUCCEEDED", "FAILED", "DIGEST", "REASON"});
    term::Table table(headers);
    for (const kube::WorkloadState& state : states) {
        std::vector<std::string> row{state.name, std::string(state.kind == nullptr ? "" : state.kind->kind),
                                     std::string(state.status()), fmt::format("{}/{}", state.ready, state.wanted),
                                     std::to_string(state.restarts)};
        if (options.namespaces) row.insert(row.begin(), state.namespace_);
        if (queues) row.push_back(queue_text(state, options.positions));
        const ProgressText told = progress_text(state.progress);
        if (done) row.push_back(told.percent);
        if (left) row.push_back(told.left);
        if (loss) row.push_back(told.loss);
        row.push_back(age(state.started, state.finished, clock));
        row.push_back(age(state.created, {}, clock));
        if (options.wide)
            row.insert(row.end(),
                       {std::to_string(state.succeeded), std::to_string(state.failed), state.digest, state.reason});
        table.row(std::move(row));
    }
    return table;
}

term::Table event_table(const std::vector<kube::EventLine>& events, const Clock& clock) {
    term::Table table({"AGE", "TYPE", "REASON", "OBJECT", "MESSAGE"});
    for (const kube::EventLine& event : events)
        table.row({age(event.last, {}, clock), event.type, event.reason, event.object,
                   event.count > 1 ? fmt::format("{} (x{})", event.message, event.count) : event.message});
    return table;
}

std::string noun(const kube::WorkloadKind* kind) {
    return kind == nullptr ? "job" : lower(kind->kind);
}

}  // namespace ktrain
