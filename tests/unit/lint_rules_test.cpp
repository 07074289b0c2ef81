// The frame of the rules: selection, order, lists of files, rendered objects, the schema tables.
#include <doctest/doctest.h>

#include "core/base/api_names.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "core/lint/lint.h"
#include "tests/support/paths.h"

using namespace ktrain;

namespace {

std::string bad_job(const std::string& name = "train") {
    return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: " + name + "}\n" + R"(spec:
  template:
    spec:
      containers: [{name: a, image: "a:latest"}]
)";
}

std::string rules_of(const lint::Report& report) {
    std::string text;
    for (const Diagnostic& d : report.findings) text += (text.empty() ? "" : " ") + std::string(d.rule);
    return text;
}

// Policy has more to say of objects that are kept short.
lint::Selection without_policy(std::vector<std::string> more = {}) {
    lint::Selection selection{.only = {}, .skip = std::move(more)};
    for (const lint::Rule& rule : lint::rules()) {
        const bool kept = rule.id.starts_with("KT") || rule.id == "KX601";
        if (!kept) selection.skip.emplace_back(rule.id);
    }
    return selection;
}

}  // namespace

TEST_CASE("rules are selected by id or name") {
    std::vector<lint::Source> sources = {{"a.yaml", bad_job()}};
    CHECK(rules_of(lint::check(sources, without_policy())) == "KT014 KX601");
    CHECK(rules_of(lint::check(sources, {.only = {"KT014"}, .skip = {}})) == "KT014");
    CHECK(rules_of(lint::check(sources, {.only = {"image-tag", "KT014"}, .skip = {}})) == "KT014 KX601");
    CHECK(rules_of(lint::check(sources, without_policy({"KX601"}))) == "KT014");
    CHECK(rules_of(lint::check({{"a.yaml", "a: ["}}, {.only = {"KT014"}, .skip = {}})) == "KT001");
    try {
        lint::check(sources, {.only = {"KT0144"}, .skip = {}});
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::usage);
        CHECK(error.hint == "did you mean KT014?");
    }
}

TEST_CASE("findings come by file as given, then by place") {
    lint::Report report =
        lint::check({{"z.yaml", bad_job()}, {"a.yaml", bad_job("other") + "---\na: [\n"}}, without_policy());
    REQUIRE(report.findings.size() == 5);
    CHECK(report.findings[0].where.file == "z.yaml");
    CHECK(report.findings[4].rule == "KT001");
    CHECK(report.files == 2);
    CHECK(report.objects == 2);
    CHECK(report.count(Severity::error) == 3);
    CHECK(report.count(Severity::warning) == 2);
}

TEST_CASE("an object that another file has already is found there") {
    lint::Report report = lint::check({{"z.yaml", bad_job()}, {"a.yaml", bad_job()}}, {.only = {"KT018"}, .skip = {}});
    REQUIRE(report.findings.size() == 1);
    CHECK(to_string(report.findings[0].where) == "a.yaml:3:18");
    CHECK(report.findings[0].message == "the Job 'train' is already at z.yaml:3:18");
}

TEST_CASE("kinds without a schema are counted") {
    lint::Report report =
        lint::check({{"a",
                      "apiVersion: v1\nkind: List\nitems:\n"
                      "- {apiVersion: example.dev/v1, kind: DaemonSet, metadata: {name: a}}\n"
                      "- {apiVersion: example.dev/v1alpha1, kind: Experiment, metadata: {name: b}}\n"
                      "- {apiVersion: example.dev/v1, kind: DaemonSet, metadata: {name: c}}\n"
                      "- {apiVersion: batch.volcano.sh/v1alpha2, kind: Job, metadata: {name: d}}\n"}});
    REQUIRE(report.findings.size() == 1);  // Volcano has the kind in another version
    CHECK(report.findings[0].rule == "KT009");
    CHECK(report.findings[0].severity == Severity::warning);
    REQUIRE(report.unchecked.size() == 3);
    CHECK(report.unchecked[0].kind == "DaemonSet of example.dev/v1");
    CHECK(report.unchecked[0].count == 2);
    CHECK(report.unchecked[1].kind == "Experiment");
    CHECK(report.unchecked[2].kind == "Job of batch.volcano.sh/v1alpha2");
}

TEST_CASE("rendered objects are checked alike") {
    Json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "a"}}}, {"spec", Json::object()}};
    Json other = pod;
    other["metadata"]["name"] = "b";
    lint::Report report = lint::check_rendered({pod, other}, "generated");
    CHECK(rules_of(report) == "KT008 KT008");
    CHECK(report.findings[0].where.path == "spec.containers");
}

TEST_CASE("JSON is checked like YAML") {
    lint::Report report =
        lint::check({{"a.json",
                      "{\"apiVersion\": \"v1\",\n \"kind\": \"Pod\",\n \"metadata\": {\"name\": \"A\"},\n"
                      " \"spec\": {\"containers\": [{\"name\": \"a\", \"image\": \"a:1\"}]}}"}},
                    without_policy());
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].where.line == 3);
    CHECK(report.findings[0].where.column == 23);
    CHECK(report.findings[0].where.path == "metadata.name");
}

TEST_CASE("every rule explains itself") {
    for (const lint::Rule& rule : lint::rules()) {
        CAPTURE(rule.id);
        for (std::string_view text : {rule.name, rule.kinds, rule.what, rule.why, rule.fix, rule.source}) {
            CHECK_FALSE(text.empty());
            CHECK_FALSE(text.ends_with('.'));
        }
        CHECK(lint::find_rule(rule.name) == &rule);
    }
}

TEST_CASE("the syntax of names") {
    using namespace lint;
    std::string long_label(64, 'a');
    for (std::string_view good : {"a", "a-b", "0", "a0", "abc-123"}) CHECK(dns_label_problem(good).empty());
    for (std::string_view bad : {"", "A", "-a", "a-", "a.b", "a_b", "é"}) CHECK_FALSE(dns_label_problem(bad).empty());
    CHECK(dns_label_problem(long_label) == "has 64 characters, at most 63 are allowed");
    CHECK(dns_label_1035_problem("a0").empty());
    CHECK_FALSE(dns_label_1035_problem("0a").empty());
    for (std::string_view good : {"a.b", "a-b.c"}) CHECK(dns_subdomain_problem(good).empty());
    for (std::string_view bad : {".a", "a..b", "a.", "a.-b"}) CHECK_FALSE(dns_subdomain_problem(bad).empty());
    for (std::string_view good : {"app", "app.kubernetes.io/name", "a/B_c.d"})
        CHECK(qualified_name_problem(good).empty());
    for (std::string_view bad : {"", "/a", "a/", "a/b/c", "A.b/c", "a b"})
        CHECK_FALSE(qualified_name_problem(bad).empty());
    CHECK(label_value_problem("").empty());
    CHECK_FALSE(label_value_problem("a b").empty());
    CHECK(port_name_problem("http-2").empty());
    for (std::string_view bad : {"80", "a--b", "a-very-long-port", "A"}) CHECK_FALSE(port_name_problem(bad).empty());
    CHECK(env_name_problem("a.b-C 1").empty());
    CHECK_FALSE(env_name_problem("a=b").empty());
    for (std::string_view bad : {"", ".", "..", "..a", "a/b"}) CHECK_FALSE(config_key_problem(bad).empty());
    CHECK(to_dns_label("My_Job!") == "my-job");
    CHECK(to_dns_label("___").empty());
}

TEST_CASE("what may be a secret is in no finding, and its line is not shown") {
    const std::string path = "tests/golden/lint/KT004-secrets/bad.yaml";
    const lint::Report report =
        lint::check({{path, real_files().read(test::source_path("/" + path))}}, without_policy());
    CHECK(report.findings.size() == 9);
    for (const Diagnostic& d : report.findings) {
        CAPTURE(d.message);
        CHECK(d.excerpt == Excerpt::none);
        CHECK((d.message + d.fix + d.why).find("9264") == std::string::npos);
    }
    CHECK(lint::check({{"a.yaml", bad_job()}}).findings.at(0).excerpt == Excerpt::whole);
}
