// What rules say of several objects together: references, namespaces, labels, quotas; and files inside of objects.
#include <doctest/doctest.h>

#include "core/base/text.h"
#include "core/lint/config_scalar.h"
#include "core/lint/lint.h"
#include "core/lint/references.h"
#include "core/manifest/manifest.h"
#include "core/spec/load.h"
#include "tests/support/golden.h"

using namespace ktrain;

namespace {

lint::Report check_only(const std::string& rule, const std::string& text, bool closed = false) {
    lint::Target target;
    target.closed = closed;
    return lint::check({{"a.yaml", text}}, {.only = {rule}, .skip = {}}, target);
}

const std::string job = R"(apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: ml}
spec:
  template:
    spec:
      restartPolicy: Never
      serviceAccountName: default
      priorityClassName: system-node-critical
      containers:
        - name: a
          image: a:1
          envFrom: [{configMapRef: {name: kube-root-ca.crt}}, {secretRef: {name: maybe, optional: true}}]
      volumes:
        - {name: data, persistentVolumeClaim: {claimName: data}}
        - {name: again, persistentVolumeClaim: {claimName: data}}
)";

const std::string claim = R"(---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: NAME, namespace: ml}
)";

std::string named(std::string text, const std::string& name) {
    return text.replace(text.find("NAME"), 4, name);
}

}  // namespace

TEST_CASE("what kubectl refuses in a value is told at its place, behind whatever stands above") {
    const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n";
    const std::string text =
        R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "j"}, "data": {"a": "\/?"}})"
        "\n---\n" +
        named(map, "a") + "data: {a: why?}\n--- # why?\n" + named(map, "b") + "---\n" + named(map, "c") +
        "data:\n  a: \"\\/\"\n";
    const lint::Report report = check_only("KT001", text);
    REQUIRE(report.findings.size() == 2);
    CHECK(to_string(report.findings[0].where) == "a.yaml:6:14");
    CHECK(to_string(report.findings[1].where) == "a.yaml:16:7");
}

TEST_CASE("what kubectl refuses is told of what it reads") {
    const auto found = [](const lint::Source& source) {
        std::string all;
        for (const Diagnostic& d : lint::check({source}, {.only = {"KT001"}}).findings)
            all += to_string(d.where) + "\n";
        return all;
    };
    const std::string values = "%YAML 1.1\n---\nargs: [a?b]\nurl: \"\\/\"\n--- {a: \"\\/\"}\n";
    const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b?}\n";
    CHECK(found({"values.yaml", values, true}) == "");
    CHECK(found({"values.yaml", values, false}) ==
          "values.yaml:1:1\nvalues.yaml:3:9\nvalues.yaml:4:7\nvalues.yaml:5:5\nvalues.yaml:5:10\n");
    CHECK(found({"a.yaml", "%YAML 1.1\n---\na: [b?]\n---\n" + map, true}) == "a.yaml:8:12\n");
    CHECK(found({"a.yaml", map + "---\na: [b?]\n--- {a: b}\n", true}) == "a.yaml:4:12\n");
    CHECK(found({"a.yaml", "%YAML 1.1\n---\n" + map, true}) == "a.yaml:1:1\na.yaml:6:12\n");
    CHECK(found({"spec.yaml", "apiVersion: ktrain.dev/v1\nkind: TrainingJob\ndata: {train_files: [b?]}\n"}) == "");
    CHECK(found({"kind.yaml", "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nname: \"\\/\"\n"}) == "");
    CHECK(found({"package.json", "{\"a\": 1e999}", true}) == "");
    // kustomize reads the file as one text, and its values as kubectl does
    CHECK(found({"kustomization.yaml", "%YAML 1.1\n---\nresources: [a?ref=v1]\n", true}) ==
          "kustomization.yaml:3:14\n");
}

TEST_CASE("the escape of a single quote is known however often a large text has it") {
    // a document is read again for each, and nothing behind it
    std::string text = "a:\n";
    for (int i = 0; i < 1000; ++i) text += "- \"\u00e9\\'\"\n";
    text += "b: " + std::string(1 << 20, 'x') + "\n";
    for (int i = 0; i < 2000; ++i) text += "---\n  a: \"\\'\"\n  b: c\n";
    const yaml::Stream stream = yaml::parse(text, "f.yaml");
    CHECK(stream.problems.empty());
    CHECK(stream.documents.size() == 2001);
    const Diagnostics problems = yaml::parse(text + "---\na: \"\\q\"\n", "f.yaml").problems;
    REQUIRE(problems.size() == 1);
    CHECK(to_string(problems[0].where) == "f.yaml:7004:5");
}

TEST_CASE("JSON with a number that is too large is no object") {
    const auto found = [](const std::string& text) {
        std::string all;
        for (const Diagnostic& d : lint::check({{"a.json", text}}, {.only = {"KT001", "KT004"}}).findings)
            all += to_string(d.where) + " " + std::string(d.rule) + "\n";
        return all;
    };
    const std::string service = R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": )";
    CHECK(found(service + "{\"ports\": [{\"port\": 1e999}]}}") == "a.json:1:96 KT001\n");
    CHECK(found(service + "{\"ports\": [{\"port\": 80}]}}\n" + service + "{\"healthCheckNodePort\": 1e999}}") ==
          "a.json:2:100 KT001\n");
    const std::string port = R"({"ports": [{"port": "b"}]}})";
    CHECK(found(service + port + "\n" + service + "{\"a\": [1e999, 1e999]}}\n" + service + port) ==
          "a.json:1:96 KT004\na.json:2:83 KT001\na.json:2:90 KT001\na.json:3:96 KT004\n");
    CHECK(found("# YAML\n" + service + "{\"ports\": [{\"port\": 1e999}]}}") == "a.json:2:96 KT004\n");  // a text
}

TEST_CASE("what a single file refers to is a hint, a warning beside others of its kind, an error when all is there") {
    const lint::Report alone = check_only("KS402", job);
    REQUIRE(alone.findings.size() == 1);  // once for each name; well-known ones are never missing
    CHECK(alone.findings[0].severity == Severity::info);
    CHECK(alone.findings[0].where.line == 15);
    const lint::Report beside = check_only("KS402", job + named(claim, "date"));
    REQUIRE(beside.findings.size() == 1);
    CHECK(beside.findings[0].severity == Severity::warning);
    CHECK(beside.findings[0].fix == "did you mean 'date'?");
    const lint::Report closed = check_only("KS402", job, true);
    REQUIRE(closed.findings.size() == 1);
    CHECK(closed.findings[0].severity == Severity::error);
    CHECK(check_only("KS402", job + named(claim, "data"), true).findings.empty());
}

TEST_CASE("an object without a namespace is told of once: where it is used, or else where it stands") {
    const std::string open = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n";
    CHECK(check_only("KS403", job + open).findings.size() == 1);
    CHECK(check_only("KS404", job + open).findings.empty());
    CHECK(check_only("KS404", job + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n").findings.size() ==
          1);
    CHECK(check_only("KS404", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n").findings.empty());
    const lint::Report apart =
        lint::check({{"a.yaml", job}, {"b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"}},
                    {.only = {"KS404"}, .skip = {}});
    REQUIRE(apart.findings.size() == 1);
    CHECK(apart.findings[0].severity == Severity::info);
}

TEST_CASE("a place in a file of a ConfigMap is its place in the outer file") {
    const std::string head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n";
    const auto place = [&](const std::string& data) {
        const lint::Report report = check_only("KS411", head + data);
        return report.findings.size() == 1 ? to_string(report.findings[0].where)
                                           : std::to_string(report.findings.size());
    };
    CHECK(place("  a.yaml: |\n    x: 1\n    lr: 2e-4\n") == "a.yaml:7:9");
    CHECK(place("  a.yaml: |-\n\n      x: 1\n      lr: 2e-4\n") == "a.yaml:8:11");
    CHECK(place("  a.yaml: |2\n     lr: 2e-4\n") == "a.yaml:6:10");
    CHECK(place("  a.yaml: \"lr: 2e-4\"\n") == "a.yaml:5:16");
    CHECK(place("  a.yaml: 'lr: 2e-4'\n") == "a.yaml:5:16");
    CHECK(place("  a.yaml: \"x: 1\\nlr: 2e-4\"\n") == "a.yaml:5:11");
    CHECK(place("  a.yaml: >\n    x: 1\n\n    lr: 2e-4\n") == "a.yaml:5:11");
}

TEST_CASE("one change mends all scalars of a file that no reader of YAML 1.2 takes otherwise then") {
    const lint::Report report = check_only("KS411",
                                           "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.yaml: |\n"
                                           "    lr: 2e-4  # tuned\n    buckets: [1e9, on]\n");
    REQUIRE(report.findings.size() == 3);
    REQUIRE(report.findings[0].changes.size() == 1);
    CHECK(report.findings[0].changes[0].path == "data[\"a.yaml\"]");
    CHECK(report.findings[0].changes[0].value == "lr: 0.0002  # tuned\nbuckets: [1.0e+9, on]\n");
    CHECK(report.findings[1].changes.empty());
}

TEST_CASE("scalars of two readings") {
    const auto instead = [](std::string_view text) {
        const auto two = lint::two_readings(text);
        return two ? two->instead.empty() ? "?" : two->instead : "";
    };
    for (std::string_view same : {"1",  "-1",   "1.5",  "1.0e-4", "1.5e+9", "abc", "e4",  "1e", "1e+",   "true", "0",
                                  "00", "0x10", "12:x", "08:30",  "1.2.3",  "+",   "yEs", "_1", "2e-4x", "1:60"}) {
        CAPTURE(same);
        CHECK(instead(same).empty());
    }
    CHECK(instead("2e-4") == "0.0002");
    CHECK(instead("-5E-6") == "-0.000005");
    CHECK(instead("15e-1") == "15.0e-1");
    CHECK(instead("1e-8") == "1.0e-8");
    CHECK(instead("1e9") == "1.0e+9");
    CHECK(instead("1.5e9") == "1.5e+9");
    CHECK(instead("012") == "?");
    CHECK(instead("0o12") == "?");
    CHECK(instead("1_000") == "1000");
    CHECK(instead("12:30") == "\"12:30\"");
    CHECK(instead("On") == "true");
    CHECK(instead("NO") == "false");
}

TEST_CASE("no line with a secret is shown, whatever else is on it") {
    const lint::Report report = lint::check({{"a.yaml", R"(apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers: [{name: a, image: "a:latest", args: ["--hub_token=correct-horse-battery"]}]
)"}});
    CHECK(std::ranges::any_of(report.findings, [](const Diagnostic& d) { return d.rule == "KX602"; }));
    for (const Diagnostic& d : report.findings) {
        CHECK((d.message + d.fix).find("battery") == std::string::npos);
        if (d.where.line == 5) CHECK(d.excerpt == Excerpt::none);
    }
}

TEST_CASE("an object that etcd does not take") {
    std::string text =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, image: 'a:1', args: [";
    const std::string big(800 * 1024, 'x');
    CHECK(check_only("KT011", text + big + "]}\n").findings.empty());
    CHECK(check_only("KT011", text + big + ", " + big + "]}\n").findings.size() == 1);
}

TEST_CASE("validate has nothing to say of what is generated") {
    for (const std::string& folder : test::golden_cases("manifests")) {
        CAPTURE(folder);
        const auto loaded = spec::load(real_files().read(folder + "/spec.yaml"), "spec.yaml");
        const std::vector<Object> objects = render(make_plan(loaded.spec));
        const lint::Selection selection{.only = {}, .skip = {"KX601"}};  // the image is the spec's
        for (const Diagnostic& d : lint::check_rendered(objects, "generated", selection).findings)
            CHECK_MESSAGE(false, d.rule << " " << d.where.path << ": " << d.message);
    }
}
