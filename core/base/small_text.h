// A text in 16 bytes: for trees of many nodes, most of whose texts are short.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/small_list.h"

namespace ktrain {

// Up to 15 bytes lie in it, more on the heap (up to 2^32). Reads as a std::string does; changes by assignment alone.
// In a union with a SmallList it is empty while that one has room, and moves what the list holds.
class SmallText {
public:
    SmallText() = default;
    explicit SmallText(std::string_view text) { set(text); }
    SmallText(const SmallText& other) { set(other); }
    SmallText(SmallText&& other) noexcept { take(other); }
    SmallText& operator=(const SmallText& other) {
        if (this != &other) *this = std::string_view(other);
        return *this;
    }
    SmallText& operator=(SmallText&& other) noexcept {
        if (this == &other) return *this;
        release();
        take(other);
        return *this;
    }
    SmallText& operator=(std::string_view text) {
        SmallText copy(text);
        std::swap(bytes_, copy.bytes_);
        return *this;
    }
    ~SmallText() { release(); }

    const char* data() const { return is_long() ? long_data() : bytes_.text; }
    std::size_t size() const {
        if (!is_long()) return bytes_.text[most] == small_list_mark ? 0 : static_cast<std::size_t>(bytes_.text[most]);
        std::uint32_t size = 0;
        std::memcpy(&size, bytes_.text + sizeof(char*), sizeof size);
        return size;
    }
    bool empty() const { return size() == 0; }
    operator std::string_view() const { return {data(), size()}; }
    operator std::string() const { return {data(), size()}; }

    const char* begin() const { return data(); }
    const char* end() const { return data() + size(); }
    char operator[](std::size_t index) const { return data()[index]; }
    char front() const { return data()[0]; }
    char back() const { return data()[size() - 1]; }
    std::string substr(std::size_t at, std::size_t count = std::string::npos) const {
        return std::string(std::string_view(*this).substr(at, count));
    }
    template <typename Sought>
    std::size_t find(const Sought& sought, std::size_t from = 0) const {
        return std::string_view(*this).find(sought, from);
    }
    template <typename Set>
    std::size_t find_first_of(const Set& set, std::size_t from = 0) const {
        return std::string_view(*this).find_first_of(set, from);
    }
    template <typename Set>
    std::size_t find_first_not_of(const Set& set, std::size_t from = 0) const {
        return std::string_view(*this).find_first_not_of(set, from);
    }
    template <typename Start>
    bool starts_with(const Start& start) const {
        return std::string_view(*this).starts_with(start);
    }
    template <typename End>
    bool ends_with(const End& end) const {
        return std::string_view(*this).ends_with(end);
    }

    friend bool operator==(const SmallText& a, std::string_view b) { return std::string_view(a) == b; }
    friend bool operator==(const SmallText& a, const SmallText& b) {
        return std::string_view(a) == std::string_view(b);
    }
    friend std::string operator+(const std::string& a, const SmallText& b) {
        return std::string(a).append(std::string_view(b));
    }
    friend std::string operator+(std::string&& a, const SmallText& b) {
        return std::move(a.append(std::string_view(b)));
    }
    friend std::string operator+(const SmallText& a, std::string_view b) { return std::string(a).append(b); }
    friend std::string operator+(const char* a, const SmallText& b) {
        return std::string(a).append(std::string_view(b));
    }

private:
    static constexpr std::size_t most = 15;
    static constexpr char long_mark = 0x7f;  // in place of the size

    struct alignas(char*) Bytes {
        char text[most + 1] = {};
    };

    bool is_long() const { return bytes_.text[most] == long_mark; }
    char* long_data() const {
        char* data = nullptr;
        std::memcpy(&data, bytes_.text, sizeof data);
        return data;
    }
    // Of an empty one.
    void set(std::string_view text) {
        if (text.size() <= most) {
            text.copy(bytes_.text, text.size());
            bytes_.text[most] = static_cast<char>(text.size());
            return;
        }
        char* data = static_cast<char*>(::operator new(text.size()));
        text.copy(data, text.size());
        const auto size = static_cast<std::uint32_t>(text.size());
        std::memcpy(bytes_.text, &data, sizeof data);
        std::memcpy(bytes_.text + sizeof data, &size, sizeof size);
        bytes_.text[most] = long_mark;
    }
    void take(SmallText& other) {
        std::memcpy(bytes_.text, other.bytes_.text, sizeof bytes_.text);
        std::memset(other.bytes_.text, 0, sizeof other.bytes_.text);
    }
    void release() {
        if (is_long()) ::operator delete(long_data());
    }

    Bytes bytes_;
};

}  // namespace ktrain
