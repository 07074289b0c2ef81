// The safetensors format: bytes as Hugging Face writes them, and back.
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "core/base/text.h"
#include "core/base/world.h"
#include "tests/support/safetensors.h"
#include "tests/trainer/support.h"
#include "trainer/state/digest.h"
#include "trainer/state/safetensors.h"
#include "trainer/state/weights.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

// "VmRSS" or "VmHWM" of this process, in bytes.
std::int64_t memory_of_process(const std::string& key) {
    for (const auto& line : split(real_files().read("/proc/self/status"), '\n'))
        if (line.starts_with(key + ":")) return std::stoll(line.substr(key.size() + 1)) * 1024;
    return 0;
}

}  // namespace

TEST_CASE("the bytes are those of the reference writer: types by size, then names, header padded to 8") {
    const NamedTensors tensors{
        {"b", at::full({2}, 1.0F)}, {"a", at::full({1}, 2.0F)}, {"n", at::full({1}, 3, at::kLong)}};
    const std::string expected = safetensors_file(
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

TEST_CASE("a file that is not right is refused") {
    const std::string good = encode_safetensors({{"a", at::zeros({2})}});
    CHECK(decode_safetensors(good, "f").size() == 1);
    CHECK(error_of([&] { decode_safetensors(good + "x", "f"); }).kind == ErrorKind::input);
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

TEST_CASE("while tensors are loaded, those that are in place are not in memory twice") {
    const TempFolder folder;
    constexpr std::int64_t count = 16, bytes = 4 << 20;
    NamedTensors wanted;
    for (std::int64_t i = 0; i < count; ++i)
        wanted.push_back({fmt::format("{:02}", i), at::full({bytes / 4}, static_cast<float>(i))});
    write_file(folder / "model.safetensors", encode_safetensors(wanted));
    for (const auto& tensor : wanted) at::Tensor(tensor.value).zero_();
    std::ofstream("/proc/self/clear_refs") << 5 << std::flush;  // the peak is counted from now on
    const std::int64_t before = memory_of_process("VmRSS");
    if (memory_of_process("VmHWM") > before + bytes) return;  // a system that keeps the old peak
    load_tensors({folder / "model.safetensors"}, "model", wanted, Types::same);
    CHECK(memory_of_process("VmHWM") - before < 3 * bytes);
    for (std::int64_t i = 0; i < count; ++i)
        CHECK(wanted[static_cast<std::size_t>(i)].value[7].item<float>() == static_cast<float>(i));
}
