// The families of rules about what stands around pods: cost, monitoring, quotas, storage.
#pragma once

#include "core/lint/rules_cost.h"
#include "core/lint/rules_monitoring.h"
#include "core/lint/rules_quota.h"
#include "core/lint/rules_storage.h"
