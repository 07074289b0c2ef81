// Rules of cost (KC).
#pragma once

#include <array>

#include "core/lint/rule.h"

namespace ktrain::lint {

inline constexpr std::array cost_rules{
    Rule{"KC801", "budget", Severity::warning, "pod templates with GPUs",
         "jobs that may cost more than the annotation ktrain.dev/budget or --budget until their deadline, with all "
         "retries; jobs without a deadline where there is a budget. Prices are known where the pods choose a GPU or an "
         "instance",
         "a job that hangs is billed until its deadline, and again for each retry",
         "lower the deadline or the retries, or raise the budget", "docs/estimate.md; templates/prices.csv",
         check_cost},
    Rule{"KC802", "spot-mix", Severity::warning, "NodePool, pod templates",
         "lists of instances whose GPUs differ in memory or in bfloat16",
         "what runs on one of them runs out of memory on another, or in another precision: the result depends on which "
         "node was free",
         "list instances with GPUs of one kind", "templates/gpus.csv, templates/prices.csv", check_instances},
    Rule{"KC803", "idle-node", Severity::info, "NodePool",
         "NodePools that keep empty nodes for ever, or do not say when they are removed",
         "a node with GPUs is billed while it is empty",
         "set disruption.consolidationPolicy: WhenEmpty and consolidateAfter", "Karpenter documentation, Disruption",
         check_instances},
};

}  // namespace ktrain::lint
