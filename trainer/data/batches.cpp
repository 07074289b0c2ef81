// The threads that prepare batches and the ring they hand them over in.
#include "trainer/data/batches.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "trainer/data/random.h"

namespace ktrain::trainer {

// Batch i waits in slot i % depth until it is taken; no worker runs further ahead than the ring is deep.
struct Batches::Ring {
    std::mutex mutex;
    std::condition_variable ready, room;
    std::vector<std::optional<Batch>> slots;
    std::size_t started = 0;  // batches that a worker has taken on
    std::size_t taken = 0;    // batches that next() has handed out
    bool stopping = false;
    std::exception_ptr failure;
    std::vector<std::thread> threads;

    ~Ring() {
        {
            const std::lock_guard lock(mutex);
            stopping = true;
        }
        room.notify_all();
        for (auto& thread : threads) thread.join();
    }
};

Batches::Batches(const ImageSet& set, const Transform& transform, BatchPlan plan)
    : set_(set), transform_(transform), plan_(std::move(plan)) {
    const std::size_t samples = plan_.order.size() - std::min(plan_.first, plan_.order.size());
    count_ = (samples + plan_.size - 1) / plan_.size;
    const std::size_t workers = std::min(plan_.workers, count_);
    if (workers == 0) return;
    ring_ = std::make_unique<Ring>();
    ring_->slots.resize(2 * workers);
    for (std::size_t i = 0; i < workers; ++i) ring_->threads.emplace_back([this] { work(); });
}

Batches::~Batches() = default;

Batch Batches::make(std::size_t number) const {
    const std::size_t begin = plan_.first + number * plan_.size;
    const std::size_t samples = std::min(plan_.size, plan_.order.size() - begin);
    const auto rows = static_cast<std::int64_t>(samples);
    Batch batch{at::empty({rows, set_.channels, set_.height, set_.width}, at::kFloat), at::empty({rows}, at::kLong)};
    auto* images = batch.images.mutable_data_ptr<float>();
    auto* labels = batch.labels.mutable_data_ptr<std::int64_t>();
    for (std::size_t i = 0; i < samples; ++i) {
        const std::uint32_t index = plan_.order[begin + i];
        const std::uint64_t bits = random_bits(plan_.seed, Purpose::augment, plan_.epoch, index);
        transform_.apply(set_, index, bits, images + i * set_.image_bytes());
        labels[i] = set_.labels[index];
    }
    return batch;
}

void Batches::work() {
    Ring& ring = *ring_;
    std::unique_lock lock(ring.mutex);
    for (;;) {
        ring.room.wait(lock, [&] {
            return ring.stopping || ring.started == count_ || ring.started < ring.taken + ring.slots.size();
        });
        if (ring.stopping || ring.started == count_) return;
        const std::size_t number = ring.started++;
        lock.unlock();
        try {
            Batch batch = make(number);
            lock.lock();
            ring.slots[number % ring.slots.size()] = std::move(batch);
        } catch (...) {
            if (!lock.owns_lock()) lock.lock();
            ring.failure = std::current_exception();
        }
        ring.ready.notify_one();
    }
}

std::optional<Batch> Batches::next() {
    if (taken_ == count_) return std::nullopt;
    const std::size_t number = taken_++;
    if (!ring_) return make(number);
    std::unique_lock lock(ring_->mutex);
    auto& slot = ring_->slots[number % ring_->slots.size()];
    ring_->ready.wait(lock, [&] { return slot.has_value() || ring_->failure; });
    if (ring_->failure) std::rethrow_exception(ring_->failure);
    std::optional<Batch> batch = std::move(slot);
    slot.reset();
    ++ring_->taken;
    lock.unlock();
    ring_->room.notify_all();
    return batch;
}

}  // namespace ktrain::trainer
