// Rows of JSON lines, JSON, CSV and text; what folders hold; every way in which they are refused.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/images.h"
#include "trainer/data/columnar.h"
#include "trainer/data/data_files.h"
#include "trainer/data/text_rows.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

// All rows as one text: {"a":1}|{"a":2}
std::string all_of(const Rows& rows) {
    std::string text;
    for (std::uint64_t i = 0; i < rows.size(); ++i) text += (i > 0 ? "|" : "") + rows.read(i).dump();
    return text;
}

std::string all_of(const std::string& text, TextFormat format) {
    return all_of(*text_rows(text, "f", format));
}

void make_folder(const std::string& path) {
    std::filesystem::create_directories(path);
}

std::string names(const std::vector<DataSplit>& splits) {
    std::string text;
    for (const DataSplit& split : splits) {
        text += split.name + ":";
        for (const auto& file : split.files) text += " " + std::filesystem::path(file).filename().string();
        text += "; ";
    }
    return text;
}

}  // namespace

TEST_CASE("every value of CSV is text, and whatever is made of such rows says so") {
    CHECK(text_rows("{}", "f", TextFormat::jsonl)->typed());
    CHECK(text_rows("a\n1", "f", TextFormat::text)->typed());
    for (const TextFormat format : {TextFormat::csv, TextFormat::tsv}) {
        auto rows = text_rows("a\n1\n", "f", format);
        CHECK(!rows->typed());
        std::vector<std::unique_ptr<Rows>> parts;
        parts.push_back(std::move(rows));
        parts.push_back(text_rows("a\n2\n", "f", format));
        CHECK(!join_rows(std::move(parts))->typed());
    }
}

TEST_CASE("rows of text formats are found and read") {
    struct Case {
        TextFormat format;
        std::string text, rows;
    };
    const std::vector<Case> cases{
        {TextFormat::jsonl, "{\"b\":1,\"a\":[2]}\n{\"b\":\"\\n\"}", R"({"b":1,"a":[2]}|{"b":"\n"})"},
        {TextFormat::jsonl, "\xEF\xBB\xBF\n \r\n{\"a\":1}\r\n\n{\"a\":2}\n\n", R"({"a":1}|{"a":2})"},
        {TextFormat::jsonl, "\n\n", ""},
        {TextFormat::json, "[]", ""},
        {TextFormat::json, " [ {\"a\": \"],[{\\\"\"} ,\n {\"a\": [1, {\"b\": []}]}\n] \n",
         R"({"a":"],[{\""}|{"a":[1,{"b":[]}]})"},
        {TextFormat::json, "[{\"a\":\"\\\\\"}]", R"({"a":"\\"})"},
        {TextFormat::csv, "a,b\n1,\"x, \"\"y\"\"\nz\"\n\n,2\r\n", R"({"a":"1","b":"x, \"y\"\nz"}|{"a":"","b":"2"})"},
        {TextFormat::csv, "a\n1", R"({"a":"1"})"},
        {TextFormat::csv, "a\n", ""},
        {TextFormat::tsv, "a\tb\n1,5\t2\n", R"({"a":"1,5","b":"2"})"},
        {TextFormat::text, "one\r\n\ntwo", R"({"text":"one"}|{"text":""}|{"text":"two"})"},
        {TextFormat::text, "", ""},
    };
    for (const auto& one : cases) {
        CAPTURE(one.text);
        CHECK(all_of(one.text, one.format) == one.rows);
    }
}

TEST_CASE("rows are read in any order, and know their lines") {
    const std::string text = "\n{\"a\":0}\n{\"a\":1}\n\n\n{\"a\":2}";
    const auto rows = text_rows(text, "f", TextFormat::jsonl);
    CHECK(rows->read(2)["a"] == 2);
    CHECK(rows->read(0)["a"] == 0);
    CHECK(to_string(rows->place(0)) == "f:2");
    CHECK(to_string(rows->place(2)) == "f:6");
    const std::string table = "a,b\n\"1\n2\",3\n4,5\n";
    CHECK(to_string(text_rows(table, "f", TextFormat::csv)->place(1)) == "f:4");
    const std::string array = "[\n{},\n\n{}]";
    CHECK(to_string(text_rows(array, "f", TextFormat::json)->place(1)) == "f:4");
}

TEST_CASE("wrong text is refused with its line") {
    struct Case {
        TextFormat format;
        std::string text, where, says;
    };
    const std::string deep = "{\"a\":" + std::string(300, '[') + std::string(300, ']') + "}";
    const std::vector<Case> cases{
        {TextFormat::jsonl, "{\"a\":1}\n{\"a\":", "f:2:5", "unexpected end of input"},
        {TextFormat::jsonl, "{}\n\n  7", "f:3", "a row must be an object, this is number"},
        {TextFormat::jsonl, "[1]", "f:1", "a row must be an object, this is array"},
        {TextFormat::jsonl, "{\n  \"data\": []\n}", "f:1:1", "unexpected end of input"},
        {TextFormat::jsonl, "{}\n{\"a\":NaN}", "f:2:6", "invalid literal"},
        {TextFormat::jsonl, "{}\n{\"a\":1,\"a\":2}", "f:2:10", "the key 'a' is given twice"},
        {TextFormat::jsonl, "{\"a\":\"\xFF\"}", "f:1:7", "ill-formed UTF-8"},
        {TextFormat::jsonl, "{}\n" + deep, "f:2:261", "nested deeper than 256 levels"},
        {TextFormat::jsonl, std::string("{}\n\0\1\2", 6), "f:2:1", "unexpected end of input"},
        {TextFormat::json, "{}", "f:1", "this is no JSON array of rows"},
        {TextFormat::json, "", "f:1", "this is no JSON array of rows"},
        {TextFormat::json, "\n[{},\n{", "f:2", "the array of rows is not closed"},
        {TextFormat::json, "\n[{},\n{\"a\":\"]", "f:2", "the array of rows is not closed"},
        {TextFormat::json, "[{},\n]", "f:2", "a row is missing here"},
        {TextFormat::json, "[\n}]", "f:2", "a row is missing here"},
        {TextFormat::json, "[1\n}]", "f:2", "a bracket is closed"},
        {TextFormat::json, "[{}]\n{}", "f:2", "something behind the array"},
        {TextFormat::json, "[{},\n  {\"a\":x}]", "f:2:8", "invalid literal"},
        {TextFormat::json, "[{},\n\n  {\"a\":\n x}]", "f:4:2", "invalid literal"},
        {TextFormat::json, "[{} {}]", "f:1:5", "expected end of input"},
        {TextFormat::csv, "a,b\n1,2\n1\n", "f:3", "the row has 1 cells, the header 2"},
        {TextFormat::csv, "a,a\n1,2\n", "f:1", "the column 'a' is there twice"},
        {TextFormat::csv, "a,b\n\n1,\"2\n", "f:3", "a quoted cell is never closed"},
        {TextFormat::csv, "a\n\xFF\n", "f:2", "this is no UTF-8 text"},
        {TextFormat::text, "a\nb\xC3\n", "f:2", "this is no UTF-8 text"},
        {TextFormat::text, std::string("a\nb\0c", 5), "f:2", "this is no UTF-8 text"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.text);
        const Error error = error_of([&] { all_of(one.text, one.format); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(to_string(error.where) == one.where);
        CHECK_MESSAGE(error.message.find(one.says) != std::string::npos, error.message);
    }
}

TEST_CASE("a line of 100 MB is a row like any other") {
#ifdef __SANITIZE_THREAD__
    constexpr std::size_t length = 1'000'000;  // a hundred times slower there
#else
    constexpr std::size_t length = 100'000'000;
#endif
    const std::string text = "{\"a\":\"" + std::string(length, 'x') + "\"}\n{\"a\":\"y\"}";
    const auto rows = text_rows(text, "f", TextFormat::jsonl);
    CHECK(rows->read(0)["a"].get_ref<const std::string&>().size() == length);
    CHECK(rows->read(1)["a"] == "y");
}

TEST_CASE("files are told by ending and content") {
    const TempFolder folder;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"a.jsonl", "{\"a\":1}"},  {"a.ndjson", "{\"a\":1}"},  {"a.json", "[{\"a\":1}]"},
        {"b.json", "{\"a\":1}\n"}, {"noending", " {\"a\":1}"}, {"other.dat", "[{\"a\":1}]"},
    };
    for (const auto& one : cases) {
        const std::string &name = one.first, &content = one.second;
        CAPTURE(name);
        write_file(folder / name, content);
        const auto splits = find_data(real_files(), folder / name);
        REQUIRE(splits.size() == 1);
        CHECK(splits[0].name == "train");
        CHECK(all_of(*open_rows(splits[0])) == R"({"a":1})");
    }
    write_file(folder / "a.csv", "text\nx\n");
    CHECK(all_of(*open_rows(find_data(real_files(), folder / "a.csv")[0])) == R"({"text":"x"})");
    write_file(folder / "a.txt", "x");
    CHECK(all_of(*open_rows(find_data(real_files(), folder / "a.txt")[0])) == R"({"text":"x"})");
    CHECK(is_columnar("PAR1..."));
    CHECK_FALSE(is_columnar("{\"a\""));
}

TEST_CASE("a folder's files are joined in the order of their names, by split") {
    const TempFolder folder;
    const auto found = [&] { return find_data(real_files(), folder.path()); };
    write_file(folder / "b.jsonl", "{\"a\":3}");
    write_file(folder / "a.jsonl", "{\"a\":1}\n{\"a\":2}");
    write_file(folder / "README.md", "# data");
    write_file(folder / ".hidden.jsonl", "x");
    write_file(folder / "dataset_info.json", "{}");
    CHECK(names(found()) == "train: a.jsonl b.jsonl; ");
    const auto rows = open_rows(found()[0]);
    CHECK(all_of(*rows) == R"({"a":1}|{"a":2}|{"a":3})");
    CHECK(to_string(rows->place(2)) == folder / "b.jsonl:1");
    write_file(folder / "train-00000-of-00002.jsonl", "{}");
    write_file(folder / "train-00001-of-00002.jsonl", "{}");
    write_file(folder / "test.jsonl", "{}");
    write_file(folder / "val.csv", "a\n1\n");
    CHECK(names(found()) ==
          "train: train-00000-of-00002.jsonl train-00001-of-00002.jsonl; validation: val.csv; test: test.jsonl; ");
    const auto splits = found();
    CHECK(split_called(splits, "validation", "p").format == DataFormat::csv);
    CHECK(evaluation_split(splits, "p").name == "validation");
    CHECK(evaluation_split({{"train", DataFormat::csv, {"a"}}}, "p").name == "train");
    CHECK(evaluation_split({{"train", DataFormat::csv, {"a"}}, {"test", DataFormat::csv, {"b"}}}, "p").name == "test");
    CHECK(error_of([&] {
              evaluation_split({{"a", DataFormat::csv, {"a"}}, {"b", DataFormat::csv, {"b"}}}, "p");
          }).message == "p has no split validation; it has a, b");
    CHECK(error_of([&] { split_called(splits, "dev", "p"); }).message ==
          "p has no split dev; it has train, validation, test");
    const TempFolder nested;
    make_folder(nested / "data/train");
    make_folder(nested / "cache");
    write_file(nested / "data/train/part.jsonl", "{}");
    write_file(nested / "cache/other.jsonl", "{}");
    std::filesystem::create_directory_symlink(".", nested / "data/data");
    CHECK(names(find_data(real_files(), nested.path() + "//")) == "train: part.jsonl; ");
}

TEST_CASE("folders saved by datasets name their splits and files") {
    const TempFolder folder;
    const auto found = [&] { return find_data(real_files(), folder.path()); };
    for (const std::string split : {"test", "train_sft"}) {
        make_folder(folder / split);
        write_file(folder / (split + "/state.json"),
                   R"({"_data_files":[{"filename":"b.arrow"},{"filename":"a.arrow"}]})");
    }
    write_file(folder / "dataset_dict.json", R"({"splits":["train_sft","test"]})");
    CHECK(names(found()) == "test: b.arrow a.arrow; train_sft: b.arrow a.arrow; ");
    CHECK(names(find_data(real_files(), folder / "test")) == "train: b.arrow a.arrow; ");
    const std::vector<std::pair<std::string, std::string>> wrong{
        {R"({"splits":["../x"]})", "has a split without a plain name"},
        {R"({"splits":[7]})", "has a split without a plain name"},
        {R"({"splits":[]})", "lists no splits"},
        {"[]", "lists no splits"},
        {R"({"splits":["none"]})", "has no state.json"},
    };
    for (const auto& one : wrong) {
        const std::string &content = one.first, &says = one.second;
        CAPTURE(content);
        write_file(folder / "dataset_dict.json", content);
        CHECK(error_of(found).message.find(says) != std::string::npos);
    }
    write_file(folder / "test/state.json", R"({"_data_files":[{"filename":"/etc/passwd"}]})");
    CHECK(error_of([&] { find_data(real_files(), folder / "test"); }).message.find("without a plain name") !=
          std::string::npos);
}

TEST_CASE("paths without data are refused") {
    const TempFolder folder;
    const auto says = [&](const std::string& name) {
        return error_of([&] { open_rows(find_data(real_files(), folder / name)[0]); }).message;
    };
    CHECK(error_of([] { find_data(real_files(), ""); }).message == "no path of data is given");
    CHECK(says("none") == folder / "none does not exist");
    make_folder(folder / "empty");
    CHECK(says("empty") == folder / "empty holds no data files");
    write_file(folder / "empty.jsonl", "\n");
    CHECK(says("empty.jsonl") == folder / "empty.jsonl holds no rows");
    write_file(folder / "header.csv", "a,b\n");
    CHECK(says("header.csv") == folder / "header.csv holds no rows");
    write_file(folder / "photo", "\x89PNG\r\n");
    CHECK(says("photo") == folder / "photo is of no known format");
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK(says("pipe") == folder / "pipe is no regular file");
    make_folder(folder / "mixed");
    write_file(folder / "mixed/a.jsonl", "{}");
    write_file(folder / "mixed/b.csv", "a\n1\n");
    CHECK(says("mixed").find("are of two formats") != std::string::npos);
}

TEST_CASE("the digest of a split sees every byte, the format, and where files end") {
    const TempFolder folder;
    const auto digest = [&](const std::string& a, const std::string& b, DataFormat format) {
        write_file(folder / "a", a);
        write_file(folder / "b", b);
        return content_digest({"train", format, {folder / "a", folder / "b"}});
    };
    const std::string first = digest("xy", "z", DataFormat::text);
    CHECK(first == digest("xy", "z", DataFormat::text));
    CHECK(first != digest("x", "yz", DataFormat::text));
    CHECK(first != digest("xy", "Z", DataFormat::text));
    CHECK(first != digest("xy", "z", DataFormat::csv));
}
