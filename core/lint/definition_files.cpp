// Reads files of CRDs, and what a cluster serves, for the objects of a bundle.
#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/lint/definition.h"
#include "core/lint/lint.h"
#include "core/lint/parse_sources.h"
#include "core/spec/load.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view crd_prefix = "apiextensions.k8s.io/CustomResourceDefinition/";

// A copy, so that a Target can be copied and changed: its streams are shared.
std::shared_ptr<DefinitionFiles> copy_of(const Target& target) {
    return target.added ? std::make_shared<DefinitionFiles>(*target.added) : std::make_shared<DefinitionFiles>();
}

void add(DefinitionFiles& files, const Definitions& definitions) {
    files.definitions.insert(files.definitions.end(), definitions.begin(), definitions.end());
}

// YAML reads fewer escapes than JSON has: what is read as JSON is written as YAML first.
std::shared_ptr<const yaml::Stream> stream_of(const std::string& json, const std::string& api_version) {
    const auto refuse = [&](const std::string& why) {
        return Error(ErrorKind::failed, "the cluster's schema of " + printable(api_version) + " cannot be read: " + why,
                     {}, "leave --cluster out");
    };
    try {
        auto stream =
            std::make_shared<yaml::Stream>(yaml::parse(yaml::emit(parse_json(json, "/openapi/v3")), "the cluster"));
        if (!stream->problems.empty()) throw refuse(stream->problems.front().message);
        return stream;
    } catch (const Error& error) {
        if (error.kind == ErrorKind::failed) throw;
        throw refuse(error.message);
    }
}

void add_api_versions(const yaml::Node& node, std::set<std::string>& versions) {
    if (node.kind != yaml::Kind::mapping) return;
    std::string_view version = word_of(node, "apiVersion");
    if (version.starts_with('/')) version.remove_prefix(1);  // of the group "", as the server reads it
    if (!version.empty() && !spec::is_spec_version(version)) versions.emplace(version);
    const yaml::Node* items = node.find("items");
    if (items == nullptr || items->kind != yaml::Kind::sequence) return;
    for (const yaml::Node& item : items->items) add_api_versions(item, versions);
}

void add_definition(const std::shared_ptr<const Definition>& definition, Bundle& bundle) {
    Definitions& versions = bundle.definitions[{std::string(group_of(definition->api_version)), definition->kind}];
    // A CRD that is there again has the last word, as the one that is applied last.
    std::erase_if(versions, [&](const auto& known) {
        return known->place.file != definition->place.file || known->api_version == definition->api_version;
    });
    versions.push_back(definition);
}

}  // namespace

void add_definitions(const std::vector<Source>& sources, Bundle& bundle) {
    if (bundle.target.added != nullptr) {
        for (const auto& definition : bundle.target.added->definitions) add_definition(definition, bundle);
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        for (const yaml::Node& document : bundle.streams[i].documents) {
            for (const auto& definition : definitions_in(document, sources[i].file)) add_definition(definition, bundle);
        }
    }
    for (const auto& [name, versions] : bundle.definitions) {
        for (const auto& definition : versions) bundle.schemas.add(definition->table);
    }
}

bool add_crds(Target& target, const std::vector<Source>& sources, unsigned threads) {
    auto files = copy_of(target);
    const std::size_t before = files->definitions.size() + files->problems.size();
    // What an API server would not take is no CRD.
    for (Diagnostic& finding : check(sources, {.only = {"KT"}, .skip = {}}, {}, threads).findings) {
        const bool unread = finding.rule == "KT001" || finding.rule == "KT002";
        const bool of_crd = unread || finding.object.starts_with(crd_prefix);
        if (of_crd && finding.rule != "KT018" && finding.severity == Severity::error)
            files->problems.push_back(std::move(finding));
    }
    for (const Source& source : sources) {
        auto stream = std::make_shared<yaml::Stream>(yaml::parse(source.text, source.file));
        for (const yaml::Node& document : stream->documents) {
            add(*files, definitions_in(document, source.file));
        }
        files->streams.push_back(std::move(stream));
    }
    target.added = files;
    return files->definitions.size() + files->problems.size() > before;
}

void add_cluster(Target& target, std::string_view version, const std::vector<ServedVersion>& served) {
    target.minors = Minors::parse(version);
    target.chosen = true;
    auto files = copy_of(target);
    auto kinds = std::make_shared<ServedKinds>();
    for (const ServedVersion& one : served) {
        auto& names = (*kinds)[one.api_version];
        if (!one.document) continue;
        auto stream = stream_of(*one.document, one.api_version);
        for (const yaml::Node& document : stream->documents) {
            names.merge(served_names(document));
            add(*files, definitions_of_openapi(document, "the cluster"));
        }
        files->streams.push_back(std::move(stream));
    }
    target.added = files;
    target.served = kinds;
}

std::vector<std::string> api_versions(const std::vector<Source>& sources, unsigned threads) {
    std::set<std::string> versions;
    for (const yaml::Stream& stream : parse_sources(sources, threads))
        for (const yaml::Node& document : stream.documents) add_api_versions(document, versions);
    return {versions.begin(), versions.end()};
}

}  // namespace ktrain::lint
