// What one object says differently from another one, field by field, for people to read.
#include "core/kube/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/masking.h"
#include "core/base/names.h"
#include "core/base/quantity.h"
#include "core/base/secret_names.h"
#include "core/base/text.h"
#include "core/base/yaml.h"

namespace ktrain::kube {
namespace {

// A value at the end of a path, as text, and whether it may not be shown.
struct Leaf {
    std::string text;
    bool secret = false;

    bool operator==(const Leaf& other) const { return text == other.text; }
};
using Values = std::map<std::string, Leaf>;

// "key" alone is a field of the API: of tolerations, of references.
bool names_secret(std::string_view key) {
    return key != "key" && is_secret_name(key);
}

// "--hf-token", whose value is the next argument.
bool is_secret_flag(const Json& argument) {
    if (!argument.is_string()) return false;
    const auto& text = argument.get_ref<const std::string&>();
    return text.starts_with('-') && is_secret_name(text);
}

bool all_named(const Json& list) {
    return !list.empty() && std::ranges::all_of(list, [](const Json& one) { return !string_or(one, "name").empty(); });
}

// The values at the ends of all paths. `secret`: whether all of them are.
void flatten(const Json& value, const std::string& path, bool secret, Values& out) {
    if (!value.is_structured() || value.empty()) {
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        out[path] = {text, secret || without_secrets(text) != text};
        return;
    }
    const bool named = value.is_array() && all_named(value);
    const Json* before = nullptr;
    for (const auto& [key, part] : value.items()) {
        if (key.starts_with("ktrain.dev/")) continue;  // follow from the rest
        const std::string name = named ? string_or(part, "name") : key;
        const bool behind_flag = value.is_array() && before != nullptr && is_secret_flag(*before);
        const std::string at = named ? fmt::format("{}[{}]", path, name) : path.empty() ? key : path + "." + key;
        flatten(part, at, secret || behind_flag || names_secret(name), out);
        before = &part;
    }
}

constexpr std::size_t shown = 60;  // bytes of a value

// What the object's author says: all but the status and what the server and ktrain keep in the metadata.
Values statement(const Json& object) {
    Values out;
    const bool secret = string_or(object, "kind") == "Secret";
    for (const auto& [key, value] : object.items())
        if (key != "metadata" && key != "status") flatten(value, key, secret && value.is_structured(), out);
    for (const char* key : {"labels", "annotations"})
        for (const auto& [name, value] : at_path(object, {"metadata", key}).items())
            if (!name.starts_with("ktrain.dev/"))
                flatten(value, fmt::format("metadata.{}.{}", key, name), secret || names_secret(name), out);
    return out;
}

// Without one of the two: it was not there, or is no more.
std::string change(const std::string& path, const Leaf* before, const Leaf* after) {
    const auto text = [](const Leaf* leaf) { return leaf != nullptr ? brief(leaf->text, shown) : "nothing"; };
    const bool secret = (before != nullptr && before->secret) || (after != nullptr && after->secret);
    return printable(secret ? path + ": another value" : fmt::format("{}: {} -> {}", path, text(before), text(after)));
}

std::vector<std::string> all_changes(const Values& was, Values is) {
    std::vector<std::string> out;
    for (const auto& [path, value] : was) {
        const auto now = is.extract(path);
        if (now.empty() || now.mapped() != value)
            out.push_back(change(path, &value, now.empty() ? nullptr : &now.mapped()));
    }
    for (const auto& [path, value] : is) out.push_back(change(path, nullptr, &value));
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
        const auto amount = Quantity::parse(value.text);
        if (before != was.end() && amount && Quantity::parse(before->second.text) == amount) continue;
        out.push_back(change(path, before == was.end() ? nullptr : &before->second, &value));
    }
    return out;
}

std::vector<std::string> changes(const Json& before, const Json& after) {
    return all_changes(statement(before), statement(after));
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
    for (const auto& [name, text] : old_files.items())
        if (!new_files.contains(name)) out.push_back(printable(name) + ": no longer there");
    for (const auto& [name, text] : new_files.items()) {
        const std::string is = string_or(new_files, name), was = string_or(old_files, name);
        if (is == was) continue;
        const auto old_fields = mapping_in(was), new_fields = mapping_in(is);
        if (!old_fields || !new_fields) {
            out.push_back(printable(name) + (old_files.contains(name) ? ": another text" : ": new"));
            continue;
        }
        Values from, to;
        flatten(*old_fields, "", false, from);
        flatten(*new_fields, "", false, to);
        for (std::string& one : all_changes(from, std::move(to))) out.push_back(std::move(one));
    }
    return out;
}

}  // namespace ktrain::kube
