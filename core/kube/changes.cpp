// What one object says differently from another one, field by field, for people to read.
#include "core/kube/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "core/base/names.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/base/yaml.h"

namespace ktrain::kube {
namespace {

using Values = std::map<std::string, std::string>;

constexpr std::array<std::string_view, 6> secret_words{"CREDENTIAL", "KEY", "PASSWD", "PASSWORD", "SECRET", "TOKEN"};

bool all_named(const Json& list) {
    return !list.empty() && std::ranges::all_of(list, [](const Json& one) { return !string_or(one, "name").empty(); });
}

// The values at the ends of all paths, as text.
void flatten(const Json& value, const std::string& path, Values& out) {
    if (!value.is_structured() || value.empty()) {
        out[path] = value.is_string() ? value.get<std::string>() : value.dump();
        return;
    }
    const bool named = value.is_array() && all_named(value);
    for (const auto& [key, part] : value.items()) {
        if (key.starts_with("ktrain.dev/")) continue;  // follow from the rest
        if (named)
            flatten(part, fmt::format("{}[{}]", path, string_or(part, "name")), out);
        else
            flatten(part, path.empty() ? key : path + "." + key, out);
    }
}

constexpr std::size_t shown = 60;  // bytes of a value

// What the object's author says: all but the status and what the server and ktrain keep in the metadata.
Values statement(const Json& object) {
    Values out;
    for (const auto& [key, value] : object.items())
        if (key != "metadata" && key != "status") flatten(value, key, out);
    for (const char* key : {"labels", "annotations"})
        for (const auto& [name, value] : at_path(object, {"metadata", key}).items())
            if (!name.starts_with("ktrain.dev/")) flatten(value, fmt::format("metadata.{}.{}", key, name), out);
    return out;
}

// By its name, as "spec.template.spec.containers[trainer].env[HF_TOKEN].value" or "data.HF_TOKEN" have it.
bool is_secret(const std::string& path) {
    const std::size_t variable = path.rfind("env["), dot = path.rfind('.');
    const std::size_t at = variable != std::string::npos ? variable : dot != std::string::npos ? dot : 0;
    return std::ranges::any_of(secret_words,
                               [&](std::string_view word) { return path.find(word, at) != std::string::npos; });
}

// An argument that has one: "--hf-token=...", "token: ...".
bool has_secret(const std::optional<std::string>& value) {
    const std::string text = lower(value.value_or(""));
    return std::ranges::any_of(secret_words, [&](std::string_view word) {
        const std::string name = lower(word);
        return text.find(name + "=") != std::string::npos || text.find(name + ": ") != std::string::npos;
    });
}

std::string change(const std::string& path, const std::optional<std::string>& before,
                   const std::optional<std::string>& after) {
    const auto text = [](const std::optional<std::string>& value) { return value ? brief(*value, shown) : "nothing"; };
    return printable(is_secret(path) || has_secret(before) || has_secret(after)
                         ? path + ": another value"
                         : fmt::format("{}: {} -> {}", path, text(before), text(after)));
}

std::vector<std::string> all_changes(const Values& was, Values is) {
    std::vector<std::string> out;
    for (const auto& [path, value] : was) {
        const auto now = is.extract(path);
        if (now.empty() || now.mapped() != value)
            out.push_back(change(path, value, now.empty() ? std::nullopt : std::optional(now.mapped())));
    }
    for (const auto& [path, value] : is) out.push_back(change(path, std::nullopt, value));
    return out;
}

// The volumes of the first pod template in an object, which may lie anywhere in it.
Json* volumes_of(Json& at) {
    if (at.is_object() && at.contains("containers") && at.contains("volumes")) return &at["volumes"];
    if (at.is_structured())
        for (Json& part : at)
            if (Json* found = volumes_of(part)) return found;
    return nullptr;
}

std::optional<Json> mapping_in(const std::string& text) {
    const yaml::Stream stream = yaml::parse(text, "");
    if (!stream.problems.empty() || stream.documents.size() != 1 ||
        stream.documents.front().kind != yaml::Kind::mapping)
        return std::nullopt;
    return yaml::to_json(stream.documents.front());
}

}  // namespace

std::vector<std::string> wanted_changes(const Json& there, const Json& wanted) {
    const Values was = statement(there);
    std::vector<std::string> out;
    for (const auto& [path, value] : statement(wanted)) {
        if (path == "apiVersion" || path == "kind") continue;  // as they were served
        const auto before = was.find(path);
        if (before != was.end() && before->second == value) continue;
        const auto amount = Quantity::parse(value);
        if (before != was.end() && amount && Quantity::parse(before->second) == amount) continue;
        out.push_back(change(path, before == was.end() ? std::nullopt : std::optional(before->second), value));
    }
    return out;
}

std::vector<std::string> changes(const Json& before, const Json& after) {
    std::vector<std::string> out = all_changes(statement(before), statement(after));
    if (string_or(after, "kind") == "Secret")
        for (std::string& one : out) one.resize(one.find(": "));
    return out;
}

std::vector<std::pair<std::string, std::string>> mounted_config_maps(const Json& there, Json& wanted) {
    std::vector<std::pair<std::string, std::string>> out;
    Json old = there;
    const Json* before = volumes_of(old);
    Json* after = volumes_of(wanted);
    if (before == nullptr || after == nullptr || !after->is_array()) return out;
    for (Json& volume : *after) {
        const std::string now = string_or(at_path(volume, {"configMap"}), "name");
        if (now.empty()) continue;
        for (const Json& one : *before) {
            const std::string was = string_or(at_path(one, {"configMap"}), "name");
            if (was.empty() || string_or(one, "name") != string_or(volume, "name")) continue;
            out.emplace_back(was, now);
            volume["configMap"]["name"] = was;
        }
    }
    return out;
}

std::vector<std::string> file_changes(const Json& before, const Json& after) {
    std::vector<std::string> out;
    const Json &old_files = at_path(before, {"data"}), &new_files = at_path(after, {"data"});
    for (const auto& [name, text] : new_files.items()) {
        const std::string is = string_or(new_files, name), was = string_or(old_files, name);
        if (is == was) continue;
        const auto old_fields = mapping_in(was), new_fields = mapping_in(is);
        if (!old_fields || !new_fields) {
            out.push_back(printable(name) + ": another text");
            continue;
        }
        Values from, to;
        flatten(*old_fields, "", from);
        flatten(*new_fields, "", to);
        for (std::string& one : all_changes(from, std::move(to))) out.push_back(std::move(one));
    }
    return out;
}

}  // namespace ktrain::kube
