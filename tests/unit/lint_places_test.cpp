// Fields in the wrong place, names that are nearly right, what is to be filled in, and files that are no manifests yet.
#include <doctest/doctest.h>

#include "core/lint/lint.h"

using namespace ktrain;

namespace {

// "RULE path: message -> fix" of all that the rules find, in lines.
std::string found(const std::string& text, const std::vector<std::string>& rules = {"KT"}) {
    std::string all;
    for (const Diagnostic& d : lint::check({{"a.yaml", text}}, {.only = rules}).findings)
        all += std::string(d.rule) + " " + d.where.path + ": " + d.message + " -> " + d.fix + "\n";
    return all;
}

std::string job(const std::string& spec) {
    return "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: " + spec + "\n";
}

std::string pod(const std::string& container, const std::string& more = "") {
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'b:1'" + container +
           "}]" + more + "}\n";
}

std::string image(const std::string& name, const std::string& rule) {
    return found(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: '" + name + "'}]}\n",
        {rule});
}

std::string device(const std::string& name) {
    return found(pod(", resources: {limits: {" + name + ": 1}}"), {"KG101"});
}

std::string quota(const std::string& hard) {
    return "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {" + hard + "}}\n";
}

}  // namespace

TEST_CASE("a field in the wrong place is one finding, which says where it belongs") {
    CHECK(found(job("{restartPolicy: Never, containers: [{name: a, image: b:1}]}")) ==
          "KT003 spec.restartPolicy: unknown fields 'restartPolicy', 'containers' in spec -> move them to "
          "spec.template.spec\n");
    CHECK(found(job("{spec: {restartPolicy: Never, containers: [{name: a, image: b:1}]}}")) ==
          "KT003 spec.spec: unknown field 'spec' in spec -> move it to spec.template\n");
    CHECK(
        found(job("{template: {restartPolicy: Never, containers: [{name: a, image: b:1}]}}")) ==
        "KT003 spec.template.restartPolicy: unknown fields 'restartPolicy', 'containers' in spec.template -> move them "
        "to spec.template.spec\n");
    CHECK(found("apiVersion: v1\nkind: Pod\nmetadata: {name: a, spec: {containers: [{name: a, image: b:1}]}}\n") ==
          "KT003 metadata.spec: unknown field 'spec' in metadata -> move it to the top of the object\n");
    CHECK(found(pod(", volumeMounts: [{name: d, mountPath: /d}], volumes: [{name: d, emptyDir: {}}]")) ==
          "KT003 spec.containers[0].volumes: unknown field 'volumes' in spec.containers[0] -> move it to spec\n");
    CHECK(found(job(
              "{template: {spec: {restartPolicy: Never, backoffLimit: 2, containers: [{name: a, image: b:1}]}}}")) ==
          "KT003 spec.template.spec.backoffLimit: unknown field 'backoffLimit' in spec.template.spec -> move it to "
          "spec\n");
    // Elsewhere it is taken already, or there is no such field.
    CHECK(found(job("{backoffLimit: 1, template: {spec: {restartPolicy: Never, backoffLimit: 2, containers: [{name: a, "
                    "image: b:1}]}}}")) ==
          "KT003 spec.template.spec.backoffLimit: unknown field 'backoffLimit' in spec.template.spec -> remove it, or "
          "move "
          "it to where it belongs\n");
    CHECK(found(pod(", whatever: 1")).find("remove it, or move it") != std::string::npos);
}

TEST_CASE("words that differ in capitals alone are near") {
    const auto service = [](const std::string& protocol) {
        return found(
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {a: b}, ports: [{port: 1, "
            "protocol: " +
            protocol + "}]}\n");
    };
    CHECK(service("tcp").find("did you mean 'TCP'?") != std::string::npos);
    CHECK(service("Udp").find("did you mean 'UDP'?") != std::string::npos);
    CHECK(service("SCTP") == "");
}

TEST_CASE("what the API server drops while a feature is off is a warning at most") {
    const auto warned = [](const std::string& text) {
        const lint::Report report = lint::check({{"a.yaml", text}}, {.only = {"KT"}});
        return report.count(Severity::error) == 0 && report.count(Severity::warning) == 1;
    };
    const auto set = [](const std::string& most) {
        return "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec:\n  serviceName: a\n  "
               "updateStrategy: "
               "{rollingUpdate: {maxUnavailable: " +
               most +
               "}}\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: "
               "[{name: a, image: b:1}]}}\n";
    };
    CHECK(warned(set("101%")));
    CHECK(warned(set("0")));
    CHECK(found(set("100%")) == "");
    CHECK(warned(pod(", lifecycle: {stopSignal: SIGUSR1}")));
    CHECK(warned(pod(", lifecycle: {stopSignal: SIGNONE}", ", os: {name: linux}")));
    CHECK(found(pod(", lifecycle: {stopSignal: SIGUSR1}", ", os: {name: linux}")) == "");
}

TEST_CASE("tags that move are no versions") {
    for (const char* tag :
         {"main", "master", "nightly", "dev", "edge", "stable", "latest-gpu", "nightly-cuda12", "main-py3", "Latest"})
        CHECK(image("ghcr.io/a/b:" + std::string(tag), "KX601") != "");
    for (const char* tag : {"1", "v1", "24.10-py3", "2.3.0-cuda12.1-cudnn8-runtime", "main-abc1234", "nightly-20240101",
                            "nightly-2024-01-01", "release-1.2", "domain", "mainline"})
        CHECK(image("ghcr.io/a/b:" + std::string(tag), "KX601") == "");
}

TEST_CASE("names of images that are to be filled in") {
    for (const char* name :
         {"gcr.io/PROJECT_ID/t:1", "${IMAGE}", "$IMAGE", "${REGISTRY}/t:1", "<your-registry>/t:1",
          "ACCOUNT_ID.dkr.ecr.us-east-1.amazonaws.com/t:1", "IMAGE_URI", "yourregistry/x:1", "gcr.io/YOUR_PROJECT/t:1",
          "%IMAGE%", "@IMAGE@", "docker.io/username/x:1", "ghcr.io/OWNER/x"})
        CHECK(image(name, "KT028") != "");
    for (const char* name : {"us-docker.pkg.dev/my-project/r/t:1", "123456789012.dkr.ecr.us-east-1.amazonaws.com/t:1",
                             "ghcr.io/acme/for-your-eyes:1", "localhost:5000/a:RC_1", "a/b@sha256:ABCDEF", "a:V1"})
        CHECK(image(name, "KT028") == "");
    CHECK(found(pod(", args: ['--output_dir=gs://YOUR_BUCKET/x']"), {"KT028"}) != "");
    CHECK(found(pod(", args: ['--pad_token=<pad>', 'https://example.com', \"echo your-x\"]"), {"KT028"}) == "");
    CHECK(found(pod(", env: [{name: A, value: '<your-token>'}]"), {"KT028"}) != "");
    CHECK(
        found(
            "apiVersion: trainer.kubeflow.org/v1alpha1\nkind: TrainJob\nmetadata: {name: a}\nspec: {runtimeRef: {name: "
            "t}, trainer: {image: 'your-registry/x:1'}}\n",
            {"KT028"}) != "");
}

TEST_CASE("devices whose names are nearly right") {
    CHECK(device("nvidia.com/gpus").find("did you mean 'nvidia.com/gpu'?") != std::string::npos);
    CHECK(device("nvida.com/gpu").find("did you mean 'nvidia.com/gpu'?") != std::string::npos);
    CHECK(device("nvidia.com/GPU").find("did you mean 'nvidia.com/gpu'?") != std::string::npos);
    CHECK(device("amd.com/gpus").find("did you mean 'amd.com/gpu'?") != std::string::npos);
    for (const char* name :
         {"nvidia.com/gpu", "amd.com/gpu", "nvidia.com/mig-1g.5gb", "nvidia.com/a100", "nvidia.com/pgpu",
          "google.com/tpu", "example.com/gpu", "rdma/hca", "vpc.amazonaws.com/efa", "smarter-devices/x"})
        CHECK(device(name) == "");
}

TEST_CASE("quotas that count nothing, and quotas of a storage class") {
    for (const char* name : {"nvidia.com/gpu", "limits.nvidia.com/gpu", "request.nvidia.com/gpu",
                             "requests.nvidia.com/gpus", "requests.nvida.com/gpu"})
        CHECK(found(quota(std::string(name) + ": 4"), {"KQ501"}).find("-> write requests.nvidia.com/gpu\n") !=
              std::string::npos);
    for (const char* name : {"requests.nvidia.com/gpu", "count/jobs.batch", "requests.cpu", "pods",
                             "fast.storageclass.storage.k8s.io/requests.storage"})
        CHECK(found(quota(std::string(name) + ": 4"), {"KQ501"}) == "");
    const std::string claim =
        "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: d}\nspec: {storageClassName: fast, "
        "accessModes: "
        "[ReadWriteOnce], resources: {requests: {storage: 50Gi}}}\n";
    CHECK(found(quota("fast.storageclass.storage.k8s.io/requests.storage: 10Gi") + claim, {"KQ503"}) != "");
    CHECK(found(quota("slow.storageclass.storage.k8s.io/requests.storage: 10Gi") + claim, {"KQ503"}) == "");
}

TEST_CASE("a LimitRange of pods counts their containers together") {
    const auto pods = [](const std::string& bound) {
        return found(
            "apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec: {limits: [{type: Pod, " + bound +
                "}]}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b:1, "
                "resources: {limits: {cpu: 4}}}, {name: b, image: b:1, resources: {limits: {cpu: 4}}}]}\n",
            {"KQ504"});
    };
    CHECK(pods("max: {cpu: 6}") != "");
    CHECK(pods("max: {cpu: 8}") == "");
    CHECK(pods("min: {cpu: 9}") != "");
}

TEST_CASE("two objects that have a claim which one node alone may have") {
    const auto both = [](const std::string& mode) {
        std::string text = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: d}\nspec: {accessModes: [" +
                           mode + "], resources: {requests: {storage: 1Gi}}}\n";
        for (const char* name : {"a", "b"})
            text += "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: " + std::string(name) +
                    "}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: b:1}], volumes: "
                    "[{name: "
                    "d, persistentVolumeClaim: {claimName: d}}]}}}\n";
        return found(text, {"KS401"});
    };
    CHECK(both("ReadWriteOnce").find("the Job 'a' has the claim 'd' too") != std::string::npos);
    CHECK(both("ReadWriteOncePod") != "");
    CHECK(both("ReadWriteMany") == "");
}

TEST_CASE("a key twice in a JSON file of a ConfigMap") {
    const auto file = [](const std::string& json) {
        return found("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {ds.json: '" + json + "'}\n",
                     {"KS412"});
    };
    CHECK(file(R"({"a":1,"a":2})") != "");
    CHECK(file(R"({"a":{"b":1,"b":2}})") != "");
    CHECK(file(R"({"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]})") == "");
}

TEST_CASE("a template of Helm is one finding") {
    const std::string remedy =
        "KT001 : the file is a template of Helm, and no manifest yet -> check what it becomes: helm "
        "template CHART | ktrain validate -\n";
    CHECK(
        found("kind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n{{- if .Values.x }}\ndata: {}\n{{- end }}\n") ==
        remedy);
    CHECK(found("apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .Release.Name }}\"}\nspec: {}\n") == remedy);
    CHECK(found("{{- range .Values.jobs }}\na: b\n{{- end }}\n") == remedy);
    CHECK(found("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: '{{ .Values.x }}'}\n") == "");
    CHECK(found("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {s: '{{ $labels.pod }}'}}\n") == "");
}

TEST_CASE("byte order marks of files that were joined") {
    const std::string map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ";
    const std::string mark = "\xef\xbb\xbf";
    CHECK(found(mark + map + "a}\n---\n" + mark + map + "b}\n") == "");
    CHECK(found(map + "a}\n" + mark + "data: {}\n").find("a byte order mark (U+FEFF) stands in front of this line") !=
          std::string::npos);
    CHECK(found(map + "a}\ndata: {a: \"x" + mark + "\"}\n") == "");
}

TEST_CASE("expressions of Prometheus") {
    const auto rule = [](const std::string& expression) {
        return found(
            "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec: {groups: [{name: "
            "g, "
            "rules: [{alert: A, labels: {severity: page}, expr: '" +
                expression + "'}]}]}\n",
            {"KM703"});
    };
    for (const char* good : {"up == 0",
                             "sum(rate(x[5m])) by (a)",
                             "sum by (a) (x)",
                             "avg_over_time(u[30m]) < 5 and on(pod) x",
                             "x{a=\"b\"} offset 5m",
                             "x offset -5m",
                             "histogram_quantile(0.9, sum(rate(b[5m])) by (le))",
                             "x > bool 5",
                             "x[5m:1m]",
                             "max_over_time(x[1h:5m] @ end())",
                             "sum(x) without (a) > 5",
                             "topk(5, x)",
                             "{__name__=\"x\"}",
                             "time() - x > 60",
                             "-x",
                             "x ^ -2",
                             "x == 1 or vector(0)",
                             "predict_linear(x[1h], 4*3600) < 0",
                             "count_values(\"v\", x)",
                             "1e-3 < x",
                             "a * on(i) group_left(n) b",
                             "rate(x{a=~\"b[c]\"}[5m])",
                             "absent(x) # why",
                             "x atan2 y",
                             "hour() > 5",
                             "sum(rate(x[5m]) / rate(y[5m]))",
                             "(x)",
                             "avg_over_time(rate(x[5m])[1h:5m])",
                             "NaN",
                             "by",
                             "job:x:rate5m > 2"})
        CHECK(rule(good) == "");
    for (const char* bad : {"up ==", "x and", "rate(x)", "foo(x)", "quantile(0.5)", "rate(x[5m]) > 0.5 for 5m",
                            "sum(x){a=\"b\"}", "rate(sum(x)[5m])", "avg(x) by pod", "x[5m] > 1", "sum(x[5m])",
                            "rate(x[5m], 2)", "* x", "x y", "abs(x[5m])", "sum()", "vector(x)", "(x", "x[5m][5m]"})
        CHECK(rule(bad) != "");
}

TEST_CASE("a monitor that looks into another namespace than that of what it selects") {
    const auto monitor = [](const std::string& space, const std::string& chosen) {
        return found(
            "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ml, labels: {app: x}}\nspec: {selector: "
            "{a: b}, ports: [{name: metrics, port: 1}]}\n---\napiVersion: monitoring.coreos.com/v1\nkind: "
            "ServiceMonitor\nmetadata: {name: m, namespace: " +
                space + "}\nspec: {selector: {matchLabels: {app: x}}, endpoints: [{port: metrics}]" + chosen + "}\n",
            {"KM701"});
    };
    CHECK(monitor("ml", "") == "");
    CHECK(monitor("monitoring", ", namespaceSelector: {any: true}") == "");
    CHECK(monitor("monitoring", ", namespaceSelector: {matchNames: [ml]}") == "");
    CHECK(monitor("monitoring", "").find("its own namespace alone, and what it selects is in 'ml'") !=
          std::string::npos);
    CHECK(monitor("ml", ", namespaceSelector: {matchNames: [prod]}").find("other namespaces") != std::string::npos);
}

TEST_CASE("what stands for an alias has a path of its own") {
    const std::string text = found(
        pod(", volumeMounts: &mounts [{name: x, mountPath: /x}]}, {name: c, image: 'b:1', volumeMounts: *mounts"));
    CHECK(text.find("KT017 spec.containers[0].volumeMounts[0].name: ") == 0);
    CHECK(text.find("\nKT017 spec.containers[1].volumeMounts[0].name: ") != std::string::npos);
}
