// The table of output formats of `ktrain validate`.
#include "cli/commands/validate_formats.h"

#include <algorithm>
#include <array>

#include "cli/commands/validate_output.h"
#include "cli/commands/validate_reports.h"

namespace ktrain {
namespace {

struct FindingFormat {
    std::string_view name;
    std::string (*render)(const Shown& shown);  // none: findings_text(), some at a time
    bool changes = false;
};

std::string as_json(const Shown& shown) {
    return term::render(report_json(shown.report), term::Format::json);
}

std::string as_yaml(const Shown& shown) {
    return term::render(report_json(shown.report), term::Format::yaml);
}

constexpr std::array table{
    FindingFormat{"github", github_report}, FindingFormat{"json", as_json},
    FindingFormat{"junit", junit_report},   FindingFormat{"sarif", sarif_report, true},
    FindingFormat{"table", nullptr},        FindingFormat{"tap", tap_report},
    FindingFormat{"text", nullptr},  // as kubeconform and conftest call it
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
    const FindingFormat& row = row_of(format);
    if (row.render == nullptr)
        write_findings_text(shown.report, shown.sources, shown.session, out);
    else
        out.write(row.render(shown));
}

}  // namespace ktrain
