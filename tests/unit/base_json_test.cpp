// Strict JSON: values, order, and the place of every kind of mistake.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/json.h"

using namespace ktrain;

namespace {

// "line:column message" of the error, or "" when the text is fine.
std::string problem(std::string_view text) {
    try {
        parse_json(text, "f.json");
        return "";
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.file == "f.json");
        return std::to_string(error.where.line) + ":" + std::to_string(error.where.column) + " " + error.message;
    }
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("JSON keeps order and types") {
    Json value = parse_json(R"({"z": 1, "a": [true, null, -2, 1.5, "x\u00e9"], "m": {}})", "f.json");
    CHECK(value.dump() == R"({"z":1,"a":[true,null,-2,1.5,"xé"],"m":{}})");
    CHECK(parse_json("18446744073709551615", "").is_number_unsigned());
    CHECK(to_pretty(Json{{"a", 1}}) == "{\n  \"a\": 1\n}\n");
}

TEST_CASE("JSON errors carry line and column") {
    CHECK(problem("{\"a\": 1,\n \"a\": 2}") == "2:4 the key 'a' is given twice");
    CHECK(problem("").find("the JSON text is empty") != std::string::npos);
    CHECK(problem(" \n ").find("the JSON text is empty") != std::string::npos);
    CHECK(problem("{\n  \"a\": tru\n}").starts_with("2:"));
    CHECK(problem("{\"a\": 1} x").starts_with("1:10 "));
    CHECK(problem("[1,]").starts_with("1:4 "));
    CHECK(problem("{\"a\": NaN}").starts_with("1:"));
    CHECK(problem("[1e999]").find("overflow") != std::string::npos);
    CHECK(problem(std::string_view("[\"a\0b\"]", 7)).starts_with("1:4 "));
    CHECK(problem("[\"\xff\"]").starts_with("1:3 "));
    CHECK(problem("[\"\xff\"]").find("json.exception") == std::string::npos);
    CHECK(problem(nested(256)).empty());
    CHECK(problem(nested(257)) == "1:257 nested deeper than 256 levels");
    CHECK(problem(std::string(1'000'000, '[')) == "1:257 nested deeper than 256 levels");
}

TEST_CASE("JSON look-ups never throw") {
    Json value = parse_json(R"({"a": {"b": "c"}, "n": 1})", "");
    CHECK(string_or(value, "n", "none") == "none");
    CHECK(string_or(Json(3), "n") == "");
    CHECK(at_path(value, {"a", "b"}) == "c");
    CHECK(at_path(value, {"a", "x", "y"}).is_null());
    CHECK(at_path(value, {"n", "y"}).is_null());
}

TEST_CASE("a JSON object with many keys is read in linear time") {
    std::string text = "{";
    for (int i = 0; i < 100'000; ++i) text += "\"k" + std::to_string(i) + "\":0,";
    text.back() = '}';
    CHECK(parse_json(text, "").size() == 100'000);
}
