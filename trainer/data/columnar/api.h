// The C interface of ktrain_columnar.so: text in JSON, no C++ type and no exception crosses it.
#pragma once

#include <stdint.h>

#define KTRAIN_COLUMNAR_API_VERSION 1
#define KTRAIN_COLUMNAR_ENTRY "ktrain_columnar"

#ifdef __cplusplus
extern "C" {
#endif

// Texts end with a NUL and are given back with release(). A failing function returns a null pointer and sets *error to
// one sentence about the file.
struct ktrain_columnar_api {
    int version;
    void* (*open)(const char* path, const char** error);
    uint64_t (*rows)(void* table);
    const char* (*read)(void* table, uint64_t row, const char** error);  // a JSON object; by any number of threads
    void (*close)(void* table);
    void (*release)(const char* text);
};

typedef const struct ktrain_columnar_api* (*ktrain_columnar_entry)(void);

#ifdef __cplusplus
}
#endif
