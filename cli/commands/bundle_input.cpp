// What `submit` puts on the cluster: a spec, planned and rendered, or manifests that are ready as they are.
#include "cli/commands/bundle_input.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/commands/plan_input.h"
#include "core/base/digest.h"
#include "core/base/labels.h"
#include "core/base/text.h"
#include "core/base/yaml.h"
#include "core/kube/workload_kind.h"
#include "core/manifest/manifest.h"

namespace ktrain {
namespace {

// Cut where the whole would be no name of a pod's host any more.
std::string with_suffix(const std::string& name, const std::string& suffix) {
    constexpr std::size_t most = 50;
    std::string out = name.substr(0, most - suffix.size() - 1);
    while (out.ends_with('-') || out.ends_with('.')) out.pop_back();
    return out + "-" + suffix;
}

std::string text_of(const yaml::Node& document, std::string_view key) {
    const yaml::Node* value = document.find(key);
    return value != nullptr && value->is_scalar() ? std::string(value->text) : "";
}

// A document without apiVersion and kind can only be a spec of the handbook.
bool is_spec(const yaml::Node& document) {
    const std::string api_version = text_of(document, "apiVersion");
    return spec::is_spec_version(api_version) || (api_version.empty() && text_of(document, "kind").empty());
}

[[noreturn]] void refuse(const std::string& file, const yaml::Node& node, std::string message, std::string hint = {}) {
    throw Error(ErrorKind::input, std::move(message), {file, node.line, node.column, ""}, std::move(hint));
}

std::optional<BundleInput> from_spec(term::Session& session, SpecInput& input, yaml::Node document,
                                     const std::string& file, const std::string& forced, const std::string& fallback,
                                     const std::string& suffix) {
    std::vector<spec::Override> overrides;
    const yaml::Node* metadata = document.find("metadata");
    const bool says = metadata != nullptr && !text_of(*metadata, "namespace").empty();
    const auto& sets = input.sets();
    const bool set = std::any_of(sets.begin(), sets.end(),
                                 [](const std::string& s) { return s.starts_with("metadata.namespace="); });
    if (!forced.empty())
        overrides.push_back({"metadata.namespace", forced, "--namespace"});
    else if (!says && !set)
        overrides.push_back({"metadata.namespace", fallback, "the kubeconfig"});
    auto spec = input.read_document(session, std::move(document), file, overrides);
    if (!spec) return std::nullopt;
    if (!suffix.empty()) spec->metadata.name = with_suffix(spec->metadata.name, suffix);
    std::vector<Json> objects = render(plan_of(session, input, *spec));
    return BundleInput{std::move(objects), std::move(spec)};
}

// Jobs get names of their own; nothing else may depend on them.
void rename_jobs(std::vector<Json>& objects, const std::string& suffix) {
    std::set<std::string> names;
    for (Json& object : objects) {
        if (kube::workload_kind(object) == nullptr) continue;
        std::string name = kube::meta(object, "name");
        names.insert(name);
        if (name.empty()) name = kube::meta(object, "generateName");
        while (name.ends_with('-')) name.pop_back();
        object["metadata"].erase("generateName");
        object["metadata"]["name"] = with_suffix(name, suffix);
    }
    for (const Json& object : objects) {
        const std::string job = kube::label_value(object, label_job);
        if (kube::workload_kind(object) != nullptr || !names.contains(job)) continue;
        throw Error(ErrorKind::usage,
                    fmt::format("--generate-name cannot rename {}, which serves job {} alone", kube::label_of(object),
                                printable(job)),
                    {}, "submit a spec, whose objects are all named anew, or take the label ktrain.dev/job off it");
    }
}

// One manifest, or the items of a List.
void add_manifest(std::vector<Json>& objects, const std::string& file, const yaml::Node& node,
                  const std::string& forced, bool named_here) {
    if (node.kind != yaml::Kind::mapping)
        refuse(file, node, fmt::format("expected a Kubernetes object, not a {}", name_of(node.kind)));
    const std::string kind = text_of(node, "kind");
    if (is_spec(node))
        refuse(file, node, "a spec stands alone: no other document may be in its file",
               "submit the two one after the other");
    if (kind.empty() || text_of(node, "apiVersion").empty())
        refuse(file, node, "there is a document without apiVersion or kind");
    if (kind == "List") {
        const yaml::Node* items = node.find("items");
        if (items == nullptr || items->kind != yaml::Kind::sequence) refuse(file, node, "the List has no items");
        for (const yaml::Node& item : items->items) add_manifest(objects, file, item, forced, named_here);
        return;
    }
    const yaml::Node* metadata = node.find("metadata");
    const std::string own = metadata != nullptr ? text_of(*metadata, "namespace") : "";
    if (!forced.empty() && !own.empty() && own != forced) {
        refuse(file, node,
               fmt::format("the {} is for namespace \"{}\", and --namespace says \"{}\"", printable(kind),
                           printable(own), forced),
               "leave --namespace out, or the namespace in the manifest");
    }
    if (!named_here && metadata != nullptr && metadata->find("generateName") != nullptr &&
        text_of(*metadata, "name").empty())
        refuse(file, node,
               fmt::format("the {} has generateName and no name: submitting it twice would make two", printable(kind)),
               "give it metadata.name, or have a new name each time: --generate-name");
    objects.push_back(yaml::to_json(node));
}

}  // namespace

std::string new_suffix(const Clock& clock) {
    constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
    const std::string seed =
        fmt::format("{} {}", clock.now().time_since_epoch().count(), clock.steady().time_since_epoch().count());
    const std::string digest = sha256(seed);
    std::string out;
    for (std::size_t i = 0; i < 5; ++i)
        out += letters[std::stoul(digest.substr(2 * i, 2), nullptr, 16) % letters.size()];
    return out;
}

std::optional<BundleInput> read_bundle(term::Session& session, SpecInput& input, const std::string& forced_namespace,
                                       const std::string& default_namespace, const std::string& suffix) {
    const std::string path = input.path();
    const std::string file = path == "-" ? "standard input" : path;
    const std::string text =
        path == "-" ? session.in.read_all(limits::manifests) : session.files.read(path, limits::manifests);
    yaml::Stream stream = yaml::parse(text, file);
    if (!stream.problems.empty()) {
        const Diagnostic& first = stream.problems.front();
        throw Error(ErrorKind::input, first.message, first.where, first.fix);
    }
    if (stream.documents.empty())
        throw Error(ErrorKind::input, "the file is empty", {file, 0, 0, ""}, "start with: ktrain init --template cnn");
    if (stream.documents.size() == 1 && is_spec(stream.documents.front()))
        return from_spec(session, input, std::move(stream.documents.front()), file, forced_namespace, default_namespace,
                         suffix);
    if (!input.sets().empty())
        throw Error(ErrorKind::usage, fmt::format("--set changes a spec, and {} holds manifests", file));
    std::vector<Json> objects;
    for (const yaml::Node& document : stream.documents)
        add_manifest(objects, file, document, forced_namespace, !suffix.empty());
    if (!suffix.empty()) rename_jobs(objects, suffix);
    return BundleInput{std::move(objects), {}};
}

}  // namespace ktrain
