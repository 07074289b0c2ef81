// The names of error kinds, as they cross the border of the trainer module, and errors that are made alike everywhere.
#include "core/base/error.h"

#include <doctest/doctest.h>

#include <cerrno>

#include "core/base/file_error.h"
#include "tests/support/images.h"

using namespace ktrain;

TEST_CASE("every kind of error has a name that names it alone") {
    for (int i = 0; i <= static_cast<int>(ErrorKind::bug); ++i) {
        const auto kind = static_cast<ErrorKind>(i);
        CAPTURE(name_of(kind));
        CHECK(error_kind(name_of(kind)) == kind);
    }
    CHECK(name_of(ErrorKind::not_found) == "not_found");
    CHECK(error_kind("of another release") == ErrorKind::failed);
}

TEST_CASE("what the system refuses has the kind and the remedy of its number, wherever it is met") {
    struct {
        int code;
        ErrorKind kind;
        std::string hint;
    } const cases[] = {
        {ENOENT, ErrorKind::input, "check the path"},
        {ENOTDIR, ErrorKind::input, "check the path"},
        {EACCES, ErrorKind::denied, "check the permissions of the file and its folder"},
        {EROFS, ErrorKind::denied, "check the permissions of the file and its folder"},
        {ENOSPC, ErrorKind::failed, "free some space, or write to another place"},
        {EISDIR, ErrorKind::input, ""},
        {EIO, ErrorKind::failed, ""},
    };
    for (const auto& [code, kind, hint] : cases) {
        const Error error = system_error(code, "write", "out/a");
        CAPTURE(error.message);
        CHECK(error.kind == kind);
        CHECK(error.hint == hint);
        CHECK(error.where.file == "out/a");
        CHECK(error.message.starts_with("cannot write out/a: "));
    }
    CHECK(system_error(EDQUOT, "write", "a", "remove old runs").hint == "remove old runs");
}

TEST_CASE("a file that is refused is named with its remedy") {
    const Error error = test::error_of([] { refuse("a.json", "it is wrong", "mend it"); });
    CHECK(error.kind == ErrorKind::input);
    CHECK(error.message == "it is wrong");
    CHECK(error.where.file == "a.json");
    CHECK(error.hint == "mend it");
    CHECK(to_string(test::error_of([] { refuse(Place{"a.json", 3, 1, ""}, "it is wrong", "mend it"); }).where) == "a.json:3:1");
    const Error field = test::error_of([] { refuse_field("data.shuffle", "it is wrong", "mend it"); });
    CHECK(field.where.path == "data.shuffle");
    CHECK(field.where.file == "");
}
