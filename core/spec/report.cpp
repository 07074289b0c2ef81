// Collects the problems of one spec and remembers where each field was said.
#include "core/spec/read.h"

#include <algorithm>
#include <tuple>

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

void Report::set_source(std::string source, bool has_lines) {
    source_ = std::move(source);
    has_lines_ = has_lines;
}

void Report::said(const std::string& path, const yaml::Node& node) {
    places_[path] = {source_, has_lines_ ? node.line : 0, has_lines_ ? node.column : 0, path};
}

void Report::error(const yaml::Node& node, const std::string& path, std::string message, std::string fix) {
    const Place where{source_, has_lines_ ? node.line : 0, has_lines_ ? node.column : 0, path};
    add({"", Severity::error, where, std::move(message), std::move(fix), ""});
}

void Report::error(const std::string& path, std::string message, std::string fix) {
    add({"", Severity::error, place_of(path), std::move(message), std::move(fix), ""});
}

void Report::add(Diagnostic problem) {
    problems_.push_back(std::move(problem));
}

std::vector<std::string> Report::said_paths() const {
    std::vector<std::string> paths;
    for (const auto& [path, place] : places_) paths.push_back(path);
    return paths;
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

Place Report::place_of(std::string path) const {
    const std::string full = path;
    while (true) {
        if (const auto found = places_.find(path); found != places_.end()) {
            Place place = found->second;
            place.path = full;
            return place;
        }
        if (path.empty()) return {source_, 0, 0, full};
        path = parent(path);
    }
}

}  // namespace ktrain::spec
