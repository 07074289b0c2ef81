// Baselines, globs and threads: what is known is not reported, and nothing depends on how many check.
#include <doctest/doctest.h>

#include "core/base/glob.h"
#include "core/base/parallel.h"
#include "core/lint/baseline.h"
#include "core/lint/lint.h"

using namespace ktrain;

namespace {

const std::string pod =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: busybox}]\n";

const lint::Selection images{.only = {"KX601"}};

}  // namespace

TEST_CASE("a baseline knows findings again when lines shift and files are renamed") {
    const lint::Report before = lint::check({{"a.yaml", pod}}, images);
    REQUIRE(before.findings.size() == 1);
    const lint::Baseline baseline = lint::Baseline::parse(lint::Baseline::of(before.findings).text(), "b.json");
    lint::Report after = lint::check({{"b.yaml", "# more\n\n" + pod}}, images);
    CHECK(baseline.stale(after).empty());
    CHECK(baseline.remove_known(after.findings) == 1);
    CHECK(after.findings.empty());
    CHECK(baseline.stale(after).size() == 1);
    CHECK(baseline.stale(lint::check({{"c.yaml", "kind: List\n"}}, images)).empty());    // of another object
    CHECK(baseline.stale(lint::check({{"a.yaml", pod}}, {.only = {"KT001"}})).empty());  // another rule ran
}

TEST_CASE("a baseline knows what is wrong with a suppression again when its file is renamed") {
    const auto with_comments = [](const std::string& above) {
        std::string second = pod;
        second.replace(second.find("name: a"), 7, "name: b");
        return above + "# ktrain:ignore KT003: none\n" + pod + "---\n# ktrain:ignore KX999: unknown\n" + second;
    };
    const lint::Selection both{.only = {"KT003", "KT090", "KT091"}};
    const lint::Report before = lint::check({{"a.yaml", with_comments("")}}, both);
    CHECK(before.findings.size() == 2);
    const lint::Baseline baseline = lint::Baseline::of(before.findings);
    lint::Report after = lint::check({{"b.yaml", with_comments("# more\n")}}, both);
    CHECK(baseline.stale(after).empty());
    CHECK(baseline.remove_known(after.findings) == 2);
}

TEST_CASE("a baseline takes what it knows as often as it knows it") {
    const lint::Baseline baseline = lint::Baseline::of(lint::check({{"a.yaml", pod}}, images).findings);
    const std::string two =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: alpine}]\n";
    lint::Report other = lint::check({{"a.yaml", two}}, images);
    CHECK(baseline.remove_known(other.findings) == 0);  // another image is another message
    lint::Report report = lint::check({{"a.yaml", pod}, {"b.yaml", pod}}, images);
    CHECK(baseline.remove_known(report.findings) == 1);
    CHECK_FALSE(report.findings.empty());
}

TEST_CASE("globs match paths") {
    struct Case {
        const char *pattern, *path;
        bool hit;
    };
    const Case cases[] = {
        {"*.yaml", "a.yaml", true},
        {"*.yaml", "a/b.yaml", false},
        {"**/*.yaml", "a.yaml", true},
        {"**/*.yaml", "a/b/c.yaml", true},
        {"a/**", "a/b/c", true},
        {"a/**", "b/c", false},
        {"a/**/c/*.y?ml", "a/c/x.yaml", true},
        {"a/**/c/*.y?ml", "a/b/b/c/x.yml", false},
        {"[a-c]x", "bx", true},
        {"[!a-c]x", "bx", false},
        {"a*b*c", "aXbYbZc", true},
        {"a*b*c", "aXbYbZ", false},
        {"**/a/**/b", "x/a/y/a/z/b", true},
        {"[x", "[x", true},
        {"", "", true},
    };
    for (const Case& c : cases) {
        CAPTURE(c.pattern);
        CAPTURE(c.path);
        CHECK(glob_matches(c.pattern, c.path) == c.hit);
    }
}

TEST_CASE("parts are worked on once each, and the first exception comes out") {
    std::vector<int> seen(1000);
    in_parallel(seen.size(), 4, [&](std::size_t i) { ++seen[i]; });
    CHECK(std::count(seen.begin(), seen.end(), 1) == 1000);
    CHECK_THROWS_WITH(in_parallel(100, 3,
                                  [](std::size_t i) {
                                      if (i % 10 == 7) throw std::runtime_error(std::to_string(i));
                                  }),
                      "7");
}

TEST_CASE("the findings are the same for any number of threads, of one large file and of many") {
    std::string large;
    std::vector<lint::Source> many;
    for (int i = 0; i < 6000; ++i) {
        std::string text = pod;
        text.replace(text.find("name: a"), 7, "name: a" + std::to_string(i));
        if (i % 7 == 0) text += "  colour: red\n";
        if (i % 11 == 0) text += "metadata: {}\n";  // KT002
        large += "---\n" + text;
        many.push_back({"f" + std::to_string(i), std::move(text)});
    }
    const auto text_of = [](const lint::Report& report) {
        std::string text = std::to_string(report.objects) + "\n";
        for (const Diagnostic& d : report.findings)
            text += to_string(d.where) + " " + std::string(d.rule) + " " + d.message + "\n";
        return text;
    };
    const std::string one = text_of(lint::check({{"large", large}}, {}, {}, 1));
    CHECK(one.starts_with("6000\n"));
    CHECK(one == text_of(lint::check({{"large", large}}, {}, {}, 3)));
    CHECK(text_of(lint::check(many, {}, {}, 1)) == text_of(lint::check(many, {}, {}, 4)));
    // A part that is no YAML: the whole says what it would say alone.
    const std::string broken = large + "---\na: \"x\n---\n" + large;
    const std::string problem = text_of(lint::check({{"large", broken}}, {}, {}, 4));
    CHECK(problem == text_of(lint::check({{"large", broken}}, {}, {}, 1)));
    CHECK(problem.find("KT001") != std::string::npos);
}

TEST_CASE("lines are shown or closed the same for any number of threads") {
    std::vector<lint::Source> many;
    std::string large;
    for (int i = 0; i < 600; ++i) {
        const std::string name = "metadata: {name: a" + std::to_string(i) + "}\n";
        const std::string settings = "apiVersion: v1\nkind: ConfigMap\n" + name + "data: {port: 80}\n";
        const std::string secret = "apiVersion: v1\nkind: Secret\n" + name + "stringData: {password: 80}\n";
        const std::string text = i % 3 == 0 ? secret : settings;
        large += "---\n" + text;
        many.push_back({"f" + std::to_string(i), text});
    }
    const auto excerpts = [](const std::vector<lint::Source>& sources, unsigned threads) {
        std::vector<Excerpt> shown;
        for (const Diagnostic& d : lint::check(sources, {.only = {"KT004"}}, {}, threads).findings)
            shown.push_back(d.excerpt);
        return shown;
    };
    for (const std::vector<lint::Source>& sources : {many, {{"large", large}}}) {
        const std::vector<Excerpt> one = excerpts(sources, 1);
        CHECK(one.size() == 600);
        CHECK(std::count(one.begin(), one.end(), one.front()) == 200);  // Secrets
        for (const unsigned threads : {2u, 3u, 8u}) CHECK(excerpts(sources, threads) == one);
    }
}
