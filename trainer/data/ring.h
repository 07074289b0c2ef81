// Items made ahead of use by threads and handed out in order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace ktrain::trainer {

// Item i waits in slot i % depth until it is taken; no worker runs further ahead than the ring is deep.
template <typename Item>
class Ring {
public:
    // Items 0 to count - 1 are made by `make`, by all `workers` at once; with no workers by next() itself.
    Ring(std::size_t count, std::size_t workers, std::function<Item(std::size_t)> make)
        : count_(count), make_(std::move(make)), slots_(2 * workers) {
        for (std::size_t i = 0; i < workers; ++i) threads_.emplace_back([this](std::stop_token stop) { work(stop); });
    }
    // Stops the workers, after the items that they are making.
    ~Ring() {
        for (auto& thread : threads_) thread.request_stop();
    }
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    // Nothing after the last. What `make` throws for an item is thrown in its place. For one thread.
    std::optional<Item> next() {
        if (taken_ == count_) return std::nullopt;
        if (threads_.empty()) return make_(taken_++);
        std::unique_lock lock(mutex_);
        Slot& slot = slots_[taken_ % slots_.size()];
        ready_.wait(lock, [&] { return slot.item || slot.failure; });
        Slot made = std::exchange(slot, {});
        ++taken_;
        lock.unlock();
        room_.notify_one();
        if (made.failure) std::rethrow_exception(made.failure);
        return std::move(made.item);
    }

private:
    struct Slot {
        std::optional<Item> item;
        std::exception_ptr failure;
    };

    void work(const std::stop_token& stop) {
        const auto may_go_on = [&] { return started_ == count_ || started_ < taken_ + slots_.size(); };
        std::unique_lock lock(mutex_);
        while (room_.wait(lock, stop, may_go_on) && !stop.stop_requested() && started_ < count_) {
            const std::size_t number = started_++;
            lock.unlock();
            Slot made;
            try {
                made.item = make_(number);
            } catch (...) {
                made.failure = std::current_exception();
            }
            lock.lock();
            slots_[number % slots_.size()] = std::move(made);
            ready_.notify_one();
        }
    }

    const std::size_t count_;
    const std::function<Item(std::size_t)> make_;
    std::mutex mutex_;
    std::condition_variable ready_;
    std::condition_variable_any room_;
    std::vector<Slot> slots_;
    std::size_t started_ = 0;            // items that a worker has taken on
    std::size_t taken_ = 0;              // items that next() has handed out
    std::vector<std::jthread> threads_;  // last: they are joined before anything else goes
};

}  // namespace ktrain::trainer
