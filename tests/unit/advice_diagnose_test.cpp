// Diagnoses of recorded clusters: each case of tests/golden/diagnose is what an API server had, and its expected cause.
#include <doctest/doctest.h>

#include "core/advice/explain.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/yaml.h"
#include "tests/support/golden.h"
#include "tests/support/recorded.h"

namespace ktrain::advice {
namespace {

// The snapshot that gather() would have made of these objects; `logs` only those that it would have asked for.
Snapshot snapshot_of(const std::string& folder, const std::string& root) {
    Snapshot out = test::empty_snapshot();
    for (const std::string& line : split(real_files().read(folder + "/objects.json"), '\n'))
        if (!line.empty()) test::put(out, parse_json(line, folder), root);
    for (const Json& pod : out.pods)  // no case has a claim of devices that is there by its name
        for (const Json& claim : at_path(pod, {"spec", "resourceClaims"}))
            if (claim.contains("resourceClaimName"))
                out.absent_device_claims.insert(string_or(claim, "resourceClaimName"));
    const auto wishes = wanted_logs(out);
    std::erase_if(out.logs, [&](const LogTail& log) {
        return std::ranges::none_of(
            wishes, [&](const LogWish& wish) { return wish.pod == log.pod && wish.container == log.container; });
    });
    return out;
}

}  // namespace

TEST_CASE("diagnose names the cause first") {
    const Symptoms symptoms = Symptoms::built_in();
    for (const std::string& folder : test::golden_cases("diagnose")) {
        CAPTURE(folder);
        const Json expected = yaml::to_json(yaml::parse_one(real_files().read(folder + "/expected.yaml"), folder));
        const auto findings = diagnose(snapshot_of(folder, string_or(expected, "root", "Job/job")), symptoms);
        if (at_path(expected, {"healthy"}) == true) {
            CHECK_MESSAGE(findings.empty(), findings.front().cause << ": " << findings.front().summary);
            continue;
        }
        REQUIRE_FALSE(findings.empty());
        const Finding& first = findings.front();
        CHECK_MESSAGE(first.cause == string_or(expected, "cause"), first.summary);
        CHECK(first.object.text().starts_with(string_or(expected, "object")));
        if (expected.contains("findings")) CHECK(findings.size() == expected["findings"]);
        CHECK_FALSE(first.remedy.empty());
        CHECK_FALSE(first.command.empty());
        CHECK_FALSE(first.evidence.empty());
        CHECK(first.summary.find(" ?") == std::string::npos);  // a placeholder without a word
        CHECK((first.summary + first.command).find("\xEF\xBF\xBD") == std::string::npos);  // nor of two lines
    }
}

TEST_CASE("symptoms: a row that is not well formed is refused with its place") {
    const auto refusal = [](const std::string& row) -> std::string {
        try {
            Symptoms::parse("symptoms:\n- " + row, "table.yaml");
        } catch (const Error& error) {
            return error.message;
        }
        return "";
    };
    const std::string good = "{cause: a, source: log, match: x, meaning: m, remedy: r}";
    CHECK(refusal(good).empty());
    CHECK(refusal("{cause: a, source: log, match: x, meaning: m}") == "symptom 1 (a) of table.yaml has no remedy");
    CHECK(refusal("{cause: a, source: log, meaning: m, remedy: r}").find("neither reason nor match") !=
          std::string::npos);
    CHECK(refusal("{cause: a, source: tea, match: x, meaning: m, remedy: r}").find("unknown source \"tea\"") !=
          std::string::npos);
    CHECK(refusal("{cause: a, source: [log, tea], match: x, meaning: m, remedy: r}").find("unknown source \"tea\"") !=
          std::string::npos);
    CHECK(refusal("{cause: a, source: [], match: x, meaning: m, remedy: r}").find("no source") != std::string::npos);
    CHECK(refusal("{cause: a, source: log, match: '(', meaning: m, remedy: r}").find("no regular expression") !=
          std::string::npos);
    CHECK(refusal("{cause: a, source: log, match: x, meaning: m, remedy: r, tea: 1}").find("unknown key \"tea\"") !=
          std::string::npos);
}

TEST_CASE("findings: causes stand before consequences, and one cause is one finding") {
    Finding a, b, c;
    a.cause = "oom-killed", a.weight = weight::ending, a.object = {"Pod", "n", "a"};
    b = a, b.object.name = "b";
    c.cause = "job-failed", c.weight = weight::consequence, c.evidence = {"Job/x Failed=True"};
    const auto out = ranked({c, a, b});
    REQUIRE(out.size() == 1);
    CHECK(out[0].cause == "oom-killed");
    CHECK(out[0].count == 2);
    CHECK(out[0].evidence == std::vector<std::string>{"also: Pod/b", "Job/x Failed=True"});
    CHECK(ranked({a, a, b})[0].count == 2);  // of two objects
    CHECK(ranked({c}).size() == 1);          // alone it is all there is
}

}  // namespace ktrain::advice
