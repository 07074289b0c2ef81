// The table of fields that are gone.
#include <algorithm>
#include <array>
#include <tuple>

#include "core/lint/misplaced.h"

namespace ktrain::lint {
namespace {

constexpr std::string_view trainer = "trainer.kubeflow.org";

// Source: manifests/base/crds of kubeflow/trainer, 2.0 to 2.3.
constexpr std::array table{
    GoneField{trainer, "TrainJob", "spec.annotations", "Kubeflow Trainer 2.2", "write them in runtimePatches"},
    GoneField{trainer, "TrainJob", "spec.labels", "Kubeflow Trainer 2.2", "write them in runtimePatches"},
    GoneField{trainer, "TrainJob", "spec.podSpecOverrides", "Kubeflow Trainer 2.1", "use runtimePatches"},
    GoneField{trainer, "TrainJob", "spec.podTemplateOverrides", "Kubeflow Trainer 2.2", "use runtimePatches"},
    GoneField{trainer, "TrainJob", "spec.trainer.numProcPerNode=", "Kubeflow Trainer 2.2",
              "remove it, which means auto, or write a number"},
    GoneField{trainer, "TrainingRuntime", "spec.mlPolicy.torch.elasticPolicy", "Kubeflow Trainer 2.2", "remove it"},
    GoneField{trainer, "TrainingRuntime", "spec.mlPolicy.torch.numProcPerNode", "Kubeflow Trainer 2.2",
              "remove it: there are as many as GPUs, or spec.trainer.numProcPerNode of the TrainJob"},
};
static_assert(std::ranges::is_sorted(table, [](const GoneField& a, const GoneField& b) {
    return std::tie(a.group, a.kind, a.path) < std::tie(b.group, b.kind, b.path);
}));

}  // namespace

const GoneField* gone_field(std::string_view group, std::string_view kind, std::string_view path) {
    const auto found = std::ranges::find_if(table, [&](const GoneField& one) {
        return one.group == group && kind.ends_with(one.kind) && one.path == path;
    });
    return found == table.end() ? nullptr : &*found;
}

}  // namespace ktrain::lint
