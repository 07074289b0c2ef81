// Headers of weight files made by hand.
#include "tests/support/weight_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/model/safetensors_header.h"
#include "tests/support/safetensors.h"

namespace ktrain::test {
namespace {

struct GgmlType {
    std::string_view name;
    std::uint32_t number;
    std::uint64_t elements, bytes;
};
constexpr GgmlType types[] = {{"F32", 0, 1, 4}, {"F16", 1, 1, 2}, {"Q4_0", 2, 32, 18}, {"BF16", 30, 1, 2}};

std::uint64_t elements(const WeightTensor& tensor) {
    std::uint64_t count = 1;
    for (const std::int64_t size : tensor.shape) count *= static_cast<std::uint64_t>(size);
    return count;
}

}  // namespace

const HeaderFiles::File& HeaderFiles::file(const std::string& path) const {
    const auto found = files.find(path);
    if (found == files.end()) throw Error(ErrorKind::input, "cannot read " + path, {path, 0, 0, ""}, "check the path");
    return found->second;
}

std::string HeaderFiles::read(const std::string& path, std::uint64_t max_bytes) const {
    const File& found = file(path);
    if (found.size > max_bytes) throw Error(ErrorKind::input, path + " is too large", {path, 0, 0, ""});
    return found.header;
}

std::string HeaderFiles::read_part(const std::string& path, std::uint64_t offset, std::uint64_t count) const {
    const File& found = file(path);
    std::string part = offset < found.header.size() ? found.header.substr(offset, count) : "";
    const std::uint64_t there = offset < found.size ? std::min(count, found.size - offset) : 0;
    part.resize(there, '\xAA');  // data
    bytes_read += part.size();
    return part;
}

std::uint64_t HeaderFiles::size(const std::string& path) const {
    return file(path).size;
}

bool HeaderFiles::is_folder(const std::string& path) const {
    return std::ranges::any_of(files, [&](const auto& entry) { return entry.first.starts_with(path + "/"); });
}

std::vector<std::string> HeaderFiles::list(const std::string& folder) const {
    std::set<std::string> names;
    for (const auto& [path, file] : files)
        if (path.starts_with(folder + "/")) names.insert(path.substr(folder.size() + 1));
    return {names.begin(), names.end()};
}

HeaderFiles::File safetensors_of(const std::vector<WeightTensor>& tensors) {
    Json header = Json::object();
    std::uint64_t at = 0;
    for (const WeightTensor& tensor : tensors) {
        const auto type = std::ranges::find(all_safetensors_types, tensor.type, &SafetensorsType::name);
        const std::uint64_t end = at + elements(tensor) * type->bytes;
        header[tensor.name] = {{"dtype", tensor.type}, {"shape", tensor.shape}, {"data_offsets", {at, end}}};
        at = end;
    }
    HeaderFiles::File file{safetensors_file(header.dump(), ""), 0};
    file.size = file.header.size() + at;
    return file;
}

std::string little_endian(std::uint64_t value, std::size_t bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i & 0xFF);
    return text;
}

std::string gguf_text(std::string_view text) {
    return little_endian(text.size(), 8) + std::string(text);
}

std::string gguf_number(const std::string& key, std::uint32_t value) {
    return gguf_text(key) + little_endian(4, 4) + little_endian(value, 4);
}

std::string gguf_string(const std::string& key, std::string_view value) {
    return gguf_text(key) + little_endian(8, 4) + gguf_text(value);
}

std::string gguf_texts(const std::string& key, const std::vector<std::string>& values) {
    std::string text = gguf_text(key) + little_endian(9, 4) + little_endian(8, 4) + little_endian(values.size(), 8);
    for (const auto& value : values) text += gguf_text(value);
    return text;
}

HeaderFiles::File GgufFile::file() const {
    std::string text =
        "GGUF" + little_endian(version, 4) + little_endian(tensors.size(), 8) + little_endian(metadata.size(), 8);
    for (const auto& entry : metadata) text += entry;
    std::uint64_t at = 0;
    for (const WeightTensor& tensor : tensors) {
        const GgmlType& type = *std::ranges::find(types, tensor.type, &GgmlType::name);
        text += gguf_text(tensor.name) + little_endian(tensor.shape.size(), 4);
        for (auto size = tensor.shape.rbegin(); size != tensor.shape.rend(); ++size)
            text += little_endian(static_cast<std::uint64_t>(*size), 8);
        text += little_endian(type.number, 4) + little_endian(at, 8);
        at += (elements(tensor) / type.elements * type.bytes + 31) / 32 * 32;
    }
    text.resize((text.size() + 31) / 32 * 32, '\0');
    return {text, text.size() + at};
}

std::vector<WeightTensor> as_gguf(std::vector<WeightTensor> tensors) {
    static const std::pair<std::string_view, std::string_view> names[] = {
        {"model.embed_tokens.", "token_embd."},
        {"model.layers.", "blk."},
        {"model.norm.", "output_norm."},
        {"lm_head.", "output."},
        {"self_attn.q_norm.", "attn_q_norm."},
        {"self_attn.k_norm.", "attn_k_norm."},
        {"self_attn.q_proj.", "attn_q."},
        {"self_attn.k_proj.", "attn_k."},
        {"self_attn.v_proj.", "attn_v."},
        {"self_attn.qkv_proj.", "attn_qkv."},
        {"self_attn.o_proj.", "attn_output."},
        {"mlp.gate_up_proj.", "ffn_up."},
        {"mlp.gate_proj.", "ffn_gate."},
        {"mlp.up_proj.", "ffn_up."},
        {"mlp.down_proj.", "ffn_down."},
        {"input_layernorm.", "attn_norm."},
        {"pre_feedforward_layernorm.", "ffn_norm."},
        {"post_feedforward_layernorm.", "post_ffw_norm."},
        {"post_attention_layernorm.", "ffn_norm_."}};
    for (WeightTensor& tensor : tensors)
        for (const auto& [from, to] : names)
            if (const auto at = tensor.name.find(from); at != std::string::npos)
                tensor.name.replace(at, from.size(), to);
    return tensors;
}

}  // namespace ktrain::test
