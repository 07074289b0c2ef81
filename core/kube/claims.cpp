// Volumes that would go with the workload that owns them.
#include "core/kube/claims.h"

#include <set>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::kube {

std::vector<std::string> keep_claims(KubeClient& client, const std::string& in_namespace, const Workload& workload) {
    std::set<std::string> owners{workload.uid()};
    if (!workload.kind->children[0].kind.empty()) {
        const OwnerTree tree = owner_tree(client, in_namespace, workload.object);
        if (tree.incomplete)  // a claim of what is not seen would go
            throw Error(ErrorKind::unreachable, join(tree.unreadable, "; "));
        for (const Json& object : tree.objects) owners.insert(meta(object, "uid"));
    }
    const Resource claims = *built_in_resource("v1", "PersistentVolumeClaim");
    std::vector<std::string> out;
    for (const Json& claim : client.list(claims, in_namespace, {}).items) {
        const Json& all = at_path(claim, {"metadata", "ownerReferences"});
        Json others = Json::array();
        for (const Json& owner : all)
            if (!owners.contains(string_or(owner, "uid"))) others.push_back(owner);
        if (others.size() == all.size()) continue;
        const std::string name = meta(claim, "name");
        client.patch(claims, in_namespace, name,
                     {{"metadata", {{"uid", meta(claim, "uid")}, {"ownerReferences", std::move(others)}}}});
        out.push_back(name);
    }
    return out;
}

}  // namespace ktrain::kube
