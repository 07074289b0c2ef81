// Rules by example: every folder of tests/golden/lint has a bad.yaml, what is found in it, and a good.yaml without
// findings of its family, and in others.txt those of others; where changes mend what the folder's rule finds,
// fixed.yaml is bad.yaml with them, byte for byte. Only rules of the API (KT, KG101) and those of the folder's family
// run: policy has more to say about any manifest.
#include <array>
#include <set>

#include "core/lint/fix.h"
#include "tests/support/golden.h"

using namespace ktrain;

namespace {

// `family`: "KG" of "KG101-fraction"; a folder that is not named after a rule shows the API's and images'.
lint::Selection of_family(const std::string& family) {
    lint::Selection selection;
    for (const lint::Rule& rule : lint::rules()) {
        const bool api = rule.id.starts_with("KT") || rule.id == "KG101";
        if (!api && !rule.id.starts_with(family)) selection.skip.emplace_back(rule.id);
    }
    return selection;
}

lint::Report check_file(const std::string& path, const std::string& name, const lint::Selection& selection) {
    return lint::check({{name, real_files().read(path)}}, selection);
}

// bad.yaml as the rule alone mends it; empty where it has nothing to mend.
std::string fixed_by(const std::string& rule, const std::string& path) {
    const std::string before = real_files().read(path);
    const auto check = [&](const auto& sources) { return lint::check(sources, {.only = {rule}}); };
    const lint::Fixed fixed = lint::fix({{"bad.yaml", before}}, check, {rule});
    const std::string& after = fixed.sources.front().text;
    CHECK(lint::fix(fixed.sources, check, {rule}).applied == 0);  // what is mended is not touched again
    return after == before ? "" : after;
}

// Rules of policy that find something in most manifests which are short enough to read.
constexpr std::array<std::string_view, 15> common{"KD207", "KG106", "KR302", "KR308", "KR309",
                                                  "KR314", "KR316", "KS402", "KS404", "KX603",
                                                  "KX604", "KX606", "KX607", "KX608", "KX612"};

// What all other rules find in the file: a new line is a finding to look at, and most often a false alarm.
std::string found_by_all(const std::string& path) {
    lint::Selection selection;
    for (const std::string_view rule : common) selection.skip.emplace_back(rule);
    std::string text;
    for (const Diagnostic& d : check_file(path, "good.yaml", selection).findings)
        text += to_string(d.where) + ": " + std::string(d.rule) + " " + d.message + "\n";
    return text;
}

std::string text_of(const Diagnostics& findings) {
    std::string text;
    for (const Diagnostic& d : findings) {
        text += to_string(d.where) + ": " + to_string(d.severity) + " " + std::string(d.rule) + " " + d.message + "\n";
        text += "  path: " + d.where.path + "\n  fix: " + d.fix + "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("bad manifests are found out, good ones are not") {
    std::set<std::string> shown;
    for (const std::string& folder : test::golden_cases("lint")) {
        CAPTURE(folder);
        const std::string name = folder.substr(folder.rfind('/') + 1);
        const std::string rule = name.substr(0, name.find('-'));
        // Suppressions (KT09x) are shown with images' rule as well.
        const bool named = lint::find_rule(rule) != nullptr && !rule.starts_with("KT09");
        const lint::Selection selection = of_family(named ? rule.substr(0, 2) : "KX601");
        lint::Report bad = check_file(folder + "/bad.yaml", "bad.yaml", selection);
        lint::Report good = check_file(folder + "/good.yaml", "good.yaml", selection);
        CHECK(text_of(good.findings) == "");
        CHECK_FALSE(bad.findings.empty());
        for (const Diagnostic& d : bad.findings) {
            CHECK(d.where.line > 0);
            CHECK(d.where.column > 0);
            CHECK_FALSE(d.fix.empty());
            CHECK_FALSE(d.why.empty());
        }
        // A folder that is named after a rule shows this rule.
        if (lint::find_rule(rule) != nullptr) {
            shown.insert(rule);
            CHECK(std::any_of(bad.findings.begin(), bad.findings.end(),
                              [&](const Diagnostic& d) { return d.rule == rule; }));
        }
        test::check_golden(folder + "/expected.txt", text_of(bad.findings));
        test::check_golden(folder + "/others.txt", found_by_all(folder + "/good.yaml"));
        if (named) test::check_golden(folder + "/fixed.yaml", fixed_by(rule, folder + "/bad.yaml"));
    }
    for (const lint::Rule& rule : lint::rules()) {
        CAPTURE(rule.id);
        CHECK(shown.contains(std::string(rule.id)));
    }
}
