// Counting of tensor memory in libtorch's allocator, and the sizes of arenas.
#include "trainer/loop/memory.h"

#include <c10/core/CPUAllocator.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>

#include "core/estimate/labels.h"
#include "trainer/tensors/bytes.h"

namespace ktrain::trainer {
namespace {

std::atomic<std::int64_t> held{0}, most_held{0};
c10::DeleterFnPtr plain_delete = nullptr;

void counted_delete(void* memory) {
    held -= static_cast<std::int64_t>(::malloc_usable_size(memory));
    plain_delete(memory);
}

// libtorch's own allocator, with a count.
class CountingAllocator final : public c10::Allocator {
public:
    explicit CountingAllocator(c10::Allocator& inner) : inner_(inner) {}

    c10::DataPtr allocate(std::size_t size) override {
        c10::DataPtr data = inner_.allocate(size);
        if (data.get() == nullptr || !data.compare_exchange_deleter(plain_delete, counted_delete)) return data;
        const std::int64_t now = held += static_cast<std::int64_t>(::malloc_usable_size(data.get()));
        for (std::int64_t most = most_held; now > most && !most_held.compare_exchange_weak(most, now);) {
        }
        return data;
    }
    c10::DeleterFnPtr raw_deleter() const override { return counted_delete; }
    void copy_data(void* to, const void* from, std::size_t size) const override { inner_.copy_data(to, from, size); }

private:
    c10::Allocator& inner_;
};

std::int64_t resident_bytes() {
    std::int64_t whole = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> whole >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

}  // namespace

void count_tensor_memory() {
    static const bool installed = [] {
        c10::Allocator* inner = c10::GetCPUAllocator();
        plain_delete = inner->raw_deleter();
        if (plain_delete == nullptr) return false;
        static CountingAllocator counting(*inner);
        c10::SetCPUAllocator(&counting);
        return true;
    }();
    static_cast<void>(installed);
}

std::int64_t tensor_bytes_held() {
    return held;
}

MemoryMeter::MemoryMeter(const Parameters& parameters, const Optimizer& optimizer, bool adapter) {
    const std::int64_t trained = parameters.bytes(true), frozen = parameters.bytes(false);
    fixed_ = {{labels::weights, adapter ? frozen : frozen + trained}};
    if (adapter) fixed_[labels::adapters] = trained;
    keeps(std::string(labels::rounded_copies), parameters.rounded_bytes());
    fixed_[labels::gradients] = parameters.gradients().nbytes();
    fixed_[labels::optimizer] = bytes_of(optimizer.state());
}

void MemoryMeter::keeps(const std::string& label, std::int64_t bytes) {
    if (bytes > 0)
        fixed_[label] = bytes;
    else
        fixed_.erase(label);
}

MemoryMeter::Step::Step(MemoryMeter& meter) : meter_(meter), before_(held) {
    most_held = before_;
}

MemoryMeter::Step::~Step() {
    meter_.activations_ = std::max(meter_.activations_, most_held - before_);
}

Json MemoryMeter::bytes() const {
    Json bytes = fixed_;
    bytes[labels::activations] = activations_;
    bytes[labels::process] = resident_bytes();
    return bytes;
}

}  // namespace ktrain::trainer
