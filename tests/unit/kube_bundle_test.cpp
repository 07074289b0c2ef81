// The objects of a submission: what is refused at once, and how changes are told.
#include <doctest/doctest.h>

#include <tuple>

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
    CHECK(changes(before, after) == std::vector<std::string>{"data.token: another value"});
    CHECK(changes(before, before).empty());
}

TEST_CASE("bundle: changes of what looks like a secret are told without the values") {
    for (const auto& [before, after, path] :
         {std::tuple{R"({"data":{"HF_TOKEN":"0ld"}})", R"({"data":{"HF_TOKEN":"s3cr3t"}})", "data.HF_TOKEN"},
          {R"({"spec":{"args":["--hf-token=0ld"]}})", R"({"spec":{"args":["--hf-token=s3cr3t"]}})", "spec.args.0"},
          {R"({"spec":{"args":["--hf-token","0ld"]}})", R"({"spec":{"args":["--hf-token","s3cr3t"]}})", "spec.args.1"},
          {R"({"spec":{"args":["export DB_PASS=0ld"]}})", R"({"spec":{"args":["export DB_PASS=s3cr3t"]}})",
           "spec.args.0"},
          {R"({"spec":{"env":[{"name":"wandb_api_key","value":"0ld"}]}})",
           R"({"spec":{"env":[{"name":"wandb_api_key","value":"s3cr3t"}]}})", "spec.env[wandb_api_key].value"},
          {R"({"spec":{"env":[{"name":"DB_PASS","value":"0ld"}]}})",
           R"({"spec":{"env":[{"name":"DB_PASS","value":"s3cr3t"}]}})", "spec.env[DB_PASS].value"},
          {R"({"spec":{"env":[{"name":"API_KEY","value":"0ld"}]}})",
           R"({"spec":{"env":[{"name":"API_KEY","value":"s3cr3t"}]}})", "spec.env[API_KEY].value"}})
        CHECK(changes(Json::parse(before), Json::parse(after)) ==
              std::vector<std::string>{std::string(path) + ": another value"});
    CHECK(changes(Json::parse(R"({"data":{"pad_token":"a"}})"), Json::parse(R"({"data":{"pad_token":"b"}})")) ==
          std::vector<std::string>{"data.pad_token: a -> b"});
    CHECK(changes(Json::parse(R"({"spec":{"args":["TOKENIZERS_PARALLELISM=a"]}})"),
                  Json::parse(R"({"spec":{"args":["TOKENIZERS_PARALLELISM=b"]}})")) ==
          std::vector<std::string>{"spec.args.0: TOKENIZERS_PARALLELISM=a -> TOKENIZERS_PARALLELISM=b"});
}

TEST_CASE("bundle: what is wanted of a Secret is told without its values, also where it cannot be read") {
    const Json wanted = Json::parse(R"({"kind":"Secret","data":{"db.user-pass":"bmV3"},"stringData":{"a":"s3cr3t"}})");
    const std::vector<std::string> paths{"data.db.user-pass: another value", "stringData.a: another value"};
    CHECK(wanted_changes(Json::parse(R"({"kind":"Secret","data":{"db.user-pass":"b2xk"}})"), wanted) == paths);
    CHECK(wanted_changes(Json(), wanted) == paths);
}

TEST_CASE("bundle: a file that a ConfigMap has no more is told") {
    CHECK(file_changes(Json::parse(R"({"data":{"a.yaml":"x: 1","b.yaml":"x: 1"}})"),
                       Json::parse(R"({"data":{"a.yaml":"x: 1","c.yaml":"x: 1"}})")) ==
          std::vector<std::string>{"b.yaml: no longer there", "c.yaml: new"});
    CHECK(file_changes(Json::parse(R"({"data":{"a.yaml":"password: 0ld"}})"),
                       Json::parse(R"({"data":{"a.yaml":"password: s3cr3t"}})")) ==
          std::vector<std::string>{"password: another value"});
}
