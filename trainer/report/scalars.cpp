// From members of events to tags.
#include "trainer/report/scalars.h"

#include <algorithm>
#include <array>

namespace ktrain::trainer {
namespace {

constexpr std::array<std::string_view, 4> events{"epoch", "eval", "step", "test"};
// What is the axis, or the same of every run.
constexpr std::array<std::string_view, 4> left_out{"eta_seconds", "seconds", "step", "steps_total"};

std::string tag_of(const std::string& name) {
    for (const std::string_view group : {"eval", "test"})
        if (name.starts_with(group) && name[group.size()] == '_')
            return std::string(group) + "/" + name.substr(group.size() + 1);
    return "train/" + name;
}

}  // namespace

bool has_numbers(const Json& event) {
    return std::ranges::find(events, string_or(event, "event")) != events.end();
}

std::vector<Scalar> scalars(const Json& event) {
    std::vector<Scalar> found;
    if (!has_numbers(event)) return found;
    for (const auto& [name, value] : event.items())
        if (value.is_number() && std::ranges::find(left_out, name) == left_out.end())
            found.push_back({tag_of(name), value.get<double>()});
    if (const Json& memory = at_path(event, {"memory"}); memory.is_object())
        for (const auto& [label, bytes] : memory.items()) found.push_back({"memory/" + label, bytes.get<double>()});
    return found;
}

}  // namespace ktrain::trainer
