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

TEST_CASE("quotes are no fix where the text is refused as well") {
    const std::string monitor =
        "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: a}\nspec:\n"
        "  selector: {}\n  endpoints: [{port: 8080, interval: 30}]\n";
    CHECK(mended(monitor) == monitor);
    const lint::Report report = check({{"a.yaml", monitor}});
    REQUIRE(report.findings.size() == 2);
    CHECK(report.findings[0].fix == "write the name of the port, not its number");
    CHECK(report.findings[1].fix == "write a unit, such as 30s");
    // What only a rule refuses comes to light when the quotes are there, and they are taken back.
    const std::string cron =
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  schedule: 5\n  jobTemplate: {spec: "
        "{template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'a:1', args: [5]}]}}}}\n";
    std::string quoted = cron;
    quoted.replace(quoted.find("[5]"), 3, "[\"5\"]");
    const lint::Fixed result = fixed(cron);
    CHECK(result.sources.front().text == quoted);
    CHECK(result.applied == 1);
    CHECK(result.left_out.size() == 1);
    const std::string service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: 5, clusterIP: 5, ports: [{port: 80}]}\n";
    CHECK(mended(service) == service);
}

TEST_CASE("no fix changes how much runs") {
    const std::string devices =
        job("\n      restartPolicy: Never\n      containers:\n      - name: a\n        image: a:1\n        resources:\n"
            "          limits: {nvidia.com/gpu: 4}\n          requests: {nvidia.com/gpu: 2}\n");
    CHECK(mended(devices) == devices);
    const std::string masters =
        "apiVersion: kubeflow.org/v1\nkind: PyTorchJob\nmetadata: {name: a}\nspec:\n"
        "  nprocPerNode: \"2\"\n  elasticPolicy: {nProcPerNode: 4}\n  pytorchReplicaSpecs:\n"
        "    Master: {replicas: 2, template: {spec: {containers: [{name: pytorch, image: 'a:1'}]}}}\n"
        "    Worker: {replicas: 2, template: {spec: {containers: [{name: pytorch, image: 'a:1'}]}}}\n";
    CHECK(mended(masters) == masters);
    // Nor which of its GPUs a container uses, nor what a quota counts, unless it is asked for by name.
    const auto all = [](const std::string& text, const std::vector<std::string>& named) {
        const auto check_all = [](const std::vector<lint::Source>& sources) {
            return lint::check(sources, {.only = {"KG105", "KG110", "KQ501"}});
        };
        return lint::fix({{"a.yaml", text}}, check_all, named).sources.front().text;
    };
    const auto with_env = [](const std::string& chosen) {
        return job(
            "\n      restartPolicy: Never\n      containers:\n      - name: a\n        image: a:1\n"
            "        command: [torchrun, t.py]\n        env:\n        - {name: A, value: b}\n"
            "        - {name: CUDA_VISIBLE_DEVICES, value: '" +
            chosen +
            "'}\n"
            "        resources: {limits: {nvidia.com/gpu: 2}}\n");
    };
    CHECK(all(with_env("0"), {}) == with_env("0"));
    CHECK(all(with_env("0,1"), {}) != with_env("0,1"));
    const std::string quota =
        "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: a}\nspec:\n  hard:\n"
        "    limits.nvidia.com/gpu: 4\n    pods: 3\n";
    CHECK(all(quota, {}) == quota);
    CHECK(all(quota, {"KQ501"}) != quota);
}

TEST_CASE("numbers and addresses that are secrets close their lines") {
    const std::string text =
        job("\n      containers:\n      - name: a\n        args: [--db=postgres://u:hidden@h/d]\n        env:\n"
            "        - name: DB_PASSWORD\n          value: 12345678 # hidden\n        - name: SEED\n          value: "
            "12345678\n");
    const std::vector<bool> closed = lint::closed_lines({"f.yaml", text});
    std::size_t number = 0;
    for (std::string_view rest = text; !rest.empty(); ++number) {
        const std::string_view line = take_line(rest);
        CAPTURE(line);
        CHECK(closed.at(number) == (line.find("hidden") != std::string_view::npos));
    }
}

TEST_CASE("of a Secret only what may be one is closed") {
    const std::string text =
        "# a\napiVersion: v1\nkind: Secret\nmetadata:\n  name: a\n  lables:\n    a: hidden\n  annotations: {b: "
        "hidden}\n"
        "type: Opaque\nimmutabel: hidden\nstringdata:\n  b: |\n    hidden\n    hidden\n  # hidden\ndata: {a: "
        "hidden}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\n";
    const std::vector<bool> closed = lint::closed_lines({"f.yaml", text});
    std::size_t number = 0;
    for (std::string_view rest = text; !rest.empty(); ++number) {
        const std::string_view line = take_line(rest);
        CAPTURE(line);
        const bool inside = line.find("hidden") != std::string_view::npos || line.starts_with("  b:");
        if (!line.starts_with("---")) CHECK(closed.at(number) == inside);
    }
    // On one line, from an anchor, in a comment, in a label, in the line where the next object begins: all of it.
    for (const char* one : {"{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {a: hidden}}\n",
                            "apiVersion: v1\nkind: Secret\nmetadata: {name: a, labels: &a {a: hidden}}\ndata: *a\n",
                            "apiVersion: v1\nkind: Secret  # hidden\n# password: hidden\nimmutable: \"true\"\ntype: "
                            "hf_hidden0123456789abcdefghijklmnopq\nmetadata:\n  labels:\n    a: hidden\n",
                            "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [{\"kind\": "
                            "\"Secret\",\n\"data\": {\"a\":\n\"hidden\"}}, "
                            "{\"kind\": \"ConfigMap\"}]}\n"}) {
        const std::vector<bool> lines = lint::closed_lines({"f.yaml", one});
        std::size_t at = 0;
        for (std::string_view rest = one; !rest.empty(); ++at)
            if (take_line(rest).find("hidden") != std::string_view::npos) CHECK(lines.at(at));
    }
}
