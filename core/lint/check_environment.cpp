// KT041: where the variables of containers come from, and what the downward API can give.
#include <algorithm>
#include <array>

#include "core/base/api_names.h"
#include "core/base/names.h"
#include "core/base/quantity.h"
#include "core/base/text.h"
#include "core/lint/pods.h"
#include "core/lint/quantities.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view rule = "KT041";

constexpr std::array<std::string_view, 10> variable_fields{
    "metadata.name",           "metadata.namespace", "metadata.uid",   "spec.host",    "spec.nodeName",
    "spec.serviceAccountName", "status.hostIP",      "status.hostIPs", "status.podIP", "status.podIPs"};
constexpr std::array<std::string_view, 5> file_fields{"metadata.annotations", "metadata.labels", "metadata.name",
                                                      "metadata.namespace", "metadata.uid"};

// metadata.labels['KEY'] and metadata.annotations['KEY'].
void check_subscript(const Pod& pod, std::string_view about, Value path) {
    const std::string_view text = path.text();
    const std::size_t open = text.find("['");
    const std::string_view map = text.substr(0, open);
    std::string key(text.substr(open + 2, text.size() - open - 4));
    if (map != "metadata.labels" && map != "metadata.annotations")
        return pod.report.at(about, path, "only metadata.labels and metadata.annotations have keys, got " + shown(text),
                             "write metadata.labels['KEY']");
    if (map == "metadata.annotations") key = lower(key);
    const std::string problem = qualified_name_problem(key);
    if (!problem.empty())
        pod.report.at(about, path, "the key " + shown(key) + " " + problem, "name a key that can exist");
}

// 1m and 1 of processors; 1 and the powers of 1000 and 1024 of bytes.
bool is_divisor(std::string_view text, bool processors) {
    const std::optional<Quantity> amount = counted_quantity(text);
    if (!amount || *amount == Quantity()) return true;  // KT005; 0 is as good as none
    // The server compares texts, and keeps the sign of those that it does not shorten.
    const std::size_t end = std::min(text.find_first_not_of("+0123456789"), text.size());
    if (text.starts_with('+') && text.substr(end, 1) != "." && !text.substr(0, end).ends_with("000")) return false;
    Quantity unit = Quantity::of_units(1);
    if (processors) return *amount == unit || *amount == *Quantity::parse("1m");
    if (text.find_first_of("eE") != std::string_view::npos && !text.ends_with('E') && !text.ends_with("Ei"))
        return false;
    const std::int64_t step = text.ends_with('i') ? 1024 : 1000;
    for (int power = 0; power <= 6; ++power, unit = unit * step) {
        if (*amount == unit) return true;
    }
    return false;
}

constexpr std::array<std::string_view, 5> value_sources{"fieldRef", "resourceFieldRef", "configMapKeyRef",
                                                        "secretKeyRef", "fileKeyRef"};

constexpr std::array<std::string_view, 2> bulk_sources{"configMapRef", "secretRef"};

// Returns how many sources there are.
std::size_t count_sources(Value from, std::span<const std::string_view> sources) {
    return static_cast<std::size_t>(
        std::count_if(sources.begin(), sources.end(), [&](std::string_view name) { return bool(from[name]); }));
}

void check_file_key(const Pod& pod, Value ref) {
    const Value name = ref["volumeName"];
    const Value volume = pod.volume(name.text());
    if (!name.text().empty() && !volume)
        pod.report.at(rule, name, "no volume is called " + shown(name.text()), "add an emptyDir volume of this name");
    const auto is_source = [](const yaml::Entry& entry) { return entry.key.text != "name" && Value(entry.value); };
    if (volume && !volume["emptyDir"] && std::ranges::any_of(volume.members(), is_source))
        pod.report.at(rule, name, "volume " + shown(name.text()) + " is no emptyDir", "name a volume that is one");
    if (has_backsteps(ref["path"].text()))
        pod.report.at(rule, ref["path"], "the path " + shown(ref["path"].text()) + " contains '..'",
                      "write the path without '..'");
    const std::string_view key = ref["key"].text();
    const std::string problem = key.empty() ? "" : env_name_problem(key);
    if (!problem.empty()) pod.report.at(rule, ref["key"], "the key " + shown(key) + " " + problem, "use another key");
}

void check_variable(const Pod& pod, Value variable) {
    const Value from = variable["valueFrom"];
    if (!from.is(yaml::Kind::mapping)) return;
    const std::size_t count = count_sources(from, value_sources);
    if (count == 0) {
        if (!is_misspelt(from, value_sources))
            pod.report.at_key(rule, from, "valueFrom names no source",
                              "add one of configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef, fileKeyRef");
    } else if (!variable["value"].text().empty()) {
        pod.report.at_key(rule, from, "the variable has both value and valueFrom", "keep one of the two");
    } else if (count > 1) {
        pod.report.at_key(rule, from, "valueFrom has " + std::to_string(count) + " sources, and may have one",
                          "keep one of them");
    }
    if (from["fieldRef"]) check_field_ref(pod, rule, from["fieldRef"], false);
    if (from["resourceFieldRef"]) check_resource_ref(pod, rule, from["resourceFieldRef"], false);
    if (from["fileKeyRef"]) check_file_key(pod, from["fileKeyRef"]);
}

void check_env_from(const Pod& pod, Value list, Value source) {
    const Value prefix = source["prefix"];
    const std::string problem = prefix.text().empty() ? "" : env_name_problem(prefix.text());
    if (!problem.empty()) pod.report.at(rule, prefix, "prefix " + problem, "use other characters");
    const bool map = bool(source["configMapRef"]);
    const bool secret = bool(source["secretRef"]);
    if (map != secret || (source && !source.is(yaml::Kind::mapping)) || is_misspelt(source, bulk_sources)) return;
    if (!source) return pod.report.at_key(rule, list, "an item of envFrom names no source", "remove the item");
    pod.report.within(rule, source, list,
                      map ? "an item of envFrom has both configMapRef and secretRef"
                          : "an item of envFrom has neither configMapRef nor secretRef",
                      map ? "write each as an item of its own" : "add one of the two");
}

}  // namespace

void check_field_ref(const Pod& pod, std::string_view about, Value ref, bool volume) {
    const Value version = ref["apiVersion"];
    const Value path = ref["fieldPath"];
    if (path.text().empty()) return;  // KT008
    if (!version.text().empty() && version.text() != "v1")
        return pod.report.at(about, version, "pods have no apiVersion " + shown(version.text()), "write v1");
    const std::size_t open = path.text().find("['");
    if (open != std::string_view::npos && open > 0 && path.text().ends_with("']"))
        return check_subscript(pod, about, path);
    const std::span<const std::string_view> fields =
        volume ? std::span<const std::string_view>(file_fields) : variable_fields;
    if (std::find(fields.begin(), fields.end(), path.text()) != fields.end()) return;
    const std::string near = nearest(path.text(), fields);
    pod.report.at(
        about, path, "fieldPath " + shown(path.text()) + " cannot be read here",
        near.empty() ? "write one of " + join({fields.begin(), fields.end()}, ", ") : "did you mean '" + near + "'?");
}

void check_resource_ref(const Pod& pod, std::string_view about, Value ref, bool volume) {
    if (volume && ref["containerName"].text().empty())
        pod.report.missing(about, ref, "containerName", "the file does not say of which container",
                           "add containerName");
    const std::string_view resource = ref["resource"].text();
    const bool processors = resource.ends_with(".cpu");
    const bool known = processors || resource.ends_with(".memory") || resource.ends_with(".ephemeral-storage") ||
                       resource.find(".hugepages-") != std::string_view::npos;
    const Value divisor = ref["divisor"];
    if (!divisor || !known || is_divisor(quantity_text(*divisor.node()), processors)) return;
    pod.report.at(about, divisor,
                  "divisor " + shown(divisor.node()->text) + " does not go with " + std::string(resource),
                  processors ? "write 1 or 1m" : "write 1 or a unit such as 1Mi");
}

void check_environment(const Pod& pod) {
    for (const PodContainer& container : pod.containers) {
        for (const yaml::Node& variable : container.value["env"].items()) check_variable(pod, variable);
        const Value from = container.value["envFrom"];
        for (const yaml::Node& source : from.items()) check_env_from(pod, from, source);
    }
}

}  // namespace ktrain::lint
