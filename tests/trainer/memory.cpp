// The allocation functions of the test program. In a file of their own, so that they are not inlined.
#include "tests/trainer/memory.h"

#include <cstdlib>
#include <new>

thread_local bool ktrain::test::memory_is_gone = false;

void* operator new(std::size_t size) {
    void* memory = ktrain::test::memory_is_gone ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void operator delete(void* memory) noexcept {
    std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
