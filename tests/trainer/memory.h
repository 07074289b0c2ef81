// Memory that can be made to end.
#pragma once

namespace ktrain::test {

// While true, every operator new of this thread throws std::bad_alloc.
extern thread_local bool memory_is_gone;

}  // namespace ktrain::test
