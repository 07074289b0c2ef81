// Compares an object with the schema of its kind: unknown fields, types, closed sets, required fields, versions.
#include <algorithm>
#include <array>
#include <bit>

#include "core/base/text.h"
#include "core/lint/changes.h"
#include "core/lint/defaults.h"
#include "core/lint/definition.h"
#include "core/lint/facts.h"
#include "core/lint/misplaced.h"
#include "core/lint/operators.h"
#include "core/lint/values.h"

namespace ktrain::lint {
namespace {

using yaml::Kind;

// Objects that are pointers in the server's own types, although they are required.
constexpr std::array<std::string_view, 5> optional_objects{"cel", "opaque", "parentRef", "required",
                                                           "volumeClaimTemplate"};

class Walker {
public:
    Walker(const Object& object, const Bundle& bundle, Findings& findings)
        : target_(bundle.target),
          patterns_(*bundle.patterns),
          findings_(findings),
          pods_(!object.templates.empty()),
          question_(is_question(object)),
          rewritten_(is_rewritten(object)),
          writes_all_(writes_all(object)) {}

    // `drops_status`: see flag_status.
    void root(const Trail& at, Type type, Minors minors, bool drops_status) {
        root_ = at.node;
        drops_status_ = drops_status;
        value(at, type, minors, Depth::all, type.has(flag_crd));
    }

private:
    // `minors` are the targets in which what is above is there; `crd`: whether a field of a custom resource holds it.
    void value(const Trail& at, Type type, Minors minors, Depth depth, bool crd) {
        switch (type.base()) {
            case Base::object:
                object(at, type, minors, depth);
                break;
            case Base::list:
                list(at, type, minors, depth, crd);
                break;
            case Base::map:
                map(at, type, minors, depth, crd);
                break;
            default:
                if (depth == Depth::fields) return;
                const std::size_t before = findings_.count();
                if (depth == Depth::all && is_unquoted(at, type, minors, crd)) return;
                check_scalar(findings_, at, type, depth);
                if (findings_.count() != before) return;
                break;
        }
        if (depth == Depth::all) check_facts(findings_, at, type, minors, crd, patterns_);
    }

    bool is_unquoted(const Trail& at, Type type, Minors minors, bool crd) {
        return !levels_.empty() && check_unquoted(findings_, at, levels_.back().type, type, minors, crd, patterns_);
    }

    void object(const Trail& at, Type type, Minors minors, Depth depth) {
        if (!at.is(Kind::mapping)) return not_a(at, "a map", depth);
        std::vector<std::string> meant;  // by misspelt and misplaced fields: not reported as missing again
        std::vector<std::string> homes;  // of those that are in the wrong place: one finding for each
        levels_.push_back({&at, type});
        for (const yaml::Entry& entry : at.node->entries) {
            std::string made;  // of a key that is no plain text
            if (entry.key.kind != Kind::string) made = yaml::key_text(entry.key);
            const std::string_view name = made.empty() ? std::string_view(entry.key.text) : std::string_view(made);
            const Trail member{&entry.value, &at, &entry.key, name};
            const std::span<const EdgeEntry> edges = type.edges(name);
            if (!edges.empty()) {
                known_field(member, type, edges, minors, depth);
            } else if (!type.has(flag_open)) {
                meant.push_back(unknown_field(member, type, minors, homes));
            } else {
                check_sendable(findings_, member);
                if (depth == Depth::all) check_kept(findings_, member, type, minors);
            }
        }
        levels_.pop_back();
        for (const Home& home : moved_)
            if (home.above == at.node) meant.push_back(home.member);
        if (depth != Depth::all) return;
        check_required(at, type, minors, meant);
        if (!meant.empty()) return;
        check_union(findings_, at, type);
        check_together(findings_, at, type, pods_);
    }

    void known_field(const Trail& at, Type type, std::span<const EdgeEntry> edges, Minors minors, Depth depth) {
        const EdgeEntry* newest = nullptr;
        Minors there;
        for (const EdgeEntry& edge : edges) {
            there = there | Minors{edge.minors};
            if (!(minors & Minors{edge.minors}).empty()) newest = &edge;
        }
        check_minors(at, there, minors);
        if (newest == nullptr) return;
        const Field field = type.field(*newest);
        if (at.is(Kind::null) && !field.type.has(flag_nullable)) return;
        const bool dropped = at.parent->node == root_ &&
                             ((drops_status_ && at.name == "status") || (question_ && at.name == "metadata"));
        const bool crd = type.has(flag_crd);
        const Depth deeper = !dropped ? depth : crd && !is_decoded(findings_.object()) ? Depth::fields : Depth::types;
        if (at.is(Kind::null)) return;
        value(at, field.type, minors & there, deeper, crd);
    }

    void check_minors(const Trail& at, Minors there, Minors minors) {
        const Minors without = minors.without(there);
        if (without.empty()) return;
        const bool gone = (there & Minors::latest()).empty();  // in the newest version
        if (!target_.chosen && !gone) return;
        const bool none = (there & minors).empty();
        const std::string fix = there.first() > without.last()
                                    ? "remove it, or use a cluster of 1." + std::to_string(there.first()) + " or newer"
                                    : "remove it, or use another field";
        findings_.add("KT010", at.spot().key_place(),
                      "the field '" + std::string(at.name) + "' exists in Kubernetes " + there.text() + ", not in " +
                          without.text(),
                      fix, none || target_.chosen ? Severity::error : Severity::warning);
    }

    // Whether the field is one of another object. Fields that belong together get one finding.
    bool is_misplaced(const Trail& at, Type type, std::vector<std::string>& homes) {
        const std::optional<Home> home = home_of(at.name, *at.node, levels_);
        if (!home) return false;
        if (std::ranges::find(homes, home->path) != homes.end()) return true;
        homes.push_back(home->path);
        moved_.push_back(*home);
        std::vector<std::string> names;
        for (const yaml::Entry& entry : at.parent->node->entries) {
            const std::string name = yaml::key_text(entry.key);
            if (!type.edges(name).empty()) continue;
            const std::optional<Home> other = home_of(name, entry.value, levels_);
            if (other && other->path == home->path) names.push_back("'" + printable(name) + "'");
        }
        const std::string parent = at.parent->spot().path;
        findings_.add("KT003", at.spot().key_place(),
                      (names.size() == 1 ? "unknown field " : "unknown fields ") + join(names, ", ") +
                          (parent.empty() ? "" : " in " + parent),
                      "move " + std::string(names.size() == 1 ? "it to " : "them to ") +
                          (home->path.empty() ? "the top of the object" : home->path));
        return true;
    }

    // Returns the field that was probably meant, or "".
    std::string unknown_field(const Trail& at, Type type, Minors minors, std::vector<std::string>& homes) {
        const std::vector<std::string_view> names = names_of(type, minors);
        const Object& object = findings_.object();
        const GoneField* gone = gone_field(group_of(object.api_version), object.kind, at.spot().path);
        std::string near = gone != nullptr ? "" : nearest(at.name, names);
        if (gone == nullptr && near.empty() && is_misplaced(at, type, homes)) return near;
        std::string fix = near.empty() ? "remove it, or move it to where it belongs" : "did you mean '" + near + "'?";
        if (!at.key->quoted && at.key->kind == Kind::boolean)
            fix = "quote the key: YAML reads " + std::string(at.key->text) + " as a boolean";
        if (gone != nullptr) fix = "gone since " + std::string(gone->since) + ": " + std::string(gone->instead);
        const std::string parent = at.parent->spot().path;
        Diagnostic& finding = findings_.add(
            "KT003", at.spot().key_place(),
            "unknown field '" + std::string(at.name) + "'" + (parent.empty() ? "" : " in " + parent), fix);
        const auto is_it = [&](const yaml::Entry& entry) { return std::string_view(entry.key.text) == near; };
        const bool taken = !near.empty() && std::ranges::any_of(at.parent->node->entries, is_it);
        if (!taken && is_clear(at.name, near, names)) finding.changes = {rename_key(at.spot().path, near)};
        return near;
    }

    void check_required(const Trail& at, Type type, Minors minors, const std::vector<std::string>& meant) {
        const Minors newest{static_cast<std::uint16_t>(std::bit_floor(minors.bits))};
        const bool rewritten = writes_all_ && type.has(flag_crd);
        for (const EdgeEntry& edge : type.edges()) {
            if (!is_needed(edge) && !rewritten) continue;
            if ((Minors{edge.minors} & newest).empty()) continue;
            const Field field = type.field(edge);
            if (rewritten && !is_written(edge, field)) continue;
            const auto entry = std::ranges::find_if(
                at.node->entries, [&](const yaml::Entry& e) { return std::string_view(e.key.text) == field.name; });
            const bool absent =
                entry == at.node->entries.end() || (entry->value.kind == Kind::null && !field.type.has(flag_nullable));
            if (!absent && (type.has(flag_crd) || !is_empty(entry->value, field.type.base()))) continue;
            if (std::find(meant.begin(), meant.end(), field.name) != meant.end()) continue;
            const Spot spot =
                absent ? at.missing(field.name) : Trail{&entry->value, &at, &entry->key, field.name}.spot();
            // What is missing is false, and nobody can tell. An amount that is read into Go is 0, and always written.
            const bool taken = absent && (type.has(flag_crd) ? rewritten_ && field.type.base() == Base::crd_quantity
                                                             : field.type.base() == Base::boolean);
            if (rewritten && absent)
                unset(at, type, field, spot, is_needed(edge));
            else
                missing(at, type, field, spot, absent, taken ? Severity::warning : Severity::error);
        }
    }

    // A field that the operator's webhook writes for whoever did not.
    void unset(const Trail& at, Type type, const Field& field, Spot spot, bool needed) {
        const std::optional<std::string> refused = refused_zero(spot.path, field.type, patterns_);
        if (refused) spot.path = *refused;
        if (refused || needed) missing(at, type, field, spot, true, refused ? Severity::error : Severity::warning);
    }

    static std::span<const EdgeEntry>::iterator first_required(Type type) {
        return std::ranges::find_if(type.edges(), is_needed);
    }

    void missing(const Trail& at, Type type, const Field& field, const Spot& spot, bool absent, Severity severity) {
        const std::string name(field.name);
        std::string owner(type.name());
        if (owner.empty()) owner = at.parent == nullptr ? "the object" : "'" + at.last_step() + "'";
        Place where = spot.place();
        // The server reads an object that is not there as one without fields, and names what it needs; but for those of
        // which it knows that they are not there.
        const bool known = std::ranges::find(optional_objects, name) != optional_objects.end();
        for (Type inner = field.type; absent && !known && !inner.has(flag_crd) && inner.base() == Base::object;) {
            const auto needed = first_required(inner);
            if (needed == inner.edges().end()) break;
            const Field first = inner.field(*needed);
            where.path = join_path(where.path, std::string(first.name));
            if (std::ranges::find(optional_objects, first.name) != optional_objects.end()) break;
            inner = first.type;
        }
        findings_.add("KT008", where, "the required field '" + name + "'" + (absent ? " is missing" : " is empty"),
                      owner + " needs it: add " + name + " here", severity);
    }

    // Of Kubernetes' own kinds: an empty text or list is as good as none. Where it is of another type, KT004 says it.
    static bool is_empty(const yaml::Node& node, Base base) {
        constexpr std::array others{Base::object, Base::list, Base::map, Base::boolean, Base::integer};
        const bool text = std::ranges::find(others, base) == others.end();
        if (node.kind == Kind::string) return text && node.text.empty();
        return node.kind == Kind::sequence && base == Base::list && node.items.empty();
    }

    void list(const Trail& at, Type type, Minors minors, Depth depth, bool crd) {
        const Type inside = type.inside();
        if (!at.is(Kind::sequence)) return not_a(at, "a list", depth, as_items(at, inside));
        for (std::size_t i = 0; i < at.node->items.size(); ++i) {
            const Trail item{&at.node->items[i], &at, nullptr, {}, i};
            if (item.is(Kind::null)) {
                if (depth == Depth::all) null_item(at, item, inside, crd);
            } else {
                value(item, inside, minors, depth, crd);
            }
        }
        if (depth == Depth::all) check_unique(findings_, at, type);
    }

    // Kubernetes' own kinds read null as the empty text, 0 or an object without fields, as do webhooks that write an
    // object anew; a schema refuses it.
    void null_item(const Trail& list, const Trail& item, Type inside, bool crd) {
        if (inside.has(flag_nullable) || inside.base() == Base::any) return;
        if (!crd) {
            const std::size_t before = findings_.count();
            check_together(findings_, item, inside, pods_);
            if (findings_.count() != before) return;
        }
        Place where = place_named(item);
        const std::optional<std::string> refused = refused_null(where.path, inside, crd);
        if (refused) where.path = *refused;
        findings_.add("KT008", where, "an item of '" + list.last_step() + "' is null", "remove the item",
                      refused ? Severity::error : Severity::warning);
    }

    // Where the server refuses what it reads a null item as; nothing where it takes it.
    std::optional<std::string> refused_null(const std::string& path, Type inside, bool crd) {
        if (crd && writes_all_) return refused_zero(path, inside, patterns_);
        if (crd && !rewritten_) return path;
        const auto needed = first_required(inside);
        if (needed != inside.edges().end()) return join_path(path, std::string(inside.field(*needed).name));
        return takes_zero(inside, patterns_) ? std::nullopt : std::optional(path);
    }

    void map(const Trail& at, Type type, Minors minors, Depth depth, bool crd) {
        if (!at.is(Kind::mapping)) return not_a(at, "a map", depth);
        const Type inside = type.inside();
        if (inside.base() == Base::any) return;
        for (const yaml::Entry& entry : at.node->entries) {
            std::string made;
            if (entry.key.kind != Kind::string) made = yaml::key_text(entry.key);
            const std::string_view name = made.empty() ? std::string_view(entry.key.text) : std::string_view(made);
            const Trail member{&entry.value, &at, &entry.key, name};
            if (entry.value.kind == Kind::null) {
                if (!crd && depth == Depth::all) check_bare_key(findings_, member);
                continue;
            }
            check_key(findings_, member);
            value(member, inside, minors, depth, crd);
        }
    }

    void not_a(const Trail& at, std::string_view wanted, Depth depth, std::string fix = "") {
        if (depth != Depth::fields) wrong_type(findings_, at, wanted, std::move(fix));
    }

    const Target& target_;
    Patterns& patterns_;
    Findings& findings_;
    bool pods_;  // see check_together()
    std::vector<Level> levels_;
    std::vector<Home> moved_;
    bool question_;
    bool rewritten_;
    bool writes_all_;
    const yaml::Node* root_ = nullptr;
    bool drops_status_ = false;
};

// Whether the server takes such objects without a name: it makes one up, or keeps none of them.
bool needs_no_name(const Object& object) {
    return is_question(object) || (object.api_version == "v1" && object.kind == "LimitRange");
}

void check_has_name(const Object& object, const Schemas& schemas, Findings& findings) {
    const Spot& root = object.root;
    Spot metadata = root["metadata"];
    if (!object.has_schema() || (metadata && !metadata.is(Kind::mapping))) return;
    if (needs_no_name(object)) return;
    for (const char* field : {"name", "generateName"}) {
        const Spot name = metadata[field];
        if (!name.text().empty() || (name && !name.node->is_scalar())) return;
    }
    // A misspelt "metadata" or "name" is reported as such.
    const Spot& holder = metadata ? metadata : root;
    const Type type = metadata ? schemas.object_meta() : object.schema->type();
    std::string_view wanted = metadata ? "name" : "metadata";
    for (const Spot& member : holder.members()) {
        const std::string key = yaml::key_text(*member.key);
        if (type.edges(key).empty() && nearest(wanted, std::vector<std::string>{key}) != "") return;
    }
    findings.add("KT008", metadata["name"].place(), "metadata.name is missing",
                 "give the object a name (or metadata.generateName)");
}

void check_fields(const Object& object, const Bundle& bundle, Walker& walker, Findings& findings) {
    const Minors minors = bundle.target.minors & object.schema->minors();
    if (minors.empty()) return;  // a kind that no target has: KT009, and no word on its fields
    Spot root = object.root;
    yaml::Node filled;
    if (object.definition) {
        filled = with_defaults(*root.node, *object.definition->schema);
        root.node = &filled;
    }
    const std::size_t before = findings.count();
    walker.root(Trail{.node = root.node, .root = &root}, object.schema->type(), minors,
                object.schema->has(flag_status));
    // As on the server, rules see only what is of the types that their schema says.
    if (object.definition && !findings.has_errors(before) && object.root["metadata"])
        check_definition(root, *object.definition, *bundle.patterns, findings);
}

}  // namespace

void check_part(const Object& object, const Bundle& bundle, const Spot& part, Type type, Findings& findings) {
    Walker walker(object, bundle, findings);
    walker.root(Trail{.node = part.node, .root = &part}, type, bundle.target.minors, false);
}

void check_structure(const Object& object, const Bundle& bundle, Findings& findings) {
    const std::size_t before = findings.count();
    if (object.is_spec() || !check_api(object, bundle, findings)) return;
    Walker walker(object, bundle, findings);
    if (object.has_schema()) {
        check_fields(object, bundle, walker, findings);
    } else if (Spot metadata = object.root["metadata"]; metadata) {
        walker.root(Trail{.node = metadata.node, .root = &metadata}, bundle.schemas.object_meta(), bundle.target.minors,
                    false);
    }
    check_has_name(object, bundle.schemas, findings);
    if (object.has_schema()) {
        check_training_job(object, findings);
        check_operator_kind(object, findings);
        check_parts(object, bundle, before, findings);
        check_kueue_marks(object, findings);
        check_made_names(object, findings);
        check_scale_target(object, bundle.target, findings);
    }
    check_same_object(object, bundle, findings);
    check_object_size(object, bundle, findings);
}

}  // namespace ktrain::lint
