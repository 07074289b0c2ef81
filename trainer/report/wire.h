// Writing of protocol buffers, field by field: enough for the event files of TensorBoard and W&B.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace ktrain::trainer {

// The low `bytes` bytes of a number, lowest first.
inline std::string little_endian(std::uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xFF);
    return text;
}

class Message {
public:
    Message& number(unsigned field, std::int64_t value) {
        key(field, 0);
        varint(static_cast<std::uint64_t>(value));
        return *this;
    }
    Message& real(unsigned field, double value) {
        key(field, 1);
        bytes_ += little_endian(std::bit_cast<std::uint64_t>(value), 8);
        return *this;
    }
    Message& single(unsigned field, float value) {
        key(field, 5);
        bytes_ += little_endian(std::bit_cast<std::uint32_t>(value), 4);
        return *this;
    }
    Message& text(unsigned field, std::string_view value) {
        key(field, 2);
        varint(value.size());
        bytes_ += value;
        return *this;
    }
    Message& message(unsigned field, const Message& value) { return text(field, value.bytes_); }

    const std::string& bytes() const { return bytes_; }

private:
    void key(unsigned field, unsigned type) { varint(field << 3 | type); }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
        bytes_ += static_cast<char>(value);
    }

    std::string bytes_;
};

}  // namespace ktrain::trainer
