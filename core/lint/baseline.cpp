// Fingerprints of findings, and the file that holds those of a repository.
#include "core/lint/baseline.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/json.h"

namespace ktrain::lint {
namespace {

// Messages name lines here and there: "... and on line 12".
std::string without_lines(std::string_view message) {
    constexpr std::string_view word = "line ";
    std::string text;
    while (!message.empty()) {
        const std::size_t at = message.find(word);
        const std::size_t end = at == std::string_view::npos ? message.size() : at + word.size();
        text += message.substr(0, end);
        message.remove_prefix(end);
        if (at != std::string_view::npos)
            message.remove_prefix(std::min(message.find_first_not_of("0123456789"), message.size()));
    }
    return text;
}

std::map<std::string, std::size_t> counts_of(const Diagnostics& findings) {
    std::map<std::string, std::size_t> counts;
    for (const Diagnostic& finding : findings) ++counts[fingerprint(finding)];
    return counts;
}

const SharedText& subject_of(const Diagnostic& finding) {
    return finding.object.empty() ? finding.where.file : finding.object;
}

}  // namespace

std::string fingerprint(const Diagnostic& finding) {
    return sha256(fmt::format("{}\n{}\n{}\n{}", finding.rule, std::string_view(subject_of(finding)), finding.where.path,
                              without_lines(finding.message)))
        .substr(0, 16);
}

Baseline Baseline::parse(std::string_view text, const std::string& file) {
    const Json json = parse_json(text, file);
    const Json* list = json.is_object() && json.contains("findings") ? &json["findings"] : nullptr;
    const auto refuse = [&] {
        return Error(ErrorKind::input, "this is no baseline", {file, 0, 0, ""},
                     "write one: ktrain validate --write-baseline FILE ...");
    };
    if (list == nullptr || !list->is_array()) throw refuse();
    Baseline baseline;
    for (const Json& entry : *list) {
        const std::string print = entry.is_object() ? string_or(entry, "fingerprint") : "";
        if (print.empty()) throw refuse();
        Entry& known = baseline.entries_[print];
        known = {string_or(entry, "rule"), string_or(entry, "object"), string_or(entry, "path"), 1};
        if (entry.contains("count") && entry["count"].is_number_unsigned())
            known.count = entry["count"].get<std::size_t>();
    }
    return baseline;
}

Baseline Baseline::of(const Diagnostics& findings) {
    Baseline baseline;
    for (const Diagnostic& finding : findings) {
        Entry& entry = baseline.entries_[fingerprint(finding)];
        entry = {std::string(finding.rule), subject_of(finding), finding.where.path, entry.count + 1};
    }
    return baseline;
}

std::string Baseline::text() const {
    std::vector<Json> rows;
    for (const auto& [print, entry] : entries_) {
        rows.push_back({{"rule", entry.rule}, {"object", entry.object}, {"path", entry.path}, {"fingerprint", print}});
        if (entry.count > 1) rows.back()["count"] = entry.count;
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Json& a, const Json& b) {
        for (const char* key : {"object", "path", "rule"})
            if (a[key] != b[key]) return a[key] < b[key];
        return false;
    });
    return to_pretty({{"version", 1}, {"findings", rows}});
}

std::size_t Baseline::remove_known(Diagnostics& findings) const {
    std::map<std::string, std::size_t> left;
    for (const auto& [print, entry] : entries_) left[print] = entry.count;
    return std::erase_if(findings, [&](const Diagnostic& finding) {
        const auto row = left.find(fingerprint(finding));
        if (row == left.end() || row->second == 0) return false;
        --row->second;
        return true;
    });
}

std::vector<std::string> Baseline::stale(const Report& report) const {
    const std::map<std::string, std::size_t> found = counts_of(report.findings);
    std::vector<std::string> lines;
    for (const auto& [print, entry] : entries_) {
        const auto row = found.find(print);
        if (row != found.end() && row->second >= entry.count) continue;
        if (!std::ranges::binary_search(report.subjects, entry.object)) continue;
        if (!std::ranges::binary_search(report.rules, std::string_view(entry.rule))) continue;
        lines.push_back(entry.rule + " of " + entry.object + (entry.path.empty() ? "" : " at " + entry.path));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

}  // namespace ktrain::lint
