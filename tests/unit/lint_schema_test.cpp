// The compiled-in schemas: every minor, every custom resource, fields that came and went, and what a table may not be.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "core/base/error.h"
#include "core/base/regex.h"
#include "core/lint/lint.h"

using namespace ktrain;
using lint::Minors;

namespace {

// The kinds of Kubernetes itself that a minor has.
std::size_t count_kinds(Minors minor) {
    std::size_t count = 0;
    for (const lint::KindSchema& kind : lint::Schemas().kinds())
        count += !kind.has(lint::flag_crd) && !(kind.minors() & minor).empty();
    return count;
}

lint::Field field_at(const std::string& api_version, const std::string& kind, const std::vector<std::string>& path) {
    const auto schema = lint::Schemas().find(api_version, kind);
    REQUIRE(schema.has_value());
    lint::Field field{"", Minors::all(), false, false, "", schema->type()};
    for (const std::string& step : path) {
        while (field.type.base() == lint::Base::list || field.type.base() == lint::Base::map)
            field.type = field.type.inside();
        const auto edges = field.type.edges(step);
        CAPTURE(step);
        REQUIRE_FALSE(edges.empty());
        field = field.type.field(edges.back());
    }
    return field;
}

std::string rules_of(const std::string& text, const std::string& versions = "") {
    lint::Target target;
    if (!versions.empty()) target = {Minors::parse(versions), true};
    std::string rules;
    for (const Diagnostic& d : lint::check({{"a.yaml", text}}, {}, target).findings)
        if (d.rule.starts_with("KT"))
            rules += (rules.empty() ? "" : " ") + std::string(d.rule) + "/" + std::string(to_string(d.severity));
    return rules;
}

std::string pod_with(const std::string& container_field) {
    return "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  restartPolicy: Never\n"
           "  containers: [{name: a, image: 'a:1', " +
           container_field + "}]\n";
}

}  // namespace

TEST_CASE("names of Services may begin with a digit since 1.36") {
    const std::string service = "apiVersion: v1\nkind: Service\nmetadata: {name: 0-web}\nspec: {ports: [{port: 80}]}\n";
    CHECK(rules_of(service) == "");
    CHECK(rules_of(service, "1.36-1.37") == "");
    CHECK(rules_of(service, "1.35-1.36") == "KT007/error");
    CHECK(rules_of("apiVersion: kubeflow.org/v1\nkind: TFJob\nmetadata: {name: 0-web}\nspec: {tfReplicaSpecs: {}}\n") ==
          "KT007/error");
}

TEST_CASE("drivers of classes of attributes of volumes are named as provisioners are") {
    const std::string start =
        "apiVersion: storage.k8s.io/v1\nkind: VolumeAttributesClass\nmetadata: {name: gold}\nparameters: {iops: "
        "\"1\"}\n"
        "driverName: ";
    CHECK(rules_of(start + "example.org/disks\n", "1.34-1.37") == "");
    CHECK(rules_of(start + "a/b/c\n", "1.34-1.37") == "KT006/error");
}

TEST_CASE("every minor has its kinds") {
    const std::map<int, std::size_t> expected = {{25, 65}, {26, 71}, {27, 73}, {28, 76}, {29, 77}, {30, 83}, {31, 83},
                                                 {32, 83}, {33, 91}, {34, 93}, {35, 93}, {36, 98}, {37, 103}};
    for (int minor = lint::first_minor; minor <= lint::last_minor; ++minor) {
        CAPTURE(minor);
        CHECK(count_kinds(Minors::parse("1." + std::to_string(minor))) == expected.at(minor));
    }
}

TEST_CASE("the custom resources that training uses are there, with their scope and their templates") {
    struct Row {
        const char* api_version;
        const char* kind;
        bool cluster;
        const char* templates;
    };
    const std::vector<Row> rows = {
        {"argoproj.io/v1alpha1", "Workflow", false, "argo:spec.templateDefaults argo:spec.templates[]"},
        {"batch.volcano.sh/v1alpha1", "Job", false, "spec.tasks[].template"},
        {"jobset.x-k8s.io/v1alpha2", "JobSet", false, "spec.replicatedJobs[].template.spec.template"},
        {"karpenter.k8s.aws/v1", "EC2NodeClass", true, ""},
        {"karpenter.sh/v1", "NodeClaim", true, ""},
        {"karpenter.sh/v1", "NodePool", true, ""},
        {"kubeflow.org/v1", "JAXJob", false, "spec.jaxReplicaSpecs.*.template"},
        {"kubeflow.org/v1", "MPIJob", false, "spec.mpiReplicaSpecs.*.template"},
        {"kubeflow.org/v1", "PaddleJob", false, "spec.paddleReplicaSpecs.*.template"},
        {"kubeflow.org/v1", "PyTorchJob", false, "spec.pytorchReplicaSpecs.*.template"},
        {"kubeflow.org/v1", "TFJob", false, "spec.tfReplicaSpecs.*.template"},
        {"kubeflow.org/v1", "XGBoostJob", false, "spec.xgbReplicaSpecs.*.template"},
        {"kubeflow.org/v2beta1", "MPIJob", false, "spec.mpiReplicaSpecs.*.template"},
        {"kueue.x-k8s.io/v1beta1", "Workload", false, "spec.podSets[].template"},
        {"kueue.x-k8s.io/v1beta2", "ClusterQueue", true, ""},
        {"leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", false,
         "spec.leaderWorkerTemplate.leaderTemplate spec.leaderWorkerTemplate.workerTemplate"},
        {"monitoring.coreos.com/v1", "PodMonitor", false, ""},
        {"monitoring.coreos.com/v1", "PrometheusRule", false, ""},
        {"monitoring.coreos.com/v1", "ServiceMonitor", false, ""},
        {"nvidia.com/v1", "ClusterPolicy", true, ""},
        {"nvidia.com/v1alpha1", "NVIDIADriver", true, ""},
        {"ray.io/v1", "RayCluster", false, "spec.headGroupSpec.template spec.workerGroupSpecs[].template"},
        {"ray.io/v1", "RayJob", false,
         "spec.rayClusterSpec.headGroupSpec.template spec.rayClusterSpec.workerGroupSpecs[].template "
         "spec.submitterPodTemplate"},
        {"scheduling.volcano.sh/v1beta1", "PodGroup", false, ""},
        {"trainer.kubeflow.org/v1alpha1", "ClusterTrainingRuntime", true,
         "spec.template.spec.replicatedJobs[].template.spec.template"},
        {"trainer.kubeflow.org/v1alpha1", "TrainJob", false, ""},
        {"v1", "Pod", false, "."},
        {"batch/v1", "CronJob", false, "spec.jobTemplate.spec.template"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.api_version);
        CAPTURE(row.kind);
        const auto schema = lint::Schemas().find(row.api_version, row.kind);
        REQUIRE(schema.has_value());
        CHECK(schema->has(lint::flag_cluster) == row.cluster);
        CHECK(schema->templates() == row.templates);
        CHECK(field_at(row.api_version, row.kind, {"metadata", "labels"}).type.base() == lint::Base::map);
    }
    CHECK_FALSE(lint::Schemas().find("kubeflow.org/v1", "PytorchJob").has_value());
}

TEST_CASE("fields say since when and until when they are there") {
    CHECK(field_at("batch/v1", "Job", {"spec", "successPolicy"}).minors.text() == "1.30 to 1.37");
    CHECK(field_at("batch/v1", "Job", {"spec", "backoffLimitPerIndex"}).minors.text() == "1.28 to 1.37");
    CHECK(field_at("v1", "Pod", {"spec", "resourceClaims", "source"}).minors.text() == "1.26 to 1.30");
    CHECK(field_at("v1", "Pod", {"spec", "containers", "image"}).minors == Minors::all());
    CHECK(lint::Schemas().find("resource.k8s.io/v1", "DeviceClass")->minors().text() == "1.34 to 1.37");
    CHECK(lint::Schemas().find("autoscaling/v2beta2", "HorizontalPodAutoscaler")->removed() == 26);
}

TEST_CASE("the versions of a cluster decide") {
    const std::string rules = pod_with(
        "restartPolicy: Always, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]");
    CHECK(rules_of(rules).empty());
    CHECK(rules_of(rules, "1.34-1.37").empty());
    CHECK(rules_of(rules, "1.33-1.34") == "KT010/error");
    CHECK(rules_of(rules, "1.33") == "KT010/error");
    const std::string word = pod_with("restartPolicy: Never");  // the field is older than the word
    CHECK(rules_of(word).empty());
    CHECK(rules_of(word, "1.31") == "KT010/error");
    const std::string device = "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: a}\nspec: {}\n";
    CHECK(rules_of(device).empty());
    CHECK(rules_of(device, "1.31") == "KT009/error");
    const std::string beta = "apiVersion: resource.k8s.io/v1beta1\nkind: DeviceClass\nmetadata: {name: a}\nspec: {}\n";
    CHECK(rules_of(beta) == "KT009/warning");
    CHECK(rules_of(beta, "1.33") == "KT009/info");  // nothing else to write, where a cluster turns it on
    CHECK(rules_of(beta, "1.34-1.36") == "KT009/error");
    const std::string scaler =
        "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n"
        "spec: {maxReplicas: 1, scaleTargetRef: {kind: Deployment, name: a}}\n";
    CHECK(rules_of(scaler, "1.25") == "KT009/warning");
    CHECK(rules_of(scaler, "1.25-1.26") == "KT009/error");
    const std::string group =
        "apiVersion: scheduling.k8s.io/v1alpha2\nkind: Workload\nmetadata: {name: a}\n"
        "spec: {podGroupTemplates: [{name: a, schedulingPolicy: {basic: {}}}]}\n";
    CHECK(rules_of(group, "1.36") == "KT009/info");  // gone in 1.37, and off before
    CHECK(rules_of(group) == "KT009/warning");
}

TEST_CASE("an apiVersion to write instead is one that all chosen versions serve, and is said once") {
    const auto fix = [](const std::string& api, const std::string& versions) {
        lint::Target target;
        if (!versions.empty()) target = {Minors::parse(versions), true};
        const std::string text = "apiVersion: " + api + "\nmetadata: {name: a, namespace: b}\nspec: {}\n";
        const lint::Report report = lint::check({{"a.yaml", text}}, {.only = {"KT009"}}, target);
        return report.findings.size() == 1 ? std::string(report.findings[0].fix)
                                           : std::to_string(report.findings.size());
    };
    const std::string claim = "resource.k8s.io/v1beta1\nkind: ResourceClaim";
    CHECK(fix(claim, "1.36") == "write apiVersion: resource.k8s.io/v1");
    CHECK(fix(claim, "1.33-1.35") == "look for its successor");
    CHECK(fix(claim, "1.33") == "make sure that your clusters serve it");
    CHECK(fix(claim, "") == "write apiVersion: resource.k8s.io/v1, in Kubernetes 1.34 to 1.37");
    const std::string policy = "admissionregistration.k8s.io/v1beta1\nkind: MutatingAdmissionPolicy";
    CHECK(fix(policy, "1.32-1.34") == "use an older apiVersion, or a newer cluster");
    CHECK(fix(policy, "1.36-1.37") == "write apiVersion: admissionregistration.k8s.io/v1");
    CHECK(fix(policy, "") == "write apiVersion: admissionregistration.k8s.io/v1, in Kubernetes 1.36 to 1.37");
    CHECK(fix("autoscaling/v2beta2\nkind: HorizontalPodAutoscaler", "1.25") == "write apiVersion: autoscaling/v2");
}

TEST_CASE("sets of minors") {
    CHECK(Minors::parse("1.31").text() == "1.31");
    CHECK(Minors::parse("v1.31.4").text() == "1.31");
    CHECK(Minors::parse("1.29-1.33").text() == "1.29 to 1.33");
    CHECK(Minors::parse("1.25-1.37") == Minors::all());
    for (const char* bad : {"", "1", "1.", "1.x", "2.31", "1.31-", "-1.31", "1.33-1.29", "1.24", "1.38", "1.31..1.33",
                            "1.31,1.32", "1.31.x", " 1.31", "1.99999999999"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(Minors::parse(bad), Error);
    }
}

TEST_CASE("the table hangs together") {
    const lint::SchemaTable& table = lint::builtin_schemas();
    for (const lint::NodeEntry& node : table.nodes) {
        const bool object = node.base == lint::Base::object;
        const bool holds = node.base == lint::Base::list || node.base == lint::Base::map;
        REQUIRE(node.first_fact + node.facts <= table.facts.size());
        if (object) REQUIRE(node.first + node.edges <= table.edges.size());
        if (holds) REQUIRE(node.first < table.nodes.size());
        REQUIRE(node.name < table.texts.size());
        std::string_view before;
        if (!object) continue;
        for (const lint::EdgeEntry& edge : table.edges.subspan(node.first, node.edges)) {
            REQUIRE(edge.node < table.nodes.size());
            REQUIRE(table.text(edge.name) >= before);
            before = table.text(edge.name);
        }
    }
    for (const lint::FactEntry& fact : table.facts) {
        if (fact.kind != lint::FactKind::pattern) continue;
        CAPTURE(table.text(fact.text));
        std::string problem;
        CHECK_MESSAGE(Regex::compile(table.text(fact.text), problem) != nullptr, problem);
    }
    const std::size_t bytes = table.nodes.size_bytes() + table.edges.size_bytes() + table.facts.size_bytes() +
                              table.texts.size_bytes() + table.kinds.size_bytes() + table.texts.back().offset;
    CHECK(bytes < 1'500'000);
}

TEST_CASE("tables that are read at run time hide what is compiled in") {
    const lint::SchemaTable& builtin = lint::builtin_schemas();
    auto table = std::make_shared<lint::SchemaTable>(builtin);
    static const std::vector<lint::KindEntry> kinds = [&] {
        std::vector<lint::KindEntry> result;
        for (lint::KindEntry kind : builtin.kinds) {
            if (builtin.text(kind.api_version) != "batch/v1") continue;
            kind.minors = Minors::latest().bits;
            result.push_back(kind);
        }
        return result;
    }();
    table->kinds = kinds;
    lint::Schemas schemas;
    schemas.add(table);
    CHECK(schemas.find("batch/v1", "Job")->minors() == Minors::latest());
    CHECK(schemas.find("v1", "Pod")->minors() == Minors::all());
}
