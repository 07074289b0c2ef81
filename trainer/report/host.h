// The program that loaded the module: hears of events, says when to stop.
#pragma once

#include "core/base/json.h"
#include "core/run/trainer_api.h"
#include "trainer/report/reporter.h"

namespace ktrain::trainer {

// Hears every event before the program does, and may add to it.
class Listener {
public:
    virtual ~Listener() = default;
    virtual void begin(const Beginning& beginning) = 0;
    virtual void take(Json& event) = 0;
};

class Host {
public:
    explicit Host(const ktrain_host& host, Listener* listener = nullptr) : host_(host), listener_(listener) {}
    // The same program, with a listener; both must outlive it.
    Host(const Host& host, Listener& listener) : host_(host.host_), listener_(&listener) {}

    // Training begins from this state.
    void begin(const Beginning& beginning) const {
        if (listener_ != nullptr) listener_->begin(beginning);
    }
    void event(Json json) const {
        if (listener_ != nullptr) listener_->take(json);
        const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
        host_.event(host_.context, text.c_str());
    }
    void warn(const std::string& message) const { event({{"event", "warning"}, {"message", message}}); }
    // The signal that asks the run to stop, or 0.
    int stop_signal() const { return host_.stop_signal(host_.context); }

private:
    const ktrain_host& host_;
    Listener* listener_;
};

}  // namespace ktrain::trainer
