// gzip by zlib.
#include "trainer/data/gunzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

constexpr int gzip_only = 16 + MAX_WBITS;
constexpr std::size_t chunk = 1U << 20;

struct Inflater {
    z_stream stream{};
    Inflater() {
        if (inflateInit2(&stream, gzip_only) != Z_OK)
            throw Error(ErrorKind::failed, "zlib cannot start: out of memory");
    }
    ~Inflater() { inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

[[noreturn]] void damaged(const std::string& file, std::string_view what) {
    throw Error(ErrorKind::input, fmt::format("{} is {} gzip data", file, what), {file, 0, 0, ""},
                "copy the file again from where it came from");
}

}  // namespace

bool is_gzip(std::string_view data) {
    return data.starts_with("\x1f\x8b");
}

std::string gunzip(std::string_view data, const std::string& file, std::size_t limit) {
    if (data.size() > std::numeric_limits<uInt>::max()) damaged(file, "more than 4 GiB of");
    Inflater inflater;
    z_stream& stream = inflater.stream;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));  // zlib's interface lacks the const
    stream.avail_in = static_cast<uInt>(data.size());
    std::string content;
    while (content.size() < limit) {
        const std::size_t before = content.size();
        const std::size_t room = std::min(chunk, limit - before);
        content.resize(before + room);
        stream.next_out = reinterpret_cast<Bytef*>(content.data() + before);
        stream.avail_out = static_cast<uInt>(room);
        const int status = inflate(&stream, Z_NO_FLUSH);
        content.resize(before + room - stream.avail_out);
        if (status == Z_STREAM_END) {
            if (stream.avail_in == 0) return content;
            if (inflateReset(&stream) != Z_OK) damaged(file, "damaged");  // a further member follows
        } else if (status == Z_BUF_ERROR || (status == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)) {
            damaged(file, "truncated");
        } else if (status != Z_OK) {
            damaged(file, "damaged");
        }
    }
    return content;
}

}  // namespace ktrain::trainer
