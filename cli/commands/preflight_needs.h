// The objects that a bundle names and does not bring.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/kube/client.h"
#include "core/lint/object.h"

namespace ktrain {

// A kind that others refer to by name.
struct NeededKind {
    std::string_view kind, api_version;
    std::string_view consequence;  // of its absence
    std::string_view remedy;       // {name} and {in}, which is "-n NAMESPACE"
    std::string_view older = {};   // apiVersion, where a server does not serve the first
};

std::span<const NeededKind> needed_kinds();  // sorted by kind

// A name in an object of the bundle, or a key of what has the name.
struct Need {
    const NeededKind* kind = nullptr;
    std::string name, namespace_;
    std::string key;
    Place where;
    bool mild = false;  // its absence does no harm by itself
};

// What an object needs, except for what is optional. Names that a server always has are left out.
std::vector<Need> needs_of(const lint::Object& object);

// Where the server has the kind; nothing where it has it in no version.
std::optional<kube::Resource> resource_of(kube::KubeClient& client, const NeededKind& kind);

// The finding when there is no such object (null), or not that key in it.
std::optional<Diagnostic> judge(const Need& need, const Json& there);
// The same where the server does not have the kind.
Diagnostic unserved(const Need& need);

}  // namespace ktrain
