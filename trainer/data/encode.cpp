// Chunks of rows through the ring.
#include "trainer/data/encode.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "trainer/data/ring.h"

namespace ktrain::trainer {
namespace {

constexpr std::uint64_t chunk_rows = 32;  // enough work to hide a hand-over, few enough for long documents

// One chunk encoded: nothing in the place of an empty row.
using Chunk = std::vector<std::optional<EncodedRow>>;

bool has_learned(const EncodedRow& row) {
    return std::ranges::any_of(row.sequences,
                               [](const auto& sequence) { return std::ranges::any_of(sequence, &Token::learned); });
}

bool is_empty(const EncodedRow& row) {
    return std::ranges::any_of(row.sequences, [](const auto& sequence) { return sequence.empty(); });
}

Chunk encode_chunk(const EncodeJob& job, std::uint64_t number) {
    Chunk chunk;
    const std::uint64_t begin = number * chunk_rows, end = std::min(begin + chunk_rows, job.rows.size());
    for (std::uint64_t index = begin; index < end; ++index) {
        const Place place = job.rows.place(index);
        const Example example = job.reader.read(job.rows.read(index), place);
        std::optional<EncodedRow> row;
        if (!is_empty(example)) row = job.encode(example, place);
        if (row && is_empty(*row)) row.reset();
        chunk.push_back(std::move(row));
    }
    return chunk;
}

}  // namespace

std::optional<EncodeReport> encode_rows(const EncodeJob& job, TokenStoreWriter& writer) {
    const std::uint64_t chunks = (job.rows.size() + chunk_rows - 1) / chunk_rows;
    Ring<Chunk> ring(chunks, std::min<std::size_t>(job.workers, chunks),
                     [&job](std::size_t number) { return encode_chunk(job, number); });
    EncodeReport report;
    const auto note = [&](std::uint64_t& count, std::optional<Place>& first) {
        if (count++ == 0) first = job.rows.place(report.rows);
    };
    while (auto chunk = ring.next()) {
        for (const auto& row : *chunk) {
            if (!row)
                note(report.empty, report.first_empty);
            else if (!has_learned(*row))
                note(report.unlearned, report.first_unlearned);
            if (row) writer.add(*row);
            ++report.rows;
        }
        if (job.progress) job.progress(report.rows);
        if (job.stop && job.stop()) return std::nullopt;
    }
    return report;
}

}  // namespace ktrain::trainer
