// Files of weights for tests: headers in bytes, data that is only claimed to be there.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/world.h"
#include "core/model/weight_shape.h"

namespace ktrain::test {

// Files that begin with a header and have a size; what is behind the header cannot be read.
class HeaderFiles final : public Files {
public:
    struct File {
        std::string header;
        std::uint64_t size = 0;
    };
    std::map<std::string, File> files;  // by path
    mutable std::uint64_t bytes_read = 0;

    void add(const std::string& path, std::string text) { files[path] = {text, text.size()}; }

    std::string read(const std::string& path, std::uint64_t max_bytes = limits::file) const override;
    std::string read_part(const std::string& path, std::uint64_t offset, std::uint64_t count) const override;
    std::uint64_t size(const std::string& path) const override;
    void write(const std::string&, std::string_view, unsigned) override {}
    bool exists(const std::string& path) const override { return files.contains(path) || is_folder(path); }
    bool is_folder(const std::string& path) const override;
    bool is_file(const std::string& path) const override { return files.contains(path); }
    std::string real_path(const std::string& path) const override { return path; }
    std::vector<std::string> list(const std::string& folder) const override;
    void make_folders(const std::string&) override {}
    void remove(const std::string&) override {}
    void rename(const std::string&, const std::string&) override {}

private:
    const File& file(const std::string& path) const;
};

// A whole safetensors file of these tensors, in their order.
HeaderFiles::File safetensors_of(const std::vector<WeightTensor>& tensors);

// Pieces of a GGUF file.
std::string little_endian(std::uint64_t value, std::size_t bytes);
std::string gguf_text(std::string_view text);  // its length, and the text
std::string gguf_number(const std::string& key, std::uint32_t value);
std::string gguf_string(const std::string& key, std::string_view value);
std::string gguf_texts(const std::string& key, const std::vector<std::string>& values);

struct GgufFile {
    std::vector<std::string> metadata;  // from the functions above
    std::vector<WeightTensor> tensors;  // types F32, F16, BF16 and Q4_0
    std::uint32_t version = 3;

    HeaderFiles::File file() const;
};

// The names that llama.cpp gives to the tensors of a llama-like model.
std::vector<WeightTensor> as_gguf(std::vector<WeightTensor> tensors);

}  // namespace ktrain::test
