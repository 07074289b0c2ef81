// Commands on a cluster of which a part fails: one kind, one object, an extension of the API.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "tests/support/cluster_world.h"

using namespace ktrain;
using test::ClusterWorld;

namespace {

const char* const dead_webhook =
    R"({"kind":"Status","code":500,"reason":"InternalError","message":"conversion webhook for jobset failed"})";

void refuse(ClusterWorld& world, const std::string& request, int status, const std::string& body) {
    world.server.route(request, "HTTP/1.1 " + std::to_string(status) +
                                    " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

// A job that ended long ago, as ktrain makes them.
Json ended(const std::string& name) {
    Json out = Json::parse(R"({"kind":"Job","metadata":{"namespace":"team","labels":{"ktrain.dev/spec-digest":"d"},
        "creationTimestamp":"2026-01-01T00:00:00Z"},"status":{"conditions":[{"type":"Complete","status":"True",
        "lastTransitionTime":"2026-01-01T01:00:00Z"}]}})");
    out["metadata"]["name"] = name;
    out["metadata"]["uid"] = name + "-uid";
    return out;
}

// A server with the jobs "a" and "b", and with JobSets that it fails at.
void serve_broken_kind(ClusterWorld& world) {
    world.serve("jobs", Json::array({ended("a"), ended("b")}));
    world.serve("pods", Json::array());
    world.serve("events", Json::array());
    for (const char* name : {"a", "b"})
        world.serve_object(std::string("/apis/batch/v1/namespaces/team/jobs/") + name, ended(name));
    world.serve_text("GET /api/v1/namespaces/team/persistentvolumeclaims?",
                     R"({"kind":"PersistentVolumeClaimList","items":[]})");
    world.serve_kinds(R"([{"metadata":{"name":"jobset.x-k8s.io"},"versions":[{"version":"v1alpha2","resources":[
        {"resource":"jobsets","scope":"Namespaced","responseKind":{"kind":"JobSet"}}]}]}])");
    refuse(world, "GET /apis/jobset.x-k8s.io/", 500, dead_webhook);
}

ErrorKind kind_of_error(ClusterWorld& world, const std::vector<std::string>& words, std::string& message) {
    try {
        world.run(words);
    } catch (const Error& error) {
        message = error.message;
        return error.kind;
    }
    return ErrorKind::bug;
}

}  // namespace

TEST_CASE("a kind that fails: all commands go on with the others, and tell what they have not seen") {
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"list", "--all", "-o", "name"},
             {"status", "a", "-o", "name"},
             {"status"},
             {"events", "a"},
             {"wait", "a"},
             {"logs", "a"},
             {"resume", "b", "-o", "name"},
             {"prune", "--dry-run"},
             {"cancel", "a", "--yes"}}) {
        CAPTURE(words);
        ClusterWorld world;
        serve_broken_kind(world);
        world.server.reply(200, "{}");
        CHECK(world.run(words) == (words[0] == "resume" ? 3 : 0));
        CHECK_MESSAGE(world.said("conversion webhook for jobset failed"), world.err.text);
    }
}

TEST_CASE("a kind that fails: that there is no such job is not claimed") {
    ClusterWorld world;
    serve_broken_kind(world);
    refuse(world, "GET /apis/batch/v1/namespaces/team/jobs/c", 404, R"({"kind":"Status","code":404})");
    std::string message;
    for (const char* command : {"status", "cancel", "wait"}) {
        std::vector<std::string> words{command, "c"};
        if (words[0] == "cancel") words.emplace_back("--yes");
        CHECK(kind_of_error(world, words, message) == ErrorKind::unreachable);
        CHECK_MESSAGE(message.starts_with("whether there is a job \"c\" in namespace \"team\" is not known: the server"),
                      message);
    }
    CHECK(kind_of_error(world, {"status", "job/c"}, message) == ErrorKind::not_found);
    CHECK(kind_of_error(world, {"status", "jobset/c"}, message) == ErrorKind::unreachable);
}

TEST_CASE("a kind that fails: a server that fails at Jobs fails, and is not asked about the others") {
    ClusterWorld world;
    serve_broken_kind(world);
    refuse(world, "GET /apis/batch/v1/namespaces/team/jobs?", 500, R"({"kind":"Status","code":500,"message":"no etcd"})");
    std::string message;
    for (const char* command : {"list", "prune"})
        CHECK(kind_of_error(world, {command}, message) == ErrorKind::unreachable);
    CHECK(!world.asked_for("/apis/jobset"));
}

TEST_CASE("a kind that fails: no volume claim goes for want of knowing whose it is") {
    ClusterWorld world;
    serve_broken_kind(world);
    world.serve_object("/apis/jobset.x-k8s.io/v1alpha2/namespaces/team/jobsets/set",
                       Json::parse(R"({"kind":"JobSet","metadata":{"name":"set","uid":"s","namespace":"team"}})"));
    refuse(world, "GET /apis/batch/v1/namespaces/team/jobs?labelSelector", 500, dead_webhook);
    std::string message;
    CHECK(kind_of_error(world, {"cancel", "jobset/set", "--yes"}, message) == ErrorKind::unreachable);
    CHECK_MESSAGE(message.starts_with("jobset.jobset.x-k8s.io/set was not deleted, for its volume claims could not be"),
                  message);
    CHECK(!world.asked_for("DELETE"));
}

TEST_CASE("status: goes without the events, which a server may keep elsewhere") {
    ClusterWorld world;
    serve_broken_kind(world);
    world.serve_kinds("[]");
    refuse(world, "GET /api/v1/namespaces/team/events?", 500,
           R"({"kind":"Status","code":500,"message":"etcdserver: no leader"})");
    CHECK(world.run({"status", "a", "-o", "json"}) == 0);
    CHECK_MESSAGE(world.said("left out: the server"), world.err.text);
}

TEST_CASE("list and status: Kueue's own API may be away") {
    ClusterWorld world;
    Json queued = ended("a");
    queued.erase("status");
    queued["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] = "gold";
    queued["spec"] = {{"suspend", true}};
    world.serve("jobs", Json::array({queued}));
    world.serve("pods", Json::array());
    world.serve("events", Json::array());
    world.serve_object("/apis/batch/v1/namespaces/team/jobs/a", queued);
    refuse(world, "GET /apis/visibility.kueue.x-k8s.io/", 503, "service unavailable\n");
    CHECK(world.run({"list"}) == 0);
    CHECK_MESSAGE(world.out.text.find("Queued") != std::string::npos, world.out.text);
    CHECK(world.run({"status", "a"}) == 0);
    CHECK(world.asked_for("/apis/visibility.kueue.x-k8s.io/"));
}

TEST_CASE("cancel and prune: one that is refused does not keep the others from being deleted") {
    for (const std::string command : {"cancel", "prune"}) {
        CAPTURE(command);
        ClusterWorld world;
        serve_broken_kind(world);
        world.serve_kinds("[]");
        refuse(world, "DELETE /apis/batch/v1/namespaces/team/jobs/a", 403,
               R"({"kind":"Status","code":403,"message":"a policy keeps it"})");
        refuse(world, "DELETE /apis/batch/v1/namespaces/team/jobs/b", 200, "{}");
        std::vector<std::string> words{command, "--yes"};
        if (command == "cancel") words.insert(words.end(), {"a", "b"});
        std::string message;
        CHECK(kind_of_error(world, words, message) == ErrorKind::denied);
        CHECK_MESSAGE(message == "the deletion failed for job.batch/a", message);
        CHECK_MESSAGE(world.said("job.batch/a: "), world.err.text);
        CHECK_MESSAGE(world.said("a policy keeps it"), world.err.text);
        CHECK(world.out.text == "job.batch/b deleted\n");
    }
}

TEST_CASE("cancel and prune: a job that another one has taken the name of is gone, and that one is not touched") {
    for (const std::string command : {"cancel", "prune"}) {
        CAPTURE(command);
        ClusterWorld world;
        serve_broken_kind(world);
        world.serve_kinds("[]");
        Json listed = ended("a");
        listed["metadata"]["uid"] = "old";
        world.serve("jobs", Json::array({listed, ended("b")}));
        refuse(world, "DELETE /apis/batch/v1/namespaces/team/jobs/a", 409,
               R"({"kind":"Status","code":409,"message":"Precondition failed: UID in precondition: old"})");
        refuse(world, "DELETE /apis/batch/v1/namespaces/team/jobs/b", 200, "{}");
        if (command == "prune") {
            CHECK(world.run({"prune", "--yes"}) == 0);
            CHECK_MESSAGE(world.said("job.batch/a is gone already: another one has its name"), world.err.text);
        } else {
            std::string message;  // the server has the same one still: this conflict is another
            CHECK(kind_of_error(world, {"cancel", "a", "b", "--yes"}, message) == ErrorKind::conflict);
            CHECK_MESSAGE(world.said("Precondition failed"), world.err.text);
        }
        CHECK(world.out.text == "job.batch/b deleted\n");
    }
}

TEST_CASE("cancel and prune: who may not see the volume claims learns how to go on without them") {
    for (const std::string command : {"cancel", "prune"}) {
        CAPTURE(command);
        ClusterWorld world;
        serve_broken_kind(world);
        world.serve_kinds("[]");
        if (command == "prune") world.serve("jobs", Json::array({ended("a")}));
        refuse(world, "GET /api/v1/namespaces/team/persistentvolumeclaims?", 403,
               R"({"kind":"Status","code":403,"message":"persistentvolumeclaims is forbidden: User \"u\" cannot list"})");
        std::vector<std::string> words{command, "--yes"};
        if (command == "cancel") words.emplace_back("a");
        try {
            world.run(words);
            FAIL("it was deleted");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::denied);
            CHECK_MESSAGE(
                error.message.starts_with("job.batch/a was not deleted, for its volume claims could not be kept"),
                error.message);
            CHECK_MESSAGE(error.hint.find("--keep-data=false") != std::string::npos, error.hint);
        }
        CHECK(!world.asked_for("DELETE"));
    }
}
