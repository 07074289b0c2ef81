// KS402 to KS405 and KT027: objects that others need, in which namespace they are, and which keys they have.
#include <algorithm>
#include <array>

#include "core/base/article.h"
#include "core/base/text.h"
#include "core/lint/kustomize.h"
#include "core/lint/references.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

std::string called(const Reference& reference) {
    return std::string(reference.kind) + " " + shown(reference.name.text());
}

std::string of_space(std::string_view space) {
    return space.empty() ? "no namespace" : "the namespace " + shown(space);
}

std::string place_of(const Object& object) {
    Place where = object.root["metadata"]["name"].place();
    where.file = object.file;
    return to_string(where);
}

// What ktrain writes refers to claims and secrets on purpose; submit looks for them in the cluster.
bool is_generated(const Object& object) {
    return Value(object.root)["metadata"]["labels"]["app.kubernetes.io/managed-by"].text() == "ktrain";
}

// A name of the bundle that may be meant. Among very many one is always near, and looking at all takes its time.
std::string meant(const Bundle& bundle, std::string_view kind, std::string_view name) {
    constexpr std::size_t most = 100;
    return bundle.index.all(kind).size() > most ? "" : nearest(name, bundle.index.names(kind));
}

// A TrainJob that does not say of which kind its runtime is means one of the cluster.
bool is_other_runtime(const Object& object, const Bundle& bundle, const Reference& reference, Findings& findings) {
    constexpr std::string_view own = "TrainingRuntime";
    constexpr std::string_view shared = "ClusterTrainingRuntime";
    if (object.kind != "TrainJob" || (reference.kind != own && reference.kind != shared)) return false;
    const std::string_view other = reference.kind == own ? shared : own;
    if (bundle.index.find(other, space_of(object), reference.name.text()).found != Found::there) return false;
    findings.add(
        "KS402", locate(object, reference.name).place(),
        "the files hold no " + called(reference) + ", and a " + std::string(other) + " of that name",
        "write kind: " + std::string(other) + " in runtimeRef; without it a " + std::string(shared) + " is meant",
        bundle.target.closed ? Severity::error : Severity::warning);
    return true;
}

// An error where the files are all there is. A warning where they hold others of the kind: the name may be misspelt.
// Else a hint: a single file that uses a claim of the cluster is no mistake.
void missing(const Object& object, const Bundle& bundle, const Reference& reference, Findings& findings) {
    if (reference.optional || is_well_known(reference.kind, reference.name.text()) ||
        is_placeholder(reference.name.text()))
        return;
    const bool others = !bundle.index.all(reference.kind).empty();
    const Severity severity = bundle.target.closed ? Severity::error : others ? Severity::warning : Severity::info;
    if (severity != Severity::error && is_generated(object)) return;
    if (is_other_runtime(object, bundle, reference, findings)) return;
    const std::string near = meant(bundle, reference.kind, reference.name.text());
    findings.add("KS402", locate(object, reference.name).place(), "the files hold no " + called(reference),
                 near.empty() ? "" : "did you mean " + shown(near) + "?", severity);
}

void misplaced(const Object& object, const Reference& reference, const Match& match, Findings& findings) {
    const std::string_view own = space_of(object);
    const std::string_view other = space_of(*match.object);
    const bool sure = match.found == Found::elsewhere;
    findings.add("KS403", locate(object, reference.name).place(),
                 "the " + called(reference) + " is in " + of_space(other) + " (" + place_of(*match.object) +
                     "), this " + object.kind + " in " + of_space(own),
                 own.empty() ? "write metadata.namespace: " + std::string(other) + " here"
                             : "write metadata.namespace: " + std::string(own) + " there",
                 sure ? Severity::error : Severity::warning);
}

Value data_of(const Object& object, std::string_view key) {
    const Value root(object.root);
    for (const char* field : {"stringData", "data", "binaryData"}) {
        for (const yaml::Entry& entry : root[field].members()) {
            if (std::string_view(entry.key.text) == key) return entry.key;
        }
    }
    return {};
}

// `where`: the place of the target.
void no_key(const Object& object, const Reference& reference, const std::string& where,
            const std::vector<std::string>& keys, Findings& findings) {
    const std::string near = nearest(reference.key.text(), keys);
    findings.add("KS405", locate(object, reference.key).place(),
                 "the " + called(reference) + " (" + where + ") has no key " + shown(reference.key.text()),
                 !near.empty()  ? "did you mean '" + near + "'?"
                 : keys.empty() ? "add the key there: it has no data"
                                : "use one of its keys: " + brief(join(keys, ", "), 120));
}

void check_key(const Object& object, const Reference& reference, const Object& target, Findings& findings) {
    if (!reference.key || reference.optional || data_of(target, reference.key.text())) return;
    const std::string_view type = Value(target.root)["type"].text();
    if (type == "kubernetes.io/service-account-token") return;  // filled in by a controller
    std::vector<std::string> keys;
    for (const char* field : {"stringData", "data", "binaryData"}) {
        for (const yaml::Entry& entry : Value(target.root)[field].members()) keys.push_back(yaml::key_text(entry.key));
    }
    no_key(object, reference, place_of(target), keys, findings);
}

void check_made_key(const Object& object, const Reference& reference, const Kustomize& kustomize, Findings& findings) {
    const auto keys = kustomize.keys(reference.kind, reference.name.text());
    if (!reference.key || reference.optional || !keys) return;
    const bool there = std::ranges::find(*keys, reference.key.text()) != keys->end();
    if (!there) no_key(object, reference, "of a kustomization", *keys, findings);
}

// Kinds of which a controller makes a Secret: its name is at the path, or else that of the object.
struct SecretMaker {
    std::string_view kind, path;
};
constexpr std::array secret_makers{SecretMaker{"Certificate", "spec.secretName"},
                                   SecretMaker{"ExternalSecret", "spec.target.name"},
                                   SecretMaker{"SealedSecret", "spec.template.metadata.name"}};

bool makes_secret(const Object& object, const Bundle& bundle, std::string_view name) {
    constexpr std::size_t most = 1000;  // of very many, those that do not say where the Secret is named otherwise
    return std::ranges::any_of(secret_makers, [&](const SecretMaker& maker) {
        if (bundle.index.find(maker.kind, space_of(object), name).object != nullptr) return true;
        const auto all = bundle.index.all(maker.kind);
        return std::ranges::any_of(all.first(std::min(all.size(), most)), [&](const Object* one) {
            bool named = false;
            each_at(one->root, maker.path, [&](const Spot& spot) { named = spot.text() == name; });
            return named;
        });
    });
}

bool has_name(Value item, std::string_view name) {
    return item["name"].text() == name || item["metadata"]["name"].text() == name;
}

// VOLUME-SET-0 of a StatefulSet, POD-VOLUME of an ephemeral volume.
bool makes_claim(const Object& object, const Bundle& bundle, std::string_view name) {
    const auto find = [&](std::string_view kind, std::string_view of) {
        const Object* maker = bundle.index.find(kind, space_of(object), of).object;
        return maker != nullptr ? Value(maker->root)["spec"] : Value();
    };
    const std::size_t number = name.rfind('-');
    const bool numbered = number != name.npos && number + 1 < name.size() &&
                          name.find_first_not_of("0123456789", number + 1) == name.npos;
    for (std::size_t dash = name.find('-'); dash != name.npos; dash = name.find('-', dash + 1)) {
        const std::string_view before = name.substr(0, dash), behind = name.substr(dash + 1);
        for (const yaml::Node& volume : find("Pod", before)["volumes"].items())
            if (Value(volume)["ephemeral"] && has_name(volume, behind)) return true;
        if (!numbered || dash == number) continue;
        const Value set = find("StatefulSet", behind.substr(0, number - dash - 1));
        for (const yaml::Node& claim : set["volumeClaimTemplates"].items())
            if (has_name(claim, before)) return true;
    }
    return false;
}

// Whether a controller makes it of an object of the bundle.
bool is_made(const Object& object, const Bundle& bundle, std::string_view kind, std::string_view name) {
    if (kind == "Secret") return makes_secret(object, bundle, name);
    return kind == "PersistentVolumeClaim" && makes_claim(object, bundle, name);
}

}  // namespace

void check_references(const Object& object, const Bundle& bundle, Findings& findings) {
    std::vector<std::pair<std::string_view, std::string_view>> seen;
    for (const Reference& reference : references_of(object)) {
        const Match match = bundle.index.find(reference.kind, space_of(object), reference.name.text());
        if (match.found == Found::there) {
            check_key(object, reference, *match.object, findings);
            continue;
        }
        if (bundle.kustomize->makes(reference.kind, reference.name.text())) {
            check_made_key(object, reference, *bundle.kustomize, findings);
            continue;
        }
        // Said once, however often it is used.
        const std::pair name(reference.kind, reference.name.text());
        if (std::ranges::find(seen, name) != seen.end()) continue;
        seen.push_back(name);
        if (match.found == Found::nowhere) {
            if (is_made(object, bundle, reference.kind, reference.name.text())) continue;
            missing(object, bundle, reference, findings);
        } else {
            misplaced(object, reference, match, findings);
        }
    }
}

// Objects without a namespace among others that have one land in another place; those of one file in any case.
void check_namespaces(const Object& object, const Bundle& bundle, Findings& findings) {
    if (!object.schema || !object.root.is(Kind::mapping)) return;
    const Spot space = object.root["metadata"]["namespace"];
    if (object.schema->has(flag_cluster)) {
        if (space.text().empty()) return;
        findings
            .add("KT027", space.key_place(),
                 with_article(object.kind) + " belongs to no namespace: the API server drops it", "remove the field")
            .changes = {{Change::Kind::remove, space.path, "", nullptr}};
        return;
    }
    if (space.text().empty()) {
        if (!bundle.index.has_spaces() || bundle.index.is_explained(object)) return;
        const bool here = bundle.index.has_spaces(object.file);
        findings.add("KS404", object.root["metadata"].key_place(),
                     "this " + object.kind + " gives no namespace, others " + (here ? "of the file" : "of the files") +
                         " do: it goes to default, or where kubectl is told to put it",
                     "write metadata.namespace", here ? Severity::warning : Severity::info);
        return;
    }
    const bool declares = !bundle.index.all("Namespace").empty();
    if (!(declares || bundle.target.closed) || bundle.index.first_in(space.text()) != &object) return;
    if (is_well_known("Namespace", space.text()) || bundle.index.find("Namespace", "", space.text()).object != nullptr)
        return;
    const std::string near = meant(bundle, "Namespace", space.text());
    findings.add("KS404", space.place(), "the files declare no Namespace " + shown(space.text()),
                 near.empty() ? "add the Namespace, or make it before" : "did you mean " + shown(near) + "?",
                 bundle.target.closed ? Severity::error : Severity::warning);
}

}  // namespace ktrain::lint
