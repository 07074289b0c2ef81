// Opens the files of a data set, each by the reader of its format.
#include "trainer/data/data_files.h"

#include <fmt/format.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "trainer/data/columnar.h"
#include "trainer/data/mapped_file.h"
#include "trainer/data/text_rows.h"

namespace ktrain::trainer {
namespace {

std::unique_ptr<Rows> open_file(const std::string& path, DataFormat format) {
    switch (format) {
        case DataFormat::columnar:
            return open_columnar(path);
        case DataFormat::csv:
            return open_text_rows(path, TextFormat::csv);
        case DataFormat::json: {
            const MappedFile file(path);  // some call JSON lines .json
            const std::size_t first = file.content().find_first_not_of(" \t\r\n\xEF\xBB\xBF");
            const bool lines = first != std::string_view::npos && file.content()[first] == '{';
            return open_text_rows(path, lines ? TextFormat::jsonl : TextFormat::json);
        }
        case DataFormat::jsonl:
            return open_text_rows(path, TextFormat::jsonl);
        case DataFormat::text:
            return open_text_rows(path, TextFormat::text);
        case DataFormat::tsv:
            return open_text_rows(path, TextFormat::tsv);
    }
    throw Error(ErrorKind::bug, "a data format without a reader");
}

}  // namespace

std::unique_ptr<Rows> open_rows(const DataSplit& split) {
    std::vector<std::unique_ptr<Rows>> parts;
    for (const std::string& file : split.files) parts.push_back(open_file(file, split.format));
    auto rows = join_rows(std::move(parts));
    if (rows->size() == 0)
        throw Error(ErrorKind::input, split.files.front() + " holds no rows", {split.files.front(), 0, 0, ""},
                    "give it some data");
    return rows;
}

std::string content_digest(const DataSplit& split) {
    Sha256 digest;
    digest.add(fmt::format("{} {}\n", static_cast<int>(split.format), split.files.size()));
    for (const std::string& path : split.files) {
        const MappedFile file(path);
        digest.add(fmt::format("{}\n", file.content().size()));
        digest.add(file.content());
    }
    return digest.hex();
}

}  // namespace ktrain::trainer
