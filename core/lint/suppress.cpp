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
    return {rule->id, rule->severity, place, std::move(message), std::move(fix), SharedText::of_program(rule->why)};
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

// Whether the text begins as a suppression does: with names of rules, or what was meant for them, and a colon.
bool begins_one(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos) return false;
    const std::vector<std::string> names = split(text.substr(0, colon), ',');
    return std::ranges::all_of(names, [](const std::string& part) {
        const std::string name(trim(part));
        const bool id = name.size() > 2 && name.find_first_not_of("0123456789", 2) == std::string::npos;
        return name.empty() || id || !rules_named(name).empty();
    });
}

// Several, on lines or with ';' between. What follows a ';' and names no rule is still the reason of the one before.
std::vector<Suppression> read_all(std::string_view text, const Place& place, Diagnostics& findings) {
    std::vector<Suppression> result;
    std::vector<std::string> parts;
    for (const std::string& line : split(std::string(text), '\n')) {
        bool first = true;
        for (const std::string& part : split(line, ';')) {
            if (trim(part).empty()) continue;
            if (first || begins_one(part)) {
                parts.push_back(part);
            } else {
                parts.back() += ";" + part;
            }
            first = false;
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
    const std::string_view text = extents.text();
    const std::size_t line = extents.line_begin(at);
    const std::size_t in_line = text.substr(line, at - line).rfind('#');
    if (in_line == std::string_view::npos) return std::string::npos;
    const std::size_t hash = line + in_line;
    if (!trim(text.substr(hash + 1, at - hash - 1)).empty()) return std::string::npos;
    return hash == line || text[hash - 1] == ' ' || text[hash - 1] == '\t' ? hash : std::string::npos;
}

// Of extents in their order the last that begins at the offset or before; nullptr without.
const yaml::Extent* last_before(const std::vector<yaml::Extent>& extents, std::size_t at) {
    const auto next = std::ranges::upper_bound(extents, at, {}, &yaml::Extent::begin);
    return next == extents.begin() ? nullptr : &*std::prev(next);
}

bool inside_scalar(const yaml::Extent& extent, std::size_t at) {
    if (extent.shape == yaml::Extent::Shape::scalar) return extent.begin < at && at < extent.end;
    const yaml::Extent* item = last_before(extent.items, at);
    return item != nullptr && inside_scalar(*item, at);
}

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// The outermost member or item that begins on the line.
std::optional<Range> begins_on(const yaml::Extents& extents, const yaml::Extent& in, int line) {
    const std::size_t step = in.shape == yaml::Extent::Shape::map ? 2 : 1;
    // What ends above the line is passed over at once: there may be thousands of comments.
    const auto above =
        std::ranges::partition_point(in.items, [&](const yaml::Extent& item) { return extents.line(item.end) < line; });
    const auto first = static_cast<std::size_t>(above - in.items.begin()) / step * step;
    for (std::size_t i = first; i + step <= in.items.size(); i += step) {
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

bool is_alone(const yaml::Extents& extents, std::size_t hash) {
    const std::size_t begin = extents.line_begin(hash);
    return trim(std::string_view(extents.text()).substr(begin, hash - begin)).empty();
}

// The line that the comment is about.
int line_of(const yaml::Extents& extents, std::size_t hash) {
    return is_alone(extents, hash) ? next_line(extents, extents.line(hash)) : extents.line(hash);
}

std::optional<Range> range_of(const yaml::Extents& extents, std::size_t hash) {
    const bool alone = is_alone(extents, hash);
    const int line = line_of(extents, hash);
    const auto& documents = extents.documents();
    const auto document =
        std::ranges::partition_point(documents, [&](const yaml::Extent& one) { return extents.line(one.end) < line; });
    if (document == documents.end() || line < extents.line(document->begin)) return std::nullopt;
    if (alone && line == extents.line(document->begin)) return Range{document->begin, document->end};
    return begins_on(extents, *document, line);
}

// The findings of a text in the order of their places, each with whether somebody wants to keep it.
class FindingsByPlace {
public:
    FindingsByPlace(const yaml::Extents& extents, Diagnostics& findings) : findings_(findings) {
        for (std::size_t i = 0; i < findings.size(); ++i) {
            const Place& where = findings[i].where;
            if (where.line > 0) rows_.push_back({extents.offset(where.line, where.column), i});
        }
        std::ranges::stable_sort(rows_, {}, &Row::at);
        kept_.resize(findings.size());
    }

    // Notes what suppressions of a range hit.
    void suppress(Range range, std::vector<Suppression>& suppressions) {
        for (auto row = std::ranges::lower_bound(rows_, range.begin, {}, &Row::at);
             row != rows_.end() && row->at <= range.end; ++row) {
            if (kept_[row->index]) continue;
            for (Suppression& one : suppressions) {
                if (one.rules.contains(findings_[row->index].rule)) one.used = kept_[row->index] = true;
            }
        }
    }

    // Takes out what was hit; returns how many.
    std::size_t remove() {
        std::size_t index = 0;
        return std::erase_if(findings_, [&](const Diagnostic&) { return kept_[index++]; });
    }

private:
    struct Row {
        std::size_t at;
        std::size_t index;
    };
    Diagnostics& findings_;
    std::vector<Row> rows_;
    std::vector<bool> kept_;
};

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

std::size_t suppress_by_comments(const Source& source, std::span<const Object* const> objects, const RuleIds& selected,
                                 Diagnostics& findings) {
    const yaml::Extents extents(source.text);
    const std::string& text = extents.text();
    FindingsByPlace by_place(extents, findings);
    Diagnostics problems;
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + mark.size())) {
        const std::size_t hash = comment_of(extents, at);
        if (hash == std::string::npos) continue;
        const yaml::Extent* document = last_before(extents.documents(), hash);
        if (document != nullptr && inside_scalar(*document, hash)) continue;
        const std::size_t begin = at + mark.size(), before = problems.size();
        const Place place{source.file, extents.line(hash), static_cast<int>(hash - extents.line_begin(hash)) + 1, ""};
        std::vector<Suppression> suppressions =
            read_all(std::string_view(text).substr(begin, extents.line_end(begin) - begin), place, problems);
        if (const std::optional<Range> range = range_of(extents, hash)) by_place.suppress(*range, suppressions);
        report_unused(suppressions, selected, problems);
        const auto next = std::ranges::upper_bound(objects, line_of(extents, hash), {},
                                                   [](const Object* object) { return object->root.line; });
        if (next == objects.begin()) continue;
        for (std::size_t i = before; i < problems.size(); ++i) problems[i].object = (*std::prev(next))->identity();
    }
    const std::size_t taken = by_place.remove();
    findings.insert(findings.end(), problems.begin(), problems.end());
    return taken;
}

}  // namespace ktrain::lint
