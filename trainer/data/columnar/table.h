// An Arrow or Parquet file as batches of rows, each brought to memory when it is asked for.
#pragma once

#include <arrow/record_batch.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace ktrain::trainer {

using BatchPointer = std::shared_ptr<arrow::RecordBatch>;

// Read by any number of threads. Failures are thrown as std::runtime_error with Arrow's words.
class ColumnarTable {
public:
    // Tells stream, file and Parquet apart by content. A map of the file is kept, not its content.
    explicit ColumnarTable(const std::string& path);

    std::uint64_t rows() const { return ends_.empty() ? 0 : ends_.back(); }
    // The batch of a row, checked through and through (hostile offsets, bad UTF-8), and the row's index in it.
    std::pair<BatchPointer, std::int64_t> find(std::uint64_t row);

private:
    void open_stream(const std::string& path);
    void open_file(const std::string& path);
    void open_parquet(const std::string& path);
    void add(std::int64_t rows) { ends_.push_back(this->rows() + static_cast<std::uint64_t>(rows)); }

    std::vector<std::uint64_t> ends_;                   // the number of rows up to the end of each batch
    std::function<BatchPointer(int)> load_;             // one thread at a time
    std::mutex mutex_;                                  // of load_ and recent_
    std::vector<std::pair<int, BatchPointer>> recent_;  // the newest last: rows are mostly read in order
};

}  // namespace ktrain::trainer
