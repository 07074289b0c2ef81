// Why the claims of a pod are not bound: what is wrong with them, with their class, or with the volumes there are.
#include <fmt/format.h>

#include <algorithm>

#include "core/advice/explain.h"
#include "core/advice/placement.h"
#include "core/base/text.h"
#include "core/kube/fields.h"
#include "core/kube/resource.h"

namespace ktrain::advice {
namespace {

bool has_mode(const Json& volume, const Json& mode) {
    const Json& modes = at_path(volume, {"spec", "accessModes"});
    return std::ranges::find(modes, mode) != modes.end();
}

// Whether another claim has it, with the claim's name; empty when it is free or kept for this one.
std::string taken_by(const Json& volume, const Json& claim) {
    const Json& ref = at_path(volume, {"spec", "claimRef"});
    if (!ref.is_object()) return {};
    const std::string uid = string_or(ref, "uid");
    const bool same = string_or(ref, "namespace") == kube::meta(claim, "namespace") &&
                      string_or(ref, "name") == kube::meta(claim, "name") &&
                      (uid.empty() || uid == kube::meta(claim, "uid"));
    return same ? "" : string_or(ref, "namespace") + "/" + string_or(ref, "name");
}

// Why the volume cannot be the claim's, as what it is and what is wanted; empty when it can.
// Source: pkg/controller/volume/persistentvolume: FindMatchingVolume.
std::string misfit_of(const Json& volume, const Json& claim) {
    if (const std::string other = taken_by(volume, claim); !other.empty())
        return fmt::format("{} bound to the claim {}", phase_of(volume) == "Released" ? "was" : "is", other);
    for (const Json& mode : at_path(claim, {"spec", "accessModes"}))
        if (mode.is_string() && !has_mode(volume, mode))
            return fmt::format("has no access mode {}, which the claim wants", mode.get<std::string>());
    const auto size = kube::quantity_of(at_path(volume, {"spec", "capacity", "storage"}));
    const auto wanted = kube::quantity_of(at_path(claim, {"spec", "resources", "requests", "storage"}));
    if (size && wanted && *size < *wanted)
        return fmt::format("has {} of the {} that the claim wants", size->text(), wanted->text());
    const std::string mode = string_or(at_path(volume, {"spec"}), "volumeMode", "Filesystem");
    if (mode != string_or(at_path(claim, {"spec"}), "volumeMode", "Filesystem"))
        return fmt::format("is a {} volume, which the claim does not want", mode);
    for (const auto& [key, value] : at_path(claim, {"spec", "selector", "matchLabels"}).items())
        if (value.is_string() && kube::label_value(volume, key) != value.get<std::string>())
            return fmt::format("has no label {}={}, which the claim selects", key, value.get<std::string>());
    return {};
}

// The volumes that may have been made for the claim, where nobody makes one when it is asked for: the one that it
// names, or those of its class.
std::vector<const Json*> meant_volumes(const Case& c, const Json& claim) {
    std::vector<const Json*> out;
    if (!c.snapshot.volumes) return out;
    const Json& spec = at_path(claim, {"spec"});
    const std::string named = string_or(spec, "volumeName"), storage_class = string_or(spec, "storageClassName");
    if (named.empty() && provides_volumes(c.snapshot, storage_class)) return out;
    for (const Json& volume : *c.snapshot.volumes) {
        const bool meant = named.empty() ? string_or(at_path(volume, {"spec"}), "storageClassName") == storage_class
                                         : kube::meta(volume, "name") == named;
        // Others' volumes of no class tell nothing: a class is what such a claim lacks.
        if (named.empty() && storage_class.empty() && !taken_by(volume, claim).empty()) continue;
        if (meant) out.push_back(&volume);
    }
    return out;
}

// There are volumes for the claim, and none of them fits; nothing when one does.
std::optional<Finding> explain_misfit(const Case& c, const Json& claim) {
    const std::vector<const Json*> volumes = meant_volumes(c, claim);
    if (volumes.empty()) return std::nullopt;
    Finding out;
    const Json* first = volumes.front();
    for (const Json* volume : volumes) {
        const std::string why = misfit_of(*volume, claim);
        if (why.empty()) return std::nullopt;
        if (taken_by(*volume, claim).empty() && !taken_by(*first, claim).empty()) first = volume;
        if (out.evidence.size() < 4)
            out.evidence.push_back(fmt::format("PersistentVolume {} {}", kube::meta(*volume, "name"), why));
    }
    const std::string name = kube::meta(*first, "name");
    const bool taken = !taken_by(*first, claim).empty();
    out.cause = taken ? "volume-taken" : "volume-does-not-fit";
    out.summary =
        fmt::format("no volume fits the claim {}: {} {}", kube::meta(claim, "name"), name, misfit_of(*first, claim));
    out.remedy = !taken ? "ask in the claim for what a volume has, or make a volume that has it"
                 : phase_of(*first) == "Released"
                     ? "when its data may be used again, take spec.claimRef from the volume; or make another volume"
                     : "make another volume, or let this one's claim go";
    out.command = "kubectl describe pv " + name;
    out.weight = weight::volume;
    return out;
}

std::string claim_name(const Json& pod, const Json& volume) {
    if (volume.contains("ephemeral")) return kube::meta(pod, "name") + "-" + string_or(volume, "name");
    return string_or(at_path(volume, {"persistentVolumeClaim"}), "claimName");
}

// What the events of a claim say; a claim without a telling event waits for a provisioner that does not act.
Finding pending_claim(const Case& c, const Json& claim) {
    const std::string name = kube::meta(claim, "name"), where = kube::meta(claim, "namespace");
    const std::string storage_class = string_or(at_path(claim, {"spec"}), "storageClassName");
    Words words{{"claim", name}, {"namespace", where}, {"class", storage_class}};
    std::vector<std::string> evidence{fmt::format("PersistentVolumeClaim {} is {}", name, phase_of(claim))};
    std::optional<Finding> out;
    for (const Event& event : c.history.of(claim)) {
        const auto found = c.symptoms.find(Source::event, event.reason, event.message);
        if (!found || (out && event.type == "Normal")) continue;  // a warning tells more
        out = finding_of(found, words, weight::volume);
        evidence.push_back(event.reason + ": " + printable(event.message));
    }
    if (!out) {
        out.emplace();
        out->cause = "volume-not-bound";
        out->summary = fmt::format("the claim {} is not bound: nothing provides a volume{}", name,
                                   storage_class.empty() ? "" : " of class " + storage_class);
        out->remedy = "see that the storage class exists and that its provisioner runs";
        out->command = fmt::format("kubectl describe pvc {} -n {}", name, where);
        out->weight = weight::volume;
    }
    const bool known = c.snapshot.classes && !storage_class.empty();
    if (auto misfit = explain_misfit(c, claim)) {
        evidence.insert(evidence.end(), misfit->evidence.begin(), misfit->evidence.end());
        out = std::move(misfit);
    } else if (known && named(c.snapshot.classes, storage_class) == nullptr) {
        out->cause = "storage-class-missing";
        out->summary =
            fmt::format("the claim {} names the storage class {}, which does not exist", name, storage_class);
        out->remedy = "name a class that exists, or create it";
        out->command = "kubectl get storageclasses";
    }
    out->evidence = std::move(evidence);
    out->object = ref_of(claim);
    if (out->object.kind.empty()) out->object.kind = "PersistentVolumeClaim";
    out->since = time_at(claim, {"metadata", "creationTimestamp"});
    return *out;
}

Finding missing_claim(const Json& pod, const std::string& name) {
    Finding out;
    out.cause = "claim-missing";
    out.summary = fmt::format("the PersistentVolumeClaim {}, which the pod mounts, does not exist", name);
    out.object = {"PersistentVolumeClaim", kube::meta(pod, "namespace"), name};
    out.remedy = "create the claim, or correct claimName in the pod template";
    out.command = fmt::format("kubectl get pvc -n {}", kube::meta(pod, "namespace"));
    out.weight = weight::volume;
    return out;
}

// A claim that an ephemeral volume needs and that was not made: the pod's events tell why.
std::optional<Finding> refused_claim(const Case& c, const Json& pod, const std::string& name) {
    std::optional<Finding> out;
    for (const Event& event : c.history.of(pod)) {
        if (event.reason != "FailedBinding" || event.message.find(name) == std::string::npos) continue;
        Words words = words_of(c, pod);
        if (const auto found = c.symptoms.find(Source::refused, event.reason, event.message)) {
            out = finding_of(found, words, weight::volume);
        } else {
            out.emplace();
            out->cause = "claim-refused";
            out->summary = fmt::format("the claim {} of an ephemeral volume could not be made", name);
            out->remedy = "correct what the message names, in the volume's template or in the policy of the namespace";
            out->command = fill("kubectl describe pod {pod} -n {namespace}", words);
            out->weight = weight::volume;
        }
        out->evidence = {event.reason + ": " + printable(event.message)};
        out->object = ref_of(pod);
        out->since = event.first;
    }
    return out;
}

// A claim that has the name of an ephemeral volume's, and that was not made for it.
Finding foreign_claim(const Json& pod, const std::string& name) {
    Finding out;
    out.cause = "claim-foreign";
    out.summary = fmt::format("the claim {} is another's: it was not made for the pod's ephemeral volume", name);
    out.object = {"PersistentVolumeClaim", kube::meta(pod, "namespace"), name};
    out.evidence.push_back(fmt::format("no owner of the claim is the pod {}", kube::meta(pod, "name")));
    out.remedy = "delete or rename that claim, or give the volume or the pod another name";
    out.command = fmt::format("kubectl get pvc {} -n {} -o yaml", name, kube::meta(pod, "namespace"));
    out.weight = weight::volume;
    return out;
}

}  // namespace

void add_volume_places(const Case& c, const Json& pod, Finding& out) {
    for (const Json& mount : at_path(pod, {"spec", "volumes"})) {
        const Json* claim = named(c.snapshot.claims, claim_name(pod, mount));
        if (claim == nullptr) continue;
        const Json* volume = named(c.snapshot.volumes, string_or(at_path(*claim, {"spec"}), "volumeName"));
        if (volume == nullptr) continue;
        Json like;  // a pod that wants such a node
        like["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
            at_path(*volume, {"spec", "nodeAffinity", "required"});
        const std::vector<std::string> places = selection_of(like);
        if (places.empty()) continue;
        std::string line = fmt::format("the volume {} of the claim {} is reached from nodes with {}",
                                       kube::meta(*volume, "name"), kube::meta(*claim, "name"), join(places, ", "));
        const std::vector<std::string> missing =
            c.snapshot.all_nodes ? missing_labels(like, *c.snapshot.nodes) : std::vector<std::string>();
        if (!missing.empty()) line += "; no node has " + join(missing, ", ");
        out.evidence.push_back(line);
        out.summary += fmt::format(": {}, from {}", kube::meta(*claim, "name"), join(places, ", "));
    }
}

std::optional<Finding> explain_claims(const Case& c, const Json& pod) {
    if (!c.snapshot.claims) return std::nullopt;
    for (const Json& volume : at_path(pod, {"spec", "volumes"})) {
        const std::string name = claim_name(pod, volume);
        if (name.empty()) continue;
        const Json* claim = named(c.snapshot.claims, name);
        if (claim == nullptr) {
            if (!volume.contains("ephemeral")) return missing_claim(pod, name);
            if (auto out = refused_claim(c, pod, name)) return out;
            continue;
        }
        if (volume.contains("ephemeral") && controller_of(*claim).uid != kube::meta(pod, "uid"))
            return foreign_claim(pod, name);
        if (!kube::meta(*claim, "deletionTimestamp").empty()) {
            Finding out;
            out.cause = "claim-terminating";
            out.summary = fmt::format("the claim {} is being deleted, so no new pod may mount it", name);
            out.object = {"PersistentVolumeClaim", kube::meta(pod, "namespace"), name};
            out.evidence.push_back("deletionTimestamp " + kube::meta(*claim, "deletionTimestamp"));
            out.remedy = "end the pods that still use it, then create the claim anew";
            out.command = fmt::format("kubectl describe pvc {} -n {}", name, kube::meta(pod, "namespace"));
            out.weight = weight::volume;
            return out;
        }
        if (phase_of(*claim) == "Lost") {
            Finding out = pending_claim(c, *claim);
            out.cause = "volume-lost";
            out.summary = fmt::format("the volume of the claim {} is gone", name);
            out.remedy = "restore the PersistentVolume, or delete the claim and make a new one";
            return out;
        }
        if (phase_of(*claim) != "Bound") return pending_claim(c, *claim);
    }
    return std::nullopt;
}

}  // namespace ktrain::advice
