// The table of actions.
#include "trainer/recipe/actions.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/spec/load.h"
#include "trainer/recipe/data_actions.h"
#include "trainer/recipe/evaluate.h"
#include "trainer/recipe/merge.h"
#include "trainer/recipe/recipe.h"

namespace ktrain::trainer {
namespace {

TrainingSpec spec_of(const Json& request) {
    return spec::from_json(at_path(request, {"spec"}));
}

struct Action {
    std::string_view name;
    int (*run)(const Json& request, const Host& host);
};
constexpr std::array actions{
    Action{"data", data_action},
    Action{"dry-run", [](const Json& request, const Host& host) { return dry_run(spec_of(request), host); }},
    Action{"eval", evaluate_model},
    Action{"merge",
           [](const Json& request, const Host& host) {
               return merge_adapter(
                   {string_or(request, "adapter"), string_or(request, "base"), string_or(request, "output")}, host);
           }},
    Action{"run", [](const Json& request, const Host& host) { return train(spec_of(request), host); }},
};
static_assert(std::ranges::is_sorted(actions, {}, &Action::name));

}  // namespace

int act(const Json& request, const Host& host) {
    const std::string name = string_or(request, "action", "run");
    const auto action = std::ranges::find(actions, name, &Action::name);
    if (action == actions.end()) throw Error(ErrorKind::bug, "the trainer has no action " + name);
    return action->run(request, host);
}

}  // namespace ktrain::trainer
