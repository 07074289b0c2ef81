// The safetensors header: where tensors lie, and every way in which a file can be wrong.
#include <doctest/doctest.h>

#include "tests/support/images.h"
#include "tests/support/safetensors.h"
#include "trainer/state/safetensors_header.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

TEST_CASE("tensors are found in the order of their data") {
    const std::string file = safetensors_file(
        R"({"z":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"none":{"dtype":"F64","shape":[0,7],"data_offsets":[3,3]},)"
        R"("a":{"dtype":"BF16","shape":[],"data_offsets":[3,5]},"__metadata__":{"format":"pt"}})",
        "xyzAB");
    const auto entries = parse_safetensors(file, "f");
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].name == "z");
    CHECK(entries[0].data == "xyz");
    CHECK(entries[1].data.empty());
    CHECK(entries[2].data == "AB");
    CHECK(safetensors_types[entries[2].type].name == "BF16");
    CHECK(entries[1].shape == std::vector<std::int64_t>{0, 7});
}

TEST_CASE("files that are not right are refused") {
    const auto one = [](const std::string& entry) {
        return safetensors_file("{\"a\":" + entry + "}", std::string(8, 'x'));
    };
    const std::string good = one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})");
    CHECK(parse_safetensors(good, "f").size() == 1);
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "it has 0 bytes"},
        {"1234567", "it has 7 bytes"},
        {std::string(8, '\xff') + good.substr(8), "does not fit"},
        {good.substr(0, 20), "does not fit"},
        {std::string("\x01\xe1\xf5\x05\0\0\0\0", 8) + "{", "a header of 100000001 bytes"},
        {good.substr(0, good.size() - 1), "8 bytes of data, there are 7"},
        {good + "x", "8 bytes of data, there are 9"},
        {safetensors_file("[]", ""), "no object"},
        {safetensors_file("{", ""), ""},
        {safetensors_file("\xff\xfe{}", ""), ""},
        {safetensors_file(R"({"a":1,"a":2})", ""), ""},
        {one("7"), "is no object"},
        {one("{}"), "unknown type"},
        {one(R"({"dtype":"F32","shape":[2]})"), "no two data_offsets"},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})"), "no two data_offsets"},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,-8]})"), "no two data_offsets"},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), "needs 8 bytes"},
        {one(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), "needs 12 bytes"},
        {one(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), "impossible shape"},
        {one(R"({"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]})"), "impossible shape"},
        {one(R"({"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]})"), "impossible shape"},
        {one(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})"), "no shape"},
        {one(R"({"dtype":"F99","shape":[2],"data_offsets":[0,8]})"), "unknown type \"F99\""},
        {one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})"), "begins at 4, not at 0"},
        {one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})"),
         "begins at 0, not at 4"},
        {safetensors_file(
             R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[18446744073709551615,18446744073709551615]}})", ""),
         "begins at"},
    };
    for (const auto& [bytes, says] : cases) {
        CAPTURE(says);
        const Error error = error_of([&] { parse_safetensors(bytes, "bad.safetensors"); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message.find(says) != std::string::npos);
        CHECK(error.where.file == "bad.safetensors");
    }
}
