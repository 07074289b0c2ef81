// What the program is told about exceptions, also when there is no memory to tell it with.
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/util/Exception.h>
#include <doctest/doctest.h>

#include <functional>
#include <new>
#include <stdexcept>

#include "core/base/exit_code.h"
#include "tests/trainer/memory.h"
#include "tests/trainer/support.h"
#include "trainer/failure.h"

using namespace ktrain;
using namespace ktrain::trainer;

namespace {

struct Told {
    int code;
    Json json;
};

Told told(const std::function<void()>& body, bool without_memory = false) {
    try {
        body();
    } catch (...) {
        test::memory_is_gone = without_memory;
        const Failure failure = current_failure();
        test::memory_is_gone = false;
        Told told{failure.code, Json::parse(failure.text)};
        release_text(failure.text);
        return told;
    }
    FAIL("nothing was thrown");
    return {};
}

}  // namespace

TEST_CASE("an Error crosses the border whole") {
    const Told error = told([] { throw Error(ErrorKind::input, "it is wrong", {"a.yaml", 3, 5, "data"}, "mend it"); });
    CHECK(error.code == exit_code::invalid);
    CHECK(error.json == Json::parse(R"({"kind": "input", "message": "it is wrong",
        "where": {"file": "a.yaml", "line": 3, "column": 5, "path": "data"}, "hint": "mend it"})"));
}

TEST_CASE("out of memory is told without memory, whoever ran out of it") {
    for (const bool without_memory : {false, true}) {
        const Told plain = told([] { throw std::bad_alloc(); }, without_memory);
        CHECK(plain.code == exit_code::failed);
        CHECK(plain.json["message"] == "out of memory");
        CHECK(plain.json["hint"].get<std::string>().find("per_device_train_batch_size") != std::string::npos);
        // More than any machine has: libtorch's allocator refuses.
        CHECK(told([] { at::empty({std::int64_t{1} << 50}); }, without_memory).json == plain.json);
        CHECK(told([] { throw Error(ErrorKind::input, std::string(1000, 'x')); }, true).json == plain.json);
    }
}

TEST_CASE("libtorch's errors are told in one line, without its stack trace") {
    const Told shapes = told([] { at::zeros({2, 3}).view({7}); });
    CHECK(shapes.code == exit_code::failed);
    CHECK(shapes.json["kind"] == "failed");
    CHECK(shapes.json["message"] == "libtorch: shape '[7]' is invalid for input of size 6");
    CHECK(told([] {
              throw c10::Error(std::string("[enforce fail at a.cpp:7] x > 0. it is wrong"), nullptr);
          }).json["message"] == "libtorch: it is wrong");
    CHECK(told([] { throw std::runtime_error("first\nsecond"); }).json["message"] == "first");
}

TEST_CASE("what is no exception of the standard library is told, too") {
    for (const bool without_memory : {false, true}) {
        const Told number = told([] { throw 7; }, without_memory);
        CHECK(number.code == exit_code::failed);
        CHECK(number.json["message"].get<std::string>().find("unknown type") != std::string::npos);
    }
}
