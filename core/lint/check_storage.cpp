// Volumes and claims on them: access modes, sizes, one source each, where local disks are; topologies of classes.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/api_names.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/lint/quantities.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

// In the order in which the server looks at them: the second one is one too many.
constexpr std::array<std::string_view, 22> sources{"hostPath",
                                                   "gcePersistentDisk",
                                                   "awsElasticBlockStore",
                                                   "glusterfs",
                                                   "flocker",
                                                   "nfs",
                                                   "rbd",
                                                   "quobyte",
                                                   "cephfs",
                                                   "iscsi",
                                                   "cinder",
                                                   "fc",
                                                   "flexVolume",
                                                   "azureFile",
                                                   "vsphereVolume",
                                                   "azureDisk",
                                                   "scaleIO",
                                                   "photonPersistentDisk",
                                                   "portworxVolume",
                                                   "local",
                                                   "storageos",
                                                   "csi"};

void check_modes(const Spot& modes, Findings& findings) {
    if (!has_item(modes, "ReadWriteOncePod")) return;
    const bool other = std::ranges::any_of(modes.items(), [](const Spot& mode) {
        return mode.text().starts_with("Read") && mode.text() != "ReadWriteOncePod";
    });
    if (other)
        findings.add("KT025", modes.place(), "ReadWriteOncePod goes with no other access mode",
                     "keep ReadWriteOncePod alone, or the others");
}

void check_size(const Spot& amount, Findings& findings, std::string path) {
    const std::optional<Quantity> size = entry_amount(amount);
    if (!size || *size > Quantity() || size->negative()) return;
    Place where = amount.place();
    where.path = std::move(path);
    findings.add("KT025", where, "the size is " + shown(amount.text()) + ", it must be more than 0",
                 "write how much is needed, such as 100Gi");
}

// Whether the path is "/", by whatever steps: "/./".
bool is_root(std::string_view path) {
    const std::vector<std::string> steps = split(path, '/');
    return path.starts_with('/') &&
           std::ranges::all_of(steps, [](const std::string& step) { return step.empty() || step == "."; });
}

std::string same_reference(const Spot& reference) {
    return std::string(reference["apiGroup"].text()) + "/" + std::string(reference["kind"].text()) + "/" +
           std::string(reference["name"].text());
}

bool is_claim_or_snapshot(const Spot& source) {
    const std::string_view group = source["apiGroup"].text();
    const std::string_view kind = source["kind"].text();
    return (group.empty() && kind == "PersistentVolumeClaim") ||
           (group == "snapshot.storage.k8s.io" && kind == "VolumeSnapshot");
}

// What the server drops from a claim before it looks: a dataSource of another kind, and a reference into another
// namespace (CrossNamespaceVolumeDataSource is off). In templates of claims it stays, and is looked at.
bool is_dropped(const Spot& spec, Findings& findings) {
    if (findings.object().kind != "PersistentVolumeClaim") return false;
    const Spot source = spec["dataSource"];
    const Spot reference = spec["dataSourceRef"];
    const bool other = source.is(yaml::Kind::mapping) && !reference && !is_claim_or_snapshot(source);
    const bool far = !reference["namespace"].text().empty();
    if (other)
        findings.add("KT025", source.place(), "dataSource is dropped: it takes claims and snapshots alone",
                     "write it as dataSourceRef", Severity::warning);
    if (far)
        findings.add("KT025", reference["namespace"].place(), "dataSourceRef is dropped: it names another namespace",
                     "copy the source into the claim's namespace", Severity::warning);
    return other || far;
}

void check_data_source(const Spot& spec, Findings& findings) {
    if (is_dropped(spec, findings)) return;
    const Spot source = spec["dataSource"];
    const Spot reference = spec["dataSourceRef"];
    for (const Spot& from : {std::cref(source), std::cref(reference)}) {
        const std::string_view kind = from["kind"].text();
        const Spot name = from["name"];
        const bool needed = &from == &source || name;  // the schema of the other wants it
        if (from.is(yaml::Kind::mapping) && needed && name.text().empty() && (!name || name.is(yaml::Kind::string)))
            require(findings, name, "a claim is filled from an object that has one");
        if (from && from["apiGroup"].text().empty() && !kind.empty() && kind != "PersistentVolumeClaim")
            findings.add("KT025", from.place(),
                         "without an apiGroup a claim is filled from a PersistentVolumeClaim alone, not " + shown(kind),
                         "add apiGroup, such as snapshot.storage.k8s.io");
    }
    if (!source || !reference) return;
    const bool far = !reference["namespace"].text().empty();
    if (!far && same_reference(source) == same_reference(reference)) return;
    Place where = reference.key_place();
    where.path = spec.path;
    findings.add("KT025", where,
                 far ? "dataSource does not go with a dataSourceRef into another namespace"
                     : "dataSource and dataSourceRef name different objects",
                 "remove dataSource");
}

}  // namespace

void check_claim(const Spot& spec, Findings& findings) {
    check_modes(spec["accessModes"], findings);
    const Spot resources = spec["resources"];
    const Spot requests = resources["requests"];
    const std::string path = join_path(resources.path, "storage");
    if (const Spot amount = requests["storage"]) {
        check_size(amount, findings, path);
    } else if (!resources || resources.is(yaml::Kind::mapping)) {
        Spot absent = requests["storage"];
        absent.path = path;
        if (!requests || requests.is(yaml::Kind::mapping))
            require(findings, absent, "a claim says how much it needs, under resources.requests");
    }
    check_data_source(spec, findings);
}

void check_volume(const Spot& spec, Findings& findings) {
    check_modes(spec["accessModes"], findings);
    const Spot capacity = spec["capacity"];
    for (const Spot& amount : entries_of(capacity)) {
        if (yaml::key_text(*amount.key) != "storage")
            findings.add("KT025", {"", amount.key->line, amount.key->column, capacity.path},
                         "the capacity of a volume is storage alone, not " + shown(yaml::key_text(*amount.key)),
                         "write capacity: {storage: ...}");
        check_size(amount, findings, amount.path);
    }
    std::size_t count = 0;
    for (std::string_view source : sources) {
        const Spot there = spec[source];
        if (there && ++count > 1) forbid(findings, there, "the volume has another source already");
    }
    if (count == 0)
        findings.add("KT008", spec.key_place(), "the volume has no source", "add csi, nfs, local or another source");
    if (spec["local"] && !spec["nodeAffinity"])
        require(findings, spec["nodeAffinity"], "a local disk is on some node, and no pod finds it without");
    for (const char* source : {"hostPath", "local"}) {
        const Spot path = spec[source]["path"];
        if (has_backsteps(path.text()))
            findings.add("KT025", path.place(), "the path " + shown(path.text()) + " may not go up with ..",
                         "write the path that is meant");
    }
    const Spot policy = spec["persistentVolumeReclaimPolicy"];
    if (policy.text() == "Recycle" && is_root(spec["hostPath"]["path"].text()))
        forbid(findings, policy, "Recycle would delete all that is under / of the node");
    if (!spec["volumeAttributesClassName"].text().empty() && !spec["csi"])
        require(findings, spec["csi"], "volumeAttributesClassName is for volumes of CSI drivers");
}

void check_topologies(const Spot& storage_class, Findings& findings) {
    std::set<std::string, std::less<>> seen;
    forbid_null(storage_class["allowedTopologies"], "a term says something", findings);
    for (const Spot& term : storage_class["allowedTopologies"].items()) {
        const Spot expressions = term["matchLabelExpressions"];
        std::string all;
        std::set<std::string, std::less<>> keys;
        std::vector<std::string> written;
        for (const Spot& expression : expressions.items()) {
            const Spot key = expression["key"];
            if (!key.text().empty() && !keys.emplace(key.text()).second)
                findings.add("KT018", key.place(), "the key " + shown(key.text()) + " is in the term already",
                             "write all its values into one expression");
            std::vector<std::string> values;
            for (const Spot& value : expression["values"].items()) values.emplace_back(value.text());
            std::sort(values.begin(), values.end());
            written.push_back(std::string(key.text()) + "=" + join(values, ","));
        }
        std::sort(written.begin(), written.end());
        all = join(written, ";");
        if (written.empty() && (!expressions || expressions.is(yaml::Kind::sequence)))
            findings.add("KT018", expressions.place(), "a term of allowedTopologies says nothing",
                         "remove it, or add matchLabelExpressions");
        else if (!seen.insert(all).second)
            findings.add("KT018", expressions.place(), "another term of allowedTopologies says the same",
                         "remove one of the two");
    }
}

// The server names the driver.
void check_csi_driver(const Spot& driver, Findings& findings) {
    const Spot keys = driver["topologyKeys"];
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < size_of(keys); ++i) {
        const yaml::Node& item = keys.node->items[i];
        if (item.kind != yaml::Kind::string && item.kind != yaml::Kind::null) continue;  // KT004
        const std::string_view key = item.kind == yaml::Kind::null ? std::string_view() : std::string_view(item.text);
        const Place where{"", item.line, item.column, driver.path};
        const std::string problem = qualified_name_problem(key);
        if (!problem.empty())
            findings.add("KT007", where, "the topology key " + shown(key) + " " + problem, "write the key of a label");
        else if (!seen.insert(key).second)
            findings.add("KT018", where, "the topology key " + shown(key) + " is there twice", "keep one of them");
    }
}

}  // namespace ktrain::lint
