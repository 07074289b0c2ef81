// Configuration, secrets, namespaces, nodes, priorities and events; and the metadata of all objects.
#include <algorithm>
#include <array>
#include <set>

#include "core/base/api_names.h"
#include "core/base/base64.h"
#include "core/base/text.h"
#include "core/lint/facts.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

constexpr std::size_t max_data = 1024 * 1024;  // bytes of all values together

std::size_t size_of_data(const Spot& data, bool encoded) {
    std::size_t size = 0;
    for (const Spot& value : data.members()) {
        const std::string_view text = value.text();
        const auto decoded = encoded ? base64_decode(text) : std::nullopt;
        size += decoded ? decoded->size() : text.size();
    }
    return size;
}

void check_size(const Spot& object, std::size_t size, std::string path, Findings& findings) {
    if (size <= max_data) return;
    Place where = object.key_place();
    where.path = std::move(path);
    findings.add("KT011", where, "the data has " + std::to_string(size) + " bytes, at most 1048576 are allowed");
}

// What a Secret of a type must have: "a b" both, "a|b" one of them.
struct SecretType {
    std::string_view type;
    std::string_view keys;
    bool json = false;
    bool filled = false;  // the empty text is as good as none
};

constexpr std::array secret_types{
    SecretType{"kubernetes.io/basic-auth", "username|password"},
    SecretType{"kubernetes.io/dockercfg", ".dockercfg", true},
    SecretType{"kubernetes.io/dockerconfigjson", ".dockerconfigjson", true},
    SecretType{"kubernetes.io/ssh-auth", "ssh-privatekey", false, true},
    SecretType{"kubernetes.io/tls", "tls.crt tls.key"},
};

Spot value_of(const Spot& secret, const std::string& key) {
    const Spot plain = secret["stringData"][key];
    return plain ? plain : secret["data"][key];
}

// Null is the empty text here.
bool has_key(const Spot& map, std::string_view key) {
    return map.is(yaml::Kind::mapping) && std::ranges::any_of(map.node->entries, [&](const yaml::Entry& one) {
               return std::string_view(one.key.text) == key;
           });
}

void check_keys(const Spot& secret, const SecretType& about, Findings& findings) {
    for (const std::string& alternatives : split(about.keys, ' ')) {
        const std::vector<std::string> keys = split(alternatives, '|');
        bool there = false;
        for (const std::string& key : keys) {
            const Spot value = value_of(secret, key);
            there = there || (!about.filled && (has_key(secret["data"], key) || has_key(secret["stringData"], key)));
            there = there || (value && !(about.filled && value.is(yaml::Kind::string) && value.text().empty()));
        }
        if (there) continue;
        Spot absent = secret["data"];
        absent = {nullptr, nullptr, join_path(absent.path, keys.front()), absent.key_place().line,
                  absent.key_place().column};
        require(findings, absent, "a Secret of type " + std::string(about.type) + " has " + join(keys, " or "));
    }
    if (!about.json) return;
    const std::string key(about.keys);
    const Spot value = value_of(secret, key);
    const bool encoded = !secret["stringData"][key];
    const auto decoded = encoded ? base64_decode(value.text()) : std::optional(std::string(value.text()));
    const Spot map = secret[encoded ? "data" : "stringData"];
    if (!value && has_key(map, key)) {  // null is the empty text
        const yaml::Node* null = map.node->find(key);
        findings.add("KT006", {"", null->line, null->column, join_path(map.path, key)},
                     "data of '" + key + "' is no JSON object", "make it with: kubectl create secret docker-registry");
    }
    if (!value.is(yaml::Kind::string) || !decoded) return;
    const Json json = Json::parse(std::string(decoded->begin(), decoded->end()), nullptr, false);
    if (json.is_object() || json.is_null()) return;
    Place where = value.place();
    where.path = join_path(join_path(secret.path, "data"), key);
    findings.add("KT006", where, "data of '" + key + "' is no JSON object",
                 "make it with: kubectl create secret docker-registry");
}

// The server reads the one range as the first of several, which it does not look at where they begin with another. Null
// is the empty text.
void check_pod_ranges(const Spot& spec, Findings& findings) {
    const Spot several = spec["podCIDRs"];
    std::vector<Spot> ranges = all_items(several);
    Spot first = spec["podCIDR"];
    if (!first.text().empty() && (ranges.empty() || ranges.front().text() != first.text())) {
        first.path = join_path(several.path, std::size_t{0});
        ranges = {first};
    }
    std::size_t families[2] = {0, 0};
    const std::size_t before = findings.count();
    for (const Spot& range : ranges) {
        ++families[range.text().find(':') == std::string_view::npos ? 0 : 1];
        const bool empty = range.is(yaml::Kind::null) || range.text().empty();
        const std::string problem = empty ? "is empty" : format_problem("masked-cidr", range.text());
        if (!problem.empty() && (range.is(yaml::Kind::null) || range.is(yaml::Kind::string)))
            findings.add("KT006", range.place(), "the range " + (empty ? "" : shown(range.text()) + " ") + problem,
                         std::string(format_fix("masked-cidr")));
    }
    if (!findings.has_errors(before) && (families[0] > 1 || families[1] > 1))
        contradict(findings, spec["podCIDRs"], "podCIDRs has two ranges of one family", "keep one for each family");
}

}  // namespace

void check_config_map(const Spot& map, Findings& findings) {
    for (const Spot& value : map["data"].members()) {
        if (map["binaryData"][yaml::key_text(*value.key)])
            findings.add("KT018", value.key_place(),
                         "the key '" + printable(yaml::key_text(*value.key)) + "' is in data and in binaryData",
                         "keep it in one of the two");
    }
    check_size(map, size_of_data(map["data"], false) + size_of_data(map["binaryData"], true), "[]", findings);
}

void check_secret(const Spot& secret, Findings& findings) {
    const std::string_view type = secret["type"].text();
    for (const SecretType& about : secret_types) {
        if (about.type == type) check_keys(secret, about, findings);
    }
    const Spot account = secret["metadata"]["annotations"]["kubernetes.io/service-account.name"];
    if (type == "kubernetes.io/service-account-token" && account.text().empty())
        require(findings, account, "a token belongs to a ServiceAccount");
    check_size(secret, size_of_data(secret["data"], true) + size_of_data(secret["stringData"], false),
               join_path(secret.path, "data"), findings);
}

void check_namespace(const Spot& space, Findings& findings) {
    const Spot labels = space["metadata"]["labels"];
    if (!labels.is(yaml::Kind::mapping)) return;
    for (const yaml::Entry& entry : labels.node->entries) {  // null is the empty text
        const std::string key = yaml::key_text(entry.key);
        const bool text = entry.value.kind == yaml::Kind::string || entry.value.kind == yaml::Kind::null;
        if (!key.starts_with("pod-security.kubernetes.io/") || !text) continue;
        const Spot label{&entry.value, &entry.key, join_path(labels.path, key), entry.key.line, entry.key.column};
        const std::string_view value = entry.value.kind == yaml::Kind::null ? std::string_view() : label.text();
        if (key.ends_with("-version")) {
            const bool minor = value.starts_with("v1.") && value.size() > 3 &&
                               value.find_first_not_of("0123456789", 3) == std::string_view::npos;
            if (value != "latest" && !minor)
                findings.add("KT006", label.place(), "the version of the pod security policy is " + shown(value),
                             "write latest or v1.MINOR");
        } else if (value != "privileged" && value != "baseline" && value != "restricted") {
            findings.add("KT006", label.place(), "the level of pod security is " + shown(value),
                         "write privileged, baseline or restricted");
        }
    }
}

// The server names taints as if they were in the metadata.
void check_node(const Spot& spec, Findings& findings) {
    std::set<std::string> seen;
    const Spot taints = spec["taints"];
    for (const Spot& taint : taints.items()) {
        const std::size_t index = static_cast<std::size_t>(taint.node - taints.node->items.data());
        const std::string path = "metadata.taints[" + std::to_string(index) + "]";
        const auto refuse = [&](const Spot& spot, const std::string& problem, const std::string& fix) {
            Place where = spot.place();
            where.path = path + "." + field_of(spot);
            findings.add("KT006", where, field_of(spot) + " " + shown(spot.text()) + " " + problem, fix);
        };
        const std::string_view effect = taint["effect"].text();
        if (!effect.empty() && effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute")
            refuse(taint["effect"], "is no effect of a taint", "write NoSchedule, PreferNoSchedule or NoExecute");
        const std::string key = taint["key"].text().empty() ? "" : qualified_name_problem(taint["key"].text());
        if (!key.empty()) refuse(taint["key"], key, "");
        const std::string value = label_value_problem(taint["value"].text());
        if (!value.empty()) refuse(taint["value"], value, "");
        if (!seen.insert(std::string(taint["key"].text()) + "/" + std::string(effect)).second) {
            Place where = taint.place();
            where.path = path;
            findings.add("KT018", where, "another taint has the same key and effect", "remove one of the two");
        }
    }
    check_pod_ranges(spec, findings);
}

void check_priority_class(const Spot& priority, Findings& findings) {
    const Spot name = priority["metadata"]["name"];
    const Spot value = priority["value"];
    constexpr std::int64_t most = 1'000'000'000;
    const bool system = name.text() == "system-cluster-critical" || name.text() == "system-node-critical";
    if (name.text().starts_with("system-")) {
        if (!system)
            findings.add("KT030", name.place(),
                         "names with system- belong to Kubernetes itself, got " + shown(name.text()),
                         "choose another name");
    } else if (number_of(value).value_or(0) > most) {
        findings.add("KT030", value.place(), "value must be at most 1000000000, got " + shown(value.text()),
                     "write less: what is above is for Kubernetes itself");
    }
}

void check_event(const Spot& event, Findings& findings) {
    if (event["apiVersion"].text() != "v1" || event["eventTime"]) return;
    const Spot space = event["involvedObject"]["namespace"];
    const std::string_view own = event["metadata"]["namespace"].text();
    if (space.text().empty() && !own.empty() && own != "default")
        require(findings, space, "the event is in the namespace " + shown(own) + ", and its object there, too");
    if (!space.text().empty() && !own.empty() && space.text() != own)
        contradict(findings, space,
                   "the event is in the namespace " + shown(own) + ", its object in " + shown(space.text()),
                   "write the same namespace in both");
}

void check_object_meta(const Spot& metadata, Findings& findings) {
    const Spot owners = metadata["ownerReferences"];
    int controllers = 0;
    std::set<std::string> seen;
    for (const Spot& owner : owners.items()) {
        const std::string whole = yaml::to_json(*owner.node).dump(-1, ' ', false, Json::error_handler_t::replace);
        if (!seen.insert(whole).second) continue;  // the server drops what is there twice
        controllers += owner["controller"].is_true() ? 1 : 0;
        const Spot version = owner["apiVersion"];
        const std::size_t slashes = static_cast<std::size_t>(std::ranges::count(version.text(), '/'));
        if (version.text().ends_with('/') || slashes > 1)
            findings.add("KT006", version.place(), "the apiVersion " + shown(version.text()) + " has no version",
                         "write GROUP/VERSION");
        if (version.text() == "v1" && owner["kind"].text() == "Event")
            findings.add("KT006", owner.place(), "an Event owns nothing", "name the object that owns this one");
    }
    if (controllers > 1)
        findings.add("KT030", owners.key_place(), "two owners have controller: true", "keep one controller");
    const Spot finalizers = metadata["finalizers"];
    if (has_item(finalizers, "orphan") && has_item(finalizers, "foregroundDeletion"))
        contradict(findings, finalizers, "the finalizers orphan and foregroundDeletion exclude each other",
                   "keep one of them");
}

}  // namespace ktrain::lint
