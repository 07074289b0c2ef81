// How few requests a diagnosis takes, whatever the kind of the workload and however many pods and events there are.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/advice/gather.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/kube/workload_kind.h"
#include "tests/support/fake_world.h"
#include "tests/support/worlds.h"

namespace ktrain::advice {
namespace {

constexpr int many_pods = 1200, many_events = 3000, strange_kinds = 20;
constexpr const char* strange_group = "strange.example";

// A server with every kind of workload, that gives lists in pages to who asks for pages.
class FullServer final : public kube::Http {
public:
    std::map<std::string, std::vector<Json>> objects;  // by path of the collection
    std::vector<std::string> requests;
    bool node_gone = false;  // where the pods ran
    bool selects = false;    // only what has labels, for who selects
    std::string forbidden;   // the collection that may not be listed
    std::string broken;      // the collection that the server fails to list

    void put(const std::string& collection, Json object) { objects[collection].push_back(std::move(object)); }

    kube::HttpReply send(const kube::HttpRequest& request) override {
        requests.push_back(request.path);
        const std::string path = request.path.substr(0, request.path.find('?'));
        if (path == "/apis" || path == "/api") return reply(discovery());
        if (path == broken)
            return {
                .status = 500, .headers = {}, .body = R"({"kind":"Status","code":500,"message":"etcd"})", .reason = {}};
        if (path == forbidden)
            return {
                .status = 403, .headers = {}, .body = R"({"kind":"Status","code":403,"message":"no"})", .reason = {}};
        if (const auto found = objects.find(path); found != objects.end())
            return reply(list(found->second, request.path));
        const std::size_t slash = path.rfind('/');
        for (const Json& one : objects[path.substr(0, slash)])
            if (kube::meta(one, "name") == path.substr(slash + 1)) return reply(one);
        if (path.ends_with("/log") && node_gone)
            return {.status = 500,
                    .headers = {},
                    .body = R"({"kind":"Status","code":500,"message":"dial tcp 10.0.0.1:10250: connection refused"})",
                    .reason = {}};
        if (path.ends_with("/log")) return {.status = 200, .headers = {}, .body = "a line\n", .reason = {}};
        return {.status = 404, .headers = {}, .body = R"({"kind":"Status","code":404})", .reason = {}};
    }
    kube::StreamId open(const kube::HttpRequest&, kube::StreamHandler&) override { return 0; }
    void close(kube::StreamId) override {}
    void turn(std::chrono::milliseconds) override {}
    void use_certificate(const std::string&, const std::string&) override {}
    void use_authority(const std::string&) override {}

private:
    static kube::HttpReply reply(const Json& body) {
        return {.status = 200, .headers = {}, .body = body.dump(), .reason = {}};
    }
    Json list(std::vector<Json> all, const std::string& path) const {
        if (selects && path.find("labelSelector=") != std::string::npos)
            std::erase_if(all, [](const Json& one) { return !one["metadata"].contains("labels"); });
        const auto number = [&](const std::string& key, std::size_t otherwise) {
            const std::size_t at = path.find(key + "=");
            return at == std::string::npos ? otherwise : std::stoul(path.substr(at + key.size() + 1));
        };
        const std::size_t from = number("continue", 0), to = std::min(all.size(), from + number("limit", all.size()));
        Json out{{"kind", string_or(all.at(0), "kind") + "List"}, {"metadata", Json::object()}};
        if (to < all.size()) out["metadata"]["continue"] = std::to_string(to);
        out["items"] = std::vector<Json>(all.begin() + static_cast<long>(from), all.begin() + static_cast<long>(to));
        return out;
    }
    static Json discovery() {
        Json groups = Json::array();
        for (const kube::WorkloadKind& kind : kube::workload_kinds()) {
            Json resource{{"resource", kind.plural}, {"scope", "Namespaced"}, {"responseKind", {{"kind", kind.kind}}}};
            if (kind.kind == "RayJob") {
                Json cluster = resource;
                cluster["resource"] = "rayclusters", cluster["responseKind"]["kind"] = "RayCluster";
                resource = Json::array({resource, cluster});
            }
            if (resource.is_object()) resource = Json::array({resource});
            groups.push_back({{"metadata", {{"name", kind.group}}},
                              {"versions", Json::array({{{"version", kind.versions[0]}, {"resources", resource}}})}});
        }
        Json strange = Json::array();
        for (int i = 0; i < strange_kinds; ++i)
            strange.push_back({{"resource", fmt::format("k{}s", i)},
                               {"scope", "Namespaced"},
                               {"responseKind", {{"kind", fmt::format("K{}", i)}}}});
        groups.push_back({{"metadata", {{"name", strange_group}}},
                          {"versions", Json::array({{{"version", "v1"}, {"resources", strange}}})}});
        return {{"kind", "APIGroupDiscoveryList"}, {"items", groups}};
    }
};

std::string place(const std::string& api_version, const std::string& plural) {
    return (api_version.find('/') == std::string::npos ? "/api/" : "/apis/") + api_version + "/namespaces/team/" +
           plural;
}

Json made(const std::string& api_version, const std::string& kind, const std::string& name, const Json* owner) {
    Json out{{"apiVersion", api_version},
             {"kind", kind},
             {"metadata", {{"name", name}, {"namespace", "team"}, {"uid", kind + name}}}};
    if (owner != nullptr)
        out["metadata"]["ownerReferences"] = Json::array({{{"apiVersion", (*owner)["apiVersion"]},
                                                           {"kind", (*owner)["kind"]},
                                                           {"name", (*owner)["metadata"]["name"]},
                                                           {"uid", (*owner)["metadata"]["uid"]},
                                                           {"controller", true}}});
    return out;
}

// A pod that makes a diagnosis curious: it waits for a node, a claim and a queue, or it failed.
Json pod_of(const Json& owner, int number, bool waits) {
    Json pod = made("v1", "Pod", "cnn-pod-" + std::to_string(number), &owner);
    pod["spec"]["containers"] = Json::array({{{"name", "trainer"}}});
    pod["status"]["phase"] = waits ? "Pending" : "Failed";
    if (waits) {
        pod["spec"]["schedulingGates"] = Json::array({{{"name", "kueue.x-k8s.io/admission"}}});
        pod["spec"]["volumes"] = Json::array({{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", "c"}}}}});
        pod["metadata"]["annotations"] = {{"scheduling.k8s.io/group-name", "cnn"}};
    } else {
        pod["status"]["containerStatuses"] =
            Json::array({{{"name", "trainer"}, {"restartCount", 0}, {"state", {{"terminated", {{"exitCode", 1}}}}}}});
    }
    return pod;
}

struct Scene {
    const kube::WorkloadKind& kind;
    bool waits, told, has_pods;  // waits or failed; events name it; it has pods
    int pods = many_pods, events = many_events;

    FullServer fill() const {
        FullServer server;
        const std::string version = std::string(kind.group) + "/" + std::string(kind.versions[0]);
        Json root = made(version, std::string(kind.kind), "cnn", nullptr);
        root["metadata"]["labels"] = {{"kueue.x-k8s.io/queue-name", "team"}};
        if (kind.kind == "RayJob") root["status"]["rayClusterName"] = "cnn-ray";
        Json owner = root;
        server.put(place(version, std::string(kind.plural)), root);
        for (const kube::ChildKind& child : kind.children) {
            if (child.kind.empty()) break;
            Json next = made(std::string(child.api_version), std::string(child.kind),
                             child.label.empty() ? "cnn" : "cnn-node-0", &owner);
            server.put(place(std::string(child.api_version), lower(child.kind) + "s"), next);
            owner = std::move(next);
        }
        for (int i = 0; i < pods; ++i) {
            Json stranger = made("batch/v1", "Job", fmt::format("other-{}", i), nullptr);
            server.put(place("v1", "pods"), has_pods ? pod_of(owner, i, waits) : pod_of(stranger, i, waits));
        }
        for (int i = 0; i < events; ++i) {
            Json event = made("v1", "Event", "e" + std::to_string(i), nullptr);
            event["involvedObject"] = {{"apiVersion", version}, {"kind", kind.kind}, {"name", told ? "cnn" : "other"}};
            event["reason"] = "FailedScheduling";
            server.put(place("v1", "events"), std::move(event));
        }
        server.put("/api/v1/nodes", made("v1", "Node", "n", nullptr));
        Json claim = made("v1", "PersistentVolumeClaim", "c", nullptr);
        claim["status"]["phase"] = "Pending", claim["spec"]["storageClassName"] = "fast";
        server.put(place("v1", "persistentvolumeclaims"), claim);
        return server;
    }
};

Snapshot gathered(FullServer& server, const std::string& name = "cnn") {
    test::FakeClock clock;
    test::MemoryFiles files;
    kube::Connection connection;
    connection.cluster.server = "https://server";
    kube::Auth auth(connection, files, clock, nullptr, false);
    kube::KubeClient client(server, auth, clock, {"https://server", "here"}, nullptr);
    return gather(client, "team", name);
}

}  // namespace

TEST_CASE("diagnose: at most 15 requests for each kind of workload, with many pods and events") {
    for (const kube::WorkloadKind& kind : kube::workload_kinds()) {
        for (int bits = 0; bits < 8; ++bits) {
            const Scene scene{kind, (bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
            CAPTURE(kind.kind);
            CAPTURE(kind.group);
            CAPTURE(bits);
            FullServer server = scene.fill();
            const Snapshot snapshot = gathered(server);
            CAPTURE(join(server.requests, "\n"));
            CHECK(server.requests.size() <= max_requests);
            CHECK(string_or(snapshot.root, "kind") == kind.kind);
            CHECK(string_or(snapshot.root, "apiVersion").starts_with(kind.group));
            CHECK(snapshot.pods.size() == (scene.has_pods ? many_pods : 0));
        }
    }
}

TEST_CASE("diagnose: at most 15 requests however many things have the name, and the workload's pods within them") {
    for (const kube::WorkloadKind& kind : kube::workload_kinds()) {
        for (int strangers = 0; strangers <= strange_kinds; ++strangers) {
            for (const bool by_pods : {false, true}) {
                CAPTURE(kind.kind);
                CAPTURE(kind.group);
                CAPTURE(strangers);
                CAPTURE(by_pods);
                FullServer server = Scene{kind, true, !by_pods, true, 9, 1}.fill();
                std::vector<Json>& events = server.objects[place("v1", "events")];
                for (int i = 0; i < strangers; ++i) {
                    const Json stranger =
                        made(std::string(strange_group) + "/v1", fmt::format("K{}", i), "cnn", nullptr);
                    Json event = events.front();
                    event["involvedObject"] = {
                        {"apiVersion", stranger["apiVersion"]}, {"kind", stranger["kind"]}, {"name", "cnn"}};
                    if (!by_pods) events.insert(events.begin(), event);
                    std::vector<Json>& pods = server.objects[place("v1", "pods")];
                    if (by_pods) pods.insert(pods.begin(), pod_of(stranger, 100 + i, false));
                }
                std::string kind_found;
                std::size_t pods_found = 0;
                try {
                    const Snapshot snapshot = gathered(server);
                    kind_found = string_or(snapshot.root, "kind"), pods_found = snapshot.pods.size();
                } catch (const Error& error) {
                    CHECK(error.message.find("15 requests") != std::string::npos);
                }
                CAPTURE(join(server.requests, "\n"));
                CHECK(server.requests.size() <= max_requests);
                CHECK(pods_found == (kind_found.empty() ? 0 : 9));
                if (strangers == 0) CHECK(kind_found == kind.kind);
            }
        }
    }
}

TEST_CASE("diagnose: reads no more of a long list than the budget allows, and says what it left") {
    const auto kind = std::ranges::find(kube::workload_kinds(), "JobSet", &kube::WorkloadKind::kind);
    FullServer server = Scene{*kind, true, true, true, 9, 20'000}.fill();
    const Snapshot snapshot = gathered(server);
    CHECK(server.requests.size() <= max_requests);
    CHECK(snapshot.events.size() == 15'000);
    CHECK(snapshot.pods.size() == 9);
    CHECK(snapshot.unread == std::vector<std::string>{"of the events only the first 15000 were read"});
}

TEST_CASE("diagnose: finds the pods of a workload that are not among the first of a long list") {
    const auto kind = std::ranges::find(kube::workload_kinds(), "PyTorchJob", &kube::WorkloadKind::kind);
    FullServer server = Scene{*kind, true, false, true, 9, 1}.fill();
    std::vector<Json>& pods = server.objects[place("v1", "pods")];
    const Json stranger = pod_of(made("batch/v1", "Job", "other", nullptr), 100, false);
    pods.insert(pods.begin(), 20'000, stranger);
    for (std::size_t i = 20'000; i < pods.size(); ++i)
        pods[i]["metadata"]["labels"][std::string(kind->pod_label)] = "cnn";
    server.selects = true;
    const Snapshot snapshot = gathered(server);
    CHECK(server.requests.size() <= max_requests);
    CHECK(snapshot.pods.size() == 9);
}

TEST_CASE("diagnose: goes on without the logs of a node that is gone, and says so") {
    const auto kind = std::ranges::find(kube::workload_kinds(), "Job", &kube::WorkloadKind::kind);
    FullServer server = Scene{*kind, false, true, true}.fill();
    server.node_gone = true;
    const Snapshot snapshot = gathered(server);
    CHECK(snapshot.pods.size() == many_pods);
    REQUIRE(!snapshot.unread.empty());
    CHECK(snapshot.unread.front().find("connection refused") != std::string::npos);
}

TEST_CASE("diagnose: does not ask again for pods that it may not list") {
    const auto kind = std::ranges::find(kube::workload_kinds(), "JobSet", &kube::WorkloadKind::kind);
    FullServer server = Scene{*kind, true, false, true, 9, 1}.fill();
    server.forbidden = place("v1", "pods");
    const Snapshot snapshot = gathered(server);
    CHECK(string_or(snapshot.root, "kind") == "JobSet");
    CHECK(std::ranges::count_if(server.requests, [&](const std::string& path) {
              return path.substr(0, path.find('?')) == server.forbidden;
          }) == 1);
    CHECK(snapshot.unread.size() == 1);
}

TEST_CASE("diagnose: asks for the device claims of a pod that waits for them") {
    const auto kind = std::ranges::find(kube::workload_kinds(), "Job", &kube::WorkloadKind::kind);
    FullServer server = Scene{*kind, true, true, true, 1, 1}.fill();
    server.put(place("resource.k8s.io/v1", "resourceclaims"),
               made("resource.k8s.io/v1", "ResourceClaim", "gpu", nullptr));
    Json& pod = server.objects[place("v1", "pods")].front();
    pod["spec"]["resourceClaims"] = Json::array({{{"name", "a"}, {"resourceClaimName", "gpu"}},
                                                 {{"name", "b"}, {"resourceClaimName", "gone"}},
                                                 {{"name", "c"}, {"resourceClaimTemplateName", "each"}}});
    CHECK(gathered(server).absent_device_claims == std::set<std::string>{"gone"});
    pod["status"]["conditions"] = Json::array({{{"type", "PodScheduled"}, {"status", "False"}}});
    CHECK(gathered(server).absent_device_claims.empty());
}

TEST_CASE("diagnose: reads the logs of all ranks that ended together, within the budget") {
    const auto kind = std::ranges::find(kube::workload_kinds(), "Job", &kube::WorkloadKind::kind);
    for (const auto& [ranks, logs] : {std::pair{8, 8}, {40, 10}}) {
        FullServer server = Scene{*kind, false, true, true, ranks, 1}.fill();
        for (Json& pod : server.objects[place("v1", "pods")])
            pod["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"] = "2026-01-01T00:00:00Z";
        const Snapshot snapshot = gathered(server);
        CHECK(snapshot.logs.size() == static_cast<std::size_t>(logs));
        CHECK(server.requests.size() <= max_requests);
        CHECK(snapshot.unread.empty());
    }
    FullServer server = Scene{*kind, false, true, true, 8, 1}.fill();
    int second = 0;
    for (Json& pod : server.objects[place("v1", "pods")])
        pod["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"] =
            fmt::format("2026-01-01T00:00:{:02}Z", 7 * second++);
    CHECK(gathered(server).logs.size() == 3);  // the others followed
}

TEST_CASE("diagnose: goes on where the server fails to give one list, and says so") {
    const auto kind = std::ranges::find(kube::workload_kinds(), "Job", &kube::WorkloadKind::kind);
    FullServer server = Scene{*kind, false, true, true, 9, 1}.fill();
    server.broken = place("v1", "events");
    const Snapshot snapshot = gathered(server);
    CHECK(snapshot.pods.size() == 9);
    REQUIRE(snapshot.unread.size() == 1);
    CHECK(snapshot.unread[0].find("failed to list events") != std::string::npos);
    try {  // what is not found for want of an answer is not absent
        gathered(server, "nobody");
        CHECK(false);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::unreachable);
    }
}

TEST_CASE("diagnose: says that a name is not there, or which kinds it could not ask for it") {
    FullServer server = Scene{kube::workload_kinds()[0], true, true, true, 9, 1}.fill();
    const auto refusal = [&] {
        server.requests.clear();
        try {
            gathered(server, "nobody");
        } catch (const Error& error) {
            CHECK(error.kind == ErrorKind::not_found);
            CHECK(server.requests.size() <= max_requests);
            return error.message;
        }
        return std::string();
    };
    CHECK(refusal() == "there is no job \"nobody\" in namespace \"team\"");
    server.forbidden = place("v1", "pods");  // one more request for the pods of what would be found
    CHECK(refusal().find(", unless it is one of these, for which 15 requests were too few: "
                         "trainjob.trainer.kubeflow.org, workflow.argoproj.io") != std::string::npos);
}

TEST_CASE("diagnose: owners of Kubernetes itself are known by their kinds") {
    for (const auto& [word, version, plural, kind] :
         {std::tuple{"cronjob", "batch/v1", "cronjobs", "CronJob"},
          {"cj", "batch/v1", "cronjobs", "CronJob"},
          {"deployments.apps", "apps/v1", "deployments", "Deployment"},
          {"StatefulSet", "apps/v1", "statefulsets", "StatefulSet"},
          {"ds", "apps/v1", "daemonsets", "DaemonSet"},
          {"rs", "apps/v1", "replicasets", "ReplicaSet"},
          {"rc", "v1", "replicationcontrollers", "ReplicationController"}}) {
        CAPTURE(word);
        FullServer server;
        server.put(place(version, plural), made(version, kind, "web", nullptr));
        CHECK(string_or(gathered(server, std::string(word) + "/web").root, "kind") == kind);
    }
    FullServer server;
    CHECK_THROWS_AS(gathered(server, "tea/web"), Error);
}

TEST_CASE("diagnose: finds the owner between that has no pods, by its events") {
    FullServer server;
    const Json web = made("apps/v1", "Deployment", "web", nullptr),
               set = made("apps/v1", "ReplicaSet", "web-5d4f8", &web);
    server.put(place("apps/v1", "deployments"), web);
    server.put(place("apps/v1", "replicasets"), set);
    server.put(place("apps/v1", "replicasets"), made("apps/v1", "ReplicaSet", "web-other", nullptr));
    for (const char* name : {"web-5d4f8", "web-other"}) {
        Json event = made("v1", "Event", name, nullptr);
        event["involvedObject"] = {{"apiVersion", "apps/v1"},
                                   {"kind", "ReplicaSet"},
                                   {"name", name},
                                   {"uid", "ReplicaSet" + std::string(name)}};
        event["type"] = "Warning";
        server.put(place("v1", "events"), event);
    }
    const Snapshot snapshot = gathered(server, "deploy/web");
    REQUIRE(snapshot.owners.size() == 1);
    CHECK(kube::meta(snapshot.owners[0], "name") == "web-5d4f8");
    CHECK(snapshot.strangers == std::set<std::string>{"ReplicaSetweb-other"});
}

}  // namespace ktrain::advice
