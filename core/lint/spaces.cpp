// Sums what the objects of a namespace ask for, as quotas count it.
#include "core/lint/spaces.h"

#include <algorithm>

#include "core/lint/workload.h"

namespace ktrain::lint {
namespace {

bool has_scopes(Value spec) {
    return !spec["scopes"].items().empty() || spec["scopeSelector"];
}

// The first value of the field in LimitRanges of containers, with the defaults of the API: `default` is max where it is
// not given, `defaultRequest` is `default` or min.
std::optional<Quantity> standard(const Space& space, std::initializer_list<const char*> fields, std::string_view name) {
    for (const Bound& bound : space.limits) {
        if (bound.item["type"].text() != "Container") continue;
        for (const char* field : fields) {
            if (auto amount = quantity_at(bound.item[field][name])) return amount;
        }
    }
    return std::nullopt;
}

Quantity larger(const Quantity& a, const Quantity& b) {
    return a < b ? b : a;
}

void add_claims(const Object& object, Space& space) {
    if (object.kind != "PersistentVolumeClaim") return;
    const auto add = [&](std::string_view name, const Quantity& amount) {
        const auto found = space.usage.find(name);
        if (found == space.usage.end()) return;
        found->second.services = found->second.services + amount;
        found->second.a_service = &object;
    };
    const Value spec = Value(object.root)["spec"];
    const std::string of_class = std::string(spec["storageClassName"].text()) + ".storageclass.storage.k8s.io/";
    const auto size = quantity_at(spec["resources"]["requests"]["storage"]);
    for (const std::string& prefix : {std::string(), of_class}) {
        add(prefix + "persistentvolumeclaims", Quantity::of_units(1));
        if (size) add(prefix + "requests.storage", *size);
    }
}

void add_pods(const Object& object, Space& space) {
    if (object.templates.empty()) return;
    const Workload workload = read_workload(object);
    for (auto& [name, usage] : space.usage) {
        Quantity sum;
        for (const PodGroup& group : workload.groups) {
            if (const auto amount = space.of_pod(group, name)) sum = sum + *amount * group.replicas;
        }
        if (sum == Quantity()) continue;
        if (!workload.batch()) {
            usage.services = usage.services + sum;
            usage.a_service = &object;
            continue;
        }
        usage.batch = usage.batch + sum;
        ++usage.jobs;
        if (usage.largest_of != nullptr && sum <= usage.largest) continue;
        usage.largest = sum;
        usage.largest_of = &object;
    }
}

// Which objects may have the identity of another: it takes time to make the texts of all.
std::vector<bool> repeated(const Bundle& bundle) {
    std::vector<bool> twins(bundle.objects.size());
    for (std::size_t i = 1; i < bundle.named.size(); ++i) {
        const auto& [hash, object] = bundle.named[i - 1];
        if (hash == bundle.named[i].first) twins[object] = twins[bundle.named[i].second] = true;
    }
    return twins;
}

}  // namespace

std::string_view resource_of(std::string_view counted, bool& limit) {
    limit = counted.starts_with("limits.");
    if (limit) return counted.substr(std::string_view("limits.").size());
    constexpr std::string_view requests = "requests.";
    return counted.starts_with(requests) ? counted.substr(requests.size()) : counted;
}

std::optional<Quantity> Space::limit(const Container& container, std::string_view resource) const {
    if (auto own = quantity_at(container.resources["limits"][resource])) return own;
    return standard(*this, {"default", "max"}, resource);
}

std::optional<Quantity> Space::request(const Container& container, std::string_view resource) const {
    for (const char* list : {"requests", "limits"}) {
        if (auto own = quantity_at(container.resources[list][resource])) return own;
    }
    return standard(*this, {"defaultRequest", "default", "max", "min"}, resource);
}

std::optional<Quantity> Space::of_pod(const PodGroup& group, std::string_view counted) const {
    if (counted == "pods" || counted == "count/pods") return Quantity::of_units(1);
    bool limit = false;
    const std::string_view resource = resource_of(counted, limit);
    if (resource.find(".storageclass.storage.k8s.io/") != std::string_view::npos) return std::nullopt;
    const bool known = resource == "cpu" || resource == "memory" || resource == "ephemeral-storage" ||
                       (resource.find('/') != std::string_view::npos && counted.starts_with("requests."));
    if (!known) return std::nullopt;
    Quantity together;
    Quantity first;  // the largest of those that run before the others
    for (const Container& container : group.containers) {
        const auto amount = limit ? this->limit(container, resource) : request(container, resource);
        if (!amount) continue;
        if (container.role == Role::init) {
            first = larger(first, *amount);
        } else {
            together = together + *amount;
        }
    }
    return larger(first, together);
}

Spaces::Spaces(const Bundle& bundle) : claims_(bundle) {
    for (const Object* object : bundle.index.all("ResourceQuota")) {
        const Value spec = Value(object->root)["spec"];
        if (has_scopes(spec) || bundle.index.find("ResourceQuota", space_of(*object), object->name()).object != object)
            continue;
        Space& space = spaces_[space_of(*object)];
        for (const yaml::Entry& entry : spec["hard"].members()) {
            const auto amount = quantity_at(entry.value);
            if (!amount) continue;  // KT005
            space.usage.emplace(entry.key.text, Usage{});
            const Quota quota{object, entry.value, *amount};
            const auto known = space.quotas.try_emplace(std::string(entry.key.text), quota);
            if (*amount < known.first->second.hard) known.first->second = quota;
        }
    }
    for (const Object* object : bundle.index.all("LimitRange")) {
        if (bundle.index.find("LimitRange", space_of(*object), object->name()).object != object) continue;
        Space& space = spaces_[space_of(*object)];
        constexpr std::size_t most = 64;  // every container is compared with each
        for (const yaml::Node& item : Value(object->root)["spec"]["limits"].items()) {
            if (space.limits.size() < most) space.limits.push_back({object, item});
        }
    }
    if (spaces_.empty()) return;
    const std::vector<bool> twins = repeated(bundle);
    for (std::size_t i = 0; i < bundle.objects.size(); ++i) {
        const Object& object = bundle.objects[i];
        const auto found = spaces_.find(space_of(object));
        if (found == spaces_.end() || found->second.usage.empty() || !object.schema) continue;
        if (twins[i] && bundle.first(object.identity()) != &object) continue;  // KT018
        add_claims(object, found->second);
        add_pods(object, found->second);
    }
}

const Space* Spaces::find(std::string_view space) const {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? nullptr : &found->second;
}

}  // namespace ktrain::lint
