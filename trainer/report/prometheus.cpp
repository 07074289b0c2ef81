// LiveMetrics as a collectable of prometheus-cpp.
#include "trainer/report/prometheus.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/error.h"
#include "core/base/signals_blocked.h"
#include "trainer/report/live_metrics.h"

namespace ktrain::trainer {
namespace {

using std::chrono::steady_clock;

class Page final : public prometheus::Collectable {
public:
    void take(const Json& event) { metrics_.take(event, steady_clock::now()); }

    std::vector<prometheus::MetricFamily> Collect() const override {
        std::vector<prometheus::MetricFamily> families;
        for (const auto& [row, component, value] : metrics_.samples(steady_clock::now())) {
            const bool counter = row->name.ends_with("_total");
            if (families.empty() || families.back().name != row->name)
                families.push_back({std::string(row->name),
                                    std::string(row->help),
                                    counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
                                    {}});
            prometheus::ClientMetric metric;
            if (!component.empty()) metric.label = {{"component", component}};
            (counter ? metric.counter.value : metric.gauge.value) = value;
            families.back().metric.push_back(metric);
        }
        return families;
    }

private:
    LiveMetrics metrics_;
};

// Nothing of ours: the answer itself is what counts.
class EmptyPage final : public prometheus::Collectable {
    std::vector<prometheus::MetricFamily> Collect() const override { return {}; }
};

// Why nobody can listen on the port, as errno; the library does not tell. 0: it is free now.
int reason(std::int64_t port) {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const int code = ::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
    ::close(probe);
    return code;
}

class Endpoint final : public Reporter {
public:
    explicit Endpoint(const std::string& addresses) : exposer_({"listening_ports", addresses, "num_threads", "2"}) {
        exposer_.RegisterCollectable(page_, "/metrics");
        exposer_.RegisterCollectable(empty_, "/healthz");
    }

    void take(const Json& event) override {
        page_->take(event);
        const std::string kind = string_or(event, "event");
        if (ready_ || (kind != "progress" && kind != "step")) return;
        ready_ = true;
        exposer_.RegisterCollectable(empty_, "/readyz");
    }

private:
    std::shared_ptr<Page> page_ = std::make_shared<Page>();
    std::shared_ptr<EmptyPage> empty_ = std::make_shared<EmptyPage>();
    bool ready_ = false;
    prometheus::Exposer exposer_;  // last: its threads end first
};

std::unique_ptr<Reporter> try_to_open(std::int64_t port) {
    const SignalsBlocked blocked;           // in the threads of the server
    for (const char* prefix : {"+", ""}) {  // IPv6 as well, where the machine has it
        try {
            return std::make_unique<Endpoint>(fmt::format("{}{}", prefix, port));
        } catch (const std::exception&) {
            continue;
        }
    }
    return nullptr;
}

}  // namespace

std::unique_ptr<Reporter> open_prometheus(std::int64_t port, std::chrono::milliseconds patience, Clock& clock) {
    constexpr std::chrono::milliseconds pause{100};
    for (std::chrono::milliseconds waited{0};; waited += pause) {
        if (auto endpoint = try_to_open(port)) return endpoint;
        const int code = reason(port);
        const bool may_pass = code == 0 || code == EADDRINUSE;  // whoever has it may be about to end
        if (may_pass && waited < patience && clock.sleep(pause)) continue;
        throw Error(may_pass ? ErrorKind::conflict : ErrorKind::input,
                    fmt::format("cannot serve metrics on port {}: {}", port,
                                code == 0 ? "the web server did not start" : std::strerror(code)),
                    {"", 0, 0, "monitoring.metrics_port"},
                    "--metrics_port=PORT with another one, or 0 for no endpoint");
    }
}

}  // namespace ktrain::trainer
