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
    const std::vector<std::string> words{"validate", "--color", "never", "--min-severity", "error", "a.yaml"};
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
        {"a value on the next line", "stringData: {password:\n  hunter2, user: bob, user: alice}\n", ""},
        {"a value in two lines", "stringData:\n  password: abc\n    hunter2 part: x\n", ""},
        {"a line that ends with a colon", "stringData:\n  password: abc\n    hunter2 part:\n", ""},
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

TEST_CASE("validate: no finding shows a line on which a secret stands, of whatever object") {
    const std::string spec =
        "apiVersion: ktrain.dev/v1\nkind: TrainingJob\nmetadata: {name: a}\nmodel: {type: simple_cnn}\n";
    const std::string list = "{apiVersion: v1, kind: List, items: [";
    const std::string good = "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {p: hunter2}}";
    const std::string container = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n";
    struct Case {
        std::string name, manifest, rule;
    };
    const Case cases[] = {
        {"the environment of a spec", spec + "cluster:\n  env:\n    WANDB_API_KEY: hunter2\n", "KT029"},
        {"the same in one line", spec + "cluster: {env: {WANDB_API_KEY: hunter2}, imag: x}\n", "KT029"},
        {"an environment that is no map", spec + "cluster: {env: hunter2}\n", "KT029"},
        {"a value that is no text", spec + "cluster: {env: {WANDB_API_KEY: [hunter2]}}\n", "KT029"},
        {"a misspelt kind", "apiVersion: v1\nkind: Secrte\nmetadata: {name: s}\nstringData: {p: hunter2}\n", ""},
        {"the same in one line", "{apiVersion: v1, kind: Secrte, metadata: {name: s}, stringData: {p: hunter2}}", ""},
        {"no kind", "{apiVersion: v1, metadata: {name: s}, stringData: {p: hunter2}}", "KT008"},
        {"no object", "[hunter2]", "KT004"},
        {"a misspelt kind in a List",
         list + "{apiVersion: v1, kind: Sekret, metadata: {name: s}, stringData: {p: hunter2}}]}", "KT006"},
        {"beside a Secret", list + good + ", {apiVersion: v1, kind: Pdo, metadata: {name: p}}]}", "KT006"},
        {"beside a Secret that ends there",
         list + "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {p: \"x\n    hunter2\"}}, "
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: C}}]}",
         "KT007"},
        {"beside the environment of a container",
         container + "  - {name: c, image: i:1, env: [{name: A, value: hunter2}], comand: [a]}\n", "KT003"},
        {"on a line that an environment begins on",
         container + "  - {name: c, image: i:1, comand: [a], env: [{name: A, value: hunter2}]}\n", "KT003"},
        {"on a line that an environment ends on",
         container + "  - {name: c, image: i:1, env: [{name: A, value: \"x\n      hunter2\"}], comand: [a]}\n",
         "KT003"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        const std::string text = shown(c.manifest);
        CHECK_MESSAGE(text.find(" " + c.rule) != std::string::npos, text);
        CHECK_MESSAGE(text.find("hunter") == std::string::npos, text);
        CHECK_MESSAGE(text.find(" | ") == std::string::npos, text);
    }
    const std::string below = shown(container + "  - env: [{name: A, value: hunter2}]\n    name: c\n    comand: [a]\n");
    CHECK_MESSAGE(below.find("  8 |     comand: [a]\n") != std::string::npos, below);
}

TEST_CASE("validate: when a file cannot be mended, those that are mended already are named") {
    test::World world;
    for (const char* file : {"a.yaml", "b.yaml", "c.yaml"})
        world.files.contents[file] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {port: 80}\n";
    world.files.fail("write", 3, Error(ErrorKind::failed, "cannot write c.yaml: disk full"));
    const std::vector<std::string> words{"validate", "--fix", "a.yaml", "b.yaml", "c.yaml"};
    CHECK_THROWS_AS(run_app(world.session, words), Error);
    CHECK_MESSAGE(world.err.text.find("mended before the error: a.yaml, b.yaml\n") != std::string::npos,
                  world.err.text);
}

TEST_CASE("validate: files of a folder that cannot be read are told whatever the end is") {
    const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {port: 80}\n";
    const auto told = [&](const std::vector<std::string>& more, const std::string& failing) {
        test::World world;
        world.files.contents = {{"/d/a.yaml", map}, {"/d/b.yaml", map}, {"/d/c.yaml", map}};
        world.files.fail("read", 1, Error(ErrorKind::denied, "cannot read /d/a.yaml: Permission denied"));
        world.files.fail("read", 2, Error(ErrorKind::denied, "cannot read /d/b.yaml: Permission denied"));
        if (failing == "write") world.files.fail("write", 1, Error(ErrorKind::failed, "cannot write: disk full"));
        std::vector<std::string> words{"validate", "--no-config", "--jobs", "1"};
        words.insert(words.end(), more.begin(), more.end());
        CHECK_THROWS_WITH_AS(run_app(world.session, words), doctest::Contains(failing.c_str()), Error);
        return world.err.text;
    };
    const std::string first = "error: cannot read /d/a.yaml: Permission denied\n";
    const std::string both = first + "error: cannot read /d/b.yaml: Permission denied\n";
    CHECK(told({"/d"}, "/d/b.yaml") == first);  // the last one ends the run
    CHECK(told({"/d", "--fix"}, "write") == both);
    CHECK(told({"/d", "--write-baseline", "/known.yaml"}, "write") == both);
    CHECK(told({"/d", "/no-such-file.yaml"}, "/no-such-file.yaml") == both);
    CHECK(told({"/d/c.yaml", "--crd", "/d"}, "/d/b.yaml") == first);
}

TEST_CASE("validate: what lies in the root folder is one file with what is named there") {
    test::World world;
    const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: n}\n";
    world.files.contents = {{"/w.yaml", map}, {"/x.yaml", map}, {"/a/y.yaml", map}};
    const std::vector<std::string> words{"validate", "--no-config", "--only", "KT003", "/x.yaml", "/", "/*/*.yaml"};
    CHECK(run_app(world.session, words) == 0);
    CHECK_MESSAGE(world.out.text.find("3 files, 3 objects") != std::string::npos, world.out.text);
}

TEST_CASE("validate: a pattern looks into no folder that it cannot match anything in") {
    test::World world;
    const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: n}\n";
    world.files.contents = {{"/a/x.yaml", map}, {"/a/b/y.yaml", map}, {"/proc/1/z.yaml", map}};
    for (const char* pattern : {"/a*/*.yaml", "/[a-c]/x.yaml", "/a/**/*.yaml"})
        CHECK(run_app(world.session, {{"validate", "--no-config", "--only", "KT003", pattern}}) == 0);
    CHECK(world.files.count("list /a/b") == 1);  // of "**" alone
    CHECK(world.files.count("list /proc") == 0);
}
