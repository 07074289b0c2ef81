// Settings of the process that training needs: threads and memory.
#pragma once

namespace ktrain::trainer {

// Uses as many threads as this process may run at once (OMP_NUM_THREADS, if set, wins), keeps freed step buffers
// instead of returning them to the system at each step, and counts the memory of tensors from now on. When
// `deterministic`, libtorch refuses operations that could give another result the next time; ours never do. Returns the
// number of threads.
int prepare_runtime(bool deterministic = false);

}  // namespace ktrain::trainer
