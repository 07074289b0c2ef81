// Reads sources into a bundle: parsed streams, taken apart into objects with their pod templates.
#include <algorithm>

#include "core/lint/bundle_tables.h"
#include "core/lint/definition.h"
#include "core/lint/kubectl_text.h"
#include "core/lint/makers.h"
#include "core/lint/parse_sources.h"
#include "core/lint/pattern.h"
#include "core/lint/tool_files.h"
#include "core/lint/workload.h"

namespace ktrain::lint {
namespace {

// A chain of lists inside lists ends somewhere: documents themselves nest 200 levels at most.
void add_objects(const SharedText& file, const Spot& root, Bundle& bundle);

std::shared_ptr<const Definition> definition_of(const Object& object, const KindsByName& definitions) {
    if (definitions.empty()) return nullptr;
    const auto found = definitions.find({std::string(group_of(object.api_version)), object.kind});
    if (found == definitions.end()) return nullptr;
    const auto version = std::ranges::find(found->second, object.api_version,
                                           [](const auto& definition) { return definition->api_version; });
    return version != found->second.end() ? *version : nullptr;
}

Object make_object(const SharedText& file, const Spot& root, const Bundle& bundle) {
    Object object;
    object.file = file;
    object.root = root;
    object.api_version = root["apiVersion"].text();
    if (object.api_version.starts_with('/')) object.api_version.erase(0, 1);  // of the group "", as the server reads it
    object.kind = root["kind"].text();
    object.schema = bundle.schemas.find(object.api_version, object.kind);
    object.definition = definition_of(object, bundle.definitions);
    object.templates = find_templates(object);
    return object;
}

void add_objects(const SharedText& file, const Spot& root, Bundle& bundle) {
    Spot items = root["items"];
    const std::string_view kind = root["kind"].text();
    const bool list =
        kind.ends_with("List") && root["apiVersion"] && (items.is(yaml::Kind::sequence) || (!items && kind == "List"));
    if (!list || root["spec"]) {
        bundle.objects.push_back(make_object(file, root, bundle));
        return;
    }
    for (const Spot& item : items.items()) add_objects(file, item, bundle);
}

// Items of a PodList that say neither kind nor apiVersion are Pods of the list's. Source: apimachinery,
// unstructured/helpers.go, decodeToList.
void name_items(yaml::Node& list) {
    const yaml::Node* version = list.find("apiVersion");
    const yaml::Node* kind = list.find("kind");
    if (version == nullptr || kind == nullptr || !kind->is_scalar()) return;
    const std::string_view name = kind->text;
    if (!name.ends_with("List")) return;
    yaml::Node of_item = *kind;
    of_item.text = std::string(name.substr(0, name.size() - 4));
    const auto items =
        std::ranges::find(list.entries, "items", [](const auto& e) { return std::string_view(e.key.text); });
    if (items == list.entries.end()) return;
    for (yaml::Node& item : items->value.items) {
        if (item.kind != yaml::Kind::mapping) continue;
        name_items(item);
        if (name == "List" || item.find("kind") != nullptr || item.find("apiVersion") != nullptr) continue;
        for (const auto& [key, value] : {std::pair("apiVersion", *version), std::pair("kind", of_item)}) {
            yaml::Entry entry{*kind, value};
            entry.key.text = std::string(key);
            item.entries.push_back(std::move(entry));
        }
    }
}

// Whether there may be files in the texts of the object: data of ConfigMaps, manifests in Workflows.
bool holds_files(const Object& object) {
    return object.kind == "ConfigMap" || object.api_version.starts_with("argoproj.io/");
}

void check_as_kubectl(const std::vector<Source>& sources, const std::set<std::string_view>& patches, unsigned threads,
                      Bundle& bundle) {
    in_parallel(sources.size(), threads, [&](std::size_t i) {
        const auto reader = [&](const yaml::Node& document) { return reader_of(sources[i], patches, document); };
        if (bundle.streams[i].problems.empty()) check_as_kubectl(sources[i], reader, bundle.streams[i]);
    });
}

}  // namespace

Bundle read_bundle(const std::vector<Source>& sources, const Target& target, unsigned threads) {
    Bundle bundle;
    bundle.target = target;
    bundle.patterns = std::make_shared<Patterns>();
    bundle.last = std::make_shared<PerThread<LastWorkload>>();
    bundle.streams = parse_sources(sources, threads);  // objects point into them
    const std::set<std::string_view> patches = patch_files(sources, bundle.streams);
    check_as_kubectl(sources, patches, threads, bundle);
    std::size_t documents = 0;
    for (yaml::Stream& stream : bundle.streams) {
        documents += stream.documents.size();
        std::ranges::for_each(stream.documents, name_items);
    }
    bundle.objects.reserve(documents);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        for (Diagnostic& problem : bundle.streams[i].problems) {
            problem.excerpt = Excerpt::key;
            bundle.problems.push_back(problem);
        }
    }
    add_definitions(sources, bundle);
    bundle.kustomize = read_kustomizations(sources, bundle.streams);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const SharedText file(sources[i].file);
        const std::size_t before = bundle.objects.size();
        for (const yaml::Node& document : bundle.streams[i].documents) {
            if (is_passed_over(sources[i], patches, document)) {
                ++bundle.passed_over;
                continue;
            }
            const Spot root{&document, nullptr, "", document.line, document.column};
            add_objects(file, root, bundle);
        }
        const std::span<const Object> own = std::span(bundle.objects).subspan(before);
        constexpr std::size_t large = 1 << 20;
        if (sources[i].text.size() > large || std::ranges::any_of(own, holds_files))
            bundle.texts.try_emplace(sources[i].file, sources[i].text);
    }
    if (target.added != nullptr)
        bundle.problems.insert(bundle.problems.end(), target.added->problems.begin(), target.added->problems.end());
    make_tables(bundle, threads);
    return bundle;
}

}  // namespace ktrain::lint
