// KT025: what a claim of storage asks for: access modes, an amount, a source.
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/lint/names.h"
#include "core/lint/pods.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT025";

void check_modes(const Reporter& report, Value modes) {
    bool alone = false;
    bool others = false;
    for (const yaml::Node& node : modes.items()) {
        const bool single = Value(node).text() == "ReadWriteOncePod";
        alone = alone || single;
        others = others || (!single && Value(node).one_of({"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"}));
    }
    if (alone && others)
        report.at_key(rule, modes, "ReadWriteOncePod does not go with other access modes", "keep it alone");
}

void check_amount(const Reporter& report, Value spec) {
    const Value requests = spec["resources"]["requests"];
    const Value storage = requests["storage"];
    if (!storage) {
        if (!requests.members().empty())
            report.missing(rule, requests, "storage", "the claim asks for no storage",
                           "add storage: 10Gi, for example");
        return;
    }
    const std::optional<Quantity> amount = Quantity::parse(quantity_text(*storage.node()));
    if (!amount || amount->negative() || *amount > Quantity()) return;  // KT005
    report.at(rule, storage, "the claim asks for no storage: " + shown(storage.node()->text),
              "write an amount above 0");
}

void check_source(const Reporter& report, Value source, std::string_view field) {
    if (!source.is(yaml::Kind::mapping)) return;
    const std::string_view group = source["apiGroup"].text();
    const std::string_view kind = source["kind"].text();
    if (group.empty() && !kind.empty() && kind != "PersistentVolumeClaim")
        report.at(rule, source, std::string(field) + " is a " + std::string(kind) + " without apiGroup",
                  "add its apiGroup; without one it must be a PersistentVolumeClaim");
    const Value space = source["namespace"];
    const std::string problem = space.text().empty() ? "" : dns_label_problem(space.text());
    if (!problem.empty())
        report.at(rule, space, "the namespace " + shown(space.text()) + " " + problem,
                  "use the characters that the message names");
}

bool is_claim_or_snapshot(Value source) {
    const std::string_view group = source["apiGroup"].text();
    const std::string_view kind = source["kind"].text();
    return (group.empty() && kind == "PersistentVolumeClaim") ||
           (group == "snapshot.storage.k8s.io" && kind == "VolumeSnapshot");
}

// What the server drops from a claim before it looks: a dataSource of another kind, and a dataSourceRef to another
// namespace (feature gate CrossNamespaceVolumeDataSource). In templates it stays, and is refused.
bool is_dropped(const Reporter& report, Value spec) {
    if (report.object().kind != "PersistentVolumeClaim") return false;
    const Value source = spec["dataSource"];
    const Value ref = spec["dataSourceRef"];
    const bool other = source.is(yaml::Kind::mapping) && !ref && !is_claim_or_snapshot(source);
    const bool far = !ref["namespace"].text().empty();
    if (other)
        report.note(rule, source, "dataSource is dropped: it takes claims and snapshots alone",
                    "write it as dataSourceRef");
    if (far)
        report.note(rule, ref["namespace"], "dataSourceRef is dropped: it names another namespace",
                    "copy the source into the claim's namespace");
    return other || far;
}

void check_sources(const Reporter& report, Value spec) {
    const Value source = spec["dataSource"];
    const Value ref = spec["dataSourceRef"];
    if (is_dropped(report, spec)) return;
    check_source(report, source, "dataSource");
    check_source(report, ref, "dataSourceRef");
    if (!source || !ref) return;
    if (!ref["namespace"].text().empty())
        return report.within(rule, source, spec, "dataSource does not go with dataSourceRef.namespace",
                             "remove dataSource");
    for (const char* field : {"apiGroup", "kind", "name"}) {
        if (source[field].text() == ref[field].text()) continue;
        return report.within(rule, source, spec, "dataSource and dataSourceRef differ in " + std::string(field),
                             "remove dataSource, or make them equal");
    }
}

void check_class(const Reporter& report, Value name) {
    const std::string problem = name.text().empty() ? "" : dns_subdomain_problem(name.text());
    if (!problem.empty())
        report.at(rule, name, "the class " + shown(name.text()) + " " + problem,
                  "use the characters that the message names");
}

}  // namespace

void check_claim_spec(const Reporter& report, Value spec) {
    if (!spec.is(yaml::Kind::mapping)) return;
    check_modes(report, spec["accessModes"]);
    check_label_selector(report, spec["selector"]);
    check_amount(report, spec);
    check_sources(report, spec);
    check_class(report, spec["volumeAttributesClassName"]);
}

}  // namespace ktrain::lint
