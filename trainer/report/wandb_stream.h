// A W&B run over the network: a bounded queue, emptied by a thread that nothing waits for.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "trainer/report/wandb.h"
#include "trainer/report/wandb_history.h"

namespace ktrain::kube {
class Http;
}

namespace ktrain::trainer {

// How long things take; tests have others.
struct WandbPace {
    using Milliseconds = std::chrono::milliseconds;
    Milliseconds send{5'000};         // between two sendings
    Milliseconds heartbeat{30'000};   // with nothing to send
    Milliseconds first_retry{1'000};  // doubled after each failure, up to the longest
    Milliseconds longest_retry{30'000};
    Milliseconds farewell{5'000};  // for what is left at the end
    std::size_t queue = 10'000;    // lines; the oldest go first
    std::size_t batch = 500;       // lines of one request
};

class WandbStream final : public Reporter {
public:
    using MakeHttp = std::function<std::unique_ptr<kube::Http>(const std::string& base_url, Clock& clock)>;

    explicit WandbStream(WandbSettings settings, WandbPace pace = {}, MakeHttp make_http = {});
    ~WandbStream() override;

    // Errors: Error{input} without a key, and those of wandb_run_id().
    void begin(const Beginning& beginning) override;
    void take(const Json& event) override;
    std::optional<std::string> trouble() override;
    // {"url", "sent", "dropped"}: lines that the service has from here, and that it has not got; with "known", lines of
    // steps that it had before. Where some were not sent the run is kept for later, and trouble() says so.
    Json finish(int exit_code) override;

private:
    class Worker;

    WandbSettings settings_;
    WandbPace pace_;
    MakeHttp make_http_;
    WandbHistory history_;
    std::shared_ptr<Worker> worker_;    // kept by its thread as well, which may outlive this by a hanging name server
    std::optional<std::string> clear_;  // the warning that the key goes over the network as it is, once
    std::optional<std::string> last_;   // what was not sent, once
    std::thread thread_;
};

}  // namespace ktrain::trainer
