// Claims on devices: requests of one form, how many of them, and what names requests.
#include <map>
#include <set>

#include "core/base/api_names.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/lint/together.h"

namespace ktrain::lint {
namespace {

using Names = std::map<std::string, std::set<std::string, std::less<>>, std::less<>>;  // subrequests by request

Names names_of(const Spot& claim) {
    Names names;
    for (const Spot& request : claim["requests"].items()) {
        auto& parts = names[std::string(request["name"].text())];
        for (const Spot& part : request["firstAvailable"].items()) parts.emplace(part["name"].text());
    }
    return names;
}

bool is_known(const Names& names, std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto request = names.find(text.substr(0, slash));
    if (request == names.end()) return false;
    return slash == std::string_view::npos || request->second.contains(text.substr(slash + 1));
}

void check_references(const Spot& list, const Names& names, Findings& findings) {
    for (const Spot& holder : list.items()) {
        for (const Spot& name : holder["requests"].items()) {
            if (!name.text().empty() && name.is(yaml::Kind::string) && !is_known(names, name.text()))
                findings.add("KT030", name.place(), "the claim has no request " + shown(name.text()),
                             "write the name of a request, or REQUEST/SUBREQUEST");
        }
    }
}

}  // namespace

void check_device_claim(const Spot& claim, Findings& findings) {
    const Names names = names_of(claim);
    check_references(claim["constraints"], names, findings);
    check_references(claim["config"], names, findings);
}

void check_claim_template(const Spot& spec, Findings& findings) {
    const Spot metadata = spec["metadata"];
    for (const Spot& field : metadata.members()) {
        const std::string name = yaml::key_text(*field.key);
        const bool empty = field.node->is_scalar() ? field.is(yaml::Kind::string) && field.text().empty()
                                                   : field.node->items.empty() && field.node->entries.empty();
        if (name != "labels" && name != "annotations" && !empty)
            forbid(findings, field, "the template gives its claims labels and annotations alone");
    }
    for (const Spot& annotation : metadata["annotations"].members()) {
        const std::string key = yaml::key_text(*annotation.key), problem = qualified_name_problem(lower(key));
        if (!problem.empty())
            findings.add("KT007", annotation.key_place(), "the annotation key " + shown(key) + " " + problem);
    }
    for (const Spot& label : metadata["labels"].members()) {
        const std::string key = yaml::key_text(*label.key);
        std::string problem = qualified_name_problem(key);
        if (problem.empty() && label.is(yaml::Kind::string)) problem = label_value_problem(label.text());
        if (!problem.empty())
            findings.add("KT007", label.place(),
                         "the label " + shown(key + "=" + std::string(label.text())) + " " + problem);
    }
}

void check_device_request(const Spot& request, Findings& findings) {
    const Spot first = request["firstAvailable"];
    if (!request["exactly"] && size_of(first) == 0 && (!first || first.is(yaml::Kind::sequence)) &&
        !request["deviceClassName"])  // older versions have it here
        findings.add("KT008", request.place(), "the request has neither exactly nor firstAvailable", "add exactly");
    if (request["exactly"] && size_of(first) > 0)
        contradict(findings, request, "the request has exactly and firstAvailable", "keep one of them");
}

void check_device_count(const Spot& request, Findings& findings) {
    const std::string_view mode = request["allocationMode"].text();
    const Spot count = request["count"];
    const std::optional<std::int64_t> number = number_of(count);
    if (mode == "All" && number && *number != 0) forbid(findings, count, "the allocationMode is All");
    if (mode != "All" && number && *number < 0)  // 0 stands for 1
        findings.add("KT004", count.place(), "count must be at least 1, got " + shown(count.text()), "write 1 or more");
}

void check_device_constraint(const Spot& constraint, Findings& findings) {
    if (!constraint["matchAttribute"] && !constraint["distinctAttribute"])
        findings.add("KT008", constraint.place(), "the constraint names no attribute that devices share",
                     "add matchAttribute");
}

}  // namespace ktrain::lint
