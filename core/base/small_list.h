// A list as small as a pointer: for trees of many nodes, most of which have no children.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace ktrain {

// What stands before the items. `second` tells lists that share their place in a union apart.
struct SmallListHead {
    std::uint32_t size;
    std::uint32_t room : 31;
    std::uint32_t second : 1;
};

// The part of std::vector's interface that trees need, with its rules for iterators and exceptions; holds up to 2^31
// items. T may be incomplete where the list is a member. In a union with a list of the other `Second`, it is empty
// while that one has items.
template <typename T, bool Second = false>
class SmallList {
public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    SmallList() = default;
    SmallList(const SmallList& other) { assign(other.begin(), other.end()); }
    SmallList(SmallList&& other) noexcept : head_(std::exchange(other.head_, nullptr)) {}
    SmallList& operator=(SmallList other) noexcept {
        std::swap(head_, other.head_);
        return *this;
    }
    ~SmallList() { release(); }

    T* begin() { return data(); }
    T* end() { return data() + size(); }
    const T* begin() const { return data(); }
    const T* end() const { return data() + size(); }
    T* data() { return is_own() ? items_of(head_) : nullptr; }
    const T* data() const { return is_own() ? items_of(head_) : nullptr; }
    std::size_t size() const { return is_own() ? head_->size : 0; }
    // Whether there is room that is this list's, not the other's.
    bool is_own() const { return head_ != nullptr && head_->second == (Second ? 1u : 0u); }
    bool empty() const { return size() == 0; }
    T& operator[](std::size_t index) { return data()[index]; }
    const T& operator[](std::size_t index) const { return data()[index]; }
    T& front() { return data()[0]; }
    const T& front() const { return data()[0]; }
    T& back() { return data()[size() - 1]; }
    const T& back() const { return data()[size() - 1]; }

    void push_back(T item) { emplace_back(std::move(item)); }
    template <typename... Args>
    T& emplace_back(Args&&... args) {
        assert(head_ == nullptr || is_own());
        if (head_ == nullptr || head_->size == head_->room) resize_room(head_ == nullptr ? 4u : head_->room * 2u);
        T* place = new (items_of(head_) + head_->size) T{std::forward<Args>(args)...};
        ++head_->size;
        return *place;
    }
    T* erase(const T* at) {
        T* item = begin() + (at - begin());
        std::move(item + 1, end(), item);
        end()[-1].~T();
        --head_->size;
        return item;
    }
    template <typename Gone>
    void erase_if(Gone gone) {
        const T* kept = std::remove_if(begin(), end(), gone);
        while (end() != kept) erase(end() - 1);
    }
    template <typename Iterator>
    void assign(Iterator first, Iterator last) {
        if (first == last) {
            if (is_own()) clear();
            return;
        }
        SmallList list;
        list.resize_room(static_cast<std::uint32_t>(std::distance(first, last)));
        for (; first != last; ++first) list.emplace_back(*first);
        *this = std::move(list);
    }
    void reserve(std::size_t count) {
        if (count > (head_ == nullptr ? 0 : head_->room)) resize_room(static_cast<std::uint32_t>(count));
    }
    // Gives back the room that is not used.
    void shrink_to_fit() {
        if (is_own() && head_->room != head_->size) resize_room(head_->size);
    }
    void clear() {
        release();
        head_ = nullptr;
    }
    void swap(SmallList& other) noexcept { std::swap(head_, other.head_); }

private:
    using Head = SmallListHead;
    static constexpr std::size_t alignment = alignof(std::uint64_t);  // of what lies behind a Head

    static T* items_of(Head* head) { return reinterpret_cast<T*>(head + 1); }
    static const T* items_of(const Head* head) { return reinterpret_cast<const T*>(head + 1); }

    void resize_room(std::uint32_t room) {
        static_assert(std::is_nothrow_move_constructible_v<T> && alignof(T) <= alignment);
        const std::size_t count = size();
        Head* head = nullptr;
        if (room > 0) {
            head = static_cast<Head*>(::operator new(sizeof(Head) + room * sizeof(T)));
            new (head) Head{static_cast<std::uint32_t>(count), room & 0x7fffffffu, Second ? 1u : 0u};
            std::uninitialized_move_n(data(), count, items_of(head));
        }
        release();
        head_ = head;
    }

    void release() {
        if (head_ == nullptr) return;
        assert(is_own());
        std::destroy_n(items_of(head_), head_->size);
        ::operator delete(head_);
    }

    Head* head_ = nullptr;
};

}  // namespace ktrain
