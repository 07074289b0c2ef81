// Tables behind each other.
#include "trainer/data/rows.h"

#include <algorithm>
#include <utility>

namespace ktrain::trainer {
namespace {

class JoinedRows final : public Rows {
public:
    explicit JoinedRows(std::vector<std::unique_ptr<Rows>> parts) : parts_(std::move(parts)) {
        for (const auto& part : parts_) ends_.push_back(size() + part->size());
    }
    std::uint64_t size() const override { return ends_.empty() ? 0 : ends_.back(); }
    Json read(std::uint64_t index) const override {
        const auto [part, row] = find(index);
        return part->read(row);
    }
    Place place(std::uint64_t index) const override {
        const auto [part, row] = find(index);
        return part->place(row);
    }
    bool typed() const override {
        return std::ranges::all_of(parts_, [](const auto& part) { return part->typed(); });
    }

private:
    std::pair<const Rows*, std::uint64_t> find(std::uint64_t index) const {
        const auto end = std::ranges::upper_bound(ends_, index);
        const Rows& part = *parts_[static_cast<std::size_t>(end - ends_.begin())];
        return {&part, index - (*end - part.size())};
    }

    std::vector<std::unique_ptr<Rows>> parts_;
    std::vector<std::uint64_t> ends_;  // the number of rows up to the end of each part
};

}  // namespace

std::unique_ptr<Rows> join_rows(std::vector<std::unique_ptr<Rows>> parts) {
    if (parts.size() == 1) return std::move(parts.front());
    return std::make_unique<JoinedRows>(std::move(parts));
}

}  // namespace ktrain::trainer
