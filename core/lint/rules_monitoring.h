// Rules of monitoring (KM).
#pragma once

#include <array>

#include "core/lint/scraping.h"

namespace ktrain::lint {

inline constexpr std::array monitoring_rules{
    Rule{"KM701", "servicemonitor", Severity::warning, "ServiceMonitor, PodMonitor, exporters of GPU metrics",
         "monitors that select none of the Services or pods that the files hold in their namespaces, ports that these "
         "do "
         "not have, ports of exporters without a name",
         "nothing is scraped, and no alert says so",
         "use the labels, the namespace and the name of the port of what is there",
         "Prometheus operator, API reference", check_monitors},
    Rule{"KM702", "dcgm-config", Severity::warning, "pods of dcgm-exporter",
         "exporters that do not know the pods that use a GPU, or do not run on all nodes with GPUs and on no others; "
         "profiling metrics and names of nodes that are missing (hints)",
         "the metrics say that a GPU idles, and not whose it is",
         "set DCGM_EXPORTER_KUBERNETES and NODE_NAME, tolerate the taint of GPU nodes and select them",
         "dcgm-exporter 4, README and dcgm-exporter.yaml", check_monitors},
    Rule{"KM703", "prometheusrule", Severity::error, "PrometheusRule",
         "expressions that Prometheus cannot read: brackets and texts that are not closed, ranges and offsets that are "
         "no time, matchers that are none or take every series, operators and functions on what they do not work on; "
         "rules that are an alert and a record, or neither, and what only alerts may have; templates in labels and "
         "annotations that are not closed or name what there is not; names of series and labels that not every "
         "Prometheus takes (warning); alerts without a severity (hint). Whether metrics exist is not checked",
         "Prometheus refuses the whole group of rules, the good ones with it",
         "correct the expression; promtool check rules says more",
         "Prometheus documentation, Querying basics; Recording rules", check_prometheus_rules},
    Rule{"KM704", "scraping", Severity::error, "ServiceMonitor, PodMonitor, Probe, ScrapeConfig",
         "a scrapeTimeout that is longer than the interval, regular expressions that are none, and actions on labels "
         "without what they need or with what they do not read",
         "the Prometheus operator leaves the whole monitor out, and nothing is scraped",
         "follow the message: each names the field that is missing or in the way",
         "prometheus-operator 0.93, pkg/prometheus/validation", check_scraping},
};

}  // namespace ktrain::lint
