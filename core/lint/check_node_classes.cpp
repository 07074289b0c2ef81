// KT023: what the rules of Karpenter's EC2NodeClass refuse.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"
#include "core/lint/check_karpenter.h"

namespace ktrain::lint {
namespace {

using Fields = std::span<const std::string_view>;

// Families of images, as an alias and as amiFamily call them.
struct Family {
    std::string_view alias;
    std::string_view name;
};

constexpr std::array families{
    Family{"al2", "AL2"},
    Family{"al2023", "AL2023"},
    Family{"bottlerocket", "Bottlerocket"},
    Family{"windows2019", "Windows2019"},
    Family{"windows2022", "Windows2022"},
    Family{"windows2025", "Windows2025"},
};
static_assert(std::ranges::is_sorted(families, {}, &Family::alias));

// Lists of terms, by what a term may select. A field that stands alone goes with none of its others; `all_of`: the
// rule refuses the list only where every term is so.
struct Alone {
    std::string_view field;
    std::span<const std::string_view> others;
};

struct Terms {
    std::string_view list;
    Fields any;
    std::array<Alone, 2> alone;
    bool all_of = false;
};

constexpr std::array<std::string_view, 5> of_image{"tags", "id", "name", "alias", "ssmParameter"};
constexpr std::array<std::string_view, 4> beside_image_id{"alias", "tags", "name", "owner"};
constexpr std::array<std::string_view, 4> beside_alias{"id", "tags", "name", "owner"};
constexpr std::array<std::string_view, 3> of_reservation{"tags", "id", "instanceMatchCriteria"};
constexpr std::array<std::string_view, 3> beside_reservation{"tags", "ownerID", "instanceMatchCriteria"};
constexpr std::array<std::string_view, 3> of_group{"tags", "id", "name"};
constexpr std::array<std::string_view, 2> beside_group_id{"tags", "name"};
constexpr std::array<std::string_view, 2> beside_group_name{"tags", "id"};
constexpr std::array<std::string_view, 2> of_subnet{"tags", "id"};

constexpr std::array selectors{
    Terms{"amiSelectorTerms", of_image, {Alone{"id", beside_image_id}, Alone{"alias", beside_alias}}},
    Terms{"capacityReservationSelectorTerms", of_reservation, {Alone{"id", beside_reservation}, Alone{}}, true},
    Terms{
        "securityGroupSelectorTerms", of_group, {Alone{"id", beside_group_id}, Alone{"name", beside_group_name}}, true},
    Terms{"subnetSelectorTerms", of_subnet, {Alone{"id", Fields(of_subnet).first(1)}, Alone{}}, true},
};

constexpr std::array<std::string_view, 6> signals{"imagefs.available", "imagefs.inodesFree", "memory.available",
                                                  "nodefs.available",  "nodefs.inodesFree",  "pid.available"};
constexpr std::array<std::string_view, 4> reserved{"cpu", "ephemeral-storage", "memory", "pid"};
constexpr std::array<std::string_view, 4> own_tags{"eks:eks-cluster-name", "karpenter.k8s.aws/ec2nodeclass",
                                                   "karpenter.sh/nodeclaim", "karpenter.sh/nodepool"};

std::string_view first_of(const Spot& at, Fields fields) {
    const auto found = std::ranges::find_if(fields, [&](std::string_view field) { return bool(at[field]); });
    return found == fields.end() ? "" : *found;
}

std::string listed(Fields words) {
    std::string text;
    for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
    return text;
}

void check_alone(const Terms& terms, const Spot& list, Findings& findings) {
    const std::vector<Spot> items = list.items();
    for (const Alone& alone : terms.alone) {
        const auto bad = [&](const Spot& term) { return term[alone.field] && !first_of(term, alone.others).empty(); };
        if (alone.field.empty() || items.empty() || (terms.all_of && !std::ranges::all_of(items, bad))) continue;
        const auto term = std::ranges::find_if(items, bad);
        if (term == items.end()) continue;
        refuse(findings, (*term)[alone.field].key_place(), list,
               "'" + std::string(alone.field) + "' stands beside '" + std::string(first_of(*term, alone.others)) +
                   "': it goes alone",
               "keep one of them in this term");
        return;
    }
}

void check_terms(const Terms& terms, const Spot& list, Findings& findings) {
    if (!list.is(yaml::Kind::sequence)) return;
    const std::vector<Spot> items = list.items();
    if (items.empty() && terms.list != "amiSelectorTerms")  // of which the schema wants one
        refuse(findings, list.key_place(), list, std::string(terms.list) + " is empty",
               terms.list.starts_with("capacity") ? "remove it, or write a term"
                                                  : "write a term, such as tags: {karpenter.sh/discovery: CLUSTER}");
    for (const Spot& term : items) {
        if (term.is(yaml::Kind::mapping) && first_of(term, terms.any).empty()) {
            refuse(findings, term.place(), list, "the term selects by nothing", "add one of " + listed(terms.any));
            break;
        }
    }
    check_alone(terms, list, findings);
    for (const Spot& term : items) {
        const Spot tags = term["tags"];
        for (const Spot& tag : tags.members()) {
            if (!yaml::key_text(*tag.key).empty() && !(tag.is(yaml::Kind::string) && tag.text().empty())) continue;
            refuse(findings, tag.key_place(), tags, "a tag has an empty key or value",
                   "write its value, or * for any value");
            break;
        }
    }
}

void check_alias(const Spot& alias, Findings& findings) {
    if (!alias.is(yaml::Kind::string)) return;
    const std::string_view text = alias.text();
    const std::size_t at = text.find('@');
    const std::string_view family = text.substr(0, at);
    const bool letters = std::ranges::all_of(family, [](unsigned char c) { return std::isalnum(c) != 0; });
    if (at == std::string_view::npos || family.empty() || !letters || at + 1 == text.size())
        return refuse(findings, alias.place(), alias, "the alias " + shown(text) + " is no FAMILY@VERSION",
                      "write it like al2023@latest");
    const auto known = std::ranges::find(families, family, &Family::alias);
    if (known == families.end()) {
        std::vector<std::string_view> names;
        for (const Family& one : families) names.push_back(one.alias);
        const std::string near = nearest(family, names);
        return refuse(findings, alias.place(), alias, "there is no family of images " + shown(family),
                      near.empty() ? "write one of " + listed(names) : "did you mean '" + near + "'?");
    }
    const std::string_view rest = text.substr(at + 1);
    if (family.starts_with("windows") && rest.substr(0, rest.find('@')) != "latest")
        refuse(findings, alias.place(), alias, "images of Windows have no version but latest",
               "write " + std::string(family) + "@latest");
}

void check_images(const Spot& spec, Findings& findings) {
    const Spot terms = spec["amiSelectorTerms"];
    const Spot family = spec["amiFamily"];
    bool any = false;
    for (const Spot& term : terms.items()) {
        const Spot alias = term["alias"];
        if (!alias) continue;
        if (!any && terms.items().size() != 1)
            refuse(findings, alias.key_place(), terms, "a term with an alias goes with no other terms",
                   "keep the alias alone, or select all images by tags, name or id");
        any = true;
        check_alias(alias, findings);
        const auto known = std::ranges::find(families, alias.text().substr(0, alias.text().find('@')), &Family::alias);
        const bool other = std::ranges::find(families, family.text(), &Family::name) != families.end();  // else KT006
        if (!other || known == families.end() || family.text() == known->name) continue;
        refuse(findings, family.place(), spec,
               "amiFamily " + shown(family.text()) + " is not that of the alias " + shown(alias.text()),
               "remove amiFamily, or write " + std::string(known->name));
    }
    if (!any && !family && !terms.items().empty())
        refuse(findings, family.place(), spec, "amiFamily is missing: no term has an alias",
               "add amiFamily, such as AL2023, or select by alias: al2023@latest");
}

void check_keys(const Spot& map, Fields allowed, Findings& findings) {
    for (const Spot& member : map.members()) {
        const std::string key = yaml::key_text(*member.key);
        if (std::ranges::binary_search(allowed, std::string_view(key))) continue;
        const std::string near = nearest(key, allowed);
        refuse(findings, member.key_place(), map, "'" + field_of(map) + "' has no key " + shown(key),
               near.empty() ? "write one of " + listed(allowed) : "did you mean '" + near + "'?");
        return;
    }
}

void check_pairs(const Spot& kubelet, std::string_view one, std::string_view other, Findings& findings) {
    for (const Spot& member : kubelet[one].members()) {
        const std::string key = yaml::key_text(*member.key);
        if (kubelet[other][key]) continue;
        refuse(findings, member.key_place(), kubelet, std::string(other) + " has nothing for " + shown(key),
               "write it in both, or in neither");
        return;
    }
}

void check_kubelet(const Spot& kubelet, Findings& findings) {
    const Spot high = kubelet["imageGCHighThresholdPercent"];
    const auto above = number_of(high);
    const auto below = number_of(kubelet["imageGCLowThresholdPercent"]);
    if (above && below && *above <= *below)
        refuse(findings, high.place(), kubelet, "imageGCHighThresholdPercent is not above imageGCLowThresholdPercent",
               "write more than " + std::to_string(*below));
    for (const char* map : {"evictionHard", "evictionSoft", "evictionSoftGracePeriod"})
        check_keys(kubelet[map], signals, findings);
    check_pairs(kubelet, "evictionSoft", "evictionSoftGracePeriod", findings);
    check_pairs(kubelet, "evictionSoftGracePeriod", "evictionSoft", findings);
    for (const char* name : {"kubeReserved", "systemReserved"}) {
        const Spot map = kubelet[name];
        check_keys(map, reserved, findings);
        for (const Spot& amount : map.members()) {
            if (!amount.text().starts_with('-')) continue;
            refuse(findings, amount.place(), map, "an amount is negative", "write what the node keeps for itself");
            break;
        }
    }
}

void check_disks(const Spot& disks, Findings& findings) {
    int roots = 0;
    for (const Spot& disk : disks.items()) {
        if (disk["rootVolume"].is_true() && ++roots == 2)
            refuse(findings, disk["rootVolume"].key_place(), disks, "two disks are the rootVolume", "keep one of them");
        const Spot ebs = disk["ebs"];
        if (!ebs.is(yaml::Kind::mapping)) continue;
        const Spot snapshot = ebs["snapshotID"];
        if (!snapshot && !ebs["volumeSize"])
            refuse(findings, ebs.key_place(), ebs, "the disk has no size", "add volumeSize, such as 500Gi");
        if (const Spot rate = ebs["volumeInitializationRate"]; rate && snapshot.text().empty())
            refuse(findings, rate.key_place(), ebs, "volumeInitializationRate is for disks from a snapshot",
                   "add snapshotID, or remove it");
    }
}

void check_tags(const Spot& tags, Findings& findings) {
    for (const Spot& tag : tags.members()) {
        const std::string key = yaml::key_text(*tag.key);
        if (key.empty()) {
            refuse(findings, tag.key_place(), tags, "a tag has an empty key", "write its key");
        } else if (std::ranges::binary_search(own_tags, std::string_view(key)) ||
                   key.starts_with("kubernetes.io/cluster")) {
            refuse(findings, tag.key_place(), tags, "the tag " + shown(key) + " is Karpenter's own", "remove it");
        }
    }
}

void check_interfaces(const Spot& list, Findings& findings) {
    std::set<std::pair<std::int64_t, std::int64_t>> places;
    std::set<std::int64_t> cards;
    bool primary = size_of(list) == 0;
    for (const Spot& one : list.items()) {
        const auto card = number_of(one["networkCardIndex"]);
        const auto device = number_of(one["deviceIndex"]);
        if (!card || !device) return;  // KT008, KT004
        const std::string_view type = one["interfaceType"].text();
        primary = primary || (*card == 0 && *device == 0 && type == "interface");
        if (!places.emplace(*card, *device).second) {
            refuse(findings, one.place(), list, "two interfaces have the same networkCardIndex and deviceIndex",
                   "give each its own");
        } else if (type == "efa-only" && !cards.insert(*card).second) {
            refuse(findings, one.place(), list, "a network card has two interfaces efa-only", "keep one for each card");
        }
    }
    if (!primary)
        refuse(findings, list.key_place(), list, "no interface is the first of the node",
               "add one with networkCardIndex: 0, deviceIndex: 0, interfaceType: interface");
}

void check_identity(const Spot& spec, Findings& findings) {
    const Spot role = spec["role"];
    const Spot profile = spec["instanceProfile"];
    if (role && profile) {
        refuse(findings, profile.key_place(), spec, "role and instanceProfile exclude each other", "keep one of them");
    } else if (!role && !profile) {
        refuse(findings, role.place(), spec, "neither role nor instanceProfile is there",
               "add role, with the name of the IAM role of the nodes");
    }
    for (const Spot& one : {role, profile}) {
        if (one.is(yaml::Kind::string) && one.text().empty())
            refuse(findings, one.place(), one, field_of(one) + " is empty", "write its name");
    }
}

}  // namespace

void check_node_class(const Spot& spec, Findings& findings) {
    if (!spec.is(yaml::Kind::mapping)) return;
    check_identity(spec, findings);
    for (const Terms& terms : selectors) check_terms(terms, spec[terms.list], findings);
    check_images(spec, findings);
    check_disks(spec["blockDeviceMappings"], findings);
    check_tags(spec["tags"], findings);
    check_interfaces(spec["networkInterfaces"], findings);
    check_kubelet(spec["kubelet"], findings);
    const Spot tracking = spec["connectionTracking"];
    if (tracking.is(yaml::Kind::mapping) && tracking.members().empty())
        refuse(findings, tracking.key_place(), tracking, "connectionTracking is empty",
               "add tcpEstablishedTimeout, udpStreamTimeout or udpTimeout, or remove it");
    const Spot placement = spec["placementGroupSelector"];
    if (placement.is(yaml::Kind::mapping) && static_cast<bool>(placement["name"]) == static_cast<bool>(placement["id"]))
        refuse(findings, placement.key_place(), placement, "a placement group has a name or an id",
               "write one of them");
}

}  // namespace ktrain::lint
