// What a bundle needs of its cluster that the server's dry run does not look at.
#include "cli/commands/preflight.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "cli/commands/pod_counts.h"
#include "cli/commands/preflight_needs.h"
#include "core/advice/room.h"
#include "core/base/error.h"
#include "core/kube/train_job.h"
#include "core/lint/lint.h"

namespace ktrain {
namespace {

// Rules that tell what the server does with pods in the namespace that they are made in; errors of theirs alone count.
const std::vector<std::string> rules{"KQ502", "KQ504", "KX603", "KX604", "KX605", "KX607"};

bool rules_a_namespace(const Json& object) {
    const std::string kind = string_or(object, "kind");
    return kind == "Namespace" || kind == "LimitRange" || kind == "ResourceQuota";
}

std::string key_of(std::string_view kind, std::string_view space, std::string_view name) {
    return fmt::format("{}/{}/{}", kind, space, name);
}

// "limitrange/limits:7:9" without the lines, which no file has.
std::string without_lines(std::string text, const std::string& label) {
    for (std::size_t at = text.find(label + ":"); at != std::string::npos; at = text.find(label + ":", at + 1)) {
        std::size_t end = at + label.size();
        while (end + 1 < text.size() && text[end] == ':' && text[end + 1] >= '0' && text[end + 1] <= '9')
            end = std::min(text.find_first_not_of("0123456789", end + 1), text.size());
        text.erase(at + label.size(), end - at - label.size());
    }
    return text;
}

bool is_default_class(const Json& storage_class) {
    return kube::annotation(storage_class, "storageclass.kubernetes.io/is-default-class") == "true";
}

class Preflight {
public:
    Preflight(kube::KubeClient& client, const kube::Submission& submission) : client_(client) {
        read_bundle(submission);
        for (const lint::Object& object : bundle_.objects)
            for (Need& need : needs_of(object)) needs_.push_back(std::move(need));
        for (const Json& job : submission.new_jobs()) spaces_.insert(kube::meta(job, "namespace"));
    }

    PreflightReport run() {
        if (bundle_.objects.empty()) return {};
        begin();
        check_needs();
        check_claims();
        check_rules();
        check_quotas();
        check_room();
        return std::move(report_);
    }

private:
    // What the cluster has, or nothing and a word about why that is not known.
    template <typename Answer>
    std::optional<Answer> read(const std::string& what, const std::function<Answer()>& ask) {
        try {
            return ask();
        } catch (const Error& error) {
            if (client_.clock().stop_signal() != 0) throw;
            report_.blind.insert(error.kind == ErrorKind::denied ? "no right to " + what
                                                                 : fmt::format("{}: {}", what, error.message));
            return std::nullopt;
        }
    }

    void read_bundle(const kube::Submission& submission);
    void begin();
    void check_needs();
    void check_claims();
    void check_rules();
    void check_quotas();
    void check_room();
    std::optional<std::vector<Json>> list(std::string_view kind, const std::string& space,
                                          std::string_view api_version = "v1");
    std::vector<kube::PodCount> pods(const lint::Object& object) const;
    void add(Severity severity, const std::string& file, const std::string& message, const std::string& fix);

    kube::KubeClient& client_;
    PreflightReport report_;
    std::vector<lint::Source> sources_;    // one for each object
    std::map<std::string, Json> brought_;  // by key_of()
    std::vector<Json> results_;            // the bundle as the server would have it
    std::set<std::string> new_spaces_;
    lint::Bundle bundle_;
    std::vector<Need> needs_;
    std::set<std::string> spaces_;  // of new jobs
    std::map<const NeededKind*, std::optional<kube::Resource>> kinds_;
    std::map<std::string, std::optional<Json>> answers_;  // to needs, by key_of(); unset: not known; null: not there
    std::set<const NeededKind*> unknown_;                 // nobody knows whether the server has them
    std::map<std::string, std::optional<std::vector<Json>>> lists_;
};

void Preflight::add(Severity severity, const std::string& file, const std::string& message, const std::string& fix) {
    Diagnostic out;
    out.severity = severity;
    out.where.file = file;
    out.message = message;
    out.fix = fix;
    report_.findings.push_back(std::move(out));
}

// What is there is left out, but rules for the namespace count as they will be.
void Preflight::read_bundle(const kube::Submission& submission) {
    results_ = submission.objects();
    const std::vector<Json> given = submission.given();
    std::set<std::string> old;
    for (const Json& job : submission.old_jobs()) old.insert(kube::label_of(job));
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string label = kube::label_of(given[i]);
        brought_.insert_or_assign(
            key_of(string_or(given[i], "kind"), kube::meta(given[i], "namespace"), kube::meta(given[i], "name")),
            given[i]);
        if (old.contains(label)) continue;
        Json object = rules_a_namespace(given[i]) ? results_[i] : given[i];
        object["metadata"].erase("managedFields");
        sources_.push_back({label, yaml::emit(object)});
    }
    new_spaces_ = submission.new_namespaces();
    bundle_ = lint::read_bundle(sources_);
}

// All questions at once; what may not be asked is told when its answer is wanted.
void Preflight::begin() {
    kube::KubeClient::Ahead ahead;
    for (const Need& need : needs_) {
        if (brought_.contains(key_of(need.kind->kind, need.namespace_, need.name))) continue;
        if (!kinds_.contains(need.kind)) {
            const auto known =
                read<std::optional<kube::Resource>>(fmt::format("find out whether the server has {}", need.kind->kind),
                                                    [&] { return resource_of(client_, *need.kind); });
            if (!known) unknown_.insert(need.kind);
            kinds_[need.kind] = known.value_or(std::nullopt);
        }
        if (kinds_[need.kind]) ahead.find(*kinds_[need.kind], need.namespace_, need.name);
    }
    for (const std::string& space : spaces_) {
        if (new_spaces_.contains(space)) continue;
        if (!brought_.contains(key_of("Namespace", "", space)))
            ahead.find(*kube::built_in_resource("v1", "Namespace"), "", space);
        for (const char* kind : {"LimitRange", "ResourceQuota"})
            ahead.list(*kube::built_in_resource("v1", kind), space);
    }
    if (!spaces_.empty()) ahead.list(*kube::built_in_resource("v1", "Node"), "");
    client_.begin(ahead);
}

void Preflight::check_needs() {
    std::set<std::string> said;
    for (const Need& need : needs_) {
        const std::string key = key_of(need.kind->kind, need.namespace_, need.name);
        if (const auto own = brought_.find(key); own != brought_.end()) {
            answers_[key] = own->second;
        } else if (!kinds_[need.kind]) {
            if (!unknown_.contains(need.kind) && said.insert(key).second) report_.findings.push_back(unserved(need));
            continue;
        } else if (!answers_.contains(key)) {
            const kube::Resource& resource = *kinds_[need.kind];
            answers_[key] = read<Json>("get " + resource.label(need.name), [&] {
                return client_.find(resource, need.namespace_, need.name).value_or(Json());
            });
        }
        if (!answers_[key]) continue;
        auto finding = judge(need, *answers_[key]);
        if (finding && answers_[key]->is_null())
            finding->fix = std::string(finding->fix) + client_.server().flags;  // a command is its end
        if (finding && said.insert(key + "/" + (answers_[key]->is_null() ? "" : need.key)).second)
            report_.findings.push_back(*finding);
    }
}

// Those of a TrainJob are in its runtime, which it needs.
std::vector<kube::PodCount> Preflight::pods(const lint::Object& object) const {
    if (object.kind != "TrainJob") return pods_of(object);
    const kube::RuntimeRef runtime = kube::runtime_of(yaml::to_json(*object.root.node));
    const std::string space(runtime.kind == "TrainingRuntime" ? object.root["metadata"]["namespace"].text() : "");
    const auto known = answers_.find(key_of(runtime.kind, space, runtime.name));
    return pods_of(object, known == answers_.end() ? Json() : known->second.value_or(Json()));
}

// A claim that names no class is of the default one: the server has given it that, unless it was not asked.
void Preflight::check_claims() {
    for (const Json& claim : results_) {
        const Json& spec = at_path(claim, {"spec"});
        if (string_or(claim, "kind") != "PersistentVolumeClaim" || spec.contains("storageClassName") ||
            spec.contains("volumeName"))
            continue;
        const auto classes = list("StorageClass", "", "storage.k8s.io/v1");
        if (!classes || std::ranges::any_of(*classes, is_default_class)) continue;
        add(Severity::warning, kube::label_of(claim),
            "the claim names no storage class, and the cluster has no default one: it is never bound, unless there is "
            "a volume without class",
            "name one in spec.storageClassName: kubectl get storageclasses" + client_.server().flags);
    }
}

std::optional<std::vector<Json>> Preflight::list(std::string_view kind, const std::string& space,
                                                 std::string_view api_version) {
    if (new_spaces_.contains(space)) return std::vector<Json>();
    const std::string key = key_of(kind, space, "");
    if (const auto known = lists_.find(key); known != lists_.end()) return known->second;
    const kube::Resource resource = *kube::built_in_resource(api_version, kind);
    const std::string in = space.empty() ? "" : fmt::format(" in namespace \"{}\"", space);
    return lists_[key] = read<std::vector<Json>>(fmt::format("list {}{}", resource.plural, in),
                                                 [&] { return client_.list(resource, space, {}).items; });
}

// Pod Security, LimitRanges, and quotas that want amounts: the rules of `validate`, with what the cluster adds.
void Preflight::check_rules() {
    std::vector<lint::Source> sources = sources_;
    const auto add_source = [&](Json object, std::string_view kind, const std::string& space) {
        if (brought_.contains(key_of(kind, space, kube::meta(object, "name")))) return;
        object["apiVersion"] = "v1";
        object["kind"] = kind;
        object["metadata"].erase("managedFields");
        sources.push_back({kube::label_of(object), yaml::emit(object)});
    };
    std::set<std::string> own;
    for (const lint::Source& source : sources_) own.insert(source.file);
    for (const std::string& space : spaces_) {
        const kube::Resource kind = *kube::built_in_resource("v1", "Namespace");
        if (!new_spaces_.contains(space) && !brought_.contains(key_of("Namespace", "", space))) {
            const auto there =
                read<Json>("get " + kind.label(space), [&] { return client_.find(kind, "", space).value_or(Json()); });
            if (there && there->is_object()) add_source(*there, "Namespace", "");
        }
        for (const char* limits : {"LimitRange", "ResourceQuota"})
            if (const auto all = list(limits, space))
                for (const Json& one : *all) add_source(one, limits, space);
    }
    for (Diagnostic finding : lint::check(sources, {.only = rules, .skip = {}}).findings) {
        if (finding.severity != Severity::error || !own.contains(finding.where.file)) continue;
        finding.where.line = finding.where.column = 0;
        for (const lint::Source& source : sources) {
            finding.message = without_lines(finding.message, source.file);
            finding.fix = without_lines(std::string(finding.fix), source.file);
        }
        report_.findings.push_back(std::move(finding));
    }
}

void Preflight::check_quotas() {
    for (const lint::Object& object : bundle_.objects) {
        const Json about{{"apiVersion", object.api_version}, {"kind", object.kind}};
        const kube::WorkloadKind* kind = kube::workload_kind(about);
        const std::string space(object.root["metadata"]["namespace"].text());
        if (kind == nullptr || !spaces_.contains(space)) continue;
        const auto quotas = list("ResourceQuota", space);
        if (!quotas) continue;
        const std::string counted = fmt::format("count/{}.{}", kind->plural, kind->group);
        for (const kube::QuotaFinding& finding :
             kube::check_quotas(pods(object), counted, kube::quotas_after(*quotas, results_, space)))
            add(finding.never ? Severity::error : Severity::warning, object.file,
                finding.message +
                    (finding.never ? ": the pods would never be let in" : ": the pods wait until others have ended"),
                finding.never ? "ask for less in resources, or have the quota raised" : "");
    }
}

void Preflight::check_room() {
    if (spaces_.empty()) return;
    const auto nodes = list("Node", "");
    if (!nodes) return;
    for (const lint::Object& object : bundle_.objects) {
        const Json about{{"apiVersion", object.api_version}, {"kind", object.kind}};
        if (kube::workload_kind(about) == nullptr) continue;
        std::vector<advice::PodShare> shares;
        for (kube::PodCount& some : pods(object)) shares.push_back({{{"spec", std::move(some.spec)}}, some.count});
        if (shares.empty()) continue;
        if (const auto shortage = advice::lacks_room(shares, *nodes, client_.server().flags))
            add(Severity::warning, object.file, shortage->message, shortage->remedy);
    }
}

}  // namespace

PreflightReport preflight(kube::KubeClient& client, const kube::Submission& submission) {
    return Preflight(client, submission).run();
}

}  // namespace ktrain
