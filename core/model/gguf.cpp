// Reading of GGUF headers.
#include "core/model/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/file_error.h"
#include "core/base/text.h"
#include "core/model/config_limits.h"

namespace ktrain {
namespace {

constexpr std::uint64_t most_header = 64u << 20;  // bytes; a vocabulary takes some MiB
constexpr std::uint64_t most_keys = 1u << 16;
constexpr std::uint64_t most_tensors = 1u << 18;
constexpr std::uint64_t longest_name = 65535;                   // of a key, by the format; of tensors, far less
constexpr std::uint64_t longest_text = 1024;                    // that is kept: templates for chats are longer
constexpr std::uint64_t longest_array = config_limits::layers;  // values that are looked at: one for each layer
constexpr std::uint32_t most_dimensions = 4;
constexpr std::uint64_t chunk = 1u << 20;

struct GgmlType {
    std::uint32_t number;
    std::string_view name;
    std::uint64_t elements, bytes;  // of a block
};

// Source: ggml.h and ggml-common.h of ggml.
constexpr std::array types{
    GgmlType{0, "F32", 1, 4},         GgmlType{1, "F16", 1, 2},         GgmlType{2, "Q4_0", 32, 18},
    GgmlType{3, "Q4_1", 32, 20},      GgmlType{6, "Q5_0", 32, 22},      GgmlType{7, "Q5_1", 32, 24},
    GgmlType{8, "Q8_0", 32, 34},      GgmlType{9, "Q8_1", 32, 36},      GgmlType{10, "Q2_K", 256, 84},
    GgmlType{11, "Q3_K", 256, 110},   GgmlType{12, "Q4_K", 256, 144},   GgmlType{13, "Q5_K", 256, 176},
    GgmlType{14, "Q6_K", 256, 210},   GgmlType{15, "Q8_K", 256, 292},   GgmlType{16, "IQ2_XXS", 256, 66},
    GgmlType{17, "IQ2_XS", 256, 74},  GgmlType{18, "IQ3_XXS", 256, 98}, GgmlType{19, "IQ1_S", 256, 50},
    GgmlType{20, "IQ4_NL", 32, 18},   GgmlType{21, "IQ3_S", 256, 110},  GgmlType{22, "IQ2_S", 256, 82},
    GgmlType{23, "IQ4_XS", 256, 136}, GgmlType{24, "I8", 1, 1},         GgmlType{25, "I16", 1, 2},
    GgmlType{26, "I32", 1, 4},        GgmlType{27, "I64", 1, 8},        GgmlType{28, "F64", 1, 8},
    GgmlType{29, "IQ1_M", 256, 56},   GgmlType{30, "BF16", 1, 2},       GgmlType{34, "TQ1_0", 256, 54},
    GgmlType{35, "TQ2_0", 256, 66},   GgmlType{39, "MXFP4", 32, 17},
};
static_assert(std::ranges::is_sorted(types, {}, &GgmlType::number));

enum class ValueType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, array, u64, i64, f64 };

// Bytes of a value; 0 for those that have a length of their own.
constexpr std::array<std::uint64_t, 13> value_bytes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

// Reads on through the file, of which one chunk is in memory.
class Cursor {
public:
    explicit Cursor(const PartedFile& file) : file_(file) {}

    [[noreturn]] void fail(const std::string& what) const {
        refuse(file_.name, fmt::format("{} is no valid GGUF file: {}", file_.name, what), "copy the file again");
    }

    std::uint64_t at() const { return at_; }

    std::string_view take(std::uint64_t count) {
        need(count);
        if (at_ < start_ || at_ + count > start_ + chunk_.size()) {
            chunk_ = file_.read(at_, std::min(std::max(count, chunk), file_.size - at_));
            start_ = at_;
            if (chunk_.size() < count) fail(fmt::format("it ends at byte {}", start_ + chunk_.size()));
        }
        const std::string_view bytes = std::string_view(chunk_).substr(at_ - start_, count);
        at_ += count;
        return bytes;
    }

    void skip(std::uint64_t count) {
        need(count);
        at_ += count;
    }

    std::uint64_t number(std::uint64_t bytes) {
        std::uint64_t value = 0;
        const std::string_view text = take(bytes);
        for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(text[i]);
        return value;
    }

    // A length and so many bytes.
    std::string text(std::uint64_t most) {
        const std::uint64_t length = number(8);
        if (length > most) fail(fmt::format("a name of {} bytes at byte {}", length, at_));
        return std::string(take(length));
    }

private:
    void need(std::uint64_t count) const {
        if (count > file_.size - at_) fail(fmt::format("it ends at byte {}, in the middle of its header", file_.size));
        if (at_ + count > most_header) fail(fmt::format("its header has more than {} MiB", most_header >> 20));
    }

    const PartedFile& file_;
    std::uint64_t at_ = 0, start_ = 0;
    std::string chunk_;
};

ValueType value_type(Cursor& cursor) {
    const std::uint64_t type = cursor.number(4);
    if (type >= value_bytes.size()) cursor.fail(fmt::format("a value of the unknown type {}", type));
    return static_cast<ValueType>(type);
}

// Whole numbers and truth values; 0 for fractions.
std::int64_t whole_number(Cursor& cursor, ValueType type) {
    const std::uint64_t bytes = value_bytes[static_cast<std::size_t>(type)], value = cursor.number(bytes);
    switch (type) {
        case ValueType::f32:
        case ValueType::f64:
            return 0;
        case ValueType::i8:
            return static_cast<std::int8_t>(value);
        case ValueType::i16:
            return static_cast<std::int16_t>(value);
        case ValueType::i32:
            return static_cast<std::int32_t>(value);
        default:
            return static_cast<std::int64_t>(value);
    }
}

GgufValue array_value(Cursor& cursor) {
    const ValueType type = value_type(cursor);
    const std::uint64_t length = cursor.number(8);
    GgufValue value{0, static_cast<std::int64_t>(std::min<std::uint64_t>(length, INT64_MAX)), ""};
    if (type == ValueType::array) cursor.fail("an array of arrays");
    if (type == ValueType::text) {
        for (std::uint64_t i = 0; i < length; ++i) cursor.skip(cursor.number(8));
    } else if (const std::uint64_t bytes = value_bytes[static_cast<std::size_t>(type)]; length > most_header / bytes) {
        cursor.fail(fmt::format("an array of {} values", length));
    } else if (length > longest_array) {
        cursor.skip(length * bytes);
    } else {
        for (std::uint64_t i = 0; i < length; ++i) value.number = std::max(value.number, whole_number(cursor, type));
    }
    return value;
}

GgufValue read_value(Cursor& cursor) {
    const ValueType type = value_type(cursor);
    if (type == ValueType::array) return array_value(cursor);
    if (type != ValueType::text) return {whole_number(cursor, type)};
    const std::uint64_t length = cursor.number(8);
    if (length <= longest_text) return {0, {}, std::string(cursor.take(length))};
    cursor.skip(length);
    return {};
}

// A tensor, and where its data ends behind the header's end.
struct Stored {
    WeightTensor tensor;
    std::uint64_t bytes = 0, end = 0;
};

Stored read_tensor(Cursor& cursor) {
    Stored stored;
    WeightTensor& tensor = stored.tensor;
    tensor.name = cursor.text(longest_name);
    const std::string name = printable(tensor.name);
    const std::uint64_t dimensions = cursor.number(4);
    if (dimensions > most_dimensions) cursor.fail(fmt::format("tensor {} has {} dimensions", name, dimensions));
    std::int64_t elements = 1, row = 1;
    for (std::uint64_t i = 0; i < dimensions; ++i) {
        const auto size = static_cast<std::int64_t>(cursor.number(8));
        if (size < 0 || __builtin_mul_overflow(elements, size, &elements))
            cursor.fail(fmt::format("tensor {} has an impossible shape", name));
        if (i == 0) row = size;
        tensor.shape.push_back(size);
    }
    std::ranges::reverse(tensor.shape);
    const std::uint64_t type = cursor.number(4), offset = cursor.number(8);
    const auto known = std::ranges::find(types, type, &GgmlType::number);
    tensor.type = known == types.end() ? fmt::format("type {}", type) : std::string(known->name);
    if (known != types.end()) {
        const auto count = static_cast<std::uint64_t>(elements);
        if (static_cast<std::uint64_t>(row) % known->elements != 0 ||
            __builtin_mul_overflow(count / known->elements, known->bytes, &stored.bytes))
            cursor.fail(fmt::format("tensor {} has rows of {} elements, which {} cannot hold", name, row, known->name));
    }
    if (__builtin_add_overflow(offset, stored.bytes, &stored.end))
        cursor.fail(fmt::format("tensor {} begins at {}", name, offset));
    return stored;
}

void read_metadata(Cursor& cursor, std::uint64_t keys, Gguf& gguf) {
    for (std::uint64_t i = 0; i < keys; ++i) {
        std::string key = cursor.text(longest_name);
        const std::string shown = printable(key);
        if (!gguf.metadata.emplace(std::move(key), read_value(cursor)).second)
            cursor.fail(fmt::format("the key {} is there twice", shown));
    }
}

}  // namespace

std::int64_t Gguf::number(std::string_view key, std::int64_t fallback) const {
    const auto row = metadata.find(key);
    return row == metadata.end() ? fallback : row->second.number;
}

std::string Gguf::text(std::string_view key) const {
    const auto row = metadata.find(key);
    return row == metadata.end() ? "" : row->second.text;
}

Gguf parse_gguf(const PartedFile& file) {
    Cursor cursor(file);
    if (cursor.take(4) != "GGUF") cursor.fail("it does not begin with GGUF");
    const std::uint64_t version = cursor.number(4);
    if (version != 0 && (version & 0xFFFF) == 0) cursor.fail("its numbers are big-endian");
    if (version != 2 && version != 3) cursor.fail(fmt::format("version {} is not known, only 2 and 3 are", version));
    const std::uint64_t tensors = cursor.number(8), keys = cursor.number(8);
    if (tensors > most_tensors) cursor.fail(fmt::format("{} tensors are more than any model has", tensors));
    if (keys > most_keys) cursor.fail(fmt::format("{} keys are more than any model has", keys));
    Gguf gguf;
    read_metadata(cursor, keys, gguf);
    std::set<std::string, std::less<>> names;
    std::string last;
    std::uint64_t end = 0;
    for (std::uint64_t i = 0; i < tensors; ++i) {
        Stored stored = read_tensor(cursor);
        if (!names.insert(stored.tensor.name).second)
            cursor.fail(fmt::format("tensor {} is there twice", printable(stored.tensor.name)));
        if (stored.end >= end) last = printable(stored.tensor.name);
        end = std::max(end, stored.end);
        gguf.bytes += stored.bytes;
        gguf.tensors.push_back(std::move(stored.tensor));
    }
    const std::int64_t alignment = gguf.number("general.alignment", 32);
    if (alignment < 1 || alignment > 1 << 20) cursor.fail(fmt::format("an alignment of {}", alignment));
    const auto step = static_cast<std::uint64_t>(alignment);
    const std::uint64_t data = (cursor.at() + step - 1) / step * step;
    if (tensors > 0 && (data > file.size || end > file.size - data))
        cursor.fail(fmt::format("tensor {} ends at byte {} behind the header, the file at {}", last, end,
                                file.size > data ? file.size - data : 0));
    return gguf;
}

}  // namespace ktrain
