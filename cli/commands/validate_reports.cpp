// Writes findings for test reports and continuous integration: JUnit, GitHub's workflow commands, TAP.
#include "cli/commands/validate_reports.h"

#include <fmt/format.h>

#include <map>

#include "cli/commands/validate_output.h"
#include "core/base/text.h"
#include "core/base/yaml.h"

namespace ktrain {
namespace {

// For an attribute or a text of XML; what XML cannot hold is gone already.
std::string xml(std::string_view text) {
    std::string safe;
    for (const char c : printable(text, true)) {
        switch (c) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            case '\n':
                safe += "&#10;";
                break;
            case '\t':
                safe += "&#9;";
                break;
            default:
                safe += c;
        }
    }
    return safe;
}

// For a workflow command: "toolkit/packages/core/src/command.ts" of actions/toolkit says what is escaped where.
std::string workflow(std::string_view text, bool property) {
    std::string safe;
    for (const char c : printable(text, true)) {
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
            safe += fmt::format("%{:02X}", static_cast<unsigned>(c));
        } else {
            safe += c;
        }
    }
    return safe;
}

bool fails(const Diagnostic& finding) {
    return finding.severity != Severity::info;
}

struct FindingsOfFile {
    std::string file;
    std::vector<const Diagnostic*> findings;
};

// By file, in the order of the sources; findings elsewhere than in a source come last.
std::vector<FindingsOfFile> by_file(const Shown& shown) {
    std::vector<FindingsOfFile> files;
    std::map<std::string_view, std::size_t> rows;
    for (const lint::Source& source : shown.sources) {
        if (rows.emplace(source.file, files.size()).second) files.push_back({source.file, {}});
    }
    for (const Diagnostic& finding : shown.report.findings) {
        const auto [row, added] = rows.emplace(finding.where.file, files.size());
        if (added) files.push_back({finding.where.file, {}});
        files[row->second].findings.push_back(&finding);
    }
    return files;
}

std::size_t cases(const FindingsOfFile& file) {
    return std::max<std::size_t>(file.findings.size(), 1);
}

std::string with_fix(const Diagnostic& finding) {
    return finding.message + (finding.fix.empty() ? "" : "\nfix: " + finding.fix);
}

std::string junit_case(const std::string& file, const Diagnostic& finding) {
    const std::string name = fmt::format("{} {}{}{}", finding.rule, to_string(finding.where),
                                         finding.where.path.empty() ? "" : " ", finding.where.path);
    std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(file), xml(name));
    if (!fails(finding)) return text + fmt::format("><system-out>{}</system-out></testcase>\n", xml(with_fix(finding)));
    return text + fmt::format(">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                              to_string(finding.severity), xml(finding.message),
                              xml(to_string(finding.where) + "\n" + with_fix(finding)));
}

}  // namespace

void junit_report(const Shown& shown, term::Output& out) {
    const std::vector<FindingsOfFile> files = by_file(shown);
    std::size_t tests = 0;
    for (const FindingsOfFile& file : files) tests += cases(file);
    out.write(
        fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"ktrain validate\" tests=\"{}\" "
                    "failures=\"{}\" errors=\"0\">\n",
                    tests, std::ranges::count_if(shown.report.findings, fails)));
    for (const FindingsOfFile& file : files) {
        const auto failed = std::ranges::count_if(file.findings, [](const Diagnostic* d) { return fails(*d); });
        out.write(fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n", xml(file.file),
                              cases(file), failed));
        for (const Diagnostic* finding : file.findings) out.write(junit_case(file.file, *finding));
        if (file.findings.empty())
            out.write(fmt::format("    <testcase classname=\"{0}\" name=\"no findings\"/>\n", xml(file.file)));
        out.write("  </testsuite>\n");
    }
    out.write("</testsuites>\n");
}

void github_report(const Shown& shown, term::Output& out) {
    for (const Diagnostic& finding : shown.report.findings) {
        const Place& where = finding.where;
        std::string place;
        if (!where.file.empty() && where.file != "-") place += "file=" + workflow(where.file, true) + ",";
        if (where.line > 0) place += fmt::format("line={},", where.line);
        if (where.column > 0) place += fmt::format("col={},", where.column);
        const std::string_view level = finding.severity == Severity::error     ? "error"
                                       : finding.severity == Severity::warning ? "warning"
                                                                               : "notice";
        out.write(fmt::format("::{} {}title={}::{}\n", level, place, workflow(finding.rule, true),
                              workflow(with_fix(finding), false)));
    }
    out.write(summary_text(shown.report));
}

void tap_report(const Shown& shown, term::Output& out) {
    const std::vector<FindingsOfFile> files = by_file(shown);
    out.write(fmt::format("TAP version 13\n1..{}\n", files.size()));
    std::size_t number = 0;
    for (const auto& [file, findings] : files) {
        const bool failed =
            std::any_of(findings.begin(), findings.end(), [](const Diagnostic* d) { return fails(*d); });
        // A '#' would begin a directive.
        std::string name;
        for (const char c : printable(file)) name += c == '#' ? std::string("\\#") : std::string(1, c);
        out.write(fmt::format("{} {} - {}\n", failed ? "not ok" : "ok", ++number, name));
        if (findings.empty()) continue;
        Json list = Json::array();
        for (const Diagnostic* finding : findings) list.push_back(term::to_json(*finding));
        std::string text = "  ---\n";
        for (const std::string& line : split(yaml::emit({{"findings", std::move(list)}}), '\n'))
            if (!line.empty()) text += "  " + line + "\n";
        out.write(text + "  ...\n");
    }
}

}  // namespace ktrain
