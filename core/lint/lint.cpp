// Runs the selected rules over a bundle and orders what they report.
#include "core/lint/lint.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/lint/excerpt.h"

namespace ktrain::lint {
namespace {

const Rule& wanted_rule(const std::string& name) {
    if (const Rule* rule = find_rule(name)) return *rule;
    std::vector<std::string_view> known;
    for (const Rule& rule : rules()) known.insert(known.end(), {rule.id, rule.name});
    std::string near = nearest(name, known);
    throw Error(ErrorKind::usage, "unknown rule " + shown(name), {},
                near.empty() ? "see: ktrain validate --explain all" : "did you mean " + near + "?");
}

std::set<std::string_view> selected_ids(const Selection& selection) {
    std::set<std::string_view> ids;
    for (const std::string& name : selection.only) ids.insert(wanted_rule(name).id);
    if (selection.only.empty()) {
        for (const Rule& rule : rules()) ids.insert(rule.id);
    }
    for (const std::string& name : selection.skip) ids.erase(wanted_rule(name).id);
    return ids;
}

// Every check function once, though it may serve several rules.
std::vector<Check> selected_checks(const std::set<std::string_view>& ids) {
    std::vector<Check> checks;
    for (const Rule& rule : rules()) {
        bool known = std::find(checks.begin(), checks.end(), rule.check) != checks.end();
        if (rule.check != nullptr && !known && ids.contains(rule.id)) checks.push_back(rule.check);
    }
    return checks;
}

// The kind, with its group where another group has a kind of the same name that is checked.
std::string unchecked_name(const Object& object, const Schemas& schemas) {
    const std::vector<KindSchema> kinds = schemas.kinds();
    const bool ambiguous =
        std::ranges::any_of(kinds, [&](const KindSchema& kind) { return kind.name() == object.kind; });
    return object.kind + (ambiguous ? " of " + object.api_version : "");
}

std::vector<Unchecked> unchecked_kinds(const Bundle& bundle) {
    std::map<std::string, std::size_t> counts;
    for (const Object& object : bundle.objects) {
        const bool known =
            object.has_schema() || object.is_spec() || object.kind.empty() || is_no_api(object, bundle.schemas);
        if (!known) ++counts[unchecked_name(object, bundle.schemas)];
    }
    std::vector<Unchecked> result;
    for (const auto& [kind, count] : counts) result.push_back({kind, count});
    return result;
}

// By source in the order given, then by place. Other files, which CRDs come from, are before them.
void sort_findings(Diagnostics& findings, const std::vector<Source>& sources) {
    std::map<std::string_view, std::size_t> order;
    for (const Source& source : sources) order.emplace(source.file, order.size() + 1);
    std::stable_sort(findings.begin(), findings.end(), [&](const Diagnostic& a, const Diagnostic& b) {
        return std::tuple(order[a.where.file], a.where.line, a.where.column, std::string_view(a.rule)) <
               std::tuple(order[b.where.file], b.where.line, b.where.column, std::string_view(b.rule));
    });
}

}  // namespace

std::size_t Report::count(Severity severity) const {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(), [&](const Diagnostic& d) { return d.severity == severity; }));
}

Report check(const std::vector<Source>& sources, const Selection& selection, const Target& target) {
    std::set<std::string_view> ids = selected_ids(selection);
    std::vector<Check> checks = selected_checks(ids);
    Bundle bundle = read_bundle(sources, target);
    Report report;
    report.files = sources.size();
    report.objects = bundle.objects.size();
    report.unchecked = unchecked_kinds(bundle);
    for (const Object& object : bundle.objects) {
        Findings findings(object, report.findings);
        for (Check run : checks) run(object, bundle, findings);
    }
    choose_excerpts(report.findings, bundle, sources);
    report.findings.insert(report.findings.end(), bundle.problems.begin(), bundle.problems.end());
    std::erase_if(report.findings, [&](const Diagnostic& d) { return !ids.contains(d.rule); });
    sort_findings(report.findings, sources);
    return report;
}

Report check_rendered(const std::vector<Json>& objects, const std::string& name, const Selection& selection) {
    std::string text;
    for (const Json& object : objects) text += "---\n" + yaml::emit(object);
    return check({{name, std::move(text)}}, selection);
}

}  // namespace ktrain::lint
