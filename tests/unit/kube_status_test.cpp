// What a Status object and Warning headers say, in words.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/kube/http_trace.h"
#include "core/kube/status.h"
#include "core/kube/warning.h"
#include "tests/support/fake_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;

namespace {

Error error_for(int code, const std::string& reason, const std::string& message, const std::string& details) {
    HttpReply reply;
    reply.status = code;
    reply.body = Json{{"kind", "Status"},
                      {"code", code},
                      {"reason", reason},
                      {"message", message},
                      {"details", Json::parse(details)}}
                     .dump();
    return error_of(reply, {"apply", "configmap/a", "team"}, {"https://server", "here"});
}

std::vector<std::string> warnings(std::vector<std::string> values) {
    HttpReply reply;
    for (std::string& value : values) reply.headers.emplace_back("warning", std::move(value));
    return warnings_of(reply);
}

}  // namespace

TEST_CASE("status: causes become one line each, in kubectl's order and words") {
    const std::pair<const char*, const char*> cases[] = {
        {R"([{"reason":"FieldValueRequired","message":"Required value","field":"spec.a"}])",
         "\n  - spec.a: Required value"},
        {R"([{"reason":"FieldValueInvalid","message":"Invalid value: -1: must be at least 0","field":"spec.b"},
             {"reason":"FieldValueNotSupported","message":"Unsupported value: \"x\": supported values: \"y\"","field":"spec.a"}])",
         "\n  - spec.b: Invalid value: -1: must be at least 0\n  - spec.a: Unsupported value: \"x\": supported values: "
         "\"y\""},
        {R"([{"reason":"FieldValueDuplicate","message":"Duplicate value: \"p\"","field":"spec.ports[1]"},
             {"reason":"FieldValueDuplicate","message":"Duplicate value: \"p\"","field":"spec.ports[1]"}])",
         "\n  - spec.ports[1]: Duplicate value: \"p\""},
        {R"([{"reason":"FieldValueForbidden","message":"Forbidden: no","field":"<nil>"}])", "\n  - Forbidden: no"},
        {R"([{"reason":"FieldValueTooLong","message":"Too long: may not be more than 63 bytes","field":""}])",
         "\n  - Too long: may not be more than 63 bytes"},
        {R"([{"reason":"FieldValueInvalid","message":"Invalid value: \"--token=hunter2\": no","field":"spec.token"}])",
         "\n  - spec.token: Invalid value: \"--token=***\": no"},
        {R"([{"message":"two\nlines \u001b[31m","field":"spec.\u0007a"}])",
         "\n  - spec.\uFFFDa: two\uFFFDlines \uFFFD[31m"},
    };
    for (const auto& [causes, lines] : cases) {
        const Error error = error_for(422, "Invalid", "Job.batch \"cnn\" is invalid: [all in one line]",
                                      std::string(R"({"causes":)") + causes + "}");
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.message == std::string("the server refuses configmap/a: it is invalid") + lines);
    }
    for (const char* none : {"{}", R"({"causes":[]})", R"({"causes":[{}]})", R"({"causes":{"a":1}})", "null", "[]"})
        CHECK(error_for(422, "Invalid", "all in one line", none).message ==
              "the server refuses configmap/a: all in one line");
    CHECK(error_for(403, "Forbidden", "admission webhook \"w\" denied the request: https://me:s3cr3t@hook/", "{}")
              .message.ends_with("https://me:***@hook/"));
}

TEST_CASE("status: every reason of the API has its kind and a remedy") {
    struct Case {
        int code;
        const char *reason, *message;
        ErrorKind kind;
        const char *words, *hint;
    };
    const Case cases[] = {
        {400, "BadRequest", "no such field", ErrorKind::input, "the server refuses configmap/a: no such field", ""},
        {404, "NotFound", "the server could not find the requested resource", ErrorKind::not_found,
         "could not find the requested resource (apply configmap/a in namespace \"team\")", "kubectl api-resources"},
        {405, "MethodNotAllowed", "the server does not allow this method on the requested resource", ErrorKind::failed,
         "does not allow this method", "cannot do that"},
        {406, "NotAcceptable", "only the following media types", ErrorKind::failed, "media types", "cannot do that"},
        {409, "AlreadyExists", "configmaps \"a\" already exists", ErrorKind::conflict,
         "cannot apply configmap/a in namespace \"team\": configmaps \"a\" already exists", ""},
        {409, "Conflict", "the object has been modified; please apply your changes to the latest version",
         ErrorKind::conflict, "the object has been modified", ""},
        {410, "Expired", "The provided continue parameter is too old", ErrorKind::unreachable, "too old", "try again"},
        {413, "RequestEntityTooLarge", "limit is 3145728", ErrorKind::input, "limit is 3145728", ""},
        {415, "UnsupportedMediaType", "the body was in an unknown format", ErrorKind::input, "unknown format", ""},
        {429, "TooManyRequests", "Too many requests", ErrorKind::unreachable, "(429): Too many requests", "try again"},
        {500, "InternalError", "Internal error occurred: failed calling webhook \"v.x\"", ErrorKind::unreachable,
         "failed calling webhook", "try again"},
        {500, "ServerTimeout", "The PATCH operation against configmaps could not be completed at this time",
         ErrorKind::unreachable, "could not be completed", "try again"},
        {503, "ServiceUnavailable", "the server is currently unable to handle the request", ErrorKind::unreachable,
         "unable to handle", "try again"},
        {504, "Timeout", "request did not complete within the allotted timeout", ErrorKind::unreachable,
         "allotted timeout", "try again"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.reason);
        const Error error = error_for(one.code, one.reason, one.message, "{}");
        CHECK(error.kind == one.kind);
        CHECK_MESSAGE(error.message.find(one.words) != std::string::npos, error.message);
        CHECK_MESSAGE(error.hint.find(one.hint) != std::string::npos, error.hint);
    }
}

TEST_CASE(
    "status: a patch that does not fit its schema is wrong input, though the server answers 500, and shows no value") {
    const char* one =
        "failed to create typed patch object (team/a; /v1, Kind=Secret): .extra: field not declared in schema";
    const char* more =
        "failed to create typed patch object (team/a; /v1, Kind=Secret): errors:\n  .stringData.x: expected string, "
        "got "
        "&value.valueUnstructured{Value:[]interface {}{\"SECRET\"}}\n  .extra: field not declared in schema";
    const Error single = error_for(500, "InternalError", one, "{}"),
                several = error_for(500, "InternalError", more, "{}");
    CHECK(single.kind == ErrorKind::input);
    CHECK(single.message ==
          "the server refuses configmap/a: it does not fit its schema\n  - .extra: field not declared in schema");
    CHECK(several.message ==
          "the server refuses configmap/a: it does not fit its schema\n  - .stringData.x: expected string\n  - .extra: "
          "field not declared in schema");
    CHECK(error_for(500, "InternalError", "failed to create typed patch object (", "{}").kind ==
          ErrorKind::unreachable);
}

TEST_CASE("status: a conflict of field managers names each of them with its fields") {
    const auto cause = [](const std::string& manager, const std::string& field) {
        return Json{{"reason", "FieldManagerConflict"}, {"message", "conflict with " + manager}, {"field", field}};
    };
    Json causes{cause("\"kubectl\" using v1", ".data.b"), cause("\"helm\" with subresource \"status\"", ".status.x"),
                cause("\"kubectl\" using v1", ".data.a")};
    const auto error_with = [&] {
        return error_for(409, "Conflict", "Apply failed with 3 conflicts: conflicts with ...",
                         Json{{"causes", causes}}.dump());
    };
    Error error = error_with();
    CHECK(error.kind == ErrorKind::conflict);
    CHECK(error.message ==
          "cannot apply configmap/a in namespace \"team\": others manage fields of it"
          "\n  - \"helm\" with subresource \"status\": .status.x"
          "\n  - \"kubectl\" using v1: .data.b, .data.a");
    CHECK(error.hint.find("--force-conflicts") != std::string::npos);
    causes = Json::array();
    for (int i = 0; i < 12; ++i) causes.push_back(cause("\"helm\"", "." + std::to_string(i)));
    CHECK(error_with().message.ends_with("\"helm\": .0, .1, .2, .3, .4, .5, .6, .7, .8, .9 and 2 more"));
    causes.push_back({{"reason", "FieldValueInvalid"}});
    CHECK(error_with().message.ends_with(": Apply failed with 3 conflicts: conflicts with ..."));
}

TEST_CASE("warnings: each text of code 299, several in one header or not, unquoted") {
    using Texts = std::vector<std::string>;
    CHECK(warnings({R"(299 - "one")", R"(299 agent "two" "Mon, 30 Nov 2026 00:00:00 GMT")"}) == Texts{"one", "two"});
    CHECK(warnings({R"(299 - "one, two", 299 - "th\"r\\ee" "Mon, 30 Nov 2026 00:00:00 GMT" ,  299 - "four")"}) ==
          Texts{"one, two", R"(th"r\ee)", "four"});
    CHECK(warnings({R"(199 - "old", 299 - "ours")", R"(214 - "changed")"}) == Texts{"ours"});
    CHECK(warnings({R"(299 - "cut o)"}) == Texts{"cut o"});
    CHECK(warnings({R"(299 - "cut\)"}) == Texts{R"(cut\)"});
    CHECK(warnings({"299 - \"red \x1b[31m\""}) == Texts{"red \uFFFD[31m"});
    for (const char* none :
         {"", "299", "299 -", "299 - bare", R"(299 - "")", R"(- 299 "text")", ",", R"(299 - "" "", x)"})
        CHECK_MESSAGE(warnings({none}).empty(), none);
    const Texts cut = warnings({"299 - \"" + std::string(5000, 'x') + "\""});
    REQUIRE(cut.size() == 1);
    CHECK(cut[0].size() < 1010);
    CHECK(cut[0].ends_with("…"));
}

TEST_CASE("warnings: each text is told once, whatever header and answer it comes in") {
    test::FakeCluster cluster;
    const Resource jobs = *built_in_resource("batch/v1", "Job");
    cluster.http.reply("GET ", 200, "{}", {{"warning", R"(299 - "a", 299 - "b", 299 - "a")"}});
    cluster.http.reply("GET ", 404, {}, {{"warning", R"(299 - "b")"}, {"warning", R"(299 - "c")"}});
    cluster.client->find(jobs, "team", "cnn");
    CHECK(cluster.client->take_warnings() == std::vector<std::string>{"a", "b"});
    cluster.client->find(jobs, "team", "cnn");
    CHECK(cluster.client->take_warnings() == std::vector<std::string>{"c"});
}

TEST_CASE("status: a refusal by priority and fairness names its rules, only where there are any") {
    HttpReply reply;
    reply.status = 429;
    const auto error = [&] {
        return error_of(reply, {"list", "jobs", "team"}, {"https://s", "here", " --context here"});
    };
    CHECK(error().message.find("flow schema") == std::string::npos);
    CHECK(error().hint == "try again in a while");
    reply.headers = {{"x-kubernetes-pf-flowschema-uid", "f-1"}, {"x-kubernetes-pf-prioritylevel-uid", "p-2"}};
    CHECK_MESSAGE(error().message.ends_with(" (flow schema f-1, priority level p-2)"), error().message);
    CHECK(error().hint.ends_with("kubectl get flowschemas -o wide --context here"));
    test::FakeClock clock;
    auto http = std::make_unique<test::FakeHttp>(clock);
    http->reply("GET /", 429, "", reply.headers);
    std::string told;
    make_traced(std::move(http), clock, [&](const std::string& line) { told = line; })->send({.path = "/apis"});
    CHECK(told == "GET /apis: 429 in 0 ms (flow schema f-1, priority level p-2)");
    reply.status = 503;  // every reply has these headers
    CHECK(error().message.find("flow schema") == std::string::npos);
}
