// Order of an epoch.
#include "trainer/data/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

// Source: get_length_grouped_indices of transformers: chunks of at most 50 batches, at least four chunks.
void group_by_length(Order& order, const std::vector<std::uint32_t>& lengths, std::size_t batch_size) {
    const std::size_t batches = std::clamp<std::size_t>(order.size() / (batch_size * 4), 1, 50);
    const auto longer = [&](std::uint32_t a, std::uint32_t b) { return lengths[a] > lengths[b]; };
    for (std::size_t begin = 0; begin < order.size(); begin += batches * batch_size) {
        const std::size_t end = std::min(begin + batches * batch_size, order.size());
        std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(begin),
                         order.begin() + static_cast<std::ptrdiff_t>(end), longer);
    }
    // Too little memory shows in the first step.
    std::iter_swap(order.begin(), std::min_element(order.begin(), order.end(), longer));
}

std::uint64_t count_batches(std::size_t items, const SamplerOptions& options) {
    if (items == 0) throw Error(ErrorKind::input, "there is no data to make batches of");
    return (items + options.batch_size - 1) / options.batch_size;
}

}  // namespace

Sampler::Sampler(std::size_t items, SamplerOptions options)
    : items_(items), options_(std::move(options)), batches_(count_batches(items, options_)) {
    if (items > UINT32_MAX) throw Error(ErrorKind::input, fmt::format("{} samples are too many", items));
}

Order Sampler::batch(std::uint64_t number) const {
    const std::uint64_t epoch = number / batches_;
    const std::uint64_t begin = number % batches_ * options_.batch_size;
    const std::uint64_t end = std::min<std::uint64_t>(begin + options_.batch_size, items_);
    Order items(end - begin);
    if (!options_.lengths.empty()) {
        const auto order = order_by_length(epoch);
        std::copy_n(order->begin() + static_cast<std::ptrdiff_t>(begin), items.size(), items.begin());
    } else if (options_.shuffle) {
        const Permutation random(items_, options_.seed, Purpose::order, epoch);
        std::ranges::generate(items, [&, place = begin]() mutable { return random[place++]; });
    } else {
        std::iota(items.begin(), items.end(), static_cast<std::uint32_t>(begin));
    }
    return items;
}

std::shared_ptr<const Order> Sampler::order_by_length(std::uint64_t epoch) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(recent_, epoch, &Epoch::number);
    if (found != recent_.end()) return found->order;
    if (recent_.size() == 2) recent_.erase(std::ranges::min_element(recent_, {}, &Epoch::number));
    recent_.push_back({epoch, std::make_shared<const Order>(sort_epoch(epoch))});
    return recent_.back().order;
}

Order Sampler::sort_epoch(std::uint64_t epoch) const {
    Order order(items_);
    std::iota(order.begin(), order.end(), 0U);
    order = shuffled(order, options_.seed, epoch);
    group_by_length(order, options_.lengths, options_.batch_size);
    return order;
}

}  // namespace ktrain::trainer
