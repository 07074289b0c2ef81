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
    std::string (*render)(const Shown& shown);
};

std::string as_json(const Shown& shown) {
    return term::render(report_json(shown.report), term::Format::json);
}

std::string as_table(const Shown& shown) {
    return findings_text(shown.report, shown.sources, shown.session);
}

std::string as_yaml(const Shown& shown) {
    return term::render(report_json(shown.report), term::Format::yaml);
}

constexpr std::array table{
    FindingFormat{"github", github_report}, FindingFormat{"json", as_json},   FindingFormat{"junit", junit_report},
    FindingFormat{"sarif", sarif_report},   FindingFormat{"table", as_table}, FindingFormat{"tap", tap_report},
    FindingFormat{"text", as_table},  // as kubeconform and conftest call it
    FindingFormat{"yaml", as_yaml},
};

static_assert(std::is_sorted(table.begin(), table.end(),
                             [](const FindingFormat& a, const FindingFormat& b) { return a.name < b.name; }));

}  // namespace

std::vector<std::string_view> finding_formats() {
    std::vector<std::string_view> names;
    for (const FindingFormat& format : table) names.push_back(format.name);
    return names;
}

std::string render_findings(std::string_view format, const Shown& shown) {
    const auto row = std::find_if(table.begin(), table.end(), [&](const auto& known) { return known.name == format; });
    return row == table.end() ? as_table(shown) : row->render(shown);
}

}  // namespace ktrain
