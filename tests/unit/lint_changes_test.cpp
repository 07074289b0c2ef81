// The changes that findings carry mend what they are about: applied to the bad examples, the finding is gone.
#include <algorithm>
#include <set>

#include "core/lint/edit.h"
#include "core/lint/lint.h"
#include "tests/support/golden.h"

using namespace ktrain;

namespace {

std::size_t count(const lint::Report& report, std::string_view rule) {
    return static_cast<std::size_t>(
        std::ranges::count_if(report.findings, [&](const Diagnostic& d) { return d.rule == rule; }));
}

}  // namespace

TEST_CASE("the changes of a finding mend it, and break nothing") {
    std::set<std::string> mends;
    for (const std::string& folder : test::golden_cases("lint")) {
        CAPTURE(folder);
        const std::string text = real_files().read(folder + "/bad.yaml");
        const lint::Report before = lint::check({{"bad.yaml", text}});
        const yaml::Extents extents(text);
        for (const Diagnostic& finding : before.findings) {
            if (finding.changes.empty()) continue;
            CAPTURE(finding.rule);
            CAPTURE(finding.message);
            const auto edits = lint::edits_of(extents, finding);
            if (!edits) continue;  // no place in the text: an alias
            const std::string changed = lint::edited(text, extents, *edits);
            CAPTURE(changed);
            const lint::Report after = lint::check({{"bad.yaml", changed}});
            CHECK(count(after, finding.rule) < count(before, finding.rule));
            CHECK(after.count(Severity::error) <= before.count(Severity::error));
            mends.emplace(finding.rule);
        }
    }
    for (const char* rule :
         {"KD203", "KD205", "KD207", "KD208", "KD209", "KD211", "KD212", "KD213", "KD215", "KD217", "KG103", "KG104",
          "KG105", "KG106", "KG110", "KG114", "KR305", "KR307", "KR309", "KR310", "KR312", "KR313", "KR314", "KR316"}) {
        CAPTURE(rule);
        CHECK(mends.contains(rule));
    }
}
