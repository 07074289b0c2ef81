// Finds its way in an object: members with their places, pod templates, what is private.
#include "core/lint/object.h"

#include <algorithm>
#include <array>

#include "core/base/secret_names.h"
#include "core/base/text.h"
#include "core/spec/load.h"

namespace ktrain::lint {

Spot Spot::operator[](std::string_view name) const {
    Spot member;
    member.path = join_path(path, std::string(name));
    Place here = key_place();
    member.line = here.line;
    member.column = here.column;
    if (!is(yaml::Kind::mapping)) return member;
    const yaml::Node* found = node->find(name);
    if (found == nullptr || found->kind == yaml::Kind::null) return member;
    member.node = found;
    member.key = &std::ranges::find(node->entries, found, [](const yaml::Entry& entry) { return &entry.value; })->key;
    return member;
}

std::vector<Spot> Spot::items() const {
    std::vector<Spot> result;
    if (!is(yaml::Kind::sequence)) return result;
    result.reserve(node->items.size());
    for (const yaml::Node& item : node->items) {
        if (item.kind == yaml::Kind::null) continue;
        std::size_t index = static_cast<std::size_t>(&item - node->items.data());
        result.push_back({&item, nullptr, join_path(path, index), item.line, item.column});
    }
    return result;
}

std::vector<Spot> Spot::members() const {
    std::vector<Spot> result;
    if (!is(yaml::Kind::mapping)) return result;
    result.reserve(node->entries.size());
    for (const yaml::Entry& entry : node->entries) {
        if (entry.value.kind == yaml::Kind::null) continue;
        std::string name = yaml::key_text(entry.key);
        result.push_back({&entry.value, &entry.key, join_path(path, name), entry.key.line, entry.key.column});
    }
    return result;
}

std::string_view Spot::text() const {
    return node != nullptr && node->is_scalar() ? std::string_view(node->text) : std::string_view();
}

bool Spot::is_true() const {
    return is(yaml::Kind::boolean) && yaml::to_json(*node).get<bool>();
}

Place Spot::place() const {
    if (node == nullptr) return {"", line, column, path};
    return {"", node->line, node->column, path};
}

Place Spot::key_place() const {
    if (key == nullptr) return place();
    return {"", key->line, key->column, path};
}

void each_at(const Spot& from, std::string_view path, const std::function<void(const Spot&)>& use) {
    if (!from) return;
    if (path.empty()) return use(from);
    const std::size_t dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    const std::string_view rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (step == "*") {
        for (const Spot& member : from.members()) each_at(member, rest, use);
    } else if (step.ends_with("[]")) {
        for (const Spot& item : from[step.substr(0, step.size() - 2)].items()) each_at(item, rest, use);
    } else {
        each_at(step.empty() ? from : from[step], rest, use);
    }
}

bool Object::is_spec() const {
    // Other groups have TrainingJobs too (SageMaker's): only what is nearly ours is taken for ours with a typo.
    constexpr std::array<std::string_view, 1> ours{spec_api_version};
    return spec::is_spec_version(api_version) || (kind == spec_kind && !nearest(api_version, ours).empty());
}

std::string Object::identity() const {
    if (name().empty()) return "";
    const std::size_t slash = api_version.find('/');
    const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
    return group + "/" + kind + "/" + std::string(root["metadata"]["namespace"].text()) + "/" + name();
}

bool Object::is_encrypted() const {
    const Spot sops = root["sops"];
    return sops["mac"] || sops["version"];
}

namespace {

// The last key of a path, that of a list for its items.
std::string_view last_key(std::string_view path) {
    while (path.ends_with(']')) {
        const std::size_t open = path.rfind('[');
        if (open == std::string_view::npos) return "";
        std::string_view step = path.substr(open + 1, path.size() - open - 2);
        if (step.find_first_not_of("0123456789") != std::string_view::npos) {
            while (!step.empty() && (step.front() == '"' || step.front() == '\'')) step.remove_prefix(1);
            while (!step.empty() && (step.back() == '"' || step.back() == '\'')) step.remove_suffix(1);
            return step;
        }
        path = path.substr(0, open);
    }
    return path.substr(path.find_last_of(".]") + 1);
}

}  // namespace

bool Object::is_private(std::string_view path) const {
    if (is_secret_name(last_key(path))) return true;
    if (!root.path.empty()) path.remove_prefix(std::min(path.size(), root.path.size() + 1));
    if (kind == "Secret") {
        const std::string_view field = path.substr(0, path.find_first_of(".["));
        return field == "data" || field == "stringData";
    }
    if (is_spec()) {  // a map by name
        constexpr std::string_view env = "cluster.env";
        return path.starts_with(env) && (path == env || path[env.size()] == '.' || path[env.size()] == '[');
    }
    if (path.ends_with(".env")) return true;  // no list: "env: PASSWORD=..."
    const std::size_t env = path.find(".env[");
    if (env == std::string_view::npos) return false;
    const std::string_view field = path.substr(std::min(path.size(), path.find(']', env) + 1));
    return field != ".name" && !field.starts_with(".valueFrom");
}

std::vector<Spot> PodTemplate::containers() const {
    std::vector<Spot> result;
    const auto add = [&](const Spot& list) {
        for (Spot& container : list.items()) result.push_back(std::move(container));
    };
    if (argo) {
        for (const char* one : {"container", "script"}) {
            if (Spot container = spec[one]) result.push_back(std::move(container));
        }
        add(spec["containerSet"]["containers"]);
        add(spec["initContainers"]);
        add(spec["sidecars"]);
        return result;
    }
    for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) add(spec[list]);
    return result;
}

bool is_extended_resource(std::string_view name) {
    std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) return false;
    return name.find("kubernetes.io/") == std::string_view::npos && !name.starts_with("requests.");
}

bool is_gpu_resource(std::string_view name) {
    return name == "nvidia.com/gpu" || name == "nvidia.com/gpu.shared" || name.starts_with("nvidia.com/mig-") ||
           name == "amd.com/gpu" || name.starts_with("gpu.intel.com/");
}

}  // namespace ktrain::lint
