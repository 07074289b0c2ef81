// Runs the selected rules over a bundle and orders what they report.
#include "core/lint/lint.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <span>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "core/base/parallel.h"
#include "core/lint/bundle_tables.h"
#include "core/lint/excerpt.h"
#include "core/lint/families.h"
#include "core/lint/inner_text.h"
#include "core/lint/suppress.h"

namespace ktrain::lint {
namespace {

RuleIds selected_ids(const Selection& selection) {
    RuleIds ids;
    const auto add = [&](std::string_view id) { ids.insert(id); };
    for (const std::string& name : selection.only) std::ranges::for_each(wanted_rules(name), add);
    if (selection.only.empty()) {
        for (const Rule& rule : rules()) ids.insert(rule.id);
    }
    for (const std::string& name : selection.skip)
        for (std::string_view id : wanted_rules(name)) ids.erase(id);
    return ids;
}

// What cannot be read is reported whatever was asked for: else nobody would see that it was not checked.
bool is_wanted(const Diagnostic& finding, const RuleIds& ids) {
    return finding.rule == "KT001" || ids.contains(finding.rule);
}

void override_severities(const Selection& selection, Diagnostics& findings) {
    std::map<std::string_view, Severity> chosen;
    for (const auto& [name, severity] : selection.severities)
        for (std::string_view id : wanted_rules(name)) chosen[id] = severity;
    for (Diagnostic& finding : findings) {
        const auto row = chosen.find(finding.rule);
        if (row != chosen.end()) finding.severity = row->second;
    }
}

// Every check function once, though it may serve several rules.
std::vector<Check> selected_checks(const RuleIds& ids) {
    std::vector<Check> checks;
    for (const Rule& rule : rules()) {
        bool known = std::find(checks.begin(), checks.end(), rule.check) != checks.end();
        if (rule.check != nullptr && !known && ids.contains(rule.id)) checks.push_back(rule.check);
    }
    checks.push_back(check_inner_manifests);  // has rules of all families
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
        if (object.is_encrypted()) {
            ++counts[object.kind + " encrypted by SOPS"];
            continue;
        }
        const bool known =
            object.has_schema() || object.is_spec() || object.kind.empty() || is_no_api(object, bundle.schemas);
        if (!known) ++counts[unchecked_name(object, bundle.schemas)];
    }
    std::vector<Unchecked> result;
    for (const auto& [kind, count] : counts) result.push_back({kind, count});
    return result;
}

// order[i] is the place of what comes to place i.
void permute(Diagnostics& findings, std::vector<std::uint32_t> order) {
    for (std::uint32_t first = 0; first < order.size(); ++first) {
        Diagnostic moved = std::move(findings[first]);
        std::uint32_t hole = first;
        for (std::uint32_t next = order[hole]; next != first; next = order[hole]) {
            findings[hole] = std::move(findings[next]);
            order[std::exchange(hole, next)] = hole;
        }
        order[hole] = hole;
        findings[hole] = std::move(moved);
    }
}

// By source in the order given, then by place. Other files, which CRDs come from, are before them. Findings are large:
// a stable sort would hold half of them twice. Returns how many those are.
std::size_t sort_findings(Diagnostics& findings, const std::vector<Source>& sources) {
    std::map<std::string_view, std::uint32_t> ranks;
    for (const Source& source : sources) ranks.emplace(source.file, ranks.size() + 1);
    std::vector<std::uint32_t> files;
    for (const Diagnostic& finding : findings) {
        const auto row = ranks.find(finding.where.file);
        files.push_back(row == ranks.end() ? 0 : row->second);
    }
    std::vector<std::uint32_t> order(findings.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, {}, [&](std::uint32_t i) {
        const Diagnostic& finding = findings[i];
        return std::tuple(files[i], finding.where.line, finding.where.column, finding.rule, i);
    });
    permute(findings, std::move(order));
    return static_cast<std::size_t>(std::ranges::count(files, 0u));
}

// What mends a secret holds it.
void hide_secrets(const Object& object, Diagnostic& finding) {
    for (const Change& change : finding.changes) {
        if (object.is_private(change.path) || object.is_private(join_path(change.path, change.key)))
            finding.excerpt = Excerpt::none;
    }
}

// Takes the findings of groups of objects, and puts them one behind the other as the groups come: at once where none
// before is missing, so that hardly any are held twice.
class InOrder {
public:
    // Room that is not used is no memory yet; a vector that grows has all of them twice. Poor jobs have a dozen each.
    InOrder(std::size_t objects, Report& report) : report_(report) { report_.findings.reserve(16 * objects); }

    void add(std::size_t group, Diagnostics findings, std::size_t suppressed) {
        const std::lock_guard lock(mutex_);
        report_.suppressed += suppressed;
        waiting_.emplace(group, std::move(findings));
        for (auto row = waiting_.find(next_); row != waiting_.end(); row = waiting_.find(++next_)) {
            std::ranges::move(row->second, std::back_inserter(report_.findings));
            waiting_.erase(row);
        }
    }

private:
    Report& report_;
    std::mutex mutex_;
    std::map<std::size_t, Diagnostics> waiting_;
    std::size_t next_ = 0;
};

// A line on which one finding may not be shown is shown with none, whether that one was asked for, or is suppressed.
void close_lines(const Object& object, const Bundle& bundle, const RuleIds& ids, std::size_t first,
                 Diagnostics& findings) {
    if (findings.size() == first) return;
    std::set<int> closed;
    const auto add = [&](const Diagnostic& finding) {
        if (finding.excerpt == Excerpt::none) closed.insert(finding.where.line);
    };
    std::for_each(findings.begin() + static_cast<std::ptrdiff_t>(first), findings.end(), add);
    if (!ids.contains("KX602")) {
        Diagnostics secrets;
        Findings found(object, secrets);
        check_secret_values(object, bundle, found);
        check_secret_in_files(object, bundle, found);
        std::ranges::for_each(secrets, add);
    }
    for (std::size_t i = first; i < findings.size(); ++i)
        if (closed.contains(findings[i].where.line)) findings[i].excerpt = Excerpt::none;
}

// A null item that is refused for what the server reads it as needs no warning besides.
void drop_warned_nulls(std::size_t first, Diagnostics& findings) {
    const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(first);
    const auto warns = [](const Diagnostic& d) {
        return d.rule == "KT008" && d.severity == Severity::warning && d.message.ends_with("is null");
    };
    if (std::none_of(begin, findings.end(), warns)) return;
    std::set<std::pair<int, int>> refused;
    std::for_each(begin, findings.end(), [&](const Diagnostic& d) {
        if (d.severity == Severity::error) refused.emplace(d.where.line, d.where.column);
    });
    const auto told = [&](const Diagnostic& d) { return warns(d) && refused.contains({d.where.line, d.where.column}); };
    findings.erase(std::remove_if(begin, findings.end(), told), findings.end());
}

// Leaves what is kept to the end without room that it does not use.
void make_small(Diagnostic& finding, bool changes) {
    finding.message.shrink_to_fit();
    finding.where.path.shrink_to_fit();
    if (!changes) std::vector<Change>().swap(finding.changes);  // an assignment keeps the room
}

void check_objects(const Bundle& bundle, const RuleIds& ids, unsigned threads, bool changes, Report& report) {
    const std::vector<Check> checks = selected_checks(ids);
    InOrder order(bundle.objects.size(), report);
    constexpr std::size_t group = 32;
    in_parallel((bundle.objects.size() + group - 1) / group, threads, [&](std::size_t index) {
        Diagnostics all;
        std::size_t suppressed = 0;
        const std::size_t end = std::min(bundle.objects.size(), (index + 1) * group);
        for (std::size_t i = index * group; i < end; ++i) {
            const Object& object = bundle.objects[i];
            if (object.is_encrypted()) continue;
            const std::size_t first = all.size();
            Findings findings(object, all);
            for (Check run : checks) run(object, bundle, findings);
            drop_warned_nulls(first, all);
            close_lines(object, bundle, ids, first, all);
            suppressed += suppress_by_annotations(object, ids, first, all);
            for (std::size_t k = first; k < all.size(); ++k) hide_secrets(object, all[k]);
        }
        std::erase_if(all, [&](const Diagnostic& d) { return !is_wanted(d, ids); });
        std::unordered_map<std::string_view, SharedText> said;  // of many objects, and kept once
        for (Diagnostic& finding : all) {
            make_small(finding, changes);
            finding.fix = said.try_emplace(finding.fix, finding.fix).first->second;
        }
        order.add(index, std::move(all), suppressed);
    });
}

void heed_comments(const std::vector<Source>& sources, const Bundle& bundle, const RuleIds& ids, Report& report) {
    std::map<std::string_view, Diagnostics> marked;
    for (const Source& source : sources)
        if (has_suppressions(source)) marked[source.file];
    if (marked.empty()) return;
    std::erase_if(report.findings, [&](Diagnostic& finding) {
        const auto row = marked.find(finding.where.file);
        if (row == marked.end()) return false;
        row->second.push_back(std::move(finding));
        return true;
    });
    std::map<std::string_view, std::vector<const Object*>> objects;
    for (const Object& object : bundle.objects)
        if (marked.contains(object.file)) objects[object.file].push_back(&object);
    for (const Source& source : sources) {
        const auto row = marked.find(source.file);
        if (row == marked.end()) continue;
        report.suppressed += suppress_by_comments(source, objects[source.file], ids, row->second);
        std::move(row->second.begin(), row->second.end(), std::back_inserter(report.findings));
        marked.erase(row);
    }
}

std::vector<std::string> subjects_of(const std::vector<Source>& sources, const Bundle& bundle) {
    std::vector<std::string> subjects;
    subjects.reserve(sources.size() + bundle.objects.size());
    for (const Source& source : sources) subjects.push_back(source.file);
    for (const Object& object : bundle.objects) subjects.push_back(object.identity());
    std::ranges::sort(subjects);
    return subjects;
}

}  // namespace

std::size_t Report::count(Severity severity) const {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(), [&](const Diagnostic& d) { return d.severity == severity; }));
}

Report check(const std::vector<Source>& sources, const Selection& selection, const Target& target, unsigned threads) {
    const RuleIds ids = selected_ids(selection);
    Bundle bundle = read_bundle(sources, target, threads);
    Report report;
    report.files = sources.size();
    report.objects = bundle.objects.size();
    report.unchecked = unchecked_kinds(bundle);
    report.passed_over = bundle.passed_over;
    report.rules.assign(ids.begin(), ids.end());
    if (selection.subjects) report.subjects = subjects_of(sources, bundle);
    check_objects(bundle, ids, threads, selection.changes, report);
    report.findings.insert(report.findings.end(), bundle.problems.begin(), bundle.problems.end());
    heed_comments(sources, bundle, ids, report);
    std::erase_if(report.findings, [&](const Diagnostic& d) { return !is_wanted(d, ids); });
    override_severities(selection, report.findings);
    const std::size_t foreign = sort_findings(report.findings, sources);
    const std::span<Diagnostic> findings(report.findings);
    for (Diagnostic& finding : findings.first(foreign)) finding.excerpt = Excerpt::none;  // its text is not at hand
    choose_excerpts(findings.subspan(foreign), bundle, sources, threads);
    give_back(bundle, threads);
    return report;
}

Report check_rendered(const std::vector<Json>& objects, const std::string& name, const Selection& selection) {
    std::string text;
    for (const Json& object : objects) text += "---\n" + yaml::emit(object);
    return check({{name, std::move(text)}}, selection);
}

}  // namespace ktrain::lint
