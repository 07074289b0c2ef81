// The safetensors format: bytes as Hugging Face writes them, and hostile files.
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <doctest/doctest.h>

#include "tests/trainer/support.h"
#include "trainer/state/digest.h"
#include "trainer/state/safetensors.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

std::string file_of(const std::string& header, const std::string& data) {
    std::string bytes;
    for (std::uint64_t length = header.size(), i = 0; i < 8; ++i) bytes += static_cast<char>(length >> 8 * i & 0xFF);
    return bytes + header + data;
}

}  // namespace

TEST_CASE("the bytes are those of the reference writer: types by size, then names, header padded to 8") {
    const NamedTensors tensors{
        {"b", at::full({2}, 1.0F)}, {"a", at::full({1}, 2.0F)}, {"n", at::full({1}, 3, at::kLong)}};
    const std::string expected = file_of(
        R"({"__metadata__":{"format":"pt"},"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},)"
        R"("a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}})"
        "      ",
        std::string("\3\0\0\0\0\0\0\0", 8) + std::string("\0\0\0\x40", 4) + std::string("\0\0\x80\x3f\0\0\x80\x3f", 8));
    CHECK(encode_safetensors(tensors) == expected);
}

TEST_CASE("tensors of every type and shape come back as they were") {
    NamedTensors tensors;
    for (const auto type : {at::kBool, at::kByte, at::kChar, at::kShort, at::kHalf, at::kBFloat16, at::kInt, at::kFloat,
                            at::kDouble, at::kLong})
        tensors.push_back({c10::toString(type), at::arange(6, at::kLong).to(type).view({2, 3})});
    tensors.push_back({"scalar", at::full({}, 5.0F)});
    tensors.push_back({"empty", at::zeros({0, 4})});
    tensors.push_back({"strided", at::arange(6, at::kFloat).view({2, 3}).t()});
    tensors.push_back({"name with \"quotes\" and \xC3\xA9", at::zeros({1})});
    const NamedTensors back = decode_safetensors(encode_safetensors(tensors), "test");
    REQUIRE(back.size() == tensors.size());
    for (const auto& tensor : tensors) {
        CAPTURE(tensor.name);
        const auto same = std::ranges::find(back, tensor.name, &NamedTensor::name);
        REQUIRE(same != back.end());
        CHECK((same->value.scalar_type() == tensor.value.scalar_type()));
        CHECK(at::equal(same->value, tensor.value));
    }
    CHECK(model_hash(back) == model_hash(tensors));
}

TEST_CASE("files that are not right are refused") {
    const auto one = [](const std::string& entry) { return file_of("{\"a\":" + entry + "}", std::string(8, 'x')); };
    const std::string good = one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})");
    CHECK(decode_safetensors(good, "f").size() == 1);
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "it has 0 bytes"},
        {"1234567", "it has 7 bytes"},
        {std::string(8, '\xff') + good.substr(8), "does not fit"},
        {good.substr(0, 20), "does not fit"},
        {std::string("\x01\xe1\xf5\x05\0\0\0\0", 8) + "{", "a header of 100000001 bytes"},
        {good.substr(0, good.size() - 1), "8 bytes of data, there are 7"},
        {good + "x", "8 bytes of data, there are 9"},
        {file_of("[]", ""), "no object"},
        {file_of("{", ""), ""},
        {file_of("\xff\xfe{}", ""), ""},
        {file_of(R"({"a":1,"a":2})", ""), ""},
        {one("7"), "is no object"},
        {one("{}"), "unknown type"},
        {one(R"({"dtype":"F32","shape":[2]})"), "no two data_offsets"},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})"), "no two data_offsets"},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,-8]})"), "no two data_offsets"},
        {one(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), "needs 8 bytes"},
        {one(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), "needs 12 bytes"},
        {one(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), "impossible shape"},
        {one(R"({"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]})"), "impossible shape"},
        {one(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})"), "no shape"},
        {one(R"({"dtype":"F99","shape":[2],"data_offsets":[0,8]})"), "unknown type \"F99\""},
        {one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})"), "begins at 4, not at 0"},
        {one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})"),
         "begins at 0, not at 4"},
        {file_of(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[18446744073709551615,18446744073709551615]}})", ""),
         "begins at"},
    };
    for (const auto& [bytes, says] : cases) {
        CAPTURE(says);
        const Error error = error_of([&] { decode_safetensors(bytes, "bad.safetensors"); });
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message.find(says) != std::string::npos);
        CHECK(error.where.file == "bad.safetensors");
    }
}

TEST_CASE("the model hash follows names, shapes, types and bytes, not the order") {
    const NamedTensors tensors{{"a", at::arange(4, at::kFloat)}, {"b", at::zeros({2})}};
    const std::string hash = model_hash(tensors);
    CHECK(hash.size() == 64);
    CHECK(model_hash({tensors[1], tensors[0]}) == hash);
    CHECK(model_hash({{"a", tensors[0].value.view({2, 2})}, tensors[1]}) != hash);
    CHECK(model_hash({{"c", tensors[0].value}, tensors[1]}) != hash);
    CHECK(model_hash({{"a", tensors[0].value.add(1)}, tensors[1]}) != hash);
    CHECK(model_hash({{"a", tensors[0].value.to(at::kInt)}, tensors[1]}) != hash);
}
