// The program that loaded the module: hears of events, says when to stop.
#pragma once

#include "core/base/json.h"
#include "core/run/trainer_api.h"

namespace ktrain::trainer {

class Host {
public:
    explicit Host(const ktrain_host& host) : host_(host) {}

    void event(const Json& json) const {
        const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
        host_.event(host_.context, text.c_str());
    }
    void warn(const std::string& message) const { event({{"event", "warning"}, {"message", message}}); }
    // The signal that asks the run to stop, or 0.
    int stop_signal() const { return host_.stop_signal(host_.context); }

private:
    const ktrain_host& host_;
};

}  // namespace ktrain::trainer
