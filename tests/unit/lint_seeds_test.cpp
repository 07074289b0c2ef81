// Whole bundles: what two handbooks' manifests, restated, have wrong, and nothing of it once they are mended; and
// nothing to say about what ktrain generates itself, or about workloads that do not train.
#include <array>

#include "core/base/yaml.h"
#include "core/lint/lint.h"
#include "core/manifest/manifest.h"
#include "core/spec/load.h"
#include "tests/support/golden.h"

using namespace ktrain;

namespace {

std::string text_of(const Diagnostics& findings) {
    std::string text;
    for (const Diagnostic& d : findings) {
        text += std::to_string(d.where.line) + ":" + std::to_string(d.where.column) + ": " + to_string(d.severity) +
                " " + std::string(d.rule) + " " + d.message + "\n";
    }
    return text;
}

// A defect that must be found, and what stands in the line where it is.
struct Defect {
    std::string_view seed, rule, line;
    bool refused = false;  // an API server refuses the object
};

constexpr std::array defects{
    Defect{"basics", "KG114", "    spec:"},
    Defect{"basics", "KG106", "    spec:"},
    Defect{"basics", "KT028", "your-registry/training"},
    Defect{"basics", "KD207", "volumeMounts:"},
    Defect{"basics", "KR308", "spec:"},
    Defect{"basics", "KR309", "spec:"},
    Defect{"basics", "KT012", "<base64-of-the-key>", true},
    Defect{"basics", "KG103", "nvidia.com/gpu: 1  # the only one there is"},
    Defect{"basics", "KG111", "resources:"},
    Defect{"basics", "KT008", "apiVersion: v1", true},
    Defect{"basics", "KQ503", "requests.nvidia.com/gpu"},
    Defect{"basics", "KQ501", "limits.nvidia.com/gpu"},
    Defect{"basics", "KM702", "spec:"},
    Defect{"basics", "KQ502", "resources:"},
    Defect{"basics", "KX610", "HTTPS_PROXY"},
    Defect{"basics", "KX611", "nameservers:"},
    Defect{"finetuning", "KS410", "torch.distributed.launch"},
    Defect{"finetuning", "KS411", "2e-4"},
    Defect{"finetuning", "KS403", "qlora-config"},
    Defect{"finetuning", "KT022", "tasks.sft-training.outputs.result", true},
    Defect{"finetuning", "KS404", "metadata:"},
    Defect{"finetuning", "KD203", "torch.distributed.launch"},
    Defect{"finetuning", "KG105", "- name: CUDA_VISIBLE_DEVICES"},
    Defect{"finetuning", "KR304", "torch.distributed.launch"},
    Defect{"finetuning", "KT014", "    spec:", true},
    Defect{"finetuning", "KR302", "--output_dir=/output/qlora"},
    Defect{"finetuning", "KR303", "--dataset=/data/alpaca"},
    Defect{"finetuning", "KG107", "    spec:"},
    Defect{"finetuning", "KG106", "        spec:"},
    Defect{"finetuning", "KD205", "- name: pytorch"},
    Defect{"finetuning", "KD202", "accelerate, launch"},
    Defect{"finetuning", "KR303", "--config_file=/config/accelerate.yaml"},
    Defect{"finetuning", "KR303", "--dataset_name=/data/sft"},
    Defect{"finetuning", "KR302", "--output_dir=/output/sft"},
    Defect{"finetuning", "KD211", "metadata:"},
    Defect{"finetuning", "KR316", "spec:"},
    Defect{"finetuning", "KR302", "      container:"},
    Defect{"finetuning", "KD204", "--hostfile=/etc/mpi/hostfile"},
    Defect{"finetuning", "KD202", "--num_nodes=$(WORLD_SIZE)"},
    Defect{"finetuning", "KR303", "--deepspeed=/config/ds_config_zero3.json"},
    Defect{"finetuning", "KD214", "minReplicas: 4"},
    Defect{"finetuning", "KD214", "Master:"},
    Defect{"finetuning", "KD214", "command: [deepspeed]"},
    Defect{"finetuning", "KD209", "- name: pytorch"},
    Defect{"finetuning", "KR302", "- name: pytorch"},
    Defect{"finetuning", "KT009", "karpenter.sh/v1alpha5", true},
    Defect{"finetuning", "KG102", "- name: trainer"},
    Defect{"finetuning", "KR305", "backoffLimit: 100"},
};

std::string line_of(const std::string& text, int number) {
    std::size_t at = 0;
    for (int i = 1; i < number && at != std::string::npos; ++i) at = text.find('\n', at) + 1;
    return text.substr(at, text.find('\n', at) - at);
}

}  // namespace

TEST_CASE("the faults of two handbooks are found where they are") {
    const std::string folder = test::source_path("/tests/golden/seeds/");
    for (const char* seed : {"basics", "finetuning"}) {
        CAPTURE(seed);
        const std::string text = real_files().read(folder + seed + "/bad.yaml");
        const lint::Report report = lint::check({{"bad.yaml", text}});
        test::check_golden(folder + seed + "/expected.txt", text_of(report.findings));
        for (const Defect& defect : defects) {
            if (defect.seed != seed) continue;
            CAPTURE(defect.rule);
            CAPTURE(defect.line);
            CHECK(std::ranges::any_of(report.findings, [&](const Diagnostic& d) {
                const bool severe = !defect.refused || d.severity == Severity::error;
                return severe && d.rule == defect.rule &&
                       line_of(text, d.where.line).find(defect.line) != std::string::npos;
            }));
        }
    }
    CHECK(std::ranges::count_if(defects, [](const Defect& d) { return !d.refused; }) >= 30);
}

TEST_CASE("the same manifests, mended, have no faults") {
    for (const char* seed : {"basics", "finetuning"}) {
        CAPTURE(seed);
        const std::string text = real_files().read(test::source_path("/tests/golden/seeds/") + seed + "/good.yaml");
        lint::Report report = lint::check({{"good.yaml", text}});
        std::erase_if(report.findings, [](const Diagnostic& d) { return d.severity == Severity::info; });  // hints
        CHECK(text_of(report.findings) == "");
    }
}

TEST_CASE("there is nothing to say about what is generated") {
    for (const std::string& folder : test::golden_cases("manifests")) {
        CAPTURE(folder);
        const auto loaded = spec::load(real_files().read(folder + "/spec.yaml"), "spec.yaml");
        const std::vector<Object> objects = render(make_plan(loaded.spec));
        CHECK(text_of(lint::check_rendered(objects, "generated", {.skip = {"KX601"}}).findings) == "");
    }
}

TEST_CASE("workloads that do not train are left alone") {
    const char* text = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: nginx:1.27
          command: [nginx, --config=/data/nginx.conf]
          livenessProbe: {httpGet: {path: /, port: 80}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          containers:
            - name: backup
              image: ghcr.io/acme/backup:1.0
              command: [sh, -c, "pg_dump > /tmp/dump; python upload.py --output_dir=/tmp/x"]
---
apiVersion: v1
kind: Pod
metadata: {name: shell}
spec:
  containers: [{name: shell, image: "busybox:1.36", command: [sh, -c, "sleep 1d; true"]}]
)";
    lint::Report report = lint::check({{"web.yaml", text}});
    std::erase_if(report.findings,
                  [](const Diagnostic& d) { return d.rule.starts_with("KX"); });  // security is for all
    CHECK(text_of(report.findings) == "");
}
