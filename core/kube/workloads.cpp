// Workloads of all kinds on a cluster: one by its name, all of a namespace, and what each has made.
#include "core/kube/workloads.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/kube/selector.h"

namespace ktrain::kube {
namespace {

using Uids = std::set<std::string>;

bool owned_by(const Json& object, const Uids& uids) {
    const Json& owners = at_path(object, {"metadata", "ownerReferences"});
    return std::any_of(owners.begin(), owners.end(),
                       [&](const Json& owner) { return uids.contains(string_or(owner, "uid")); });
}

// What stops a whole command rather than one kind of it. A kind may fail alone: its conversion webhook is away.
bool stops_all(const Error& error) {
    return error.general || (error.kind != ErrorKind::denied && !no_answer(error));
}

// Calls `read` for each kind that the server has; what cannot be read is told in `unread`. Errors: that of a kind
// when none at all can be read.
// False when the server has none of them.
bool each_kind(KubeClient& client, const std::vector<const WorkloadKind*>& kinds, UnreadKinds& unread,
               const std::function<void(const WorkloadKind&, const Resource&)>& read) {
    bool any = false;
    std::optional<Error> refused;
    for (const WorkloadKind* kind : kinds) {
        try {
            if (const auto resource = served(client, *kind)) {
                read(*kind, *resource);
                any = true;
            }
        } catch (const Error& error) {
            // Discovery may be older than the end of a kind.
            const bool always_there = kind->is("batch", "Job");
            if (error.kind == ErrorKind::not_found && !always_there) continue;
            if (stops_all(error) || (always_there && no_answer(error))) throw;
            (no_answer(error) ? unread.failing : unread.denied).push_back(error.message);
            refused = error;
        }
    }
    if (!any && refused) throw *refused;
    return any;
}

// The one that every server has comes first: where that fails the server does, and others need not be tried.
std::vector<const WorkloadKind*> all_kinds() {
    std::vector<const WorkloadKind*> out;
    for (const WorkloadKind& one : workload_kinds()) out.push_back(&one);
    std::stable_partition(out.begin(), out.end(), [](const WorkloadKind* one) { return one->is("batch", "Job"); });
    return out;
}

bool is_pod(std::string_view word) {
    return word == "pod" || word == "pods" || word == "po";
}

// Lists leave apiVersion and kind out of their items.
void give_kind(Json& object, const Resource& resource) {
    object["apiVersion"] = resource.api_version();
    object["kind"] = resource.kind;
}

void drop_made(std::vector<Workload>& items) {
    Uids uids;
    for (const Workload& one : items)
        if (!one.uid().empty()) uids.insert(one.uid());
    std::erase_if(items, [&](const Workload& one) { return owned_by(one.object, uids); });
}

Error ambiguous(const std::string& name, const std::string& in_namespace, const std::vector<Workload>& found) {
    std::vector<std::string> labels;
    for (const Workload& one : found) labels.push_back(one.label());
    return Error(ErrorKind::input,
                 fmt::format("\"{}\" is the name of {} workloads in namespace \"{}\": {}", printable(name),
                             found.size(), printable(in_namespace), join(labels, ", ")),
                 {}, "say which, as KIND/NAME: " + labels.front());
}

Error not_served(KubeClient& client, const WorkloadKind& kind) {
    return {ErrorKind::not_found,
            fmt::format("the server {} has no kind {} ({}): what brings it is not installed there",
                        place_of(client.server()), kind.kind, kind.group),
            {},
            fmt::format("install it, or use another --context; see what there is: ktrain list -A{}",
                        client.server().flags)};
}

// Reads one kind of what the workload may have made into the tree, and takes in what belongs to it.
class TreeReader {
public:
    TreeReader(KubeClient& client, std::string in_namespace, OwnerTree& tree, const Json& workload)
        : client_(client), namespace_(std::move(in_namespace)), tree_(tree) {
        uids_.insert(meta(workload, "uid"));
        tree_.objects.push_back(workload);
    }

    void list(const std::string& api_version, const std::string& kind, const std::string& labels) {
        read(api_version, kind, [&](const Resource& resource) {
            Listing found = client_.list(resource, namespace_, {labels, ""});
            if (!found.rest.empty()) tree_.unreadable.push_back(found.rest);
            return std::move(found.items);
        });
    }

    void get(const std::string& api_version, const std::string& kind, const std::string& name) {
        read(api_version, kind, [&](const Resource& resource) {
            const auto found = client_.find(resource, namespace_, name);
            return found ? std::vector<Json>{*found} : std::vector<Json>{};
        });
    }

    void take(std::vector<Json> objects, const Resource& resource) {
        for (Json& object : objects) {
            if (!owned_by(object, uids_)) continue;
            give_kind(object, resource);
            uids_.insert(meta(object, "uid"));
            tree_.objects.push_back(std::move(object));
        }
    }

private:
    void read(const std::string& api_version, const std::string& kind,
              const std::function<std::vector<Json>(const Resource&)>& ask) {
        try {
            const Resource resource = client_.resource(api_version, kind);
            take(ask(resource), resource);
        } catch (const Error& error) {
            if (error.kind == ErrorKind::input || error.kind == ErrorKind::not_found) return;  // there is no such kind
            if (stops_all(error)) throw;
            tree_.unreadable.push_back(error.message);
            tree_.incomplete |= no_answer(error);
        }
    }

    KubeClient& client_;
    std::string namespace_;
    OwnerTree& tree_;
    Uids uids_;
};

}  // namespace

WorkloadName parse_workload_name(const std::string& text) {
    WorkloadName out;
    const std::size_t slash = text.find('/');
    out.name = slash == std::string::npos ? text : text.substr(slash + 1);
    if (slash != std::string::npos) {
        const std::string word = text.substr(0, slash);
        out.kinds = workload_kinds_named(word);
        if (out.kinds.empty() && is_pod(lower(word)))
            throw Error(ErrorKind::input, fmt::format("{} is a pod, not a workload", printable(text)), {},
                        "name the job that made it; or look at the pod: ktrain diagnose " + printable(text) +
                            ", kubectl logs " + printable(out.name));
        if (out.kinds.empty()) {
            std::vector<std::string> known;
            for (const WorkloadKind& one : workload_kinds()) known.push_back(lower(one.kind));
            known.erase(std::unique(known.begin(), known.end()), known.end());
            const std::string near = nearest(lower(word), known);
            throw Error(
                ErrorKind::input, fmt::format("\"{}\" is no kind of workload", brief(word)), {},
                near.empty() ? "known are " + join(known, ", ") : fmt::format("did you mean {}/{}?", near, out.name));
        }
    }
    built_in_resource("batch/v1", "Job")->path("default", out.name);  // throws for what is no name
    return out;
}

Workload find_workload(KubeClient& client, const std::string& in_namespace, const WorkloadName& name) {
    std::vector<Workload> found;
    UnreadKinds unread;
    const bool served = each_kind(client, name.kinds.empty() ? all_kinds() : name.kinds, unread,
                                  [&](const WorkloadKind& kind, const Resource& resource) {
                                      if (auto object = client.find(resource, in_namespace, name.name)) {
                                          give_kind(*object, resource);
                                          found.push_back({&kind, resource, std::move(*object)});
                                      }
                                  });
    if (!served && unread.empty()) throw not_served(client, *name.kinds.front());
    drop_made(found);
    if (found.size() > 1) throw ambiguous(name.name, in_namespace, found);
    if (!found.empty()) {
        found.front().unread = std::move(unread.failing);
        return std::move(found.front());
    }
    const std::string what = fmt::format("{} \"{}\" in namespace \"{}\"",
                                         name.kinds.size() == 1 ? std::string(name.kinds.front()->kind) : "job",
                                         printable(name.name), printable(in_namespace));
    if (!unread.failing.empty())
        throw Error(ErrorKind::unreachable,
                    fmt::format("whether there is a {} is not known: {}", what, join(unread.failing, "; ")), {},
                    "name its kind, as KIND/NAME, or try again");
    throw Error(ErrorKind::not_found,
                fmt::format("there is no {}{}", what, unread.denied.empty() ? "" : "; " + join(unread.denied, "; ")),
                {}, "see all: ktrain list -A" + client.server().flags);
}

bool is_replaced(KubeClient& client, const std::string& in_namespace, const Workload& workload, const Error& refusal) {
    if (refusal.kind != ErrorKind::conflict) return false;
    const auto there = client.find(workload.resource, in_namespace, workload.name());
    return !there || meta(*there, "uid") != workload.uid();
}

WorkloadList list_workloads(KubeClient& client, const std::string& in_namespace, const std::string& labels) {
    check_selector(labels);
    WorkloadList out;
    each_kind(client, all_kinds(), out.unread, [&](const WorkloadKind& kind, const Resource& resource) {
        for (Json& object : client.list(resource, in_namespace, {labels, ""}).items) {
            give_kind(object, resource);
            out.items.push_back({&kind, resource, std::move(object)});
        }
    });
    drop_made(out.items);
    const auto key = [](const Workload& one) {
        return std::make_tuple(meta(one.object, "namespace"), one.name(), one.kind->kind, one.kind->group);
    };
    std::sort(out.items.begin(), out.items.end(),
              [&](const Workload& a, const Workload& b) { return key(a) < key(b); });
    return out;
}

std::vector<Json> OwnerTree::pods() const {
    std::vector<Json> out;
    for (const Json& object : objects)
        if (string_or(object, "kind") == "Pod") out.push_back(object);
    return out;
}

OwnerTree owner_tree(KubeClient& client, const std::string& in_namespace, const Json& workload,
                     const std::vector<Json>* all_pods) {
    OwnerTree out;
    TreeReader reader(client, in_namespace, out, workload);
    const std::string name = meta(workload, "name");
    const WorkloadKind* kind = workload_kind(workload);
    const auto read_pods = [&](const std::string& labels) {
        if (all_pods != nullptr)
            reader.take(*all_pods, *built_in_resource("v1", "Pod"));
        else
            reader.list("v1", "Pod", labels);
    };
    if (kind == nullptr) {
        reader.list("batch/v1", "Job", "");
        read_pods("");
        return out;
    }
    for (const ChildKind& child : kind->children) {
        if (child.kind.empty()) break;
        const std::string api_version(child.api_version), child_kind(child.kind);
        if (child.label.empty())
            reader.get(api_version, child_kind, name);
        else
            reader.list(api_version, child_kind, std::string(child.label) + "=" + name);
    }
    if (const std::string pods = pod_selector(*kind, workload); !pods.empty()) read_pods(pods);
    return out;
}

}  // namespace ktrain::kube
