// A list of two words: for trees of many nodes, which are texts or have children.
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

// In the last byte of a list that has room.
inline constexpr char small_list_mark = 0x7e;

// The part of std::vector's interface that trees need, with its rules for iterators and exceptions; holds up to 2^31
// items. T may be incomplete where the list is a member. In a union with a SmallText and a list of the other `Second` it
// is empty while one of those is not; nothing is added to it then.
template <typename T, bool Second = false>
class SmallList {
public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    SmallList() = default;
    SmallList(const SmallList& other) { assign(other.begin(), other.end()); }
    SmallList(SmallList&& other) noexcept { swap(other); }
    SmallList& operator=(SmallList other) noexcept {
        swap(other);
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
    bool is_own() const { return mark_ == small_list_mark && head_->second == (Second ? 1u : 0u); }
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
        if (!is_own() || head_->size == head_->room) resize_room(is_own() ? head_->room * 2u : 4u);
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
        if (count > (is_own() ? head_->room : 0)) resize_room(static_cast<std::uint32_t>(count));
    }
    // Gives back the room that is not used.
    void shrink_to_fit() {
        if (is_own() && head_->room != head_->size) resize_room(head_->size);
    }
    void clear() {
        release();
        head_ = nullptr;
        mark_ = 0;
    }
    void swap(SmallList& other) noexcept {
        std::swap(head_, other.head_);
        std::swap(mark_, other.mark_);
    }

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
        mark_ = head == nullptr ? 0 : small_list_mark;
    }

    void release() {
        assert(mark_ == 0 || is_own());
        if (!is_own()) return;
        std::destroy_n(items_of(head_), head_->size);
        ::operator delete(head_);
    }

    Head* head_ = nullptr;
    char unused_[7] = {};
    char mark_ = 0;  // where a SmallText has its size
};

}  // namespace ktrain
