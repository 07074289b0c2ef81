// Reads suppressions, applies them, and says which are wrong or not needed.
#include "core/lint/suppress.h"

#include <algorithm>
#include <cstring>

#include "core/base/text.h"
#include "core/base/yaml_extents.h"
#include "core/lint/families.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view annotation = "ktrain.dev/ignore";
constexpr std::string_view mark = "ktrain:ignore";

struct Suppression {
    RuleIds rules;
    std::string names;  // as written
    Place place;
    bool used = false;
};

Diagnostic finding_of(std::string_view id, const Place& place, std::string message, std::string fix) {
    const Rule* rule = find_rule(id);
    return {std::string(id), rule->severity, place, std::move(message), std::move(fix), std::string(rule->why)};
}

// "KD207, KX601: reason". Adds KT090 for what is wrong with it.
void read_one(std::string_view text, const Place& place, std::vector<Suppression>& into, Diagnostics& findings) {
    const std::size_t colon = text.find(':');
    const std::string names(trim(text.substr(0, colon)));
    if (names.empty()) {
        findings.push_back(finding_of("KT090", place, "the suppression names no rule", "write RULE: reason"));
        return;
    }
    Suppression one{{}, names, place};
    for (const std::string& part : split(names, ',')) {
        const std::string name(trim(part));
        const std::vector<std::string_view> ids = rules_named(name);
        one.rules.insert(ids.begin(), ids.end());
        if (!ids.empty()) continue;
        const std::string near = nearest_rule(name);
        findings.push_back(
            finding_of("KT090", place, "the suppression names an unknown rule: " + shown(name),
                       near.empty() ? "see: ktrain validate --explain all" : "did you mean " + near + "?"));
        return;
    }
    if (colon == std::string_view::npos || trim(text.substr(colon + 1)).empty()) {
        findings.push_back(finding_of("KT090", place,
                                      "the suppression of " + names + " has no reason, and is not heeded",
                                      "write why: " + names + ": reason"));
        return;
    }
    into.push_back(std::move(one));
}

// Several, with ';' between. What follows a ';' and names no rule is still the reason of the one before.
std::vector<Suppression> read_all(std::string_view text, const Place& place, Diagnostics& findings) {
    std::vector<Suppression> result;
    std::vector<std::string> parts;
    for (const std::string& part : split(std::string(text), ';')) {
        if (trim(part).empty()) continue;
        const bool reason = !parts.empty() && part.find(':') == std::string::npos;
        if (reason) {
            parts.back() += ";" + part;
        } else {
            parts.push_back(part);
        }
    }
    if (parts.empty()) parts.emplace_back();
    for (const std::string& part : parts) read_one(part, place, result, findings);
    return result;
}

// Nothing is said of a suppression for rules that did not run.
void report_unused(const std::vector<Suppression>& suppressions, const RuleIds& selected, Diagnostics& findings) {
    for (const Suppression& one : suppressions) {
        const bool ran =
            std::all_of(one.rules.begin(), one.rules.end(), [&](std::string_view id) { return selected.contains(id); });
        if (one.used || !ran) continue;
        findings.push_back(
            finding_of("KT091", one.place, "nothing here is reported by " + one.names, "remove the suppression"));
    }
}

// Whether the path is `base` or something in it.
bool is_within(std::string_view path, std::string_view base) {
    if (base.empty()) return true;
    return path.starts_with(base) &&
           (path.size() == base.size() || path[base.size()] == '.' || path[base.size()] == '[');
}

std::size_t suppress_under(const Spot& metadata, std::string_view base, const RuleIds& selected, const Object& object,
                           std::size_t first, Diagnostics& findings) {
    const Spot written = metadata["annotations"][annotation];
    if (!written) return 0;
    Place place = written.key_place();
    place.file = object.file;
    Diagnostics problems;
    std::vector<Suppression> suppressions = read_all(written.text(), place, problems);
    const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = std::remove_if(begin, findings.end(), [&](const Diagnostic& finding) {
        bool hit = false;
        for (Suppression& one : suppressions) {
            if (!one.rules.contains(finding.rule) || !is_within(finding.where.path, base)) continue;
            one.used = hit = true;
        }
        return hit;
    });
    const auto taken = static_cast<std::size_t>(findings.end() - end);
    findings.erase(end, findings.end());
    report_unused(suppressions, selected, problems);
    for (Diagnostic& problem : problems) problem.object = object.identity();
    findings.insert(findings.end(), problems.begin(), problems.end());
    return taken;
}

// Where the comment's '#' stands, if the mark at this offset is in a comment, or npos.
std::size_t comment_of(const yaml::Extents& extents, std::size_t at) {
    const std::string& text = extents.text();
    const std::size_t line = extents.line_begin(at);
    const std::size_t hash = text.rfind('#', at);
    if (hash == std::string::npos || hash < line || trim(text.substr(hash + 1, at - hash - 1)) != "")
        return std::string::npos;
    return hash == line || text[hash - 1] == ' ' || text[hash - 1] == '\t' ? hash : std::string::npos;
}

bool inside_scalar(const yaml::Extent& extent, std::size_t at) {
    if (extent.shape == yaml::Extent::Shape::scalar) return extent.begin < at && at < extent.end;
    return std::any_of(extent.items.begin(), extent.items.end(),
                       [&](const auto& item) { return inside_scalar(item, at); });
}

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// The outermost member or item that begins on the line.
std::optional<Range> begins_on(const yaml::Extents& extents, const yaml::Extent& in, int line) {
    const std::size_t step = in.shape == yaml::Extent::Shape::map ? 2 : 1;
    for (std::size_t i = 0; i + step <= in.items.size(); i += step) {
        const std::size_t begin = in.items[i].begin;
        const std::size_t end = in.items[i + step - 1].end;
        if (extents.line(begin) == line) return Range{begin, end};
        if (extents.line(begin) > line || extents.line(end) < line) continue;
        if (auto inner = begins_on(extents, in.items[i + step - 1], line)) return inner;
    }
    return std::nullopt;
}

// The first line from this one on that is neither empty nor a comment.
int next_line(const yaml::Extents& extents, int line) {
    for (std::size_t at = extents.offset(line, 1); at < extents.text().size(); at = extents.offset(++line, 1)) {
        const std::string_view text = trim(std::string_view(extents.text()).substr(at, extents.line_end(at) - at));
        if (!text.empty() && !text.starts_with('#') && text != "---") break;
    }
    return line;
}

std::optional<Range> range_of(const yaml::Extents& extents, std::size_t hash) {
    const std::size_t begin = extents.line_begin(hash);
    const bool alone = trim(std::string_view(extents.text()).substr(begin, hash - begin)).empty();
    const int line = alone ? next_line(extents, extents.line(hash)) : extents.line(hash);
    for (const yaml::Extent& document : extents.documents()) {
        const int first = extents.line(document.begin);
        if (line < first || line > extents.line(document.end)) continue;
        if (alone && line == first) return Range{document.begin, document.end};
        return begins_on(extents, document, line);
    }
    return std::nullopt;
}

}  // namespace

std::size_t suppress_by_annotations(const Object& object, const RuleIds& selected, std::size_t first,
                                    Diagnostics& findings) {
    std::size_t taken = suppress_under(object.root["metadata"], object.root.path, selected, object, first, findings);
    for (const PodTemplate& pod : object.templates) {
        const std::string& path = pod.metadata.path;
        constexpr std::string_view tail = "metadata";
        const std::string base = path.size() > tail.size() ? path.substr(0, path.size() - tail.size() - 1) : "";
        if (base == object.root.path) continue;  // a Pod
        taken += suppress_under(pod.metadata, base, selected, object, first, findings);
    }
    return taken;
}

bool has_suppressions(const Source& source) {
    return ::memmem(source.text.data(), source.text.size(), mark.data(), mark.size()) != nullptr;  // faster than find()
}

std::size_t suppress_by_comments(const Source& source, const RuleIds& selected, Diagnostics& findings) {
    const yaml::Extents extents(source.text);
    const std::string& text = extents.text();
    Diagnostics problems;
    std::size_t taken = 0;
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + mark.size())) {
        const std::size_t hash = comment_of(extents, at);
        if (hash == std::string::npos) continue;
        const auto& documents = extents.documents();
        if (std::any_of(documents.begin(), documents.end(), [&](const auto& d) { return inside_scalar(d, hash); }))
            continue;
        const std::size_t begin = at + mark.size();
        const Place place{source.file, extents.line(hash), static_cast<int>(hash - extents.line_begin(hash)) + 1, ""};
        std::vector<Suppression> suppressions =
            read_all(std::string_view(text).substr(begin, extents.line_end(begin) - begin), place, problems);
        const std::optional<Range> range = range_of(extents, hash);
        taken += std::erase_if(findings, [&](const Diagnostic& finding) {
            if (!range || finding.where.line == 0) return false;
            const std::size_t where = extents.offset(finding.where.line, finding.where.column);
            if (where < range->begin || where > range->end) return false;
            bool hit = false;
            for (Suppression& one : suppressions) {
                if (one.rules.contains(finding.rule)) one.used = hit = true;
            }
            return hit;
        });
        report_unused(suppressions, selected, problems);
    }
    findings.insert(findings.end(), problems.begin(), problems.end());
    return taken;
}

}  // namespace ktrain::lint
