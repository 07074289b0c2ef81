// Parses the schema tables at compile time; a type that is not defined does not compile.
#include "core/lint/schema.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/error.h"
#include "core/lint/schema_types.h"

namespace ktrain::lint {
namespace {

constexpr std::int64_t max32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t max64 = std::numeric_limits<std::int64_t>::max();

constexpr std::array scalars{
    Scalar{"any", Base::any},
    Scalar{"base64", Base::base64},
    Scalar{"bool", Base::boolean},
    Scalar{"dnsLabel", Base::dns_label},
    Scalar{"envName", Base::env_name},
    Scalar{"fileMode", Base::integer, 0, 0777},
    Scalar{"id", Base::integer, 0, max32},
    Scalar{"int32", Base::integer, -max32 - 1, max32},
    Scalar{"int64", Base::integer, -max64 - 1, max64},
    Scalar{"intOrString", Base::int_or_string},
    Scalar{"labels", Base::labels},
    Scalar{"natural", Base::integer, 0, max32},
    Scalar{"natural64", Base::integer, 0, max64},
    Scalar{"port", Base::integer, 1, 65535},
    Scalar{"portOrName", Base::port_or_name},
    Scalar{"portOrZero", Base::integer, 0, 65535},
    Scalar{"positive", Base::integer, 1, max32},
    Scalar{"quantity", Base::quantity},
    Scalar{"resources", Base::resources},
    Scalar{"string", Base::string},
    Scalar{"time", Base::string},
    Scalar{"weight", Base::integer, 1, 100},
};

// From the server's validation code; in the order in which messages list them.
constexpr std::array choices{
    Choice{"AccessMode", "ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod"},
    Choice{"AppArmorType", "RuntimeDefault Localhost Unconfined"},
    Choice{"AzureCaching", "None ReadOnly ReadWrite"},
    Choice{"AzureKind", "Dedicated Managed Shared"},
    Choice{"CompletionMode", "NonIndexed Indexed"},
    Choice{"DnsPolicy", "ClusterFirst ClusterFirstWithHostNet Default None"},
    Choice{"FailureAction", "FailJob FailIndex Ignore Count"},
    Choice{"FsGroupPolicy", "OnRootMismatch Always"},
    Choice{"GroupsPolicy", "Merge Strict"},
    Choice{"Honor", "Honor Ignore"},
    Choice{"HostPathType", "- DirectoryOrCreate Directory FileOrCreate File Socket CharDevice BlockDevice"},
    Choice{"InNotIn", "In NotIn"},
    Choice{"IpFamily", "IPv4 IPv6"},
    Choice{"IpFamilyPolicy", "SingleStack PreferDualStack RequireDualStack"},
    Choice{"LabelOperator", "In NotIn Exists DoesNotExist"},
    Choice{"MessagePolicy", "File FallbackToLogsOnError"},
    Choice{"NodeOperator", "In NotIn Exists DoesNotExist Gt Lt"},
    Choice{"Os", "linux windows"},
    Choice{"PodReplacement", "TerminatingOrFailed Failed"},
    Choice{"Preemption", "PreemptLowerPriority Never"},
    Choice{"ProcMount", "Default Unmasked"},
    Choice{"Propagation", "None HostToContainer Bidirectional"},
    Choice{"Protocol", "TCP UDP SCTP"},
    Choice{"PullPolicy", "Always IfNotPresent Never"},
    Choice{"QuotaScope",
           "Terminating NotTerminating BestEffort NotBestEffort PriorityClass CrossNamespacePodAffinity "
           "VolumeAttributesClass"},
    Choice{"ResizePolicy", "NotRequired RestartContainer"},
    Choice{"RestartPolicy", "Always OnFailure Never"},
    Choice{"Scheme", "HTTP HTTPS"},
    Choice{"ScopeOperator", "In NotIn Exists DoesNotExist"},
    Choice{"SeccompType", "RuntimeDefault Localhost Unconfined"},
    Choice{"ServiceType", "ClusterIP NodePort LoadBalancer ExternalName"},
    Choice{"SessionAffinity", "None ClientIP"},
    Choice{"TaintEffect", "- NoSchedule PreferNoSchedule NoExecute"},
    Choice{"TolerationOperator", "- Equal Exists Gt Lt"},
    Choice{"TrafficPolicy", "Cluster Local"},
    Choice{"Unsatisfiable", "DoNotSchedule ScheduleAnyway"},
    Choice{"VolumeMode", "Filesystem Block"},
};

constexpr std::array kinds{
    KindRow{"apps/v1", "ControllerRevision", "", ""},
    KindRow{"apps/v1", "DaemonSet", "", "spec.template"},
    KindRow{"apps/v1", "Deployment", "", "spec.template"},
    KindRow{"apps/v1", "ReplicaSet", "", "spec.template"},
    KindRow{"apps/v1", "StatefulSet", "", "spec.template"},
    KindRow{"batch.volcano.sh/v1alpha1", "Job", "", "spec.tasks[].template"},
    KindRow{"batch/v1", "CronJob", "", "spec.jobTemplate.spec.template"},
    KindRow{"batch/v1", "Job", "Job", "spec.template"},
    KindRow{"jobset.x-k8s.io/v1alpha2", "JobSet", "", "spec.replicatedJobs[].template.spec.template"},
    KindRow{"kubeflow.org/v1", "PyTorchJob", "", "spec.pytorchReplicaSpecs.*.template", NameRule::label_1035},
    KindRow{"kubeflow.org/v2beta1", "MPIJob", "", "spec.mpiReplicaSpecs.*.template", NameRule::label_1035},
    KindRow{"v1", "Binding", "", ""},
    KindRow{"v1", "ComponentStatus", "", ""},
    KindRow{"v1", "ConfigMap", "ConfigMap", ""},
    KindRow{"v1", "Endpoints", "", ""},
    KindRow{"v1", "Event", "", ""},
    KindRow{"v1", "LimitRange", "LimitRange", ""},
    KindRow{"v1", "Namespace", "Namespace", "", NameRule::label},
    KindRow{"v1", "Node", "", ""},
    KindRow{"v1", "PersistentVolume", "", ""},
    KindRow{"v1", "PersistentVolumeClaim", "PersistentVolumeClaim", ""},
    KindRow{"v1", "Pod", "Pod", "."},
    KindRow{"v1", "PodTemplate", "", "template"},
    KindRow{"v1", "ReplicationController", "", "spec.template"},
    KindRow{"v1", "ResourceQuota", "ResourceQuota", ""},
    KindRow{"v1", "Secret", "Secret", ""},
    KindRow{"v1", "Service", "Service", "", NameRule::label_1035},
    KindRow{"v1", "ServiceAccount", "ServiceAccount", ""},
};

template <typename Rows>
constexpr bool sorted_by_name(const Rows& rows) {
    return std::is_sorted(std::begin(rows), std::end(rows),
                          [](const auto& a, const auto& b) { return a.name < b.name; });
}
static_assert(sorted_by_name(scalars) && sorted_by_name(choices) && sorted_by_name(type_texts));
static_assert(std::is_sorted(kinds.begin(), kinds.end(), [](const KindRow& a, const KindRow& b) {
    return a.api_version != b.api_version ? a.api_version < b.api_version : a.kind < b.kind;
}));

// The index of `name`, or the size of the table.
template <typename Rows>
constexpr std::size_t find_row(const Rows& rows, std::string_view name) {
    auto found = std::lower_bound(std::begin(rows), std::end(rows), name,
                                  [](const auto& row, std::string_view wanted) { return row.name < wanted; });
    bool there = found != std::end(rows) && found->name == name;
    return static_cast<std::size_t>((there ? found : std::end(rows)) - std::begin(rows));
}

constexpr Field parse_field(std::string_view word) {
    Field field;
    std::size_t colon = word.find(':');
    field.name = word.substr(0, colon);
    field.required = field.name.ends_with('!');
    if (field.required) field.name.remove_suffix(1);
    std::string_view type = word.substr(colon + 1);
    field.shape = type.starts_with("[]") ? Shape::list : type.starts_with("{}") ? Shape::map : Shape::one;
    if (field.shape != Shape::one) type.remove_prefix(2);
    std::size_t index = find_row(scalars, type);
    field.of = Of::scalar;
    if (index == scalars.size()) {
        index = find_row(choices, type);
        field.of = Of::choice;
    }
    if (field.of == Of::choice && index == choices.size()) {
        index = find_row(type_texts, type);
        field.of = Of::object;
    }
    if (field.of == Of::object && index == std::size(type_texts)) throw "a field of an unknown type";
    field.type = static_cast<std::uint16_t>(index);
    return field;
}

constexpr std::size_t count_fields() {
    std::size_t count = 0;
    for (const TypeText& type : type_texts) {
        for (char c : type.fields) count += c == ':';
    }
    return count;
}

struct Parsed {
    std::array<Field, count_fields()> fields{};
    std::array<std::uint16_t, std::size(type_texts) + 1> begins{};  // of each type's fields
};

constexpr Parsed parse_types() {
    Parsed parsed;
    std::size_t count = 0;
    std::size_t type = 0;
    for (const TypeText& row : type_texts) {
        parsed.begins[type++] = static_cast<std::uint16_t>(count);
        std::string_view rest = row.fields;
        while (!rest.empty()) {
            std::size_t blank = rest.find(' ');
            parsed.fields[count++] = parse_field(rest.substr(0, blank));
            rest = blank == std::string_view::npos ? std::string_view() : rest.substr(blank + 1);
        }
    }
    parsed.begins[type] = static_cast<std::uint16_t>(count);
    return parsed;
}

constexpr Parsed parsed = parse_types();

}  // namespace

const Scalar& scalar(std::uint16_t index) {
    return scalars[index];
}
const Choice& choice(std::uint16_t index) {
    return choices[index];
}
std::string_view object_name(std::uint16_t index) {
    return type_texts[index].name;
}

std::span<const Field> object_fields(std::uint16_t index) {
    return std::span(parsed.fields).subspan(parsed.begins[index], parsed.begins[index + 1u] - parsed.begins[index]);
}

std::span<const KindRow> kind_rows() {
    return kinds;
}

const KindRow* find_kind(std::string_view api_version, std::string_view kind) {
    for (const KindRow& row : kinds) {
        if (row.api_version == api_version && row.kind == kind) return &row;
    }
    return nullptr;
}

bool is_no_kind(std::string_view api_version, std::string_view kind) {
    // Groups of Kubernetes itself without a dot in their name are complete in the table.
    if (api_version.find('.') != std::string_view::npos || find_kind(api_version, kind) != nullptr) return false;
    return std::any_of(kinds.begin(), kinds.end(), [&](const KindRow& row) { return row.api_version == api_version; });
}

std::uint16_t object_index(std::string_view name) {
    std::size_t index = find_row(type_texts, name);
    if (index == std::size(type_texts)) throw Error(ErrorKind::bug, "no schema for " + std::string(name));
    return static_cast<std::uint16_t>(index);
}

}  // namespace ktrain::lint
