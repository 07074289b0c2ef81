// Opening of the three formats through Arrow.
#include "trainer/data/columnar/table.h"

#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/table.h>
#include <parquet/arrow/reader.h>

#include <algorithm>
#include <stdexcept>

namespace ktrain::trainer {
namespace {

constexpr std::size_t kept = 4;  // batches: as many as threads may be spread over

void check(const arrow::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.message());
}

// The threads that read are the caller's.
arrow::ipc::IpcReadOptions read_options() {
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.use_threads = false;
    return options;
}

template <typename Value>
Value unwrap(arrow::Result<Value> result) {
    check(result.status());
    return std::move(result).ValueUnsafe();
}

auto map_file(const std::string& path) {
    return unwrap(arrow::io::MemoryMappedFile::Open(path, arrow::io::FileMode::READ));
}

}  // namespace

ColumnarTable::ColumnarTable(const std::string& path) {
    const auto head = unwrap(map_file(path)->ReadAt(0, 6))->ToString();
    if (head.starts_with("PAR1"))
        open_parquet(path);
    else if (head == "ARROW1")
        open_file(path);
    else
        open_stream(path);
}

// A stream has no list of its batches. Their buffers stay in the mapped file, unless they are compressed.
void ColumnarTable::open_stream(const std::string& path) {
    const auto reader = unwrap(arrow::ipc::RecordBatchStreamReader::Open(map_file(path), read_options()));
    std::vector<BatchPointer> batches;
    for (;;) {
        BatchPointer batch;
        check(reader->ReadNext(&batch));
        if (!batch) break;
        add(batch->num_rows());
        batches.push_back(std::move(batch));
    }
    load_ = [batches = std::move(batches)](int number) { return batches[static_cast<std::size_t>(number)]; };
}

void ColumnarTable::open_file(const std::string& path) {
    const auto reader = unwrap(arrow::ipc::RecordBatchFileReader::Open(map_file(path), read_options()));
    for (int i = 0; i < reader->num_record_batches(); ++i) add(unwrap(reader->ReadRecordBatch(i))->num_rows());
    load_ = [reader](int number) { return unwrap(reader->ReadRecordBatch(number)); };
}

void ColumnarTable::open_parquet(const std::string& path) {
    const std::shared_ptr<parquet::arrow::FileReader> reader =
        unwrap(parquet::arrow::OpenFile(map_file(path), arrow::default_memory_pool()));
    const auto metadata = reader->parquet_reader()->metadata();
    for (int i = 0; i < metadata->num_row_groups(); ++i) add(metadata->RowGroup(i)->num_rows());
    load_ = [reader](int number) { return unwrap(unwrap(reader->ReadRowGroup(number))->CombineChunksToBatch()); };
}

std::pair<BatchPointer, std::int64_t> ColumnarTable::find(std::uint64_t row) {
    const auto end = std::ranges::upper_bound(ends_, row);
    if (end == ends_.end()) throw std::runtime_error("it has fewer rows");
    const auto number = static_cast<int>(end - ends_.begin());
    const auto first = number == 0 ? 0 : ends_[static_cast<std::size_t>(number) - 1];
    const std::lock_guard lock(mutex_);
    auto found = std::ranges::find(recent_, number, &std::pair<int, BatchPointer>::first);
    if (found == recent_.end()) {
        if (recent_.size() == kept) recent_.erase(recent_.begin());
        BatchPointer batch = load_(number);
        check(batch->ValidateFull());
        if (static_cast<std::uint64_t>(batch->num_rows()) != *end - first)
            throw std::runtime_error("a group of rows has not as many as the file says");
        recent_.emplace_back(number, std::move(batch));
        found = recent_.end() - 1;
    }
    return {found->second, static_cast<std::int64_t>(row - first)};
}

}  // namespace ktrain::trainer
