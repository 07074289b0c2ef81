// A memory figure as the sum of lines that each show how they were computed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ktrain {

struct MemoryLine {
    std::string label;        // "weights"
    std::int64_t bytes = 0;   // on one GPU
    std::string formula;      // with the numbers filled in
    std::string source = {};  // a paper, a program, or a page of the documentation
};

struct MemoryBreakdown {
    std::vector<MemoryLine> lines;

    // Errors: Error{input} when the sum does not fit 63 bits.
    std::int64_t total() const;
};

}  // namespace ktrain
