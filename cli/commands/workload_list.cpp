// The workloads of a namespace, as `list` and `status` without a name show them.
#include "cli/commands/workload_list.h"

#include <fmt/format.h>

#include "cli/commands/workload_batch.h"
#include "cli/commands/workload_view.h"
#include "core/base/labels.h"
#include "core/kube/workload_pods.h"

namespace ktrain {
namespace {

std::string nothing(const WorkloadListFlags& flags, const std::string& in_namespace, std::size_t left_out,
                    bool all_read) {
    std::string out = all_read ? "no training jobs" : "no training jobs of the kinds that could be read";
    if (!flags.all_namespaces) out += fmt::format(" in namespace \"{}\"", in_namespace);
    if (!flags.labels.empty()) out += " with these labels";
    if (left_out > 0) out += fmt::format("; --all shows {} that ask for no accelerator", left_out);
    return out;
}

}  // namespace

void WorkloadListFlags::declare(term::Flags& flags) {
    flags.add(&all_namespaces, {.name = "all-namespaces", .short_name = 'A', .help = "Of all namespaces"});
    flags.add(&labels, {.name = "selector",
                        .short_name = 'l',
                        .value = "LABELS",
                        .help = "Only those with these labels, as kubectl has it: team=vision,tier!=test"});
    flags.add(&mine, {.name = "mine", .help = "Only those that ktrain made"});
    flags.add(&all, {.name = "all",
                     .help = "Also Jobs and Workflows that ktrain did not make and that ask for no accelerator"});
    flags.add(&output, {.name = "output",
                        .short_name = 'o',
                        .value = "FORMAT",
                        .help = "Output format",
                        .choices = {"table", "wide", "json", "yaml", "name"}});
}

void WorkloadListFlags::show(term::Session& session, Cluster& cluster) const {
    const std::string where = all_namespaces ? "" : cluster.connection.namespace_;
    std::string selector = labels;
    if (mine) selector += (selector.empty() ? "" : ",") + std::string(label_digest);
    kube::WorkloadList found = kube::list_workloads(*cluster.client, where, selector);
    const std::size_t before = found.items.size();
    if (!all) std::erase_if(found.items, [](const kube::Workload& one) { return !kube::trains(one); });
    say_unread(session, found.unread);
    if (output == "name") {
        for (const kube::Workload& one : found.items) session.out.write(one.label() + "\n");
        return;
    }
    const auto states = kube::states_of(*cluster.client, where, found.items);
    WorkloadTable options{.namespaces = all_namespaces, .wide = output == "wide", .positions = {}};
    options.positions = kube::queue_positions(*cluster.client, states);
    if (output == "json" || output == "yaml") {
        Json items = Json::array();
        for (const auto& state : states) {
            items.push_back(summary(state));
            const auto place = options.positions.find(state.uid);
            items.back()["queuePosition"] = place == options.positions.end() ? Json(nullptr) : Json(place->second);
        }
        session.out.write(term::render({{"jobs", items}}, output == "json" ? term::Format::json : term::Format::yaml));
    } else if (states.empty()) {
        session.note(nothing(*this, cluster.connection.namespace_, before, found.unread.failing.empty()));
    } else {
        const bool cut = session.out.is_terminal() && output != "wide";
        session.out.write(workload_table(states, options, session.clock)
                              .text(cut ? static_cast<std::size_t>(session.out.width()) : 0));
    }
}

}  // namespace ktrain
