// Threads that take the next part as long as there is one.
#include "core/base/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace ktrain {

void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work) {
    std::vector<std::exception_ptr> problems(count);
    std::atomic<std::size_t> next{0};
    const auto run = [&] {
        for (std::size_t part = next++; part < count; part = next++) {
            try {
                work(part);
            } catch (...) {
                problems[part] = std::current_exception();
            }
        }
    };
    std::vector<std::jthread> helpers;
    try {
        for (std::size_t i = 1; i < std::min<std::size_t>(threads, count); ++i) helpers.emplace_back(run);
    } catch (const std::system_error&) {  // of a limit for threads: those that there are do the work
    }
    run();
    helpers.clear();  // waits
    for (const std::exception_ptr& problem : problems)
        if (problem) std::rethrow_exception(problem);
}

unsigned usable_cpus() {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1u, std::thread::hardware_concurrency());
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
}

}  // namespace ktrain
