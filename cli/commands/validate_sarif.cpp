// Writes findings as SARIF 2.1.0, which code scanners and editors read.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "cli/commands/validate_output.h"
#include "cli/commands/validate_reports.h"
#include "cli/term/json_stream.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "core/base/yaml_extents.h"
#include "core/lint/baseline.h"
#include "core/lint/edit.h"

namespace ktrain {
namespace {

std::string_view level_of(Severity severity) {
    return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note";
}

// RFC 3986: a relative path stays relative, an absolute one becomes a file: URI.
std::string uri_of(std::string_view path) {
    constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    constexpr std::string_view digits = "0123456789ABCDEF";
    while (path.starts_with("./")) path.remove_prefix(2);
    std::string uri = path.starts_with('/') ? "file://" : "";
    for (const char c : path) {
        if (plain.find(c) != std::string_view::npos) {
            uri += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            uri += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return uri;
}

Json location_of(std::string_view file) {
    Json location = {{"uri", uri_of(file)}};
    if (!file.starts_with('/')) location["uriBaseId"] = "%SRCROOT%";
    return location;
}

Json rule_json(const lint::Rule& rule) {
    const std::string help =
        fmt::format("Reports {}.\n\nWhy: {}.\n\nFix: {}.\n\nSource: {}.", rule.what, rule.why, rule.fix, rule.source);
    return {{"id", rule.id},
            {"name", rule.name},
            {"shortDescription", {{"text", rule.name}}},
            {"fullDescription", {{"text", fmt::format("{}: {}.", rule.kinds, rule.what)}}},
            {"help", {{"text", help}, {"markdown", help}}},
            {"defaultConfiguration", {{"level", level_of(rule.severity)}}}};
}

class Sarif {
public:
    explicit Sarif(const Shown& shown) : shown_(shown) {
        for (const lint::Source& source : shown.sources) sources_.emplace(source.file, &source);
    }

    void write(term::Output& out) {
        const Diagnostics& findings = shown_.report.findings;
        for (const Diagnostic& finding : findings) index_of(finding.rule);
        Json driver = {
            {"name", "ktrain"}, {"version", version()}, {"semanticVersion", version()}, {"rules", std::move(rules_)}};
        Json run = {{"tool", {{"driver", std::move(driver)}}},
                    {"columnKind", "unicodeCodePoints"},
                    {"originalUriBaseIds", {{"%SRCROOT%", {{"description", {{"text", "The folder it ran in"}}}}}}},
                    {"results", Json::array()}};
        const Json log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                          {"version", "2.1.0"},
                          {"runs", Json::array({std::move(run)})}};
        const auto item = [&](std::size_t i) { return result(findings[i]); };
        term::write_pretty(out, log, {{"runs", "0", "results"}, findings.size(), item});
    }

private:
    Json result(const Diagnostic& finding) {
        Json physical = {{"artifactLocation", location_of(finding.where.file)}};
        if (finding.where.line > 0) physical["region"] = region(finding.where);
        Json location = {{"physicalLocation", std::move(physical)}};
        if (!finding.where.path.empty())
            location["logicalLocations"] = Json::array({{{"fullyQualifiedName", printable(finding.where.path)}}});
        std::string message = printable(finding.message);
        if (!finding.fix.empty()) message += " (fix: " + printable(finding.fix) + ")";
        Json result = {{"ruleId", finding.rule},
                       {"ruleIndex", index_of(finding.rule)},
                       {"level", level_of(finding.severity)},
                       {"message", {{"text", message}}},
                       {"locations", Json::array({std::move(location)})},
                       {"partialFingerprints", {{"ktrain/v1", lint::fingerprint(finding)}}}};
        if (Json fixes = fixes_of(finding); !fixes.empty()) result["fixes"] = std::move(fixes);
        return result;
    }

    std::size_t index_of(std::string_view id) {
        const auto [row, added] = indexes_.emplace(id, rules_.size());
        const lint::Rule* rule = lint::find_rule(id);
        if (added && rule != nullptr) rules_.push_back(rule_json(*rule));
        return row->second;
    }

    // Of the file at hand alone: findings come file by file.
    const yaml::Extents* extents_of(std::string_view file) {
        const auto source = sources_.find(file);
        if (source == sources_.end()) return nullptr;
        if (!extents_ || extents_file_ != file) {
            extents_.emplace(source->second->text);
            extents_file_ = file;
        }
        return &*extents_;
    }

    Json region(const Place& where) {
        const yaml::Extents* extents = extents_of(where.file);
        if (extents == nullptr) return {{"startLine", where.line}};
        const std::size_t begin = extents->offset(where.line, where.column);
        const yaml::Extent* document = extents->document_at(where);
        const std::size_t end = document == nullptr ? begin : yaml::end_of_value_at(*document, begin);
        return region(*extents, begin, end);
    }

    static Json region(const yaml::Extents& extents, std::size_t begin, std::size_t end) {
        Json region = {{"startLine", extents.line(begin)}, {"startColumn", column(extents, begin)}};
        region["endLine"] = extents.line(end);
        region["endColumn"] = column(extents, end) + (end == begin ? 1 : 0);
        return region;
    }

    // In code points, from 1.
    static std::int64_t column(const yaml::Extents& extents, std::size_t offset) {
        const std::string_view before =
            std::string_view(extents.text()).substr(0, offset).substr(extents.line_begin(offset));
        return 1 + std::count_if(before.begin(), before.end(),
                                 [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    }

    Json fixes_of(const Diagnostic& finding) {
        const bool shown = !finding.changes.empty() && finding.excerpt != Excerpt::none;
        const yaml::Extents* extents = shown ? extents_of(finding.where.file) : nullptr;
        if (extents == nullptr) return Json::array();
        const std::optional<std::vector<lint::TextEdit>> edits = lint::edits_of(*extents, finding);
        if (!edits) return Json::array();
        Json replacements = Json::array();
        for (const lint::TextEdit& edit : *edits) {
            Json deleted = {{"startLine", extents->line(edit.begin)},
                            {"startColumn", column(*extents, edit.begin)},
                            {"endLine", extents->line(edit.end)},
                            {"endColumn", column(*extents, edit.end)}};
            replacements.push_back({{"deletedRegion", std::move(deleted)}, {"insertedContent", {{"text", edit.text}}}});
        }
        Json change = {{"artifactLocation", location_of(finding.where.file)},
                       {"replacements", std::move(replacements)}};
        return Json::array({{{"description", {{"text", printable(finding.fix)}}},
                             {"artifactChanges", Json::array({std::move(change)})}}});
    }

    const Shown& shown_;
    std::map<std::string_view, const lint::Source*> sources_;
    std::string extents_file_;
    std::optional<yaml::Extents> extents_;
    std::map<std::string, std::size_t> indexes_;
    Json rules_ = Json::array();
};

}  // namespace

void sarif_report(const Shown& shown, term::Output& out) {
    Sarif(shown).write(out);
}

}  // namespace ktrain
