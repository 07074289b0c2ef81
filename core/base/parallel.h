// Work on many equal parts with a few threads; the result does not depend on how many.
#pragma once

#include <cstddef>
#include <functional>

namespace ktrain {

// Calls work(0) ... work(count - 1), each once, from up to `threads` threads (this one among them); returns when all
// are done. Of what they throw, the exception of the smallest number is thrown on.
void in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

// The CPUs that this process may use, at least 1.
unsigned usable_cpus();

}  // namespace ktrain
