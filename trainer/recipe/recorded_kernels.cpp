// The names of kernels in checkpoints.
#include "trainer/recipe/recorded_kernels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/file_error.h"
#include "core/base/text.h"
#include "trainer/state/file_names.h"

namespace ktrain::trainer {

Kernels kernels_in(const Json& environment, const std::string& folder) {
    const Place where{fmt::format("{}/{}", folder, state_file), 0, 0, "disabled_kernels"};
    std::vector<std::string> names, known;
    for (const KernelRow& row : switchable_kernels) known.emplace_back(row.name);
    for (const Json& name : at_path(environment, {"disabled_kernels"})) {
        const std::string word = name.is_string() ? name.get<std::string>() : name.dump();
        if (std::ranges::find(known, word) == known.end()) {
            const std::string near = nearest(word, known);
            refuse(where,
                   fmt::format("{} was written without the kernel \"{}\", which this version does not know", folder,
                               printable(word)),
                   fmt::format("{}go on with the version that wrote it",
                               near.empty() ? "" : fmt::format("its nearest one is {}; ", near)));
        }
        names.push_back(word);
    }
    return Kernels(names);
}

std::string described(Kernels kernels) {
    const auto names = kernels.disabled();
    return names.empty() ? "all kernels" : fmt::format("the kernels {} disabled", fmt::join(names, ", "));
}

}  // namespace ktrain::trainer
