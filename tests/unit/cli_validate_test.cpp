// What `ktrain validate` shows of the lines of its findings on a terminal.
#include <doctest/doctest.h>

#include "cli/app.h"
#include "tests/support/worlds.h"

using namespace ktrain;

namespace {

std::string shown(const std::string& manifest) {
    test::World world;
    world.out.terminal = true;
    world.files.contents["a.yaml"] = manifest;
    const std::vector<std::string> words{"validate", "--color", "never", "a.yaml"};
    CHECK(run_app(world.session, words) == 3);
    return world.out.text;
}

const std::string secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";

}  // namespace

TEST_CASE("validate: on a terminal a finding shows its line") {
    const std::string text = shown("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {port: 80}\n");
    CHECK_MESSAGE(text.find("  4 | data: {port: 80}\n    |              ^\n") != std::string::npos, text);
}

TEST_CASE("validate: no finding shows a line of a Secret, nor a value where it is not known to be none") {
    struct Case {
        std::string name, manifest;
        const char* excerpt;  // what is shown of it; empty: nothing
    };
    const Case cases[] = {
        {"a misspelt field", "stringDta: {password: hunter2}\n", ""},
        {"a type", "data: {password: 9264}\n", ""},
        {"a key that is there twice", "stringData:\n  password: hunter1\n  password: hunter2\n",
         "  6 |   password: …\n    |   ^\n"},
        {"twice in one line", "stringData: {password: hunter1, password: hunter2}\n",
         "  4 | stringData: …\n    |             ^\n"},
        {"a quote that is not closed", "stringData:\n  password: \"hunter2\n", "password: …\n"},
        {"a tab", "stringData:\n\tpassword: hunter2\n", "  5 | \tpassword: …\n    | ^\n"},
        {"a list in a map", "stringData:\n  - a\n  password: hunter2\n", "  6 |   password: …\n"},
        {"a line without a key", "stringData:\n  url: x\n https://me:hunter2@host\n", ""},
        {"a lone value", "stringData:\n  password: @hunter2\n", "  5 |   password: …\n"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        const std::string text = shown(secret + c.manifest);
        CHECK_MESSAGE(text.find("hunter") == std::string::npos, text);
        CHECK_MESSAGE(
            (*c.excerpt == 0 ? text.find(" | ") == std::string::npos : text.find(c.excerpt) != std::string::npos),
            text);
    }
}
