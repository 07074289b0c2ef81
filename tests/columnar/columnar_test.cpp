// Arrow streams, Arrow files, Parquet, and folders of datasets.save_to_disk: read whole, and refused when damaged.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_dict.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/table.h>
#include <doctest/doctest.h>
#include <parquet/arrow/writer.h>

#include <cmath>
#include <thread>

#include "tests/support/images.h"
#include "tests/support/paths.h"
#include "trainer/data/columnar.h"
#include "trainer/data/data_files.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

void check(const arrow::Status& status) {
    REQUIRE_MESSAGE(status.ok(), status.ToString());
}

template <typename Value>
Value unwrap(arrow::Result<Value> result) {
    check(result.status());
    return std::move(result).ValueUnsafe();
}

std::shared_ptr<arrow::Array> finish(arrow::ArrayBuilder& builder) {
    return unwrap(builder.Finish());
}

// The i-th value of a column; nothing for null.
template <typename Builder, typename Of>
std::shared_ptr<arrow::Array> column(int rows, Builder builder, Of&& of) {
    for (int i = 0; i < rows; ++i) {
        const auto value = of(i);
        check(value ? builder.Append(*value) : builder.AppendNull());
    }
    return finish(builder);
}

std::shared_ptr<arrow::Array> lists(int rows) {
    arrow::ListBuilder builder(arrow::default_memory_pool(), std::make_shared<arrow::Int32Builder>());
    auto& items = static_cast<arrow::Int32Builder&>(*builder.value_builder());
    for (int i = 0; i < rows; ++i) {
        check(builder.Append());
        for (int j = 0; j < i % 3; ++j) check(items.Append(i + j));
    }
    return finish(builder);
}

// Columns of the types that data sets have, and of some that they have beside them.
std::shared_ptr<arrow::Table> table_of(int rows) {
    const auto text = [](int i) {
        return i == 1 ? std::nullopt : std::optional<std::string>("\"ä\\\n\t\x01" + std::to_string(i));
    };
    const auto words = column(rows, arrow::LargeStringBuilder(), text);
    const auto number =
        column(rows, arrow::DoubleBuilder(), [](int i) { return std::optional<double>(i == 2 ? NAN : i / 4.0); });
    const auto flag = column(rows, arrow::BooleanBuilder(), [](int i) { return std::optional<bool>(i % 2 == 0); });
    const auto word = column(rows, arrow::StringDictionaryBuilder(),
                             [](int i) { return std::optional<std::string>(i % 2 == 0 ? "even" : "odd"); });
    const auto bytes = column(rows, arrow::BinaryBuilder(), [](int) { return std::optional<std::string>("\xFF"); });
    const auto day = column(rows, arrow::Date32Builder(), [](int i) { return std::optional<int>(i); });
    const auto pair = unwrap(arrow::StructArray::Make({words, flag}, std::vector<std::string>{"a", "b"}));
    return arrow::Table::Make(
        arrow::schema({arrow::field("text", arrow::large_utf8()), arrow::field("number", arrow::float64()),
                       arrow::field("word", word->type()), arrow::field("bytes", arrow::binary()),
                       arrow::field("day", arrow::date32()), arrow::field("pair", pair->type()),
                       arrow::field("ids", arrow::list(arrow::int32()))}),
        {words, number, word, bytes, day, pair, lists(rows)});
}

Json expected(int i) {
    const Json text = i == 1 ? Json() : Json("\"ä\\\n\t\x01" + std::to_string(i));
    Json ids = Json::array();
    for (int j = 0; j < i % 3; ++j) ids.push_back(i + j);
    return {{"text", text},
            {"number", i == 2 ? Json() : Json(i / 4.0)},
            {"word", i % 2 == 0 ? "even" : "odd"},
            {"bytes", nullptr},
            {"day", i == 0   ? "1970-01-01"
                    : i == 1 ? "1970-01-02"
                             : "1970-01-0" + std::to_string(i + 1)},
            {"pair", {{"a", text}, {"b", i % 2 == 0}}},
            {"ids", ids}};
}

enum class Kind { stream, compressed_stream, file, parquet };
constexpr int batch_rows = 3;

void write(const arrow::Table& table, const std::string& path, Kind kind) {
    const auto out = unwrap(arrow::io::FileOutputStream::Open(path));
    if (kind == Kind::parquet) {
        check(parquet::arrow::WriteTable(table, arrow::default_memory_pool(), out, batch_rows));
    } else {
        auto options = arrow::ipc::IpcWriteOptions::Defaults();
        if (kind == Kind::compressed_stream)
            options.codec = unwrap(arrow::util::Codec::Create(arrow::Compression::ZSTD));
        const auto writer = unwrap(kind == Kind::file ? arrow::ipc::MakeFileWriter(out, table.schema(), options)
                                                      : arrow::ipc::MakeStreamWriter(out, table.schema(), options));
        check(writer->WriteTable(table, batch_rows));
        check(writer->Close());
    }
    check(out->Close());
}

constexpr Kind kinds[] = {Kind::stream, Kind::compressed_stream, Kind::file, Kind::parquet};

}  // namespace

TEST_CASE("rows of every columnar format are read in any order") {
    const TempFolder folder;
    for (const Kind kind : kinds) {
        CAPTURE(static_cast<int>(kind));
        write(*table_of(8), folder / "data", kind);
        CHECK(is_columnar(read_file(folder / "data")));
        const auto splits = find_data(real_files(), folder / "data");
        CHECK(splits[0].format == DataFormat::columnar);
        const auto rows = open_rows(splits[0]);
        REQUIRE(rows->size() == 8);
        for (const int i : {7, 0, 1, 2, 3, 4, 5, 6, 0}) {
            Json row = rows->read(static_cast<std::uint64_t>(i));
            CHECK(row == expected(i));
        }
        CHECK(to_string(rows->place(4)) == folder / "data:5");
    }
}

TEST_CASE("threads share a table") {
    const TempFolder folder;
    for (const Kind kind : kinds) {
        write(*table_of(9), folder / "data", kind);
        const auto rows = open_columnar(folder / "data");
        std::vector<int> right(4);
        {
            std::vector<std::jthread> threads;
            for (std::size_t t = 0; t < right.size(); ++t)
                threads.emplace_back([&, t] {
                    for (std::uint64_t i = 0; i < 9; ++i)
                        right[t] +=
                            rows->read((i * (t + 1)) % 9)["ids"] == expected(static_cast<int>(i * (t + 1) % 9))["ids"];
                });
        }
        for (const int count : right) CHECK(count == 9);
    }
}

TEST_CASE("folders that datasets wrote are read as it wrote them") {
    const std::string reference = source_path("/tests/parity/data/");
    const Json expected_rows = parse_json(read_file(reference + "saved.json"), "saved.json");
    const auto splits = find_data(real_files(), reference + "saved");
    REQUIRE(splits.size() == 2);
    CHECK(splits[0].name == "train");
    CHECK(splits[0].files.size() == 2);
    const auto rows = open_rows(splits[0]);
    REQUIRE(rows->size() == expected_rows.size());
    for (std::size_t i = 0; i < rows->size(); ++i) CHECK(rows->read(i) == expected_rows[i]);
    const auto test = open_rows(split_called(splits, "test", "saved"));
    CHECK(test->size() == 1);
    CHECK(test->read(0) == expected_rows[4]);
}

TEST_CASE("cut, damaged and foreign files are refused, and nothing worse happens") {
    const TempFolder folder;
    for (const Kind kind : kinds) {
        CAPTURE(static_cast<int>(kind));
        write(*table_of(8), folder / "good", kind);
        const std::string good = read_file(folder / "good");
        const auto read_all = [&](const std::string& content) {
            write_file(folder / "bad", content);
            const auto rows = open_columnar(folder / "bad");
            for (std::uint64_t i = 0; i < rows->size(); ++i) (void)rows->read(i);
        };
        for (const std::size_t size : {std::size_t{0}, std::size_t{6}, good.size() / 4}) {
            CAPTURE(size);
            const Error error = error_of([&] { read_all(good.substr(0, size)); });
            CHECK(error.kind == ErrorKind::input);
            CHECK(error.where.file == folder / "bad");
        }
        for (std::size_t i = 0; i < 2 * good.size(); i += 7) {
            std::string changed = good.substr(0, i < good.size() ? good.size() : i - good.size());
            if (i < good.size()) changed[i] = static_cast<char>(changed[i] ^ 0xFF);
            try {
                read_all(changed);
            } catch (const Error& error) {
                CHECK(error.kind == ErrorKind::input);
            }
        }
    }
    write_file(folder / "text.parquet", "{\"a\":1}");
    CHECK(error_of([&] { open_columnar(folder / "text.parquet"); }).message.find("text.parquet: ") !=
          std::string::npos);
    CHECK(error_of([&] { open_columnar(folder / "none"); }).kind == ErrorKind::input);
}
