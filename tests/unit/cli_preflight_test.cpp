// What a preflight asks a cluster for, what it finds, and that what may not be read stops nobody.
#include <doctest/doctest.h>

#include "cli/commands/preflight.h"
#include "tests/support/submission_world.h"

using namespace ktrain;
using namespace ktrain::test;

namespace {

Json job_of(const Json& pod) {
    Json out = object("batch/v1", "Job", "cnn", true);
    out["spec"]["template"]["spec"] = {{"restartPolicy", "Never"},
                                       {"containers", Json::array({{{"name", "a"}, {"image", "example.org/a:1"}}})}};
    out["spec"]["template"]["spec"].merge_patch(pod);
    return out;
}

struct PreflightWorld : SubmissionWorld {
    std::vector<Json> objects = bundle();

    explicit PreflightWorld(const Json& pod = Json::object()) {
        objects.back() = job_of(pod);
        http.reply("GET /api/v1/namespaces/team/limitranges", 200, R"({"kind":"LimitRangeList","items":[]})");
        http.reply("GET /api/v1/namespaces/team/resourcequotas", 200, R"({"items":[]})");
        http.reply(
            "GET /api/v1/nodes", 200,
            R"({"kind":"NodeList","items":[{"metadata":{"name":"n"},"status":{"allocatable":{"cpu":"8","pods":"110"}}}]})");
    }
    PreflightReport report() {
        Submission submission(*client, objects, "team");
        submission.check([](const Step&) {});
        checked = http.requests.size();
        return preflight(*client, submission);
    }
};

std::string all(const PreflightReport& report) {
    std::string out;
    for (const Diagnostic& one : report.findings)
        out += to_string(one.severity) + " " + one.where.file + " " + one.where.path + ": " + one.message + "\n";
    for (const std::string& why : report.blind) out += "blind: " + why + "\n";
    return out;
}

}  // namespace

TEST_CASE("preflight: nothing is said of a job that can run, and each question is asked once") {
    PreflightWorld world;
    CHECK(all(world.report()) == "");
    CHECK(world.writes() == R"(
GET /api/v1/namespaces/team/limitranges
GET /api/v1/namespaces/team/resourcequotas
GET /api/v1/nodes)");
}

TEST_CASE("preflight: what is named and brought by nobody is missed, with its keys") {
    const Json env =
        Json::array({{{"name", "A"}, {"valueFrom", {{"secretKeyRef", {{"name", "token"}, {"key", "k"}}}}}},
                     {{"name", "B"}, {"valueFrom", {{"configMapKeyRef", {{"name", "map"}, {"key", "k"}}}}}}});
    PreflightWorld world({{"serviceAccountName", "absent"},
                          {"containers", Json::array({{{"name", "a"}, {"image", "example.org/a:1"}, {"env", env}}})},
                          {"volumes", Json::array({{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", "data"}}}},
                                                   {{"name", "s"}, {"configMap", {{"name", "cnn-spec"}}}}})}});
    world.http.reply("GET /api/v1/namespaces/team/secrets/token", 403,
                     R"({"kind":"Status","code":403,"message":"no"})");
    world.http.reply("GET /api/v1/namespaces/team/configmaps/map", 200, R"({"data":{"other":"secret text"}})");
    const std::string said = all(world.report());
    CHECK(
        said ==
        "error job.batch/cnn spec.template.spec.serviceAccountName: there is no ServiceAccount \"absent\" in namespace "
        "\"team\": the server refuses the pods\n"
        "error job.batch/cnn spec.template.spec.containers[0].env[1].valueFrom.configMapKeyRef.name: ConfigMap \"map\" "
        "in namespace \"team\" has no key \"k\": the pods never start\n"
        "blind: no right to get secret/token\n");
    CHECK(world.writes().find("configmaps/cnn-spec") == std::string::npos);  // the bundle brings it
}

TEST_CASE("preflight: levels, limits and quotas of the namespace count as they will be") {
    PreflightWorld world(
        {{"hostNetwork", true},
         {"containers",
          Json::array({{{"name", "a"}, {"image", "example.org/a:1"}, {"resources", {{"limits", {{"cpu", "4"}}}}}}})}});
    world.http.reply(
        "PATCH /api/v1/namespaces/team?fieldValidation", 200,
        R"({"apiVersion":"v1","metadata":{"name":"team","labels":{"pod-security.kubernetes.io/enforce":"baseline"}}})");
    world.http.reply("GET /api/v1/namespaces/team?", 200, R"({"metadata":{"name":"team"}})");
    world.http.reply("GET /api/v1/namespaces/team/limitranges?", 200,
                     R"({"kind":"LimitRangeList","items":[{"metadata":{"name":"l","namespace":"team"},)"
                     R"("spec":{"limits":[{"type":"Container","max":{"cpu":"2"}}]}}]})");
    world.http.reply("GET /api/v1/namespaces/team/resourcequotas?", 200,
                     R"({"items":[{"metadata":{"name":"q","namespace":"team"},"spec":{"hard":{"limits.cpu":"3"}}}]})");
    const std::string said = all(world.report());
    CHECK(said.find("the namespace refuses: it enforces baseline") != std::string::npos);
    CHECK(said.find("limitrange/l") != std::string::npos);
    CHECK(said.find("quota \"q\" allows 3: the pods would never be let in") != std::string::npos);
}

TEST_CASE("preflight: who may read nothing is told so, and no more") {
    PreflightWorld world;
    for (const char* path : {"GET /api/v1/namespaces/team/limitranges?", "GET /api/v1/namespaces/team/resourcequotas?",
                             "GET /api/v1/nodes?"})
        world.http.reply(path, 403, R"({"kind":"Status","code":403,"message":"no"})");
    CHECK(all(world.report()) ==
          "blind: no right to list limitranges in namespace \"team\"\n"
          "blind: no right to list nodes\n"
          "blind: no right to list resourcequotas in namespace \"team\"\n");
}
