// Every rule of the CRDs in the Go module cache compiles, and so does every messageExpression; nothing of them is kept.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/base/yaml.h"
#include "core/cel/cel.h"

using namespace ktrain;

namespace {

// Modules with CRDs of training clusters, and where in them these lie.
struct Source {
    std::string_view module, folder;
};
constexpr auto sources = std::to_array<Source>({
    {"github.com/aws/karpenter-provider-aws", "pkg/apis/crds"},
    {"github.com/kubeflow/trainer/v2", "manifests/base/crds"},
    {"github.com/kubeflow/training-operator", "manifests/base/crds"},
    {"github.com/prometheus-operator/prometheus-operator", "example/prometheus-operator-crd"},
    {"sigs.k8s.io/jobset", "config/components/crd/bases"},
    {"sigs.k8s.io/karpenter", "pkg/apis/crds"},
    {"sigs.k8s.io/kueue", "config/components/crd/bases"},
    {"sigs.k8s.io/kwok", "kustomize/crd/bases"},
    {"sigs.k8s.io/lws", "config/crd/bases"},
    {"volcano.sh/volcano", "config/crd/volcano/bases"},
});

std::filesystem::path module_cache() {
    if (const char* cache = std::getenv("GOMODCACHE")) return cache;
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home ? home : "/nowhere") / "go/pkg/mod";
}

void compile_rules(const yaml::Node& node, std::size_t& count) {
    for (const yaml::Node& item : node.items) compile_rules(item, count);
    for (const yaml::Entry& entry : node.entries) {
        compile_rules(entry.value, count);
        if (entry.key.text != "x-kubernetes-validations") continue;
        for (const yaml::Node& rule : entry.value.items) {
            for (std::string_view key : {"rule", "messageExpression"}) {
                const yaml::Node* text = rule.find(key);
                if (!text) continue;
                const auto compiled = cel::compile(text->text);
                const auto* problem = std::get_if<cel::Problem>(&compiled);
                CHECK_MESSAGE(problem == nullptr, text->text << ": " << (problem ? problem->message : ""));
                ++count;
            }
        }
    }
}

void compile_folder(const std::filesystem::path& folder, std::size_t& count) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
        if (entry.path().extension() != ".yaml") continue;
        std::ifstream file(entry.path());
        const std::string text((std::istreambuf_iterator<char>(file)), {});
        if (text.find("x-kubernetes-validations") == std::string::npos) continue;
        for (const yaml::Node& document : yaml::parse(text, entry.path().string()).documents) {
            compile_rules(document, count);
        }
    }
}

}  // namespace

TEST_CASE("cel: the rules of the CRDs in the Go module cache compile") {
    std::size_t count = 0;
    std::error_code none;
    for (const Source& source : sources) {
        const std::filesystem::path module = module_cache() / source.module;
        for (const auto& entry : std::filesystem::directory_iterator(module.parent_path(), none)) {
            if (!entry.path().filename().string().starts_with(module.filename().string() + "@")) continue;
            compile_folder(entry.path() / source.folder, count);
        }
    }
    MESSAGE(count << " rules and messages of CRDs compiled");
}
