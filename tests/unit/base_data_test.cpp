// Digests, base64, CSV, places, compiled-in files and exit codes.
#include <doctest/doctest.h>

#include <csignal>

#include "core/base/base64.h"
#include "core/base/csv.h"
#include "core/base/digest.h"
#include "core/base/embedded.h"
#include "core/base/error.h"
#include "core/base/exit_code.h"
#include "core/base/place.h"
#include "core/base/shared_library.h"

using namespace ktrain;

TEST_CASE("SHA-256 matches the published vectors") {
    CHECK(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Sha256 parts;
    parts.add("a");
    parts.add("bc");
    CHECK(parts.hex() == sha256("abc"));
}

TEST_CASE("base64 is as strict as Go's decoder") {
    for (const std::string& text : std::vector<std::string>{"", "f", "fo", "foo", "foobar", std::string("\0\xff", 2)})
        CHECK(base64_decode(base64_encode(text)) == text);
    CHECK(base64_encode("foob") == "Zm9vYg==");
    CHECK(base64_decode("Zm9v\nYg==\n") == "foob");
    for (const char* bad : {"Zm9", "Zm9vYg=", "Zm=v", "<base64>", " Zm9v", "Zm9vY-8="}) {
        CAPTURE(bad);
        CHECK_FALSE(base64_decode(bad).has_value());
    }
}

TEST_CASE("CSV reads quotes, commas and line ends inside cells") {
    const Csv csv("id,note\r\na,\"x, \"\"y\"\"\nz\"\nb,\n", "t.csv");
    REQUIRE(csv.rows() == 2);
    CHECK(csv.cell(0, "note") == "x, \"y\"\nz");
    CHECK(csv.cell(1, "id") == "b");
    CHECK(csv.cell(1, "note") == "");
    CHECK_THROWS_AS(csv.cell(0, "nope"), Error);
    CHECK(csv.line(0) == 2);
    CHECK(csv.line(1) == 4);  // behind the line end inside a cell
    CHECK(Csv("a\n\n1\n", "t.csv").line(0) == 3);
    CHECK_THROWS_AS(Csv("a,b\n1\n", "t.csv"), Error);
    CHECK_THROWS_AS(Csv("a\n\"1\n", "t.csv"), Error);
}

TEST_CASE("places and paths print as people expect") {
    CHECK(to_string(Place{"a.yaml", 3, 9, ""}) == "a.yaml:3:9");
    CHECK(to_string(Place{"a.yaml", 0, 0, ""}) == "a.yaml");
    CHECK(to_string(Place{}) == "");
    CHECK(join_path(join_path(join_path("", "spec"), "containers"), 0) == "spec.containers[0]");
    CHECK(join_path("limits", "nvidia.com/gpu") == "limits[\"nvidia.com/gpu\"]");
}

TEST_CASE("templates are compiled in byte for byte") {
    CHECK(embedded("gpus.csv").starts_with("id,vendor,name,"));
    CHECK_THROWS_AS(embedded("no-such-file"), Error);
    CHECK(Csv(embedded("models.csv"), "models.csv").rows() > 40);
}

TEST_CASE("every kind of error has an exit code of the table") {
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::bug); ++kind) {
        const int code = exit_code_for(static_cast<ErrorKind>(kind));
        bool listed = false;
        for (const auto& row : exit_codes) listed = listed || row.code == code;
        CHECK(listed);
        CHECK(code != 0);
    }
    CHECK(exit_code_for(ErrorKind::input) == 2);
    CHECK(exit_code_for(ErrorKind::unreachable) == 4);
}

TEST_CASE("a stop signal has an exit code, SIGHUP that of SIGTERM") {
    CHECK(exit_code_for_signal(SIGINT) == 130);
    CHECK(exit_code_for_signal(SIGTERM) == 143);
    CHECK(exit_code_for_signal(SIGHUP) == 143);
}

TEST_CASE("a library that is not there, or lacks a function, is named with where to get it") {
    const auto said = [](const std::string& name, const char* function) {
        try {
            SharedLibrary(name, "install it")[function];
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::failed);
            CHECK(error.hint == "install it");
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(said("libnone.so.1", "none").starts_with("libnone.so.1 cannot be loaded: "));
    CHECK(said("libc.so.6", "no_such_function").starts_with("libc.so.6 cannot be loaded: "));
    CHECK(said("libc.so.6", "getpid") == "");
}
