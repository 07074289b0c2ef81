// Work on many equal parts with a few threads; the result does not depend on how many.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace ktrain {

// Calls work(0) ... work(count - 1), each once, from up to `threads` threads (this one among them); returns when all
// are done. Of what they throw, the exception of the smallest number is thrown on.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

// One T for each thread that asks, made when it first does: caches that need no lock while they are used.
template <class T>
class PerThread {
public:
    T& mine() {
        const std::lock_guard lock(mutex_);
        return values_[std::this_thread::get_id()];  // nodes stay where they are
    }

private:
    std::mutex mutex_;
    std::unordered_map<std::thread::id, T> values_;
};

// The CPUs that this process may use, at least 1.
unsigned usable_cpus();

}  // namespace ktrain
