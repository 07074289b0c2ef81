// ResourceSlices, which drivers publish: on which nodes the devices are, and how their capacity may be shared.
// Source: kubernetes pkg/apis/resource/validation.
#include <array>
#include <set>
#include <span>

#include "core/base/text.h"
#include "core/lint/facts.h"
#include "core/lint/quantities.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

using Fields = std::span<const std::string_view>;
constexpr std::array<std::string_view, 4> slice_nodes{"nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"};
constexpr Fields device_nodes = Fields(slice_nodes).first(3);

// Exactly one of the fields says on which nodes the devices are.
void check_nodes(const Spot& owner, Fields fields, Findings& findings) {
    std::vector<std::string> given, known;
    for (const std::string_view field : fields) {
        known.emplace_back(field);
        const Spot there = owner[field];
        if (there.is(yaml::Kind::boolean) && !there.is_true())
            findings.add("KT006", there.place(), std::string(field) + " is false", "write true, or remove it");
        else if (there && !(there.is(yaml::Kind::string) && there.text().empty()))
            given.emplace_back(field);
    }
    if (given.empty())
        findings.add("KT008", owner.place(), "none of " + join(known, ", ") + " says on which nodes the devices are",
                     "add one of them");
    if (given.size() > 1)
        contradict(findings, owner, join(given, " and ") + " say on which nodes the devices are", "keep one of them");
}

// What is not there is 0; nothing for what KT005 reports.
std::optional<Quantity> amount_or_zero(const Spot& value) {
    return value ? entry_amount(value) : Quantity();
}

std::string written(const Spot& value) {
    return value.is(yaml::Kind::null) || !value ? "0" : shown(value.text());
}

// A value of a policy that does not go with another: `name` is what the message calls it.
void check_at_most(const Spot& value, std::string_view name, const Spot& bound, std::string_view of, const Spot& at,
                   Findings& findings) {
    const std::optional<Quantity> amount = amount_or_zero(value), most = amount_or_zero(bound);
    if (!amount || !most || *amount <= *most) return;
    contradict(findings, at,
               std::string(name) + " " + written(value) + " is more than " + std::string(of) + ", " + written(bound),
               "lower " + std::string(name) + ", or raise " + std::string(of));
}

void check_valid_values(const Spot& policy, const Spot& capacity, Findings& findings) {
    const Spot list = policy["validValues"], standard = policy["default"];
    const std::vector<Spot> values = all_items(list);
    const std::optional<Quantity> wanted = amount_of(standard);
    bool found = !standard || !wanted;
    std::set<std::int64_t> units;  // by which the server tells the values apart
    for (std::size_t i = 0; i < values.size(); ++i) {
        check_at_most(values[i], "the value", capacity, "the capacity", values[i], findings);
        if (i > 0) check_at_most(values[i - 1], "the value before", values[i], "this one", values[i], findings);
        const std::optional<Quantity> amount = amount_or_zero(values[i]);
        if (amount && !units.insert(amount->units_rounded_up()).second)
            findings.add("KT018", values[i].place(), "the value " + written(values[i]) + " is in the list already",
                         "remove one of the two");
        found = found || amount == wanted;
    }
    if (!found)
        contradict(findings, list, "the default " + shown(standard.text()) + " is not among the validValues",
                   "write one of them as the default");
}

// Steps are counted in whole units from the least value on.
void check_step(const Spot& value, const Spot& range, Findings& findings) {
    const std::optional<Quantity> amount = amount_of(value), least = amount_of(range["min"]);
    const std::optional<Quantity> step = amount_of(range["step"]);
    if (!amount || !least || !step || step->units_rounded_up() == 0) return;
    if ((amount->units_rounded_up() - least->units_rounded_up()) % step->units_rounded_up() == 0) return;
    contradict(findings, range["step"],
               shown(value.text()) + " is no number of steps of " + shown(range["step"].text()) + " from the min",
               "change one of the two");
}

void check_valid_range(const Spot& policy, const Spot& capacity, Findings& findings) {
    const Spot range = policy["validRange"], standard = policy["default"];
    const Spot least = range["min"], most = range["max"];
    if (!least) return;  // KT008
    check_at_most(least, "min", capacity, "the capacity", least, findings);
    check_at_most(least, "min", standard, "the default", least, findings);
    if (most) {
        check_at_most(least, "min", most, "max", most, findings);
        check_at_most(most, "max", capacity, "the capacity", most, findings);
        check_at_most(standard, "the default", most, "max", most, findings);
    }
    for (const Spot& value : {standard, most}) check_step(value, range, findings);
    const std::optional<Quantity> first = amount_of(least), step = amount_of(range["step"]);
    const std::optional<Quantity> all = amount_or_zero(capacity);
    if (first && step && all && *first + *step > *all)
        contradict(findings, range["step"], "one step from the min is more than the capacity", "lower the step");
}

void check_policy(const Spot& policy, const Spot& capacity, Findings& findings) {
    const bool values = size_of(policy["validValues"]) > 0;
    const Spot range = policy["validRange"];
    if (values && range)
        return contradict(findings, policy, "the policy has validValues and a validRange", "keep one of them");
    if (!values && !range) return;
    if (!policy["default"])
        return require(findings, policy["default"], "requests that name no amount need one of the policy");
    values ? check_valid_values(policy, capacity, findings) : check_valid_range(policy, capacity, findings);
}

// The server names the map, and not the key.
void check_names(const Spot& map, std::string_view format, Findings& findings) {
    if (!map.is(yaml::Kind::mapping)) return;
    for (const Spot& entry : entries_of(map)) {
        const std::string name = yaml::key_text(*entry.key), problem = format_problem(format, name);
        if (!problem.empty())
            refuse(findings, "KT007", entry.key_place(), map, "the name " + shown(name) + " " + problem,
                   std::string(format_fix(format)));
    }
}

// What a device is: each attribute has one value. Lists are for clusters that turn them on.
void check_attributes(const Spot& device, Findings& findings) {
    constexpr std::size_t most = 32;
    const Spot attributes = device["attributes"], capacity = device["capacity"];
    const std::size_t count = entries_of(attributes).size() + entries_of(capacity).size();
    if (count > most)
        contradict(findings, device,
                   "the device has " + std::to_string(count) + " attributes and capacities, at most 32 are allowed",
                   "publish less of them");
    for (const Spot& entry : entries_of(attributes)) {
        int values = 0;
        for (const char* field : {"bool", "int", "string", "version"}) values += entry[field] ? 1 : 0;
        const bool list = entry["bools"] || entry["ints"] || entry["strings"] || entry["versions"];
        if (values == 0 && !list)
            findings.add("KT008", entry.place(), "the attribute has no value", "add bool, int, string or version");
        if (values > 1)
            contradict(findings, entry, "the attribute has " + std::to_string(values) + " values", "keep one of them");
    }
}

void check_device(const Spot& device, bool apart, Findings& findings) {
    if (apart) check_nodes(device, device_nodes, findings);
    check_attributes(device, findings);
    for (const char* map : {"attributes", "capacity"}) check_names(device[map], "device-name", findings);
    for (const Spot& used : device["consumesCounters"].items()) check_names(used["counters"], "dns-label", findings);
    for (const std::string_view field : device_nodes)
        if (!apart && device[field])
            return contradict(findings, device,
                              "the device has " + std::string(field) + ", and the slice no perDeviceNodeSelection",
                              "add perDeviceNodeSelection: true to the slice instead of what it says of nodes");
}

}  // namespace

void check_resource_slice(const Spot& spec, Findings& findings) {
    check_nodes(spec, slice_nodes, findings);
    if (spec["sharedCounters"] && spec["devices"])
        contradict(findings, spec, "the slice has sharedCounters and devices", "publish them in two slices");
    for (const Spot& counters : spec["sharedCounters"].items())
        check_names(counters["counters"], "dns-label", findings);
    for (const Spot& item : spec["devices"].items()) {
        const Spot device = item["basic"] ? item["basic"] : item;  // of older versions
        check_device(device, spec["perDeviceNodeSelection"].is_true(), findings);
        for (const Spot& capacity : device["capacity"].members()) {
            const Spot policy = capacity["requestPolicy"];
            if (device["allowMultipleAllocations"].is_true())
                check_policy(policy, capacity["value"], findings);
            else
                forbid(findings, policy, "the device has no allowMultipleAllocations");
        }
    }
}

}  // namespace ktrain::lint
