// The C entry point of ktrain_columnar.so.
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

#include "trainer/data/columnar/api.h"
#include "trainer/data/columnar/json.h"
#include "trainer/data/columnar/table.h"

namespace {

using ktrain::trainer::ColumnarTable;

const char* copy(const std::string& text) {
    return ::strdup(text.c_str());
}

void* open(const char* path, const char** error) try {
    return new ColumnarTable(path);
} catch (const std::exception& failure) {
    *error = copy(failure.what());
    return nullptr;
}

uint64_t rows(void* table) {
    return static_cast<ColumnarTable*>(table)->rows();
}

const char* read(void* table, uint64_t row, const char** error) try {
    const auto [batch, index] = static_cast<ColumnarTable*>(table)->find(row);
    return copy(ktrain::trainer::to_json(*batch, index));
} catch (const std::exception& failure) {
    *error = copy(failure.what());
    return nullptr;
}

void close(void* table) {
    delete static_cast<ColumnarTable*>(table);
}

void release(const char* text) {
    std::free(const_cast<char*>(text));
}

constexpr ktrain_columnar_api api{KTRAIN_COLUMNAR_API_VERSION, open, rows, read, close, release};

}  // namespace

extern "C" __attribute__((visibility("default"))) const ktrain_columnar_api* ktrain_columnar() {
    return &api;
}
