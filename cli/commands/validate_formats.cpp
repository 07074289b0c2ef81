// The table of output formats of `ktrain validate`.
#include "cli/commands/validate_formats.h"

#include <algorithm>
#include <array>

#include "cli/commands/validate_output.h"
#include "cli/commands/validate_reports.h"
#include "cli/term/json_stream.h"

namespace ktrain {
namespace {

struct FindingFormat {
    std::string_view name;
    void (*write)(const Shown& shown, term::Output& out);
    bool changes = false;
};

void as_json(const Shown& shown, term::Output& out) {
    const Diagnostics& findings = shown.report.findings;
    term::write_pretty(out, report_json(shown.report),
                       {{"findings"}, findings.size(), [&](std::size_t i) { return term::to_json(findings[i]); }});
}

void as_yaml(const Shown& shown, term::Output& out) {
    Json report = report_json(shown.report);
    for (const Diagnostic& finding : shown.report.findings) report["findings"].push_back(term::to_json(finding));
    out.write(term::render(report, term::Format::yaml));
}

constexpr std::array table{
    FindingFormat{"github", github_report}, FindingFormat{"json", as_json},
    FindingFormat{"junit", junit_report},   FindingFormat{"sarif", sarif_report, true},
    FindingFormat{"table", text_report},    FindingFormat{"tap", tap_report},
    FindingFormat{"text", text_report},  // as kubeconform and conftest call it
    FindingFormat{"yaml", as_yaml},
};

static_assert(std::ranges::is_sorted(table, {}, &FindingFormat::name));

const FindingFormat& row_of(std::string_view format) {
    const auto row = std::ranges::find(table, format, &FindingFormat::name);
    return row == table.end() ? *std::ranges::find(table, "table", &FindingFormat::name) : *row;
}

}  // namespace

std::vector<std::string_view> finding_formats() {
    std::vector<std::string_view> names;
    for (const FindingFormat& format : table) names.push_back(format.name);
    return names;
}

bool shows_changes(std::string_view format) {
    return row_of(format).changes;
}

void write_findings(std::string_view format, const Shown& shown, term::Output& out) {
    row_of(format).write(shown, out);
}

}  // namespace ktrain
