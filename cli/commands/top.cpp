// `ktrain top`: the GPUs that nodes have, that pods ask for and that are free; their use, from Prometheus.
#include <fmt/format.h>

#include <map>

#include "cli/commands/cluster_flags.h"
#include "cli/commands/commands.h"
#include "cli/term/output.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/version.h"
#include "core/kube/node_gpus.h"
#include "core/kube/proxy.h"

namespace ktrain {
namespace {

using Use = std::map<std::string, double>;  // mean use of a node's GPUs in percent, by node

class TopCommand final : public Subcommand {
public:
    void declare(term::Flags& flags) override {
        flags.add(&prometheus_, {.name = "prometheus",
                                 .value = "URL",
                                 .help = "Prometheus that has dcgm-exporter's metrics, for the column USE"});
        flags.add(&output_, {.name = "output",
                             .short_name = 'o',
                             .value = "FORMAT",
                             .help = "Output format",
                             .choices = {"table", "json", "yaml"}});
        cluster_.declare(flags);
    }

    int run(term::Session& session) override {
        if (!prometheus_.empty() && !kube::is_url(prometheus_))
            throw Error(ErrorKind::usage, "--prometheus must be a URL", {}, "for example http://localhost:9090");
        Cluster cluster = cluster_.open(session);
        return until_stopped(session, "", [&] {
            kube::KubeClient& client = *cluster.client;
            const auto nodes = client.list(*kube::built_in_resource("v1", "Node"), "", {}).items;
            const auto pods = client
                                  .list(*kube::built_in_resource("v1", "Pod"), "",
                                        {"", "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed"})
                                  .items;
            show(session, kube::node_gpus(nodes, pods), use(session));
            show_warnings(session, client);
            return exit_code::done;
        });
    }

private:
    Use use(term::Session& session) const;
    void show(term::Session& session, const std::vector<kube::NodeGpus>& rows, const Use& use) const;
    void show_tables(term::Session& session, const std::vector<kube::NodeGpus>& rows, const Use& use) const;

    std::string prometheus_, output_ = "table";
    ClusterFlags cluster_;
};

// dcgm-exporter names the node in Hostname, or in hostname since 4.8. Errors: Error{unreachable}, Error{failed}.
Use TopCommand::use(term::Session& session) const {
    if (prometheus_.empty()) return {};
    kube::HttpOptions options;
    options.server = prometheus_;
    options.proxy_url = kube::proxy_of(prometheus_, session.env);
    options.user_agent = "ktrain/" + std::string(version());
    const auto http = kube::make_http(options, session.clock);
    const auto reply = http->send({.path = "/api/v1/query?query=" + kube::percent_encode("DCGM_FI_DEV_GPU_UTIL")});
    const Json answer = Json::parse(reply.body, nullptr, false);
    if (reply.trouble != kube::Trouble::none || reply.status != 200 || string_or(answer, "status") != "success")
        throw Error(
            ErrorKind::unreachable,
            fmt::format("{} gives no metrics: {}", kube::without_password(prometheus_),
                        reply.trouble == kube::Trouble::none ? fmt::format("HTTP {}", reply.status) : reply.reason),
            {}, "it must be the base URL of Prometheus; forward its port: kubectl port-forward");
    std::map<std::string, std::pair<double, int>> sums;
    for (const Json& series : at_path(answer, {"data", "result"})) {
        const Json& labels = at_path(series, {"metric"});
        const std::string node = string_or(labels, "Hostname", string_or(labels, "hostname"));
        const Json& value = at_path(series, {"value"});
        if (!value.is_array() || value.size() != 2 || !value[1].is_string()) continue;
        auto& [sum, count] = sums[node];
        sum += std::atof(value[1].get_ref<const std::string&>().c_str());
        ++count;
    }
    Use out;
    for (const auto& [node, sum] : sums) out[node] = sum.first / sum.second;
    return out;
}

void TopCommand::show(term::Session& session, const std::vector<kube::NodeGpus>& rows, const Use& use) const {
    if (output_ == "table") return show_tables(session, rows, use);
    Json nodes = Json::array();
    for (const kube::NodeGpus& row : rows) {
        const auto used = use.find(row.node);
        nodes.push_back({{"node", row.node},
                         {"product", row.product},
                         {"resource", row.resource},
                         {"status", row.status},
                         {"allocatable", row.allocatable},
                         {"requested", row.requested},
                         {"free", row.free()},
                         {"usePercent", used == use.end() ? Json(nullptr) : Json(used->second)}});
    }
    session.out.write(term::render({{"nodes", nodes}}, output_ == "json" ? term::Format::json : term::Format::yaml));
}

void TopCommand::show_tables(term::Session& session, const std::vector<kube::NodeGpus>& rows, const Use& use) const {
    if (rows.empty()) return session.note("no node offers GPUs; is the device plugin running?");
    struct Sum {
        std::int64_t nodes = 0, allocatable = 0, requested = 0, free = 0;
    };
    std::map<std::pair<std::string, std::string>, Sum> sums;
    std::vector<std::string> headers{"NODE", "PRODUCT", "RESOURCE", "GPUS", "REQUESTED", "FREE", "STATUS"};
    if (!prometheus_.empty()) headers.push_back("USE");
    term::Table table(headers);
    for (const kube::NodeGpus& row : rows) {
        Sum& sum = sums[{row.product, row.resource}];
        ++sum.nodes;
        sum.allocatable += row.allocatable;
        sum.requested += row.requested;
        sum.free += row.free();
        std::vector<std::string> cells{row.node,
                                       row.product,
                                       row.resource,
                                       std::to_string(row.allocatable),
                                       std::to_string(row.requested),
                                       std::to_string(row.free()),
                                       row.status};
        const auto used = use.find(row.node);
        if (!prometheus_.empty()) cells.push_back(used == use.end() ? "" : fmt::format("{:.0f}%", used->second));
        table.row(std::move(cells));
    }
    term::Table products({"PRODUCT", "RESOURCE", "NODES", "GPUS", "REQUESTED", "FREE"});
    for (const auto& [key, sum] : sums)
        products.row({key.first, key.second, std::to_string(sum.nodes), std::to_string(sum.allocatable),
                      std::to_string(sum.requested), std::to_string(sum.free)});
    const std::size_t width = session.out.is_terminal() ? static_cast<std::size_t>(session.out.width()) : 0;
    session.out.write(products.text(width) + "\n" + table.text(width));
}

}  // namespace

std::unique_ptr<Subcommand> make_top() {
    return std::make_unique<TopCommand>();
}

}  // namespace ktrain
