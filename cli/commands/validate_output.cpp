// How `ktrain validate` shows findings, its summary and its rules.
#include "cli/commands/validate_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "core/base/lines.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

using term::Ink;
using term::ink;

constexpr std::size_t max_snippet = 160;  // bytes of a line that are shown

Ink color_of(Severity severity) {
    return severity == Severity::error ? Ink::red : severity == Severity::warning ? Ink::yellow : Ink::blue;
}

std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// "  - key: …" of "  - key: value"; nothing of a line that begins with anything but a plain key.
std::string up_to_key(std::string_view line) {
    constexpr std::string_view word = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    std::size_t begin = line.find_first_not_of(" \t");
    while (begin < line.size() && line.substr(begin).starts_with("- ")) begin = line.find_first_not_of(' ', begin + 1);
    const std::size_t colon = begin < line.size() ? line.find_first_not_of(word, begin) : std::string_view::npos;
    if (colon == std::string_view::npos || colon == begin || line[colon] != ':') return "";
    const std::string_view rest = line.substr(colon + 1);
    if (rest.find_first_not_of(" \t") == std::string_view::npos) return std::string(line);
    if (rest.front() != ' ') return "";  // "https://" and the like
    return std::string(line.substr(0, colon + 1)) + " …";
}

using Texts = std::unordered_map<std::string_view, Lines>;  // by file

// The line of a finding and a caret below its column; nothing for lines that may not be shown or would not show well.
std::string snippet(const Diagnostic& finding, const Texts& texts, bool color) {
    const Place& where = finding.where;
    const auto text = texts.find(where.file);
    if (text == texts.end() || finding.excerpt == Excerpt::none) return "";
    const std::string_view written = text->second.line(where.line);
    if (written.size() > max_snippet || !valid_utf8(written)) return "";
    const std::string line = finding.excerpt == Excerpt::key ? up_to_key(written) : std::string(written);
    std::size_t column = where.column > 0 ? static_cast<std::size_t>(where.column) - 1 : 0;
    if (line.empty() || column > written.size()) return "";
    if (line != written) column = std::min(column, line.size() - std::string_view("…").size());
    std::string number = std::to_string(where.line);
    std::string blanks;  // as wide as what stands before the caret
    for (char c : std::string_view(line).substr(0, column)) {
        if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) blanks += c == '\t' ? '\t' : ' ';
    }
    return fmt::format("  {} {}\n  {} {}{}\n", ink(number + " |", Ink::dim, color), printable(line, true),
                       ink(std::string(number.size(), ' ') + " |", Ink::dim, color), blanks, ink("^", Ink::red, color));
}

// The templates that Helm made documents from: it writes "# Source: chart/templates/job.yaml" at the start of each.
class HelmSources {
public:
    explicit HelmSources(const std::vector<lint::Source>& sources) {
        for (const lint::Source& source : sources)
            if (source.text.find(mark) != std::string::npos) read(source);
    }

    // "" when there is none.
    std::string_view of(const Place& where) const {
        const auto row = files_.find(where.file);
        if (row == files_.end()) return {};
        const auto next = row->second.upper_bound(where.line);
        return next == row->second.begin() ? std::string_view() : std::prev(next)->second;
    }

private:
    static constexpr std::string_view mark = "# Source: ";

    void read(const lint::Source& source) {
        std::map<int, std::string_view>& starts = files_[source.file];
        int number = 0;
        for (std::string_view rest = source.text; !rest.empty();) {
            const std::string_view line = without_end(take_line(rest));
            ++number;
            if (line.starts_with("---")) starts[number] = {};
            if (line.starts_with(mark)) starts[number] = trim(line.substr(mark.size()));
        }
    }

    std::map<std::string_view, std::map<int, std::string_view>> files_;  // by the line from which on it holds
};

}  // namespace

std::string summary_text(const lint::Report& report) {
    std::string text = counted(report.files, "file") + ", " + counted(report.objects, "object") + ": ";
    std::vector<std::string> counts;
    if (std::size_t n = report.count(Severity::error)) counts.push_back(counted(n, "error"));
    if (std::size_t n = report.count(Severity::warning)) counts.push_back(counted(n, "warning"));
    if (std::size_t n = report.count(Severity::info)) counts.push_back(counted(n, "hint"));
    text += counts.empty() ? "no findings" : join(counts, ", ");
    if (report.suppressed > 0) text += fmt::format("; {} suppressed", report.suppressed);
    if (report.known > 0) text += fmt::format("; {} known to the baseline", report.known);
    if (report.passed_over > 0) text += "; " + counted(report.passed_over, "document") + " passed over";
    std::vector<std::string> kinds;
    for (const lint::Unchecked& kind : report.unchecked) {
        kinds.push_back(fmt::format("{} ({})", printable(kind.kind), kind.count));
    }
    return text + (kinds.empty() ? "" : "; structure not checked: " + join(kinds, ", ")) + "\n";
}

void text_report(const Shown& shown, term::Output& out) {
    const bool color = shown.session.out_color();
    const bool snippets = shown.session.out.is_terminal();
    const HelmSources helm(shown.sources);
    Texts texts;
    if (snippets)
        for (const lint::Source& source : shown.sources) texts.try_emplace(source.file, source.text);
    for (const Diagnostic& d : shown.report.findings) {
        std::string text =
            fmt::format("{}: {} {} {}\n", printable(to_string(d.where)),
                        ink(to_string(d.severity), color_of(d.severity), color), d.rule, printable(d.message));
        if (snippets) text += snippet(d, texts, color);
        if (!d.fix.empty()) text += "  " + ink("fix:", Ink::blue, color) + " " + printable(d.fix) + "\n";
        if (const std::string_view origin = helm.of(d.where); !origin.empty())
            text += "  " + ink("from:", Ink::blue, color) + " " + printable(origin) + "\n";
        out.write(text);
    }
    out.write(summary_text(shown.report));
}

Json report_json(const lint::Report& report) {
    Json unchecked = Json::array();
    for (const lint::Unchecked& kind : report.unchecked)
        unchecked.push_back({{"kind", kind.kind}, {"count", kind.count}});
    Json json = {{"files", report.files},
                 {"objects", report.objects},
                 {"errors", report.count(Severity::error)},
                 {"warnings", report.count(Severity::warning)},
                 {"infos", report.count(Severity::info)}};
    if (report.suppressed > 0) json["suppressed"] = report.suppressed;
    if (report.known > 0) json["known"] = report.known;
    json["passedOver"] = report.passed_over;
    json["structureNotChecked"] = std::move(unchecked);
    json["findings"] = Json::array();
    return json;
}

std::string rule_text(const lint::Rule& rule) {
    return fmt::format("{} {} ({})\n  looks at: {}\n  reports:  {}\n  why:      {}\n  fix:      {}\n  source:   {}\n",
                       rule.id, rule.name, to_string(rule.severity), rule.kinds, rule.what, rule.why, rule.fix,
                       rule.source);
}

}  // namespace ktrain
