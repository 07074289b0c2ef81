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
        http.reply("PATCH /api/v1/namespaces/team/persistentvolumeclaims/data", 201,
                   R"({"kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":{"storageClassName":"fast"}})");
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
    CHECK(said.find("limitrange/l allows 2 at most") != std::string::npos);  // no file of it has lines
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

TEST_CASE("preflight: a claim without a class wants a default one") {
    PreflightWorld world;
    world.http.reply("PATCH /api/v1/namespaces/team/persistentvolumeclaims/data?", 201,
                     R"({"kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":{}})");
    const std::string classes = "GET /apis/storage.k8s.io/v1/storageclasses";
    SUBCASE("there is none") {
        world.http.reply(classes, 200, R"({"kind":"StorageClassList","items":[{"metadata":{"name":"slow"}}]})");
        CHECK(all(world.report()) ==
              "warning persistentvolumeclaim/data : the claim names no storage class, and the cluster has no default "
              "one: it is never bound, unless there is a volume without class\n");
    }
    SUBCASE("there is one") {
        world.http.reply(classes, 200, R"({"kind":"StorageClassList","items":[{"metadata":{"name":"slow","annotations":{
            "storageclass.kubernetes.io/is-default-class":"true"}}}]})");
        CHECK(all(world.report()) == "");
    }
}

TEST_CASE("preflight: drivers of volumes, their Secrets, and Secrets of registries") {
    PreflightWorld world(Json::parse(R"({"imagePullSecrets":[{"name":"registry"}],"volumes":[{"name":"v","csi":{
        "driver":"secrets.example.org","nodePublishSecretRef":{"name":"login"}}}]})"));
    for (const char* path :
         {"GET /apis/storage.k8s.io/v1/csidrivers/secrets.example.org", "GET /api/v1/namespaces/team/secrets/registry",
          "GET /api/v1/namespaces/team/secrets/login"})
        world.http.reply(path, 404, R"({"kind":"Status","code":404})");
    const PreflightReport report = world.report();
    CHECK(
        all(report) ==
        "error job.batch/cnn spec.template.spec.volumes[0].csi.nodePublishSecretRef.name: there is no Secret \"login\" "
        "in namespace \"team\": the pods never start\n"
        "warning job.batch/cnn spec.template.spec.imagePullSecrets[0].name: there is no Secret \"registry\" in "
        "namespace "
        "\"team\"\n"
        "error job.batch/cnn spec.template.spec.volumes[0].csi.driver: there is no CSIDriver "
        "\"secrets.example.org\": the pods never start\n");
    CHECK(std::string(report.findings.at(1).fix).find("kubectl create secret docker-registry registry -n team") !=
          std::string::npos);
}

TEST_CASE("preflight: the pods of a TrainJob are counted by its runtime") {
    PreflightWorld world;
    world.objects = {
        Json::parse(R"({"apiVersion":"trainer.kubeflow.org/v1alpha1","kind":"TrainJob","metadata":{"name":"cnn",
        "namespace":"team"},"spec":{"runtimeRef":{"name":"torch"},"trainer":{"numNodes":3}}})")};
    world.http.reply("POST /apis/trainer.kubeflow.org/", 201, R"({"kind":"TrainJob"})");
    world.http.reply("GET /api", 200, R"({"kind":"APIGroupDiscoveryList","items":[]})");
    world.http.reply("GET /apis", 200, R"({"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":
        "trainer.kubeflow.org"},"versions":[{"version":"v1alpha1","resources":[
        {"resource":"trainjobs","scope":"Namespaced","responseKind":{"kind":"TrainJob"}},
        {"resource":"clustertrainingruntimes","scope":"Cluster","responseKind":{"kind":"ClusterTrainingRuntime"}}]}]}]})");
    world.http.reply("GET /apis/trainer.kubeflow.org/v1alpha1/clustertrainingruntimes/torch", 200,
                     R"({"kind":"ClusterTrainingRuntime","spec":{"template":{
        "spec":{"replicatedJobs":[{"name":"node","template":{"spec":{"template":{"spec":{"containers":[{"name":"node",
        "resources":{"limits":{"cpu":"4"}}}]}}}}}]}}}})");
    world.http.reply("GET /api/v1/namespaces/team/resourcequotas?", 200,
                     R"({"items":[{"metadata":{"name":"q","namespace":"team"},"spec":{"hard":{"limits.cpu":"8"}}}]})");
    const std::string said = all(world.report());
    CHECK_MESSAGE(said.find("the job needs 12 limits.cpu, quota \"q\" allows 8: the pods would never be let in") !=
                      std::string::npos,
                  said);
    CHECK_MESSAGE(said.find("have room for 2 of 3 of them") != std::string::npos, said);
}
