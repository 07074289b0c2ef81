// The changes that findings carry mend what they are about: applied to the bad examples, the finding is gone.
#include <algorithm>
#include <set>

#include "core/base/yaml.h"
#include "core/lint/lint.h"
#include "tests/support/golden.h"

using namespace ktrain;

namespace {

// The steps of a JSON path: a.b[0]["c/d"].
std::vector<std::string> steps_of(const std::string& path) {
    std::vector<std::string> steps;
    for (std::size_t at = 0; at < path.size();) {
        const bool bracket = path[at] == '[', quoted = bracket && path[at + 1] == '"';
        if (path[at] == '.') ++at;
        const std::size_t start = at + (quoted ? 2 : bracket ? 1 : 0);
        const std::size_t end = quoted ? path.find("\"]", start) : path.find_first_of(bracket ? "]" : ".[", start);
        steps.push_back(path.substr(start, end == std::string::npos ? end : end - start));
        at = end == std::string::npos ? path.size() : end + (quoted ? 2 : bracket ? 1 : 0);
    }
    return steps;
}

Json& child(Json& value, const std::string& step) {
    return value.is_array() ? value.at(std::stoul(step)) : value.at(step);
}

void apply(const Change& change, Json& object) {
    std::vector<std::string> steps = steps_of(change.path);
    Json* at = &object;
    const std::size_t depth = steps.size() - (change.kind == Change::Kind::add ? 0 : 1);
    for (std::size_t i = 0; i < depth; ++i) at = &child(*at, steps[i]);
    if (change.kind == Change::Kind::replace)
        child(*at, steps.back()) = change.value;
    else if (change.kind == Change::Kind::add && change.key.empty())
        at->push_back(change.value);
    else if (change.kind == Change::Kind::add)
        (*at)[change.key] = change.value;
    else if (at->is_array())
        at->erase(std::stoul(steps.back()));
    else
        at->erase(steps.back());
}

// The text with the changes of one finding.
std::string mended(const std::string& text, const Diagnostic& finding) {
    std::vector<yaml::Node> documents = yaml::parse(text, "bad.yaml").documents;
    std::string result;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        Json object = yaml::to_json(documents[i]);
        const bool last = i + 1 == documents.size() || documents[i + 1].line > finding.where.line;
        if (documents[i].line <= finding.where.line && last) {
            for (const Change& change : finding.changes) apply(change, object);
        }
        result += "---\n" + yaml::emit(object);
    }
    return result;
}

std::size_t count(const lint::Report& report, const std::string& rule) {
    return static_cast<std::size_t>(
        std::ranges::count_if(report.findings, [&](const Diagnostic& d) { return d.rule == rule; }));
}

}  // namespace

TEST_CASE("the changes of a finding mend it, and break nothing") {
    std::set<std::string> mends;
    for (const std::string& folder : test::golden_cases("lint")) {
        CAPTURE(folder);
        if (folder.ends_with("/list-of-lists")) continue;  // paths begin at the objects in the lists
        const std::string text = real_files().read(folder + "/bad.yaml");
        const lint::Report before = lint::check({{"bad.yaml", text}});
        for (const Diagnostic& finding : before.findings) {
            if (finding.changes.empty()) continue;
            CAPTURE(finding.rule);
            CAPTURE(finding.message);
            const std::string changed = mended(text, finding);
            CAPTURE(changed);
            const lint::Report after = lint::check({{"bad.yaml", changed}});
            CHECK(count(after, finding.rule) < count(before, finding.rule));
            CHECK(after.count(Severity::error) <= before.count(Severity::error));
            mends.insert(finding.rule);
        }
    }
    for (const char* rule : {"KD201", "KD202", "KD203", "KD205", "KD207", "KD208", "KD209", "KD211", "KD212",
                             "KD213", "KD215", "KD217", "KG103", "KG104", "KG105", "KG106", "KG110", "KG114",
                             "KR305", "KR307", "KR309", "KR310", "KR312", "KR313", "KR314", "KR316"}) {
        CAPTURE(rule);
        CHECK(mends.contains(rule));
    }
}
