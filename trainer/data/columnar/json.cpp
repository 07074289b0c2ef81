// One writer per kind of Arrow array.
#include "trainer/data/columnar/json.h"

#include <arrow/array.h>
#include <arrow/scalar.h>
#include <arrow/util/float16.h>
#include <arrow/visit_array_inline.h>
#include <fmt/format.h>

#include <cmath>
#include <stdexcept>
#include <string_view>

namespace ktrain::trainer {
namespace {

constexpr int max_depth = 64;  // of types; files that go deeper mean harm

void write(std::string& out, std::string_view text) {
    out += '"';
    std::size_t begin = 0;  // of what goes out as it is
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text, begin, i - begin);
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
        begin = i + 1;
    }
    out.append(text, begin);
    out += '"';
}

void write(std::string& out, double number) {
    if (std::isfinite(number))
        fmt::format_to(std::back_inserter(out), "{}", number);
    else
        out += "null";
}

class Writer {
public:
    Writer(std::string& out, std::int64_t row, int depth) : out_(out), row_(row), depth_(depth) {}

    static void value(std::string& out, const arrow::Array& array, std::int64_t row, int depth) {
        if (depth > max_depth) throw std::runtime_error("its types are nested too deeply");
        Writer writer(out, row, depth);
        if (array.IsNull(row))
            out += "null";
        else if (const auto status = arrow::VisitArrayInline(array, &writer); !status.ok())
            throw std::runtime_error(status.message());
    }

    template <typename Type>
    arrow::Status Visit(const arrow::NumericArray<Type>& array) {
        if constexpr (std::is_same_v<Type, arrow::HalfFloatType>)
            write(out_, arrow::util::Float16::FromBits(array.Value(row_)).ToDouble());
        else if constexpr (std::is_floating_point_v<typename Type::c_type>)
            write(out_, static_cast<double>(array.Value(row_)));
        else if constexpr (arrow::is_integer_type<Type>::value)
            fmt::format_to(std::back_inserter(out_), "{}", array.Value(row_));
        else
            return other(array);  // dates and times
        return arrow::Status::OK();
    }
    arrow::Status Visit(const arrow::BooleanArray& array) {
        out_ += array.Value(row_) ? "true" : "false";
        return arrow::Status::OK();
    }
    arrow::Status Visit(const arrow::StringArray& array) { return text(array.GetView(row_)); }
    arrow::Status Visit(const arrow::LargeStringArray& array) { return text(array.GetView(row_)); }
    arrow::Status Visit(const arrow::StringViewArray& array) { return text(array.GetView(row_)); }
    arrow::Status Visit(const arrow::BinaryArray&) { return bytes(); }
    arrow::Status Visit(const arrow::LargeBinaryArray&) { return bytes(); }
    arrow::Status Visit(const arrow::BinaryViewArray&) { return bytes(); }
    arrow::Status Visit(const arrow::FixedSizeBinaryArray&) { return bytes(); }
    arrow::Status Visit(const arrow::ListArray& array) { return list(array); }
    arrow::Status Visit(const arrow::LargeListArray& array) { return list(array); }
    arrow::Status Visit(const arrow::FixedSizeListArray& array) { return list(array); }
    arrow::Status Visit(const arrow::StructArray& array) {
        out_ += '{';
        for (int i = 0; i < array.num_fields(); ++i) {
            if (i > 0) out_ += ',';
            write(out_, array.type()->field(i)->name());
            out_ += ':';
            value(out_, *array.field(i), row_, depth_ + 1);
        }
        out_ += '}';
        return arrow::Status::OK();
    }
    arrow::Status Visit(const arrow::DictionaryArray& array) {
        value(out_, *array.dictionary(), array.GetValueIndex(row_), depth_ + 1);
        return arrow::Status::OK();
    }
    arrow::Status Visit(const arrow::Array& array) { return other(array); }

private:
    arrow::Status text(std::string_view value) {
        write(out_, value);
        return arrow::Status::OK();
    }
    arrow::Status bytes() {
        out_ += "null";
        return arrow::Status::OK();
    }
    arrow::Status other(const arrow::Array& array) {
        ARROW_ASSIGN_OR_RAISE(const auto scalar, array.GetScalar(row_));
        return text(scalar->ToString());
    }
    template <typename List>
    arrow::Status list(const List& array) {
        out_ += '[';
        const std::int64_t begin = array.value_offset(row_), end = begin + array.value_length(row_);
        for (std::int64_t i = begin; i < end; ++i) {
            if (i > begin) out_ += ',';
            value(out_, *array.values(), i, depth_ + 1);
        }
        out_ += ']';
        return arrow::Status::OK();
    }

    std::string& out_;
    std::int64_t row_;
    int depth_;
};

}  // namespace

std::string to_json(const arrow::RecordBatch& batch, std::int64_t row) {
    std::string out = "{";
    for (int i = 0; i < batch.num_columns(); ++i) {
        if (i > 0) out += ',';
        write(out, batch.column_name(i));
        out += ':';
        Writer::value(out, *batch.column(i), row, 1);
    }
    return out + "}";
}

}  // namespace ktrain::trainer
