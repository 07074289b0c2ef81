// KT009, and what every object begins with: an apiVersion and a kind that the targeted versions of Kubernetes have.
#include <algorithm>
#include <array>

#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/definition.h"
#include "core/lint/rule.h"

namespace ktrain::lint {
namespace {

// A document, or an item of a List, that is a list or a scalar.
void not_an_object(const Spot& root, Findings& findings) {
    const bool list = root.is(yaml::Kind::sequence);
    std::string what = root.path.empty() ? "the document" : root.path;
    std::string got = list ? "a list" : shown(root.text());
    std::string fix = list ? "put the objects under items: of a List, or separate them with ---"
                           : "begin with apiVersion: and kind:, or give a file that holds manifests";
    findings.add("KT004", root.place(), what + " is " + got + ", not a Kubernetes object (a map of fields)", fix);
}

bool check_present(const Spot& root, Findings& findings) {
    std::vector<std::string> absent;
    for (const char* field : {"apiVersion", "kind"}) {
        if (!root[field]) absent.emplace_back(field);
        if (root[field] && !root[field].node->is_scalar()) {
            findings.add("KT004", root[field].place(),
                         std::string(field) + " wants a string, got " +
                             (root[field].is(yaml::Kind::mapping) ? "a map" : "a list"),
                         "every object begins with apiVersion and kind");
            return false;
        }
    }
    const Spot kind = root["kind"];
    if (kind && !kind.is(yaml::Kind::string)) {
        findings.add("KT004", kind.place(), "kind wants a string, got " + shown(kind.text()), "write the kind's name");
        return false;
    }
    if (kind && kind.text().empty()) {
        findings.add("KT008", kind.place(), "kind is empty", "every object begins with apiVersion and kind");
        return false;
    }
    if (absent.empty()) return true;
    Place where = root.place();
    where.path = join_path(where.path, absent.front());
    findings.add("KT008", where, join(absent, " and ") + (absent.size() > 1 ? " are" : " is") + " missing",
                 "every object begins with apiVersion and kind");
    return false;
}

std::string named(const Object& object) {
    return printable(object.api_version) + " " + printable(object.kind);
}

// "discovery.k8s.io/v1 EndpointSlice" as fields.
std::string in_words(std::string_view api) {
    std::string use(api);
    if (const std::size_t blank = use.find(' '); blank != std::string::npos) use.replace(blank, 1, ", kind: ");
    return use;
}

void gone(const Object& object, const GoneKind& about, Findings& findings) {
    const bool word = about.removed.find(' ') != std::string_view::npos;
    const std::string use = in_words(about.use);
    findings.add("KT009", object.root["apiVersion"].place(),
                 named(object) + " was removed in " + (word ? "" : "Kubernetes ") + std::string(about.removed),
                 use.empty() ? "there is no replacement: remove the object" : "write apiVersion: " + use);
}

// The rank of "v1alpha2" among versions, as Kubernetes sorts them: 0 for what is no version.
int rank_of(std::string_view version) {
    if (!version.starts_with('v')) return 0;
    version.remove_prefix(1);
    const auto number = [&] {
        const std::size_t end = std::min(version.find_first_not_of("0123456789"), version.size());
        int value = end == 0 || end > 3 ? 0 : std::stoi(std::string(version.substr(0, end)));
        version.remove_prefix(end);
        return value;
    };
    const int major = number();
    if (major == 0) return 0;
    const int stage = version.empty() ? 3 : version.starts_with("beta") ? 2 : version.starts_with("alpha") ? 1 : 0;
    if (stage == 0) return 0;
    version.remove_prefix(stage == 3 ? 0 : stage == 2 ? 4 : 5);
    const int minor = stage == 3 ? 0 : number();
    if (!version.empty() || (stage != 3 && minor == 0)) return 0;
    return stage * 1'000'000 + major * 1'000 + minor;
}

constexpr int stable = 3'000'000;  // of a rank: no alpha, no beta

// Alphas never were on, betas that came after Kubernetes 1.23 are not, and these older ones were until they were gone.
// Source: kubernetes pkg/controlplane/instance.go, ...DisabledByDefault and legacyBetaEnabledByDefaultResources.
constexpr std::array<std::string_view, 5> old_betas{
    "autoscaling/v2beta2", "flowcontrol.apiserver.k8s.io/v1beta1", "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3", "storage.k8s.io/v1beta1 CSIStorageCapacity"};

bool is_off_by_default(const KindSchema& kind) {
    const std::string api(kind.api_version());
    const int rank = rank_of(std::string_view(api).substr(group_of(api).size() + 1));
    return !kind.has(flag_crd) && rank > 0 && rank < stable && std::ranges::find(old_betas, api) == old_betas.end() &&
           std::ranges::find(old_betas, api + " " + std::string(kind.name())) == old_betas.end();
}

// Of two versions of a group.
bool is_later(std::string_view api, std::string_view than) {
    const auto rank = [](std::string_view one) { return rank_of(one.substr(one.find('/') + 1)); };
    return rank(api) > rank(than);
}

// What to write instead: what the tables say, or the version of the same kind that clusters serve unasked. All targeted
// versions of Kubernetes must have it, where they were chosen.
std::string replacement(const KindSchema& old, const Bundle& bundle, std::string otherwise) {
    const std::string use(old.use());
    for (const KindSchema& kind : bundle.schemas.kinds()) {
        const std::string_view api = kind.api_version();
        const bool same = kind.name() == old.name() && group_of(api) == group_of(old.api_version());
        const bool better =
            same && is_later(api, old.api_version()) && !is_off_by_default(kind) && !kind.has(flag_deprecated);
        const bool named =
            use == api ? kind.name() == old.name() : use == std::string(api) + " " + std::string(kind.name());
        const bool meant = use.empty() ? better : named;
        if (!meant || kind.has(flag_crd) != old.has(flag_crd)) continue;
        // What came after may be gone, too.
        const std::string last = kind.use().empty() ? "" : replacement(kind, bundle, "");
        if (!last.empty()) return last;
        if (bundle.target.chosen && !bundle.target.minors.without(kind.minors()).empty()) return otherwise;
        const bool always = bundle.target.chosen || kind.minors() == Minors::all();
        return "write apiVersion: " + in_words(use.empty() ? api : std::string_view(use)) +
               (always ? "" : ", in Kubernetes " + kind.minors().text());
    }
    return use.empty() ? otherwise : "write apiVersion: " + in_words(use);
}

constexpr const char* off = "off by default: a cluster serves it where its --runtime-config turns it on";

bool may_be_off(const KindSchema& kind, const Target& target) {
    const bool there = !(kind.minors() & (target.chosen ? target.minors : Minors::latest())).empty();
    return there && target.served == nullptr && is_off_by_default(kind);
}

// "deprecated since Kubernetes 1.35, and will be removed in 1.38", or "".
std::string deprecation(const KindSchema& kind, const Target& target) {
    if (kind.has(flag_deprecated)) return "deprecated";
    if (kind.deprecated() == 0 || kind.deprecated() > target.minors.last()) return "";
    return "deprecated since Kubernetes 1." + std::to_string(kind.deprecated()) +
           (kind.removed() != 0 ? ", and will be removed in 1." + std::to_string(kind.removed()) : "");
}

// A kind that we know, in versions that may not have it, or not for long, or only where they are told to.
void check_versions(const Object& object, const Bundle& bundle, Findings& findings) {
    const KindSchema& kind = *object.schema;
    const Target& target = bundle.target;
    const Place where = object.root["apiVersion"].place();
    const Minors without = target.minors.without(kind.minors());
    const bool gone = (kind.minors() & Minors::latest()).empty();
    const std::string ending = deprecation(kind, target);
    const std::string other = target.chosen && may_be_off(kind, target) ? replacement(kind, bundle, "") : "";
    if (!without.empty() && (target.chosen || gone)) {
        const bool error = target.chosen || (kind.minors() & target.minors).empty();
        findings.add(
            "KT009", where,
            named(object) + " exists in Kubernetes " + kind.minors().text() + ", not in " + without.text(),
            replacement(kind, bundle, gone ? "use another kind" : "use an older apiVersion, or a newer cluster"),
            error ? Severity::error : Severity::warning);
    } else if (!other.empty()) {  // another that all chosen versions serve unasked
        findings.add("KT009", where, named(object) + " is " + off, other);
    } else if (!ending.empty()) {
        findings.add("KT009", where,
                     named(object) + " is " + ending + (may_be_off(kind, target) ? "; it is " + std::string(off) : ""),
                     replacement(kind, bundle, "look for its successor"), Severity::warning);
    } else if (may_be_off(kind, target)) {
        findings.add("KT009", where, named(object) + " is " + off,
                     replacement(kind, bundle, "make sure that your clusters serve it"), Severity::info);
    }
}

// "apps/v1, kind: Deployment" of the kind that was probably meant: the same in another API, or one of a similar name.
std::string meant(const Object& object, const std::vector<KindSchema>& kinds, bool complete) {
    const KindSchema* best = nullptr;
    std::vector<std::string_view> names;
    for (const KindSchema& kind : kinds) {
        const bool candidate = complete ? !kind.has(flag_crd) : kind.api_version() == object.api_version;
        if (!candidate || kind.minors() != Minors::all()) continue;
        names.push_back(kind.name());
        if (kind.name() == object.kind) best = &kind;
    }
    const std::string near = best == nullptr ? nearest(object.kind, names) : "";
    for (const KindSchema& kind : kinds) {
        const bool candidate = complete ? !kind.has(flag_crd) : kind.api_version() == object.api_version;
        if (best == nullptr && candidate && kind.name() == near) best = &kind;
    }
    if (best == nullptr) return "";
    return "did you mean apiVersion: " + std::string(best->api_version()) + ", kind: " + std::string(best->name()) +
           "?";
}

// Whether the group can only be one of Kubernetes itself: others have a domain.
bool is_own(std::string_view group, const Schemas& schemas) {
    return group.find('.') == std::string_view::npos || schemas.is_complete(group);
}

// A kind of Kubernetes itself, which no operator calls one of its own.
bool belongs_elsewhere(std::string_view kind, const std::vector<KindSchema>& kinds) {
    return std::ranges::any_of(kinds, [&](const KindSchema& one) { return !one.has(flag_crd) && one.name() == kind; });
}

// Whether they are the same but for one letter, which is wrong, missing or too many.
bool is_a_letter_off(std::string_view a, std::string_view b) {
    const auto begin = std::ranges::mismatch(a, b).in1 - a.begin();
    const auto end = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin();
    return begin + end + 1 >= static_cast<std::ptrdiff_t>(std::max(a.size(), b.size()));
}

// Surely no kind of a later release: one that we know, in other case, in the plural, as a list or with a letter off.
bool is_misspelt(const Object& object, const std::vector<KindSchema>& kinds) {
    const std::string kind = lower(object.kind);
    constexpr std::size_t telling = 3;  // letters: others are too short to tell
    return std::ranges::any_of(kinds, [&](const KindSchema& one) {
        const std::string name = lower(one.name());
        return one.api_version() == object.api_version &&
               (kind == name || kind == name + "list" || (kind.size() > telling && is_a_letter_off(kind, name)));
    });
}

// A kind that its operator has in other versions. Newer ones may come with a release that we do not know.
bool check_other_versions(const Object& object, const std::vector<KindSchema>& kinds, Findings& findings) {
    const std::string_view group = group_of(object.api_version);
    const KindSchema* newest = nullptr;
    for (const KindSchema& kind : kinds) {
        if (kind.name() != object.kind || group_of(kind.api_version()) != group) continue;
        const auto rank = [&](std::string_view api) { return rank_of(api.substr(group.size() + 1)); };
        if (newest == nullptr || rank(kind.api_version()) > rank(newest->api_version())) newest = &kind;
    }
    if (newest == nullptr) return false;
    const int own = rank_of(std::string_view(object.api_version).substr(group.size() + 1));
    const int known = rank_of(newest->api_version().substr(group.size() + 1));
    // v1beta3 after v1beta2, v1 after v1beta2, v2 after v1.
    const bool next = own > known && (own / 1'000 % 1'000) <= (known / 1'000 % 1'000) + 1;
    findings.add("KT009", object.root["apiVersion"].place(), "no release that we know has " + named(object),
                 "write apiVersion: " + std::string(newest->api_version()), next ? Severity::warning : Severity::error);
    return true;
}

// A kind that no table has. Returns false where nothing more can be said of the object.
bool check_unknown(const Object& object, const Schemas& schemas, Findings& findings) {
    const std::string_view group = group_of(object.api_version);
    const bool own = is_own(group, schemas);
    const std::vector<KindSchema> kinds = schemas.kinds();
    if (!own && object.api_version.size() > group.size() + 1 && check_other_versions(object, kinds, findings))
        return true;
    const bool version_known =
        std::ranges::any_of(kinds, [&](const KindSchema& kind) { return kind.api_version() == object.api_version; });
    if (!own && !version_known) {
        const auto near = std::ranges::find_if(
            kinds, [&](const KindSchema& kind) { return kind.api_version() == lower(object.api_version); });
        if (near == kinds.end()) return true;
        findings.add("KT009", object.root["apiVersion"].place(),
                     "versions are written in small letters, got " + shown(object.api_version),
                     "write apiVersion: " + std::string(near->api_version()));
        return false;
    }
    const std::string fix = meant(object, kinds, own);
    if (!own) {  // a release that we do not know may have more kinds
        const bool foreign = belongs_elsewhere(object.kind, kinds);
        const bool sure = foreign || is_misspelt(object, kinds);
        if (fix.empty() && !sure) return true;
        const std::string otherwise =
            foreign ? "write the apiVersion of the kind" : "write the objects one by one, or as items of a v1 List";
        findings.add("KT006", object.root["kind"].place(),
                     shown(object.api_version) + " has no kind " + shown(object.kind), fix.empty() ? otherwise : fix,
                     sure ? Severity::error : Severity::warning);
    } else if (version_known) {
        findings.add("KT006", object.root["kind"].place(),
                     shown(object.api_version) + " has no kind " + shown(object.kind), fix);
    } else {
        findings.add("KT009", object.root["apiVersion"].place(),
                     "no version of Kubernetes has the apiVersion " + shown(object.api_version), fix);
    }
    return !own;
}

// A kind that a CRD defines in other versions, or that the cluster does not have. Returns whether that is so.
bool check_known_versions(const Object& object, const Bundle& bundle, Findings& findings) {
    const auto* served = bundle.target.served.get();
    if (bundle.definitions.empty() && served == nullptr) return false;
    const auto found = bundle.definitions.find({std::string(group_of(object.api_version)), object.kind});
    if (found == bundle.definitions.end() && served != nullptr) {
        const auto names = served->find(object.api_version);
        if (names == served->end() || names->second.contains(object.kind)) return false;
        findings.add("KT009", object.root["apiVersion"].place(), "the cluster does not serve " + named(object),
                     "write an apiVersion of kubectl api-resources, or install what brings the kind");
        return true;
    }
    if (found == bundle.definitions.end()) return false;
    std::vector<std::string> versions;
    for (const auto& definition : found->second) versions.push_back(definition->api_version);
    Place where = object.root["apiVersion"].place();
    findings.add("KT009", where,
                 named(object) + " is not served: the CRD in " + printable(found->second.front()->place.file) +
                     " has " + join(versions, ", "),
                 "write apiVersion: " + versions.back());
    return true;
}

}  // namespace

bool is_no_api(const Object& object, const Schemas& schemas) {
    return !object.schema && (is_own(group_of(object.api_version), schemas) ||
                              schemas.find_gone(object.api_version, object.kind).has_value());
}

bool check_api(const Object& object, const Bundle& bundle, Findings& findings) {
    if (!object.root.is(yaml::Kind::mapping)) {
        not_an_object(object.root, findings);
        return false;
    }
    if (!check_present(object.root, findings)) return false;
    if (!object.definition && check_known_versions(object, bundle, findings)) return false;
    if (object.schema) {
        check_versions(object, bundle, findings);
        return true;
    }
    if (const auto about = bundle.schemas.find_gone(object.api_version, object.kind)) {
        gone(object, *about, findings);
        return true;  // its metadata stays as it is
    }
    return check_unknown(object, bundle.schemas, findings);
}

}  // namespace ktrain::lint
