// Tells manifests from what lies beside them.
#include "core/lint/tool_files.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/lint/kustomize.h"
#include "core/lint/scalar_of.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;
using yaml::Node;

// A kind of settings; an empty one stands for all of the group.
struct ToolKind {
    std::string_view group;
    std::string_view kind;
};

// Groups of config.k8s.io and the like are settings as a whole.
constexpr std::array<std::string_view, 4> group_ends{".config.k8s.io", ".config.kubernetes.io",
                                                     ".config.kueue.x-k8s.io", ".config.openshift.io"};
constexpr std::array tool_kinds{
    ToolKind{"", "Config"},  // a kubeconfig
    ToolKind{"audit.k8s.io", ""},
    ToolKind{"client.authentication.k8s.io", ""},
    ToolKind{"config.jobset.x-k8s.io", ""},
    ToolKind{"config.kueue.x-k8s.io", ""},
    ToolKind{"config.trainer.kubeflow.org", ""},
    ToolKind{"eksctl.io", ""},
    ToolKind{"kind.x-k8s.io", ""},
    ToolKind{"kubeadm.k8s.io", ""},
    ToolKind{"skaffold", ""},
};
static_assert(std::ranges::is_sorted(tool_kinds, {}, &ToolKind::group));

// A list's texts, and those of its members `path`.
void add_paths(const Node& document, std::string_view key, std::vector<std::string>& paths) {
    const Node* list = document.find(key);
    if (list == nullptr || list->kind != Kind::sequence) return;
    for (const Node& item : list->items) {
        const std::string_view path = item.kind == Kind::mapping ? scalar_of(item, "path") : item.text;
        if (!path.empty() && path.find('\n') == std::string_view::npos) paths.emplace_back(path);
    }
}

bool has_patch_mark(const Node& node) {
    if (node.kind == Kind::mapping && node.find("$patch") != nullptr) return true;
    const auto inside = [](const Node& part) { return has_patch_mark(part); };
    return node.kind == Kind::sequence
               ? std::ranges::any_of(node.items, inside)
               : node.kind == Kind::mapping && std::ranges::any_of(node.entries, inside, &yaml::Entry::value);
}

// Chart.yaml of Helm has versions, and no kind.
bool is_chart(const Node& document) {
    const std::string_view version = scalar_of(document, "apiVersion");
    return (version == "v1" || version == "v2") && !scalar_of(document, "name").empty() &&
           !scalar_of(document, "version").empty();
}

bool is_of_tool(const Node& document) {
    if (document.kind != Kind::mapping) return false;
    const std::string_view version = scalar_of(document, "apiVersion");
    const std::string_view kind = scalar_of(document, "kind");
    if (kind.empty()) return document.find("kind") == nullptr && is_chart(document);
    if (version.empty()) return false;
    if (version == "builtin") return true;  // what kustomize calls its own transformers
    const std::string_view group = version.find('/') == version.npos ? "" : version.substr(0, version.find('/'));
    return std::ranges::any_of(group_ends, [&](std::string_view end) { return group.ends_with(end); }) ||
           std::ranges::any_of(tool_kinds, [&](const ToolKind& tool) {
               return tool.group == group && (tool.kind.empty() || tool.kind == kind);
           });
}

bool is_no_manifest(const Node& document) {
    const bool named = !scalar_of(document, "apiVersion").empty() || !scalar_of(document, "kind").empty();
    return !named || has_patch_mark(document);
}

}  // namespace

bool is_passed_over(const Source& source, const std::set<std::string_view>& patches, const Node& document) {
    return is_of_tool(document) || (source.found && (patches.contains(source.file) || is_no_manifest(document)));
}

Reader reader_of(const Source& source, const std::set<std::string_view>& patches, const Node& document) {
    if (is_kustomization(source.file) || (source.found && patches.contains(source.file))) return Reader::kustomize;
    if (is_passed_over(source, patches, document)) return Reader::other;
    Object object;
    object.api_version = scalar_of(document, "apiVersion");
    object.kind = scalar_of(document, "kind");
    return object.is_spec() ? Reader::other : Reader::kubectl;
}

std::set<std::string_view> patch_files(const std::vector<Source>& sources, const std::vector<yaml::Stream>& streams) {
    std::vector<std::string> patches;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (!is_kustomization(sources[i].file) || streams[i].documents.empty()) continue;
        std::vector<std::string> paths;
        for (const char* key : {"patches", "patchesStrategicMerge", "patchesJson6902"})
            add_paths(streams[i].documents.front(), key, paths);
        const auto folder = std::filesystem::path(sources[i].file).parent_path();
        for (const std::string& path : paths) patches.push_back((folder / path).lexically_normal().string());
    }
    std::set<std::string_view> found;
    if (patches.empty()) return found;
    std::ranges::sort(patches);
    for (const Source& source : sources) {
        const std::string path = std::filesystem::path(source.file).lexically_normal().string();
        if (std::ranges::binary_search(patches, path)) found.insert(source.file);
    }
    return found;
}

std::shared_ptr<const Kustomize> read_kustomizations(const std::vector<Source>& sources,
                                                     const std::vector<yaml::Stream>& streams) {
    auto kustomize = std::make_shared<Kustomize>();
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (is_kustomization(sources[i].file) && !streams[i].documents.empty())
            kustomize->read(streams[i].documents.front());
    }
    return kustomize;
}

}  // namespace ktrain::lint
