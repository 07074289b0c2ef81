// Signs of trouble, and the cause that a diagnosis of a small cluster with each must name first.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/small_cluster.h"

namespace ktrain::test {

struct Sign {
    std::string cause, reason, message;
    std::string said = {};  // in the summary
};

inline void check_all(const std::vector<Sign>& signs, const std::function<Objects(const Sign&)>& cluster) {
    for (const Sign& sign : signs) {
        CAPTURE(sign.reason);
        CAPTURE(sign.message);
        const auto findings = findings_of(cluster(sign));
        REQUIRE_FALSE(findings.empty());
        CHECK(findings[0].cause == sign.cause);
        CHECK(findings[0].summary.find(sign.said) != std::string::npos);
        CHECK(findings[0].summary.find('?') == std::string::npos);
        CHECK_FALSE(findings[0].remedy.empty());
        CHECK_FALSE(findings[0].evidence.empty());
    }
}

}  // namespace ktrain::test
