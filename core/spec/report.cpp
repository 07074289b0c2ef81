// Collects the problems of one spec and remembers where each field was said.
#include "core/spec/read.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace ktrain::spec {
namespace {

// "cluster.volumes[0].size" -> "cluster.volumes[0]" -> "cluster.volumes" -> "cluster" -> "".
std::string parent(const std::string& path) {
    const auto end = path.find_last_of(".[");
    return end == std::string::npos ? "" : path.substr(0, end);
}

// `path` is `other`, or lies inside of it.
bool is_within(const std::string& path, const std::string& other) {
    return path.starts_with(other) &&
           (path.size() == other.size() || path[other.size()] == '.' || path[other.size()] == '[');
}

}  // namespace

Diagnostic warning(const std::string& path, const std::string& message, std::string fix) {
    return {"", Severity::warning, {"", 0, 0, path}, path + ": " + message, std::move(fix), ""};
}

Place place_of(const Places& places, const std::string& path) {
    for (std::string around = path;; around = parent(around)) {
        if (const auto said = places.find(around); said != places.end()) {
            Place place = said->second;
            place.path = path;
            return place;
        }
        if (around.empty()) return {"", 0, 0, path};
    }
}

void Report::set_source(std::string source, bool has_lines) {
    source_ = std::move(source);
    has_lines_ = has_lines;
}

void Report::said(const std::string& path, const yaml::Node& node) {
    places_[path] = place(node, path);
}

void Report::unsaid(const std::string& path) {
    std::erase_if(places_, [&](const auto& said) { return is_within(said.first, path); });
    places_[path] = {source_, 0, 0, path};
}

Place Report::place(const yaml::Node& node, const std::string& path) const {
    return {source_, has_lines_ ? node.line : 0, has_lines_ ? node.column : 0, path};
}

void Report::error(const yaml::Node& node, const std::string& path, std::string message, std::string fix) {
    add({"", Severity::error, place(node, path), std::move(message), std::move(fix), ""});
}

void Report::note(const yaml::Node& node, const std::string& path, std::string message) {
    add({"", Severity::warning, place(node, path), std::move(message), "", ""});
}

void Report::error(const std::string& path, std::string message, std::string fix) {
    Place where = place_of(places_, path);
    if (!where.known()) where.file = origin_;
    add({"", Severity::error, std::move(where), std::move(message), std::move(fix), ""});
}

void Report::add(Diagnostic problem) {
    problems_.push_back(std::move(problem));
}

Diagnostics Report::problems() const {
    // By line, as a reader goes through the file; what came from flags is last.
    Diagnostics sorted = problems_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic& a, const Diagnostic& b) {
        const auto key = [](const Place& place) { return std::tuple(place.line == 0, place.line, place.column); };
        return key(a.where) < key(b.where);
    });
    return sorted;
}

bool Report::is_bad(const std::string& path) const {
    for (const Diagnostic& problem : problems_)
        if (problem.severity == Severity::error &&
            (is_within(problem.where.path, path) || is_within(path, problem.where.path)))
            return true;
    return false;
}

}  // namespace ktrain::spec
