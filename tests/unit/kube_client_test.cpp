// The client's verbs: paths, retries, credentials renewed, warnings, and refusals in words.
#include <doctest/doctest.h>

#include "core/kube/client.h"
#include "tests/support/fake_cluster.h"

using namespace ktrain;
using namespace ktrain::kube;
using test::FakeCluster;

namespace {

const Resource jobs = *built_in_resource("batch/v1", "Job");
const Resource pods = *built_in_resource("v1", "Pod");

std::string status(int code, const std::string& reason, const std::string& message, const std::string& details = "{}") {
    return Json{
        {"kind", "Status"}, {"code", code}, {"reason", reason}, {"message", message}, {"details", Json::parse(details)}}
        .dump();
}

Error refusal(FakeCluster& cluster) {
    try {
        cluster.client->get(jobs, "team", "cnn");
    } catch (const Error& error) {
        return error;
    }
    return {ErrorKind::bug, "it was accepted"};
}

}  // namespace

TEST_CASE("client: every refusal of the server becomes one kind of error with its words") {
    struct Case {
        int status;
        std::string body;
        ErrorKind kind;
        const char* message;
        const char* hint;
    };
    const Case cases[] = {
        {401, status(401, "Unauthorized", "Unauthorized"), ErrorKind::denied, "does not know these credentials",
         "log in again"},
        {403, status(403, "Forbidden", "jobs.batch is forbidden: User \"u\" cannot get"), ErrorKind::denied,
         "User \"u\" cannot get", "administrator"},
        {403, status(403, "Forbidden", "exceeded quota: q, requested: pods=1"), ErrorKind::denied, "exceeded quota",
         "describe quota -n team"},
        {404, status(404, "NotFound", "jobs.batch \"cnn\" not found", R"({"kind":"jobs","name":"cnn"})"),
         ErrorKind::not_found, "there is no job.batch/cnn in namespace \"team\"", "status -A"},
        {404, status(404, "NotFound", "namespaces \"team\" not found", R"({"kind":"namespaces","name":"team"})"),
         ErrorKind::not_found, "no namespace \"team\"", "kubectl create namespace team"},
        {404, "404 page not found\n", ErrorKind::not_found,
         "could not find the requested resource (get job.batch/cnn in namespace \"team\")", "kubectl api-resources; "},
        {404, "{}", ErrorKind::failed,
         "https://server (context \"here\") does not look like a Kubernetes API server: to get job.batch/cnn in "
         "namespace \"team\" it answers HTTP 404 and \"{}\"",
         "the server's address in the kubeconfig, and any proxy"},
        {403, "<!DOCTYPE html><html><head><title>Blocked\n by policy</title>", ErrorKind::failed,
         "HTTP 403 and an HTML page, \"Blocked", "proxy"},
        {400, "Client sent an HTTP request to an HTTPS server.\n", ErrorKind::failed, "does not look like",
         "with https://"},
        {409, status(409, "AlreadyExists", "jobs.batch \"cnn\" already exists"), ErrorKind::conflict, "already exists",
         ""},
        {422,
         status(
             422, "Invalid", "Job is invalid",
             R"({"causes":[{"field":"spec.a","message":"Required"},{"field":"spec.a","message":"Required"},{"field":"spec.b","message":"too \u001blong"}]})"),
         ErrorKind::input, "it is invalid\n  - spec.a: Required\n  - spec.b: too", ""},
        {400, status(400, "BadRequest", "strict decoding error: unknown field \"spec.x\""), ErrorKind::input,
         "unknown field \"spec.x\"", ""},
        {413, "", ErrorKind::input, "HTTP status 413", ""},
        {429, status(429, "TooManyRequests", "later"), ErrorKind::unreachable, "(429): later", "try again"},
        {500, status(500, "InternalError", "etcd is away"), ErrorKind::unreachable, "etcd is away", "try again"},
        {501, status(501, "NotImplemented", "no DELETE here"), ErrorKind::failed, "no DELETE here", "cannot do that"},
        {503, "upstream \x1b[31m", ErrorKind::unreachable, "upstream", "try again"},
        {302, "", ErrorKind::failed, "HTTP 302 and nothing more", "proxy"},
        {200, "<html>login</html>", ErrorKind::failed, "is no JSON object", "proxy"},
        {200, "{\"kind\":", ErrorKind::failed, "is no JSON object", "proxy"},
        {200, "[]", ErrorKind::failed, "is no JSON object", "proxy"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.status);
        FakeCluster cluster;
        cluster.http.reply("GET /apis/batch/v1/namespaces/team/jobs/cnn", one.status, one.body);
        const Error error = refusal(cluster);
        CHECK(error.kind == one.kind);
        CHECK_MESSAGE(error.message.find(one.message) != std::string::npos, error.message);
        CHECK_MESSAGE(error.hint.find(one.hint) != std::string::npos, error.hint);
        CHECK(error.message.find('\x1b') == std::string::npos);
        CHECK(cluster.http.requests.size() == 1);  // none of these is to be tried again
    }
}

TEST_CASE("client: what every other request would meet as well is told from what is about one object") {
    struct Case {
        int status;
        std::string body;
        bool about_all;
    };
    const Case cases[] = {
        {401, status(401, "Unauthorized", "Unauthorized"), true},
        {403, status(403, "Forbidden", "jobs.batch is forbidden"), false},
        {404, status(404, "NotFound", "jobs.batch \"cnn\" not found"), false},
        {409, status(409, "AlreadyExists", "there"), false},
        {422, status(422, "Invalid", "invalid"), false},
        {500, status(500, "InternalError", "etcd is away"), true},
        {503, "", true},
        {200, "[]", true},
    };
    for (const Case& one : cases) {
        CAPTURE(one.status);
        FakeCluster cluster;
        cluster.http.reply("GET /", one.status, one.body);
        CHECK(about_all(refusal(cluster)) == one.about_all);
    }
    for (const Trouble trouble : {Trouble::connect, Trouble::tls, Trouble::timed_out, Trouble::stopped}) {
        FakeCluster cluster;
        cluster.http.trouble("GET /", trouble);
        CHECK(about_all(refusal(cluster)));
    }
    FakeCluster no_token("/gone");
    CHECK(about_all(refusal(no_token)));
    CHECK(no_token.http.requests.empty());
}

TEST_CASE("client: troubles of the connection name the server and the context") {
    struct Case {
        Trouble trouble;
        ErrorKind kind;
    };
    for (const Case& one :
         {Case{Trouble::connect, ErrorKind::unreachable}, Case{Trouble::tls, ErrorKind::denied},
          Case{Trouble::timed_out, ErrorKind::timed_out}, Case{Trouble::garbled, ErrorKind::failed}}) {
        FakeCluster cluster;
        cluster.http.trouble("GET ", one.trouble);
        const Error error = refusal(cluster);
        CHECK(error.kind == one.kind);
        CHECK_MESSAGE(error.message.find("https://server") != std::string::npos, error.message);
        CHECK(cluster.clock.sleeps.empty());
    }
    FakeCluster cluster;
    cluster.http.trouble("GET ", Trouble::connect);
    CHECK(refusal(cluster).message.find("context \"here\"") != std::string::npos);
}

TEST_CASE("client: only a Status says that something is not there") {
    FakeCluster cluster;
    cluster.http.reply("GET /", 404, "404 page not found");
    cluster.http.reply("DELETE /", 404, "<html>");
    CHECK_THROWS_AS(cluster.client->find(jobs, "team", "cnn"), Error);
    CHECK_THROWS_AS(cluster.client->remove(jobs, "team", "cnn", "", false), Error);
    FakeCluster real;
    real.http.reply("GET /", 404, status(404, "NotFound", "not there"));
    real.http.reply("DELETE /", 404, status(404, "NotFound", "not there"));
    CHECK(!real.client->find(jobs, "team", "cnn"));
    CHECK(!real.client->remove(jobs, "team", "cnn", "", false));
}

TEST_CASE("client: a password in the server's URL is in no message") {
    const auto message = [](int code, const std::string& body, Trouble trouble) {
        FakeCluster cluster;
        const ServerName server{"https://me:SECRET@host:6443", "here"};
        KubeClient client(cluster.http, *cluster.auth, cluster.clock, server, nullptr);
        if (trouble == Trouble::none)
            cluster.http.reply("GET /", code, body);
        else
            cluster.http.trouble("GET /", trouble);
        try {
            client.get(jobs, "team", "cnn");
        } catch (const Error& error) {
            return error.message + " | " + error.hint;
        }
        return std::string("it was accepted");
    };
    std::vector<std::string> messages;
    for (const int code : {200, 302, 401, 403, 404, 429, 500, 503}) messages.push_back(message(code, "<html>", {}));
    for (const Trouble trouble : {Trouble::connect, Trouble::tls, Trouble::timed_out, Trouble::garbled, Trouble::lost})
        messages.push_back(message(0, "", trouble));
    for (const std::string& text : messages) {
        CHECK_MESSAGE(text.find("SECRET") == std::string::npos, text);
        CHECK_MESSAGE(text.find("https://host:6443 (context \"here\")") != std::string::npos, text);
    }
    CHECK(without_password("https://u:a/b@c@host/path") == "https://host/path");
    CHECK(without_password("u:p@host") == "host");
    CHECK(without_password("https://host/a") == "https://host/a");
}

TEST_CASE("client: retries are for what the server or a lost GET allows, and bounded") {
    SUBCASE("Retry-After is obeyed for every verb") {
        FakeCluster cluster;
        cluster.http.reply("POST ", 429, "", {{"retry-after", "3"}});
        cluster.http.reply("POST ", 503, "", {{"retry-after", "1"}});
        cluster.http.reply("POST ", 201, R"({"metadata":{"uid":"1"}})");
        CHECK(meta(cluster.client->create(jobs, "team", {{"metadata", {{"name", "cnn"}}}}, false), "uid") == "1");
        REQUIRE(cluster.clock.sleeps.size() == 2);
        CHECK(cluster.clock.sleeps[0] >= std::chrono::seconds(3));
        CHECK(cluster.notices ==
              std::vector<std::string>{
                  "the server is busy (HTTP 429); trying again in 3s (attempt 2), for up to 1m00s more",
                  "the server is busy (HTTP 503); trying again in 1s (attempt 3), for up to 57s more"});
    }
    SUBCASE("without Retry-After a POST is never sent twice") {
        FakeCluster cluster;
        cluster.http.reply("POST ", 503, "");
        CHECK_THROWS_AS(cluster.client->create(jobs, "team", {{"metadata", {{"name", "cnn"}}}}, false), Error);
        cluster.http.trouble("POST /apis/batch/v1/namespaces/other", Trouble::lost);
        CHECK_THROWS_AS(cluster.client->create(jobs, "other", {{"metadata", {{"name", "cnn"}}}}, false), Error);
        CHECK(cluster.http.requests.size() == 2);
    }
    SUBCASE("a lost GET is sent again") {
        FakeCluster cluster;
        cluster.http.trouble("GET ", Trouble::lost);
        cluster.http.reply("GET ", 200, R"({"a":1})");
        CHECK(cluster.client->get(jobs, "team", "cnn")["a"] == 1);
    }
    SUBCASE("ten times at most") {
        FakeCluster cluster;
        cluster.http.reply("GET ", 429, status(429, "TooManyRequests", "busy"), {{"retry-after", "0"}});
        CHECK(refusal(cluster).kind == ErrorKind::unreachable);
        CHECK(cluster.http.requests.size() == 11);
    }
    SUBCASE("not beyond a minute of waiting") {
        FakeCluster cluster;
        cluster.http.reply("GET ", 503, "", {{"retry-after", "3600"}});
        CHECK(refusal(cluster).kind == ErrorKind::unreachable);
        CHECK(cluster.clock.sleeps.empty());
    }
    SUBCASE("a Retry-After that is no number is none") {
        FakeCluster cluster;
        cluster.http.reply("GET ", 503, "", {{"retry-after", "soon"}});
        refusal(cluster);
        CHECK(cluster.http.requests.size() == 1);
    }
    SUBCASE("the stop signal ends the waiting") {
        FakeCluster cluster;
        cluster.clock.signal = 2;
        cluster.http.reply("GET ", 503, "", {{"retry-after", "5"}});
        refusal(cluster);
        CHECK(cluster.http.requests.size() == 1);
    }
}

TEST_CASE("client: after a 401 renewed credentials are tried once") {
    FakeCluster cluster("/token");
    cluster.files.contents["/token"] = "old";
    cluster.http.on_request = [&](std::size_t) { cluster.files.contents["/token"] = "new"; };
    cluster.http.reply("GET ", 401);
    cluster.http.reply("GET ", 200);
    cluster.client->get(jobs, "team", "cnn");
    CHECK(cluster.header(0, "Authorization") == "Bearer old");
    CHECK(cluster.header(1, "Authorization") == "Bearer new");
    FakeCluster refused("/token");
    refused.files.contents["/token"] = "old";
    refused.http.reply("GET ", 401);
    CHECK(refusal(refused).kind == ErrorKind::denied);
    CHECK(refused.http.requests.size() == 2);
}

TEST_CASE("client: warnings are kept once each") {
    FakeCluster cluster;
    cluster.http.reply("GET ", 200, "{}",
                       {{"warning", R"(299 - "v1 is \"old\"")"},
                        {"warning", R"(299 - "second")"},
                        {"warning", R"(199 - "not ours")"}});
    cluster.client->get(jobs, "team", "cnn");
    cluster.client->get(jobs, "team", "cnn");
    CHECK(cluster.client->take_warnings() == std::vector<std::string>{"v1 is \"old\"", "second"});
    CHECK(cluster.client->take_warnings().empty());
}

TEST_CASE("client: writes ask for strict validation, under our name") {
    FakeCluster cluster;
    cluster.http.reply("POST ", 201);
    cluster.http.reply("PATCH ", 201);
    cluster.http.reply("DELETE ", 200);
    const Json job{{"metadata", {{"name", "cnn"}}}};
    cluster.client->create(jobs, "team", job, true);
    CHECK(cluster.http.requests[0].path ==
          "/apis/batch/v1/namespaces/team/jobs?fieldValidation=Strict&fieldManager=ktrain&dryRun=All");
    CHECK(cluster.client->apply(pods, "team", job, false).created);
    CHECK(cluster.http.requests[1].path ==
          "/api/v1/namespaces/team/pods/cnn?fieldValidation=Strict&fieldManager=ktrain");
    CHECK(cluster.header(1, "Content-Type") == "application/apply-patch+yaml");
    CHECK(cluster.client->remove(jobs, "team", "cnn", "u1", false));
    CHECK(
        cluster.http.requests[2].body ==
        R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background","preconditions":{"uid":"u1"}})");
    CHECK(!cluster.http.requests[0].uninterruptible);
    CHECK(cluster.http.requests[1].uninterruptible);
    CHECK(cluster.http.requests[2].uninterruptible);
    cluster.http.reply("DELETE /apis/batch/v1/namespaces/team/jobs/gone", 404);
    CHECK(!cluster.client->remove(jobs, "team", "gone", "", false));
}

TEST_CASE("client: long lists come in pages of one state") {
    FakeCluster cluster;
    cluster.http.reply("GET /api/v1/namespaces/team/pods?", 200,
                       R"({"metadata":{"continue":"a/b","resourceVersion":"5"},"items":[{"n":1}]})");
    cluster.http.reply("GET /api/v1/namespaces/team/pods?", 200,
                       R"({"metadata":{"resourceVersion":"5"},"items":[{"n":2}]})");
    Listing listing = cluster.client->list(pods, "team", {});
    CHECK(listing.items.size() == 2);
    CHECK(listing.version == "5");
    CHECK(cluster.http.requests[1].path == "/api/v1/namespaces/team/pods?limit=500&continue=a%2Fb");

    FakeCluster expired;
    expired.http.reply("GET /api/v1/namespaces/team/pods?limit=500", 200,
                       R"({"metadata":{"continue":"x","resourceVersion":"5"},"items":[{"n":1}]})");
    expired.http.reply("GET /api/v1/namespaces/team/pods?limit=500&continue", 410);
    expired.http.reply("GET /api/v1/namespaces/team/pods", 200,
                       R"({"metadata":{"resourceVersion":"9"},"items":[{"n":1},{"n":2},{"n":3}]})");
    listing = expired.client->list(pods, "team", {});
    CHECK(listing.items.size() == 3);
    CHECK(listing.version == "9");
}

TEST_CASE("client: a list that may not go on is what has come, and says so") {
    for (const bool asked : {false, true}) {
        FakeCluster cluster;
        cluster.http.reply("GET /api/v1/namespaces/team/pods?limit=2", 200,
                           R"({"metadata":{"continue":"x","resourceVersion":"5"},"items":[{"n":1},{"n":2}]})");
        cluster.http.reply("GET /api/v1/namespaces/team/pods?limit=2&continue", 410);
        cluster.client->set_paging({.size = 2, .goes_on = [&](std::size_t) { return asked; }});
        const Listing listing = cluster.client->list(pods, "team", {});
        CHECK(listing.items.size() == 2);
        CHECK(listing.rest == "of the pods only the first 2 were read");
        CHECK(cluster.http.requests.size() == (asked ? 2 : 1));
    }
}

TEST_CASE("client: discovery costs nothing for built-in kinds and a call for others") {
    FakeCluster cluster;
    CHECK(cluster.client->resource("batch/v1", "Job").plural == "jobs");
    CHECK(cluster.http.requests.empty());
    cluster.http.reply("GET /api", 200, R"({"kind":"APIGroupDiscoveryList","items":[]})");
    cluster.http.reply("GET /apis", 200,
                       R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"kubeflow.org"},"versions":[
        {"version":"v1","resources":[{"resource":"pytorchjobs","responseKind":{"kind":"PyTorchJob"},"scope":"Namespaced"},
                                     {"resource":"things","responseKind":{"kind":"Thing"},"scope":"Cluster"}]}]}]})");
    const Resource found = cluster.client->resource("kubeflow.org/v1", "PyTorchJob");
    CHECK(found.path("team", "x") == "/apis/kubeflow.org/v1/namespaces/team/pytorchjobs/x");
    CHECK(found.label("x") == "pytorchjob.kubeflow.org/x");
    CHECK(cluster.client->resource("kubeflow.org/v1", "Thing").path("team", "x") == "/apis/kubeflow.org/v1/things/x");
    CHECK_THROWS_WITH_AS(cluster.client->resource("kubeflow.org/v2", "PyTorchJob"),
                         "the server has no kind PyTorchJob in kubeflow.org/v2", Error);
    CHECK(cluster.http.requests.size() == 1);
    CHECK(cluster.header(0, "Accept").find("as=APIGroupDiscoveryList") != std::string::npos);
}

TEST_CASE("client: old servers are asked for one group at a time") {
    FakeCluster cluster;
    cluster.http.reply("GET /api", 200, R"({"kind":"APIVersions"})");
    cluster.http.reply("GET /apis", 200, R"({"kind":"APIGroupList"})");
    cluster.http.reply("GET /apis/x.org/v1", 200, R"({"kind":"APIResourceList","groupVersion":"x.org/v1","resources":[
        {"name":"things/status","kind":"Thing","namespaced":true},{"name":"things","kind":"Thing","namespaced":true}]})");
    CHECK(cluster.client->resource("x.org/v1", "Thing").plural == "things");
}

TEST_CASE("client: no name can make a request about another object, or about all of them") {
    FakeCluster cluster;
    cluster.http.reply("", 200);
    const Resource jobs = *built_in_resource("batch/v1", "Job");
    for (const std::string name : {"", ".", "..", "a/b", "../secrets/x", "%2e%2e"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(cluster.client->remove(jobs, "team", name, "", false), Error);
        CHECK_THROWS_AS(cluster.client->get(jobs, "team", name), Error);
        CHECK_THROWS_AS(cluster.client->remove(jobs, name, "cnn", "", false), Error);
    }
    CHECK(cluster.http.requests.empty());
    CHECK(jobs.path("team", "a b?c") == "/apis/batch/v1/namespaces/team/jobs/a%20b%3Fc");
}

TEST_CASE("client: what must have an answer is sent again after a stop signal too, for some seconds") {
    FakeCluster cluster;
    std::chrono::milliseconds rested{0};
    cluster.client->set_rest([&](std::chrono::milliseconds wait) { rested += wait; });
    cluster.clock.signal = 2;
    const Resource jobs = *built_in_resource("batch/v1", "Job");
    SUBCASE("until it comes") {
        cluster.http.reply("DELETE ", 503, "", {{"retry-after", "2"}});
        cluster.http.reply("DELETE ", 200, R"({"kind":"Status"})");
        CHECK(cluster.client->remove(jobs, "team", "cnn", "uid", false));
        CHECK(rested >= std::chrono::seconds(2));
    }
    SUBCASE("but not for ever") {
        cluster.http.reply("DELETE ", 503, "", {{"retry-after", "2"}});
        CHECK_THROWS_AS(cluster.client->remove(jobs, "team", "cnn", "uid", false), Error);
        CHECK(rested <= std::chrono::seconds(10));
    }
    SUBCASE("what is only asked is given up") {
        cluster.http.reply("GET ", 503, "", {{"retry-after", "2"}});
        CHECK_THROWS_AS(cluster.client->get(jobs, "team", "cnn"), Error);
        CHECK(rested == std::chrono::seconds(0));
    }
}
