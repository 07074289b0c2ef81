// Mending by example: every folder of tests/golden/fix has a file before and after, to the byte.
#include "core/lint/fix.h"

#include "core/base/diff.h"
#include "core/base/lines.h"
#include "core/lint/closed_lines.h"
#include "core/lint/edit.h"
#include "tests/support/golden.h"

using namespace ktrain;

namespace {

// What an API server refuses: policy has more to mend about any manifest.
lint::Report check(const std::vector<lint::Source>& sources) {
    return lint::check(sources, {.only = {"KT", "KG101"}});
}

lint::Fixed fixed(const std::string& text) {
    return lint::fix({{"a.yaml", text}}, check);
}

std::string mended(const std::string& text) {
    return fixed(text).sources.front().text;
}

// A Job whose pod spec is given: what is wrong with it is that it has no restartPolicy.
std::string job(const std::string& spec) {
    return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:" + spec;
}

}  // namespace

TEST_CASE("fixes change what they must and nothing else") {
    for (const std::string& folder : test::golden_cases("fix")) {
        CAPTURE(folder);
        const std::string end = real_files().exists(folder + "/before.json") ? ".json" : ".yaml";
        const std::string before = real_files().read(folder + "/before" + end);
        const lint::Fixed result = fixed(before);
        CHECK(result.applied > 0);
        test::check_golden(folder + "/after" + end, result.sources.front().text);
        // What is mended once is not touched again.
        CHECK(fixed(result.sources.front().text).applied == 0);
    }
}

TEST_CASE("fixes of a Job go where its pod spec ends, whatever its layout") {
    const std::string line = "restartPolicy: Never";
    CHECK(mended(job("\n      containers: [{name: a, image: 'a:1'}] # end\n")) ==
          job("\n      containers: [{name: a, image: 'a:1'}] # end\n      " + line + "\n"));
    CHECK(mended(job(" {containers: [{name: a, image: 'a:1'}]}\n")) ==
          job(" {containers: [{name: a, image: 'a:1'}], " + line + "}\n"));
    CHECK(mended(job("\n      containers:\n        - name: a\n          image: a:1")) ==
          job("\n      containers:\n        - name: a\n          image: a:1\n      " + line));
    CHECK(mended(job("\n      containers:\n      - name: a\n        image: a:1\n        args:\n        - |\n          "
                     "x\n\n# end\n")) == job("\n      containers:\n      - name: a\n        image: a:1\n        "
                                             "args:\n        - |\n          x\n      " +
                                             line + "\n\n# end\n"));
}

TEST_CASE("a fix that has no place in the text is left out") {
    const std::string aliased =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: &n a, labels: {x: &one 1}}\ndata:\n  a: *one\n";
    const lint::Fixed result = fixed(aliased);
    CHECK(result.sources.front().text == aliased);
    CHECK(result.applied == 0);
    CHECK(result.left_out.size() == 2);
}

TEST_CASE("edits of one place are made one after the other") {
    const lint::TextEdit a{3, 5, "x"};
    CHECK(lint::collide(a, {5, 5, "y"}));
    CHECK(lint::collide(a, {4, 9, "y"}));
    CHECK_FALSE(lint::collide(a, {6, 9, "y"}));
}

TEST_CASE("paths are taken apart as they are put together") {
    const std::string path = join_path(join_path(join_path("spec", "a.b/c"), 12), "d");
    const std::vector<lint::PathStep> steps = lint::steps_of(path);
    REQUIRE(steps.size() == 4);
    CHECK(steps[0].key == "spec");
    CHECK(steps[1].key == "a.b/c");
    CHECK(steps[2].index == std::size_t{12});
    CHECK(steps[3].key == "d");
}

TEST_CASE("a diff shows lines with their neighbours") {
    CHECK(unified_diff("a\n", "a\n", "f") == "");
    CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", "f") ==
          "--- a/f\n+++ b/f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    CHECK(unified_diff("", "a", "f") == "--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+a\n\\ No newline at end of file\n");
    CHECK(unified_diff("a\nb\nc\n", "b\nc\nd\n", "f") == "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n-a\n b\n c\n+d\n");
}

TEST_CASE("a token closes all the lines of its text") {
    const std::string token = "hf_abcdefghijklmnopqrstuvwxyz012345";
    for (const std::string& value : {"|\n      export A=1\n      export HF_TOKEN=" + token + "\n",
                                     "\"export A=1\n    export HF_TOKEN=" + token + "\"\n",
                                     "\n    \"export A=1\n    export HF_TOKEN=" + token + "\"\n"}) {
        CAPTURE(value);
        const std::string text =
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.sh: " + value + "  b: c\n";
        std::vector<bool> closed = lint::closed_lines({"f.yaml", text});
        int number = 0;
        for (std::string_view rest = text; !rest.empty(); ++number) {
            const std::string_view line = take_line(rest);
            if (line.find(token) != std::string_view::npos) CHECK(closed.at(static_cast<std::size_t>(number)));
            if (line.find("b: c") != std::string_view::npos) CHECK_FALSE(closed.at(static_cast<std::size_t>(number)));
        }
    }
}

TEST_CASE("a diff shows no closed line") {
    const std::string before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    const std::vector<bool> third{false, false, true};
    // As context.
    CHECK(open_diff(before, "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", "f", {third, third}).text ==
          "--- a/f\n+++ b/f\n@@ -4,5 +4,5 @@\n 4\n-5\n+five\n 6\n 7\n 8\n");
    CHECK(open_diff(before, "1\ntwo\n3\nfour\n5\n6\n7\n8\n9\n", "f", {third, third}).text ==
          "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n 1\n-2\n+two\n@@ -4,4 +4,4 @@\n-4\n+four\n 5\n 6\n 7\n");
    // Changed: what follows has the numbers that it has without it.
    const OpenDiff diff = open_diff(before, "1\n2\n4\n5\n6\n7\n8\nnine\n", "f", {third, {}});
    CHECK(diff.left_out == 1);
    CHECK(diff.text == "--- a/f\n+++ b/f\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+nine\n");
    CHECK(open_diff("a\n", "b\n", "f", {{true}, {}}).text == "");
}
