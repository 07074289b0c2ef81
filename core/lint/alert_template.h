// Templates in the labels and annotations of alerts: Go's text/template with the functions of Prometheus.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ktrain::lint {

struct TemplateProblem {
    std::string message;
    std::string fix;
    bool sure = true;  // false: a newer Prometheus may know it
};

// What Prometheus cannot read in the text, or nothing. Fields are known only when an alert fires.
std::optional<TemplateProblem> read_alert_template(std::string_view text);

}  // namespace ktrain::lint
