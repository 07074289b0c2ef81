// Commands that name several workloads: finding each, and going on with the others where one fails.
#include "cli/commands/workload_batch.h"

#include <fmt/format.h>

#include <optional>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/kube/claims.h"

namespace ktrain {

kube::Workload find_workload(term::Session& session, Cluster& cluster, const kube::WorkloadName& name) {
    kube::Workload out = kube::find_workload(*cluster.client, cluster.connection.namespace_, name);
    for (const std::string& text : out.unread) session.note("not looked at: " + text);
    return out;
}

void say_unread(term::Session& session, const kube::UnreadKinds& unread) {
    if (const std::size_t all = unread.denied.size(); all > 0)
        session.note(
            fmt::format("left out: {}{}", unread.denied.front(),
                        all > 1 ? fmt::format("; and {} more kinds, for the same want of rights", all - 1) : ""));
    for (const std::string& text : unread.failing) session.note("left out: " + text);
}

void keep_claims(term::Session& session, Cluster& cluster, const kube::Workload& workload) {
    try {
        const std::string in_namespace = kube::meta(workload.object, "namespace");
        for (const std::string& claim : kube::keep_claims(*cluster.client, in_namespace, workload))
            session.note(fmt::format("persistentvolumeclaim/{} is kept", printable(claim)));
    } catch (Error& error) {
        if (error.general || error.kind == ErrorKind::bug) throw;
        error.message = fmt::format("{} was not deleted, for its volume claims could not be kept: {}", workload.label(),
                                    error.message);
        error.hint = "delete it together with the volume claims that it owns, if any: ktrain cancel --keep-data=false";
        throw;
    }
}

void for_each_workload(term::Session& session, const std::vector<kube::Workload>& workloads, std::string_view what,
                       const std::function<void(const kube::Workload&)>& work) {
    if (workloads.size() == 1) return work(workloads.front());
    std::vector<std::string> failed, left;
    std::optional<Error> first;
    for (const kube::Workload& one : workloads) {
        if (session.clock.stop_signal() != 0) return;
        if (first && first->general) {
            left.push_back(one.label());
            continue;
        }
        try {
            work(one);
        } catch (const Error& error) {
            if (error.kind == ErrorKind::bug || session.clock.stop_signal() != 0) throw;
            session.note(fmt::format("{}: {}", one.label(), error.message));
            failed.push_back(one.label());
            if (!first || error.general) first = error;
        }
    }
    if (!first) return;
    std::string message = fmt::format("{} failed for {}", what, join(failed, ", "));
    if (!left.empty()) message += fmt::format("; not tried: {}", join(left, ", "));
    throw Error(first->kind, message, {}, first->hint);
}

}  // namespace ktrain
