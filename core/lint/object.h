// The objects of a bundle as the rules see them: located nodes with JSON paths, and the pod templates inside.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/lines.h"
#include "core/base/parallel.h"
#include "core/base/yaml.h"
#include "core/lint/definition_set.h"
#include "core/lint/index.h"
#include "core/lint/schema.h"

namespace ktrain::lint {

// A value and where it stands. An absent Spot (no node) stands for what is missing or null; its line is the parent's.
// Spots point into the parsed file and are good as long as the Bundle.
struct Spot {
    const yaml::Node* node = nullptr;
    const yaml::Node* key = nullptr;  // of a map's member
    std::string path;
    int line = 0;  // of the parent's key, for what is missing
    int column = 0;

    explicit operator bool() const { return node != nullptr; }
    bool is(yaml::Kind kind) const { return node != nullptr && node->kind == kind; }

    Spot operator[](std::string_view name) const;  // the member
    std::vector<Spot> items() const;               // of a list
    std::vector<Spot> members() const;             // of a map
    bool is_true() const;                          // the boolean, however it is written
    std::string_view text() const;                 // of a scalar, or ""

    Place place() const;      // of the value
    Place key_place() const;  // of the key, or of the value where there is none
};

// Calls `use` for what is at the path below `from`, if it is there: "*" is every member, "[]" every item.
void each_at(const Spot& from, std::string_view path, const std::function<void(const Spot&)>& use);

struct PodTemplate {
    Spot metadata;
    Spot spec;
    bool argo = false;  // a template of a Workflow: holds containers itself, and mounts volumes of the Workflow

    // Containers, init containers and ephemeral containers.
    std::vector<Spot> containers() const;
};

struct Object {
    SharedText file;
    Spot root;
    std::string api_version;
    std::string kind;
    std::optional<KindSchema> schema;              // empty: a kind we know nothing about
    std::shared_ptr<const Definition> definition;  // of a kind that a CRD adds
    std::vector<PodTemplate> templates;

    bool has_schema() const { return schema.has_value(); }
    // A TrainingJob: ktrain's own document, which no API server knows.
    bool is_spec() const;
    // What a cluster tells objects apart by: group, kind, namespace and name as written; empty without a name.
    std::string identity() const;
    std::string name() const { return std::string(root["metadata"]["name"].text()); }
    // Whether a secret may stand at the path: in the data of a Secret, or in the environment of a container or of a
    // spec. What stands there is in no message.
    bool is_private(std::string_view path) const;
    // Encrypted by SOPS, which adds a member of its own and is undone before the object is sent.
    bool is_encrypted() const;
    // Whether a secret may stand anywhere in it: a Secret, with its misspelt fields, or what may be meant for one.
    bool may_be_secret() const { return kind == "Secret" || (!schema && !is_spec()); }
};

struct Source {
    std::string file;  // as shown in findings; "-" is standard input
    std::string text;
    bool found = false;  // in a folder or by a glob: it may be no manifest
};

// What the objects are for: versions of Kubernetes, kinds that were added to it, or one cluster, and what may be asked.
struct Target {
    Minors minors = Minors::all();
    bool chosen = false;                // by the user: what not all of them have is an error then
    bool closed = false;                // the files are all there is: what they refer to and do not hold is an error
    bool inner = false;                 // the files lie in ConfigMaps: what lies in theirs is not looked at
    std::optional<double> budget = {};  // US dollars that a job may cost
    std::shared_ptr<const DefinitionFiles> added = {};
    std::shared_ptr<const ServedKinds> served = {};  // by the cluster; null: there is none
};

class Kustomize;
class LabelIndex;
class Patterns;
class Spaces;
struct LastWorkload;

// What was read from the sources, in their order. Lists are unwrapped.
struct Bundle {
    Schemas schemas;
    Target target;
    std::shared_ptr<Patterns> patterns;             // a cache
    std::shared_ptr<PerThread<LastWorkload>> last;  // a cache of one: see workload_of()
    std::vector<yaml::Stream> streams;              // owns the nodes
    std::vector<Object> objects;
    KindsByName definitions;                                   // CRDs of the target and of the bundle
    std::vector<std::pair<std::size_t, std::uint32_t>> named;  // hashes of identities, and the objects; sorted
    Index index;
    std::shared_ptr<const Spaces> spaces;
    std::shared_ptr<const LabelIndex> labels;
    std::shared_ptr<const Kustomize> kustomize;
    std::unordered_map<std::string_view, Lines> texts;  // of sources that hold other files, or are large
    std::size_t passed_over = 0;                        // documents that are no manifests
    Diagnostics problems;                               // KT001 and KT002

    // The first object of this identity, or nullptr.
    const Object* first(const std::string& identity) const;
};

// The same for any number of threads.
Bundle read_bundle(const std::vector<Source>& sources, const Target& target = {}, unsigned threads = 1);

// Tells the bundle, whose streams are read, of the CRDs of its target and of those that stand among the objects, as a
// cluster learns them: these come after. definition_files.cpp
void add_definitions(const std::vector<Source>& sources, Bundle& bundle);

// "nvidia.com/gpu" is an extended resource, "cpu" and "kubernetes.io/x" are not.
bool is_extended_resource(std::string_view name);
// Whether the resource is a GPU or a part of one.
bool is_gpu_resource(std::string_view name);

}  // namespace ktrain::lint
