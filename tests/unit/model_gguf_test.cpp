// GGUF headers: shapes of the models whose tensors are known, and every way in which a header can be wrong.
#include <doctest/doctest.h>

#include <functional>

#include "core/base/error.h"
#include "core/model/catalog.h"
#include "core/model/find.h"
#include "core/model/gguf.h"
#include "core/model/parameters.h"
#include "core/model/tensors.h"
#include "tests/support/specs.h"
#include "tests/support/weight_files.h"

using namespace ktrain;
using namespace ktrain::test;

namespace {

ModelShape row(std::string_view id) {
    return *find_in_catalog(id);
}

std::string key(const std::string& architecture, const char* name) {
    return architecture + "." + name;
}

GgufFile gguf_of(const ModelShape& shape, const std::string& architecture, const std::string& type = "F16") {
    GgufFile file;
    for (const TensorDecl& tensor : inventory(shape, MethodSpec{}, "bfloat16"))
        file.tensors.push_back({tensor.name, tensor.shape, tensor.shape.size() == 1 ? "F32" : type});
    file.tensors = as_gguf(std::move(file.tensors));
    file.metadata = {
        gguf_string("general.architecture", architecture),
        gguf_string("tokenizer.chat_template", std::string(5000, 'x')),
        gguf_texts("tokenizer.ggml.tokens", std::vector<std::string>(300, "token")),
        gguf_number(key(architecture, "context_length"), 8192),
        gguf_number(key(architecture, "attention.head_count"), static_cast<std::uint32_t>(shape.heads)),
        gguf_number(key(architecture, "attention.key_length"), static_cast<std::uint32_t>(shape.head_dim))};
    if (shape.sliding_window > 0)
        file.metadata.push_back(gguf_number(key(architecture, "attention.sliding_window"),
                                            static_cast<std::uint32_t>(shape.sliding_window)));
    return file;
}

ModelShape found(const HeaderFiles::File& file) {
    HeaderFiles files;
    files.files["/m.gguf"] = file;
    return find_model(test::model("/m.gguf"), files);
}

std::string refusal(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK_FALSE(error.where.file.empty());
        CHECK_FALSE(error.hint.empty());
        return error.message;
    }
    return "accepted";
}

std::string refusal(const std::string& bytes) {
    return refusal([&] { found({bytes, bytes.size()}); });
}

std::string header(std::uint64_t tensors, std::uint64_t keys, std::uint64_t version = 3) {
    return "GGUF" + little_endian(version, 4) + little_endian(tensors, 8) + little_endian(keys, 8);
}

std::string tensor(const std::string& name, const std::vector<std::uint64_t>& sizes, std::uint64_t type,
                   std::uint64_t offset) {
    std::string text = gguf_text(name) + little_endian(sizes.size(), 4);
    for (const std::uint64_t size : sizes) text += little_endian(size, 8);
    return text + little_endian(type, 4) + little_endian(offset, 8);
}

}  // namespace

TEST_CASE("a GGUF header gives the shape of its model, heads and windows as well") {
    struct Row {
        const char *id, *architecture;
    };
    for (const Row& r : {Row{"llama-3.1-8b", "llama"}, Row{"llama-3.2-1b", "llama"}, Row{"qwen2.5-0.5b", "qwen2"},
                         Row{"qwen3-4b", "qwen3"}, Row{"gemma-2-2b", "gemma2"}, Row{"phi-3-mini", "phi3"}}) {
        const ModelShape wanted = row(r.id);
        const ModelShape shape = found(gguf_of(wanted, r.architecture).file());
        CAPTURE(r.id);
        CHECK(shape.source == "gguf");
        CHECK(shape.family == wanted.family);
        CHECK(shape.dtype == "float16");
        CHECK(shape.parameters == wanted.parameters);
        CHECK(count_parameters(shape) == wanted.parameters);
        CHECK(shape.heads == wanted.heads);
        CHECK(shape.kv_heads == wanted.kv_heads);
        CHECK(shape.head_dim == wanted.head_dim);
        CHECK(shape.tied == wanted.tied);
        CHECK(shape.max_positions == 8192);
        CHECK(shape.sliding_window == wanted.sliding_window);
        CHECK(shape.sliding_layers == wanted.sliding_layers);
        CHECK(shape.note.empty());
        CHECK(linear_modules(shape).back().name == linear_modules(wanted).back().name);
    }
}

TEST_CASE("numbers of layers are read, of as many as a model may have") {
    GgufFile file = gguf_of(row("smollm2-135m"), "llama");
    file.metadata.pop_back();  // the size of heads, which would tell their number
    for (const int length : {30, 2000, 4096}) {
        std::string list = gguf_text("llama.attention.head_count") + little_endian(9, 4) + little_endian(4, 4) +
                           little_endian(static_cast<std::uint64_t>(length), 8);
        for (int i = 0; i < length; ++i) list += little_endian(18, 4);
        file.metadata.at(4) = list;
        CAPTURE(length);
        CHECK(found(file.file()).heads == 18);
    }
}

TEST_CASE("weights in fewer bits are counted by their elements, and the note has their bytes") {
    const ModelShape shape = found(gguf_of(row("llama-2-7b"), "llama", "Q4_0").file());
    CHECK(shape.parameters == 6738415616);
    CHECK(shape.dtype.empty());
    CHECK(shape.note == "the file holds 3.79 GB of weights in fewer bits");
}

TEST_CASE("experts of GGUF") {
    GgufFile file = gguf_of(row("smollm2-135m"), "llama");
    for (WeightTensor& tensor : file.tensors) {
        if (tensor.name.ends_with("ffn_down.weight")) tensor = {tensor.name, {4, 576, 1536}, "F16"};
        if (tensor.name.ends_with("ffn_up.weight") || tensor.name.ends_with("ffn_gate.weight"))
            tensor = {tensor.name, {4, 1536, 576}, "F16"};
        if (const auto at = tensor.name.find("ffn_");
            at != std::string::npos && tensor.name.find("norm") == std::string::npos)
            tensor.name.replace(tensor.name.rfind(".weight"), 7, "_exps.weight");
    }
    for (int i = 0; i < 30; ++i)
        file.tensors.push_back({"blk." + std::to_string(i) + ".ffn_gate_inp.weight", {4, 576}, "F32"});
    file.metadata.push_back(gguf_number("llama.expert_used_count", 2));
    const ModelShape shape = found(file.file());
    CHECK(shape.family == "mixtral");
    CHECK(shape.experts == 4);
    CHECK(shape.experts_per_token == 2);
    CHECK(shape.expert_ffn == 1536);
    CHECK(count_parameters(shape) == shape.parameters);
    CHECK(active_parameters(shape) == shape.parameters - 30LL * 2 * 3 * 576 * 1536);
}

TEST_CASE("parts of a split file, and a folder of files") {
    GgufFile whole = gguf_of(row("qwen3-0.6b"), "qwen3");
    GgufFile first = whole, second = whole;
    first.tensors.resize(100);
    second.tensors.erase(second.tensors.begin(), second.tensors.begin() + 100);
    first.metadata.push_back(gguf_number("split.count", 2));
    HeaderFiles files;
    files.files["/q/m-00001-of-00002.gguf"] = first.file();
    CHECK(refusal([&] { find_model(test::model("/q"), files); }) == "cannot read /q/m-00002-of-00002.gguf");
    files.files["/q/m-00002-of-00002.gguf"] = second.file();
    CHECK(find_model(test::model("/q"), files).parameters == row("qwen3-0.6b").parameters);
    CHECK(find_model(test::model("/q/m-00001-of-00002.gguf"), files).heads == 16);
    files.files["/other.gguf"] = first.file();
    CHECK(refusal([&] { find_model(test::model("/other.gguf"), files); }) ==
          "/other.gguf is one of 2 parts, and not called as the first");
    files.files["/q/other.gguf"] = whole.file();
    CHECK(refusal([&] { find_model(test::model("/q"), files); }) == "/q holds 2 GGUF files");
}

TEST_CASE("only the header is read, a piece at a time") {
    GgufFile file = gguf_of(row("llama-2-70b"), "llama");
    file.metadata.push_back(gguf_texts("tokenizer.ggml.merges", std::vector<std::string>(100000, "a longer merge")));
    HeaderFiles files;
    files.files["/m.gguf"] = file.file();
    CHECK(find_model(test::model("/m.gguf"), files).parameters == row("llama-2-70b").parameters);
    CHECK(files.bytes_read < 6 << 20);
    CHECK(files.files["/m.gguf"].size > 130'000'000'000);
}

TEST_CASE("a file that ends early is refused wherever it ends") {
    GgufFile small;
    small.metadata = {gguf_string("general.architecture", "llama"), gguf_number("llama.block_count", 1),
                      gguf_texts("tokens", {"a", "bc"})};
    small.tensors = {{"token_embd.weight", {4, 8}, "F32"}, {"blk.0.attn_q.weight", {8, 8}, "BF16"}};
    const HeaderFiles::File file = small.file();
    const std::string whole = file.header + std::string(file.size - file.header.size(), 'x');
    CHECK(refusal(whole) == "accepted");
    for (std::size_t length = 0; length < whole.size(); ++length)
        CHECK_MESSAGE(refusal(whole.substr(0, length)).starts_with("/m.gguf is no valid GGUF file: "), length);
}

TEST_CASE("headers that are wrong are refused with the reason") {
    const std::string name = gguf_text("a"), rest(4096, '\0');
    const std::uint64_t huge = std::uint64_t{1} << 62;
    const std::pair<std::string, const char*> cases[] = {
        {"GGML" + rest, "it does not begin with GGUF"},
        {header(0, 0, 1) + rest, "version 1 is not known"},
        {header(0, 0, 4) + rest, "version 4 is not known"},
        {header(0, 0, 0x03000000) + rest, "its numbers are big-endian"},
        {header(huge, 0) + rest, "4611686018427387904 tensors are more than any model has"},
        {header(0, huge) + rest, "4611686018427387904 keys are more than any model has"},
        {header(0, 1) + little_endian(huge, 8) + rest, "a name of 4611686018427387904 bytes"},
        {header(0, 1) + name + little_endian(13, 4) + rest, "a value of the unknown type 13"},
        {header(0, 1) + name + little_endian(8, 4) + little_endian(huge, 8) + rest, "in the middle of its header"},
        {header(0, 1) + name + little_endian(8, 4) + little_endian(UINT64_MAX, 8) + rest,
         "in the middle of its header"},
        {header(0, 1) + name + little_endian(9, 4) + little_endian(9, 4) + little_endian(1, 8) + rest,
         "an array of arrays"},
        {header(0, 1) + name + little_endian(9, 4) + little_endian(4, 4) + little_endian(UINT64_MAX / 2, 8) + rest,
         "an array of 9223372036854775807 values"},
        {header(0, 1) + name + little_endian(9, 4) + little_endian(4, 4) + little_endian(5000, 8) + rest,
         "in the middle of its header"},
        {header(0, 1) + name + little_endian(9, 4) + little_endian(8, 4) + little_endian(huge, 8) + rest,
         "in the middle of its header"},
        {header(0, 2) + gguf_number("a", 1) + gguf_number("a", 2) + rest, "the key a is there twice"},
        {header(1, 0) + tensor("t", {1, 1, 1, 1, 1}, 0, 0) + rest, "tensor t has 5 dimensions"},
        {header(1, 0) + tensor("t", {huge, 8}, 0, 0) + rest, "tensor t has an impossible shape"},
        {header(1, 0) + tensor("t", {UINT64_MAX}, 0, 0) + rest, "tensor t has an impossible shape"},
        {header(1, 0) + tensor("t", {huge}, 0, 0) + rest, "which F32 cannot hold"},
        {header(1, 0) + tensor("t", {33}, 2, 0) + rest, "tensor t has rows of 33 elements, which Q4_0 cannot hold"},
        {header(1, 0) + tensor("t", {8}, 0, UINT64_MAX) + rest, "tensor t begins at 18446744073709551615"},
        {header(1, 0) + tensor("t", {2048}, 0, 0) + rest, "tensor t ends at byte 8192 behind the header"},
        {header(1, 0) + tensor("t", {8}, 99, 1 << 20) + rest, "tensor t ends at byte 1048576 behind the header"},
        {header(2, 0) + tensor("t", {8}, 0, 0) + tensor("t", {8}, 0, 32) + rest, "tensor t is there twice"},
        {header(1, 1) + gguf_number("general.alignment", 0) + tensor("t", {8}, 0, 0) + rest, "an alignment of 0"},
    };
    for (const auto& [bytes, says] : cases) {
        CAPTURE(says);
        const std::string message = refusal(bytes);
        CHECK(message.find(says) != std::string::npos);
        CHECK(message.starts_with("/m.gguf is no valid GGUF file: "));
    }
}

TEST_CASE("a header longer than any is refused, however large the file") {
    const std::string text = header(0, 1) + gguf_text("a") + little_endian(8, 4) + little_endian(1u << 30, 8);
    CHECK(refusal([&] { found({text, std::uint64_t{1} << 40}); }).ends_with("its header has more than 64 MiB"));
}

TEST_CASE("sizes that no model has are refused, and metadata that contradicts tensors is not believed") {
    GgufFile file = gguf_of(row("smollm2-135m"), "llama");
    file.metadata = {gguf_string("general.architecture", "llama"),
                     gguf_number("llama.attention.head_count", 0x80000000u)};
    CHECK(refusal([&] { found(file.file()); }) ==
          "/m.gguf: llama.attention.head_count is 2147483648, which no model has");
    file.metadata = {gguf_string("general.architecture", "llama"), gguf_number("llama.attention.head_count", 7)};
    CHECK(found(file.file()).heads * found(file.file()).head_dim == 576);
    file.metadata = {};
    CHECK(found(file.file()).parameters == row("smollm2-135m").parameters);
    CHECK(found(file.file()).family.empty());
}
