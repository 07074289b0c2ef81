// A text that many values hold at once, in 16 bytes: that of the program itself, or one counted copy of all.
#pragma once

#include <atomic>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace ktrain {

// Reads as a std::string does; changes by assignment alone. Copies share their bytes, also between threads.
class SharedText {
public:
    SharedText() = default;
    SharedText(const std::string& text) : SharedText(copied(text)) {}
    SharedText(const char* text) : SharedText(copied(text)) {}
    explicit SharedText(std::string_view text) : SharedText(copied(text)) {}
    // Without a copy: for what lives as long as the program, such as the rows of a constexpr table.
    static SharedText of_program(std::string_view text) {
        return {text.data(), static_cast<std::uint32_t>(text.size()), false};
    }

    SharedText(const SharedText& other) : SharedText(other.data_, other.size_, other.counted_) {
        if (counted_) ++*uses();
    }
    SharedText(SharedText&& other) noexcept { swap(other); }
    SharedText& operator=(SharedText other) noexcept {
        swap(other);
        return *this;
    }
    ~SharedText() {
        if (counted_ && --*uses() == 0) {
            uses()->~Uses();
            ::operator delete(uses());
        }
    }

    const char* data() const { return data_; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    operator std::string_view() const { return {data_, size_}; }
    operator std::string() const { return {data_, size_}; }
    bool starts_with(std::string_view start) const { return std::string_view(*this).starts_with(start); }
    std::size_t find(std::string_view sought) const { return std::string_view(*this).find(sought); }

    friend bool operator==(const SharedText& a, const SharedText& b) {
        return std::string_view(a) == std::string_view(b);
    }
    friend bool operator==(const SharedText& a, std::string_view b) { return std::string_view(a) == b; }
    friend bool operator==(const SharedText& a, const char* b) { return std::string_view(a) == b; }
    friend bool operator==(const SharedText& a, const std::string& b) { return std::string_view(a) == b; }
    friend auto operator<=>(const SharedText& a, const SharedText& b) {
        return std::string_view(a) <=> std::string_view(b);
    }
    friend std::string operator+(std::string a, const SharedText& b) {
        return std::move(a.append(std::string_view(b)));
    }
    friend std::string operator+(const SharedText& a, std::string_view b) { return std::string(a).append(b); }

private:
    using Uses = std::atomic<std::uint32_t>;  // before the bytes of a counted text

    SharedText(const char* data, std::uint32_t size, bool counted) : data_(data), size_(size), counted_(counted) {}

    static SharedText copied(std::string_view text) {
        if (text.empty()) return {};
        char* memory = static_cast<char*>(::operator new(sizeof(Uses) + text.size()));
        new (memory) Uses(1);
        text.copy(memory + sizeof(Uses), text.size());
        return {memory + sizeof(Uses), static_cast<std::uint32_t>(text.size()), true};
    }
    Uses* uses() const { return reinterpret_cast<Uses*>(const_cast<char*>(data_) - sizeof(Uses)); }
    void swap(SharedText& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(counted_, other.counted_);
    }

    const char* data_ = "";
    std::uint32_t size_ = 0;
    bool counted_ = false;
};

static_assert(sizeof(SharedText) == 16);

}  // namespace ktrain
