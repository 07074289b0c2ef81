// Manifests that are right though they look wrong, wrong ones that look right, and texts that must not be shown.
#include <doctest/doctest.h>

#include "core/lint/lint.h"

using namespace ktrain;

namespace {

using lint::Source;

std::string found_in(const lint::Report& report) {
    std::string text;
    for (const Diagnostic& d : report.findings)
        text += (text.empty() ? "" : "; ") + std::string(d.rule) + " " + d.where.path + ": " + d.message;
    return text;
}

// What the rules of the API server find.
std::string refused(const std::string& text) {
    return found_in(lint::check({{"a.yaml", text}}, {.only = {"KT"}}));
}

std::string config_map(const std::string& data) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" + data;
}

// A CRD whose spec has the schema.
std::string crd(const std::string& spec) {
    return "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
           "metadata: {name: tests.example.org}\nspec:\n  group: example.org\n  scope: Namespaced\n"
           "  names: {kind: Test, plural: tests}\n  versions:\n    - {name: v1, served: True, storage: TRUE, schema: "
           "{openAPIV3Schema: {type: object, properties: {spec: " +
           spec + "}}}}\n";
}

std::string test(const std::string& spec) {
    return "apiVersion: example.org/v1\nkind: Test\nmetadata: {name: a}\nspec: " + spec + "\n";
}

std::string found(const std::string& schema, const std::string& spec) {
    lint::Target target;
    lint::add_crds(target, {{"crd.yaml", crd(schema)}});
    return found_in(lint::check({{"a.yaml", test(spec)}}, {.only = {"KT"}}, target));
}

}  // namespace

TEST_CASE("what the API server takes is no error") {
    CHECK(refused("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  selector: {matchLabels: "
                  "{app: web, canary: }}\n  template:\n    metadata: {labels: {app: web, canary: }}\n    spec: "
                  "{containers: [{name: a, image: busybox:1}]}\n") == "");
    CHECK(refused("apiVersion: jobset.x-k8s.io/v1alpha2\nkind: JobSet\nmetadata: {name: a}\nspec:\n  failurePolicy: "
                  "{maxRestarts: 3, rules: [{action: FailJobSet}]}\n  replicatedJobs:\n    - name: w\n      template: "
                  "{spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: b:1}]}}}}\n") == "");
    CHECK(refused("apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: {name: a}\nspec:\n  schedule: "
                  "\"* * * * *\"\n  workflowSpec: {entrypoint: a, synchronization: {mutex: {name: a}}, templates: "
                  "[{name: a, container: {image: b:1}}]}\n") == "");
    CHECK(refused(crd("{type: object}")) == "");  // served: True, storage: TRUE
}

TEST_CASE("what the API server takes is no error, though it does not work") {
    // The webhook writes what is missing as '' and 0, and quantities as it counts them.
    const std::string unset =
        "apiVersion: jobset.x-k8s.io/v1alpha2\nkind: JobSet\nmetadata: {name: a}\nspec:\n  replicatedJobs:\n    - "
        "template: {spec: {template: {spec: {containers: [{env: [{}, null], ports: [{}], resources: {requests: {cpu: "
        "\" 1\", memory: 0.5}}}]}}}}\n";
    const lint::Report made = lint::check({{"a.yaml", unset}}, {.only = {"KT"}});
    CHECK(made.count(Severity::error) == 0);
    CHECK(made.count(Severity::warning) == 7);  // of the pods: no name, no image
    const std::string huge =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "
        "b:1, resources: {requests: {memory: 1e30}}}]}\n";
    const lint::Report report = lint::check({{"a.yaml", huge}}, {.only = {"KT"}});
    CHECK(report.count(Severity::error) == 0);
}

TEST_CASE("no number of completions is too small to be checked") {
    CHECK(refused("apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  completionMode: Indexed\n  "
                  "completions: -1\n  successPolicy: {rules: [{succeededIndexes: \"0\"}]}\n  template: {spec: "
                  "{restartPolicy: Never, containers: [{name: a, image: b:1}]}}\n") ==
          "KT004 spec.completions: completions must be 0 to 2147483647, got '-1'; KT015 "
          "spec.successPolicy.rules[0].succeededIndexes: '0' is no list of rising indexes below -1");
}

TEST_CASE("members of custom resources that are null do not count") {
    const auto counted = [](const std::string& bound) {
        return found("{type: object, " + bound + ", properties: {a: {type: string}, b: {type: string}}}",
                     "{a: null, b: }");
    };
    CHECK(counted("maxProperties: 1") == "");
    CHECK(counted("minProperties: 1") == "KT006 spec: spec has 0 members, at least 1 is needed");
}

TEST_CASE("objects that SOPS has encrypted are not checked") {
    const lint::Report report =
        lint::check({{"a.yaml",
                      "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {t: \"ENC[AES256_GCM,data:a=]\"}\n"
                      "sops: {version: 3.7.1, mac: \"ENC[AES256_GCM,data:b=]\"}\n"}});
    CHECK(found_in(report) == "");
    REQUIRE(report.unchecked.size() == 1);
    CHECK(report.unchecked[0].kind == "Secret encrypted by SOPS");
}

TEST_CASE("a key without a value keeps its name") {
    CHECK(refused("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {app:web}}\n") ==
          "KT007 metadata.labels[\"app:web\"]: the key 'app:web' has no value, and keys have no such characters");
    CHECK(refused(config_map("data: {a: }\n")) == "");
}

TEST_CASE("what lies beside manifests in a folder is passed over, where it was not named") {
    const std::string patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 5}\n";
    const std::vector<Source> sources{
        {"prod/kustomization.yaml", "resources: [../base]\npatches: [{path: ./replicas.yaml}]\n", true},
        {"prod/replicas.yaml", patch, true},
        {"values.yaml", "image: {tag: 1}\n", true},
        {"Chart.yaml", "apiVersion: v2\nname: a\nversion: 0.1.0\n", true},
        {"skaffold.yaml", "apiVersion: skaffold/v4beta1\nkind: Config\n", true},
        {"a.yaml", config_map(""), true}};
    const lint::Report report = lint::check(sources);
    CHECK(found_in(report) == "");
    CHECK(report.objects == 1);
    CHECK(report.passed_over == 5);
    CHECK(refused("image: {tag: 1}\n") != "");
    CHECK(found_in(lint::check({{"replicas.yaml", patch}}, {.only = {"KT"}})) != "");
}

TEST_CASE("what a kustomization makes and sets is there") {
    const std::string job = R"(apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: ml}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: a
          image: ghcr.io/acme/IMAGE
          envFrom: [{configMapRef: {name: CONFIG}}, {secretRef: {name: SECRET}}]
)";
    const auto found = [&](std::string_view image, std::string_view config, std::string_view secret) {
        std::string text = job;
        const auto put = [&](std::string_view word, std::string_view by) {
            text.replace(text.find(word), word.size(), by);
        };
        put("IMAGE", image);
        put("CONFIG", config);
        put("SECRET", secret);
        const std::string kustomization =
            "resources: [../base]\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\n"
            "secretGenerator: [{name: token, envs: [.env]}]\nimages:\n- {name: ghcr.io/acme/a, newTag: 1.10}\n"
            "- {name: ghcr.io/acme/b, digest: sha256:1}\n- {name: ghcr.io/acme/c, newTag: latest}\n"
            "- {name: ghcr.io/acme/TODO, newName: ghcr.io/acme/d, newTag: v1}\n";
        const lint::Report report =
            lint::check({{"base/job.yaml", text, true}, {"prod/kustomization.yaml", kustomization, true}},
                        {.only = {"KS402", "KX601", "KT028"}}, {.closed = true});
        return found_in(report);
    };
    for (const char* image : {"a", "a:latest", "b", "b:main", "x:1.0", "TODO"})
        CHECK(found(image, "settings", "token") == "");
    CHECK(found("x:1", "settings-7m4b9kf2gd", "token-2456789bcd") == "");
    CHECK(found("c", "settings", "token").starts_with("KX601"));
    CHECK(found("ab", "settings", "token").starts_with("KX601"));
    CHECK(found("x:1", "token", "token").starts_with("KS402"));
    CHECK(found("x:1", "settings-7m4b9kf2gq", "token").starts_with("KS402"));
    CHECK(found("x:1", "settings", "tokens").starts_with("KS402"));
}

TEST_CASE("keys of what a kustomization generates are known") {
    const auto found = [](const std::string& generator, const std::string& key, const std::string& more = "") {
        const std::string pod =
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b:1, env: [{name: A, "
            "valueFrom: {configMapKeyRef: {name: settings, key: " +
            key + "}}}]}]}\n";
        return found_in(
            lint::check({{"base/pod.yaml", pod, true},
                         {"base/kustomization.yaml", "configMapGenerator: [" + generator + "]\n" + more, true}},
                        {.only = {"KS402", "KS405"}}));
    };
    const std::string made = "{name: settings, literals: [RATE=0.1], files: [a/b.json, c.json=a/d.json]}";
    for (const char* key : {"RATE", "b.json", "c.json"}) CHECK(found(made, key) == "");
    CHECK(
        found(made, "RATES") ==
        "KS405 spec.containers[0].env[0].valueFrom.configMapKeyRef.key: the ConfigMap 'settings' (of a kustomization) "
        "has no key 'RATES'");
    CHECK(found(made, "d.json").starts_with("KS405"));
    CHECK(found("{name: settings, envs: [.env]}", "RATES") == "");
    CHECK(found("{name: settings, behavior: merge, literals: [RATE=1]}", "RATES") == "");
    for (const std::string changer :
         {"components", "patches", "patchesJson6902", "patchesStrategicMerge", "replacements", "transformers"}) {
        CAPTURE(changer);
        CHECK(found(made, "RATES", changer + ": [{path: more.yaml}]\n") == "");
        CHECK(found(made, "RATES", changer + ": []\n").starts_with("KS405"));
    }
}

TEST_CASE("the same object in two folders is no error") {
    const lint::Report apart = lint::check({{"dev/a.yaml", config_map("")}, {"prod/a.yaml", config_map("")}});
    REQUIRE(apart.findings.size() == 1);
    CHECK(apart.findings[0].severity == Severity::info);
    CHECK(lint::check({{"a.yaml", config_map("")}, {"b.yaml", config_map("")}}).count(Severity::error) == 1);
}

TEST_CASE("what cannot be read is reported whatever rules are asked for") {
    CHECK(lint::check({{"a.yaml", "a: [\n"}}, {.only = {"KX601"}}).count(Severity::error) == 1);
    lint::Target target;
    lint::add_crds(target, {{"crd.yaml", "a: [\n"}});
    CHECK(lint::check({{"a.yaml", config_map("")}}, {.only = {"KX601"}}, target).count(Severity::error) == 1);
    lint::Target wrong;
    lint::add_crds(wrong, {{"crd.yaml", crd("{type: strng}")}});
    CHECK(lint::check({{"a.yaml", config_map("")}}, {}, wrong).count(Severity::error) == 1);
}

TEST_CASE("findings on other objects and threads do not change what is found") {
    const auto job = [](const std::string& name, const std::string& launcher) {
        return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: " + name +
               "}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n"
               "        - name: a\n          image: b:1\n          command: [" +
               launcher +
               ", train.py, --model_name_or_path=meta-llama/Llama-2-70b-hf, --per_device_train_batch_size=1]\n"
               "          resources: {limits: {nvidia.com/gpu: 1, memory: 64Gi, cpu: 8}}\n";
    };
    const std::string one = job("a", "torchrun"), other = job("b", "deepspeed");
    const std::size_t forwards = lint::check({{"a.yaml", one + "---\n" + other}}).findings.size();
    CHECK(lint::check({{"a.yaml", other + "---\n" + one}}).findings.size() == forwards);
    CHECK(lint::check({{"a.yaml", one}, {"b.yaml", other}}, {}, {}, 2).findings.size() == forwards);
}

TEST_CASE("values of schemas are compared as values") {
    CHECK(found("{type: number, enum: [1, 2.5]}", "1.0") == "");
    CHECK(found("{type: number, enum: [1, 2.5]}", "3") != "");
    CHECK(found("{type: integer}", "1e30") != "");
    CHECK(found("{type: object, required: [image], x-kubernetes-preserve-unknown-fields: true}", "{a: 1}") ==
          "KT008 spec.image: the required field 'image' is missing");
    CHECK(found("{type: object, required: [image], additionalProperties: {type: string}}", "{image: a}") == "");
    CHECK(found("{type: array, x-kubernetes-list-type: set, items: {type: object, properties: {a: {type: integer}, b: "
                "{type: integer}}, x-kubernetes-map-type: atomic}}",
                "[{a: 1, b: 2}, {b: 2, a: 1}]") != "");
}

TEST_CASE("values of env are in no message") {
    const std::string env =
        "{type: object, properties: {env: {type: array, items: {type: object, properties: {name: {type: string}, "
        "value: {type: string, enum: [a, b]}}}}}}";
    const std::string wrong = found(env, "{env: [{name: TOKEN, value: hunter2secret}]}");
    CHECK(wrong.find("must be one of a, b") != std::string::npos);
    CHECK(wrong.find("hunter2") == std::string::npos);
    const std::string rule =
        "{type: object, x-kubernetes-validations: [{rule: 'self.env.all(e, int(e.value) > 0)'}], properties: {env: "
        "{type: array, maxItems: 3, items: {type: object, properties: {name: {type: string}, value: {type: string, "
        "maxLength: 99}}}}}}";
    const std::string broken = found(rule, "{env: [{name: TOKEN, value: hunter2secret}]}");
    CHECK(broken.find("KT048") != std::string::npos);
    CHECK(broken.find("hunter2") == std::string::npos);
}

TEST_CASE("a CR alone ends a line for excerpts, too") {
    const std::string text =
        "# x\r# y\r\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
        "    - name: a\n      image: b\n      env: [{name: HF_TOKEN, value: hunter2hunter2}]\n";
    const lint::Report report = lint::check({{"a.yaml", text}}, {.only = {"KX601"}});
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].where.line == 9);
    CHECK(report.findings[0].excerpt == Excerpt::whole);
}

TEST_CASE("manifests in ConfigMaps in ConfigMaps are left alone") {
    std::string text = "apiVersion: v1\nkind: Pod\nmetadata: {name: A}\nspec: {}\n";
    for (int level = 0; level < 60; ++level) {
        std::string inner;
        for (std::string_view rest = text; !rest.empty();) {
            const std::string_view line = rest.substr(0, rest.find('\n') + 1);
            inner += "    " + std::string(line);
            rest.remove_prefix(line.size());
        }
        text = config_map("data:\n  a.yaml: |\n" + inner);
    }
    CHECK(refused(text) == "");
}

TEST_CASE("suppressions stand on lines of their own, and ids in any case") {
    const std::string pod =
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    ktrain.dev/ignore: |\n"
        "      kx601: see https://example.org; pinned later\n      KX603: a\n"
        "spec: {containers: [{name: a, image: busybox}]}\n";
    CHECK(found_in(lint::check({{"a.yaml", pod}}, {.only = {"KX601,kx603"}})) == "");
}
