// A table of rows, whatever file they come from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/base/place.h"

namespace ktrain::trainer {

// Rows are read by their index, in any order and by several threads at once, and are not kept.
class Rows {
public:
    virtual ~Rows() = default;
    virtual std::uint64_t size() const = 0;
    // An object; its members have the order of the columns. Errors: Error{input} with place(index), or nearer.
    virtual Json read(std::uint64_t index) const = 0;
    // File and line; in files without lines the number of the row, from 1.
    virtual Place place(std::uint64_t index) const = 0;
    // Whether numbers are told from text; else, as in CSV, every value is text.
    virtual bool typed() const { return true; }
};

// One table after the other.
std::unique_ptr<Rows> join_rows(std::vector<std::unique_ptr<Rows>> parts);

}  // namespace ktrain::trainer
