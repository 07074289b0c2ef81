// The objects of a submission: what is refused at once, and how changes are told.
#include <doctest/doctest.h>

#include "core/kube/bundle.h"
#include "core/kube/changes.h"
#include "tests/support/fake_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;
using test::FakeCluster;

TEST_CASE("bundle: what is no object is refused") {
    FakeCluster cluster;
    for (const char* text : {"[]", "{}", R"({"kind":"Job"})", R"({"apiVersion":"batch/v1","kind":"Job"})",
                             R"({"apiVersion":"batch/v1","kind":"Job","metadata":[]})",
                             R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a","labels":["x"]}})",
                             R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a","annotations":["x"]}})",
                             R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a"},"spec":"x"})"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(make_bundle(*cluster.client, {Json::parse(text)}, "team"), Error);
    }
}

TEST_CASE("bundle: changes of a Secret are told without its values") {
    const Json before = Json::parse(R"({"kind":"Secret","data":{"token":"b2xk"}})");
    const Json after = Json::parse(R"({"kind":"Secret","data":{"token":"bmV3"}})");
    CHECK(changes(before, after) == std::vector<std::string>{"data.token"});
    CHECK(changes(before, before).empty());
}
