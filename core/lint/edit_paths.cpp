// JSON paths step by step, and changes made to values.
#include <charconv>

#include "core/lint/edit.h"

namespace ktrain::lint {
namespace {

// The value at the path, or nullptr.
Json* follow(Json& document, std::span<const PathStep> steps) {
    Json* at = &document;
    for (const PathStep& step : steps) {
        if (step.index) {
            if (!at->is_array() || *step.index >= at->size()) return nullptr;
            at = &(*at)[*step.index];
        } else {
            if (!at->is_object() || !at->contains(step.key)) return nullptr;
            at = &(*at)[step.key];
        }
    }
    return at;
}

bool rename(Json& map, const std::string& from, const std::string& to) {
    if (!map.is_object() || !map.contains(from) || map.contains(to)) return false;
    Json renamed = Json::object();
    for (auto& [key, value] : map.items()) renamed[key == from ? to : key] = std::move(value);
    map = std::move(renamed);
    return true;
}

bool remove(Json& holder, const PathStep& step) {
    if (!step.index) return holder.erase(step.key) == 1;
    holder.erase(*step.index);
    return true;
}

// Maps on the way that are not there or null come to be.
bool add(Json& document, std::span<const PathStep> steps, const Change& change) {
    Json* at = &document;
    for (const PathStep& step : steps) {
        if (step.index) {
            at = follow(*at, {&step, 1});
            if (at == nullptr) return false;
            continue;
        }
        if (at->is_null()) *at = Json::object();
        if (!at->is_object()) return false;
        at = &(*at)[step.key];
    }
    if (change.key.empty()) {
        if (at->is_null()) *at = Json::array();
        if (!at->is_array()) return false;
        at->push_back(change.value);
        return true;
    }
    if (at->is_null()) *at = Json::object();
    if (!at->is_object() || (at->contains(change.key) && !(*at)[change.key].is_null())) return false;
    (*at)[change.key] = change.value;
    return true;
}

}  // namespace

std::vector<PathStep> steps_of(std::string_view path) {
    std::vector<PathStep> steps;
    while (!path.empty()) {
        if (path.starts_with("[\"")) {
            const std::size_t end = path.find("\"]");
            if (end == std::string_view::npos) break;
            steps.push_back({std::string(path.substr(2, end - 2)), {}});
            path.remove_prefix(end + 2);
        } else if (path.front() == '[') {
            std::size_t index = 0;
            const auto [end, problem] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
            if (problem != std::errc() || end == path.data() + path.size()) break;
            steps.push_back({"", index});
            path.remove_prefix(static_cast<std::size_t>(end - path.data()) + 1);
        } else {
            if (path.front() == '.') path.remove_prefix(1);
            const std::size_t end = path.find_first_of(".[");
            steps.push_back({std::string(path.substr(0, end)), {}});
            path.remove_prefix(end == std::string_view::npos ? path.size() : end);
        }
    }
    return steps;
}

bool apply_changes(Json& document, const std::vector<Change>& changes) {
    for (const Change& change : changes) {
        const std::vector<PathStep> steps = steps_of(change.path);
        if (change.kind == Change::Kind::add) {
            if (!add(document, steps, change)) return false;
            continue;
        }
        Json* at = follow(document, steps);
        if (at == nullptr) return false;
        if (change.kind == Change::Kind::replace) {
            *at = change.value;
            continue;
        }
        if (steps.empty()) return false;
        Json& holder = *follow(document, std::span(steps).first(steps.size() - 1));
        const bool done = change.kind == Change::Kind::remove ? remove(holder, steps.back())
                                                              : rename(holder, steps.back().key, change.key);
        if (!done) return false;
    }
    return true;
}

}  // namespace ktrain::lint
