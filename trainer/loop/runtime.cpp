// Threads by affinity and the CPU limit of the control group; allocator thresholds.
#include "trainer/loop/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <malloc.h>
#include <sched.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <fstream>
#include <string>

#include "core/base/world.h"
#include "trainer/loop/memory.h"

namespace ktrain::trainer {
namespace {

// The limit of the control group (v2, or v1) in CPUs; 0 when there is none.
double control_group_cpus() {
    std::string quota;
    double period = 0;
    if (std::ifstream file("/sys/fs/cgroup/cpu.max"); file >> quota >> period && quota != "max" && period > 0)
        return std::strtod(quota.c_str(), nullptr) / period;
    double quota_v1 = 0;
    std::ifstream quota_file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
        period_file("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
    if (quota_file >> quota_v1 && period_file >> period && quota_v1 > 0 && period > 0) return quota_v1 / period;
    return 0;
}

int usable_cpus() {
    cpu_set_t set;
    int cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    if (const double limit = control_group_cpus(); limit > 0) cpus = std::min(cpus, static_cast<int>(std::ceil(limit)));
    return std::max(1, cpus);
}

}  // namespace

int prepare_runtime(bool deterministic) {
    if (!real_env().get("OMP_NUM_THREADS")) at::set_num_threads(usable_cpus());
    // Without these, glibc gives every large buffer back to the kernel and faults it in again at the next step.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    mallopt(M_TOP_PAD, 64 << 20);
    count_tensor_memory();
    at::globalContext().setDeterministicAlgorithms(deterministic, /*warn_only=*/false);
    return at::get_num_threads();
}

}  // namespace ktrain::trainer
