// All reporters of a run: chosen by the spec, fed with its events, and kept from failing it.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/spec/spec.h"
#include "trainer/report/host.h"

namespace ktrain::trainer {

class Reports final : public Listener {
public:
    // Opens what the spec asks for, before anything is trained; what somebody else holds, such as a port, is warned of
    // and done without. `spec` and `host` must outlive it. Errors: those of the reporters for what can never work.
    Reports(const TrainingSpec& spec, const Host& host);
    ~Reports() override;  // a run that ends without finish() has failed

    // Errors, here and below: those of metrics.jsonl.
    void begin(const Beginning& beginning) override;
    // Adds to the end event what the reporters say of their work: "reports": {name: ...}.
    void take(Json& event) override;

    // The run is over: waits a few seconds for what is on its way. Once only; further calls do nothing.
    void finish(int exit_code);

private:
    struct Open {
        std::string_view name;
        bool essential;  // its errors end the run
        std::unique_ptr<Reporter> reporter;
    };
    template <class Call>
    void each(Call call);

    const Host& host_;
    std::vector<Open> open_;
    Json last_words_;  // by name
    bool finished_ = false;
};

}  // namespace ktrain::trainer
