// The tables of storage types and of training frameworks.
#include "core/estimate/conditions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

// Block sizes: bitsandbytes (64 elements with a float32 constant; with double quantisation 8 bits and a float32 for
// every 256 of them), GPTQ (a 16-bit scale and a 4- or 8-bit zero for every 128).
constexpr std::array storages{
    Storage{"bf16", 2, false, "2"},
    Storage{"fp16", 2, false, "2"},
    Storage{"fp32", 4, false, "4"},
    Storage{"gptq4", 0.5 + 2.5 / 128, true, "0.5 + 2.5/128"},
    Storage{"gptq8", 1 + 3.0 / 128, true, "1 + 3/128"},
    Storage{"int8", 1, true, "1"},
    Storage{"nf4", 0.5 + 4.0 / 64, true, "0.5 + 4/64"},
    Storage{"nf4-dq", 0.5 + 1.0 / 64 + 4.0 / 16384, true, "0.5 + 1/64 + 4/16384"},
};
static_assert(std::ranges::is_sorted(storages, {}, &Storage::name));

// Sources: PYTORCH_CUDA_ALLOC_CONF is set by torchtune's recipes since September 2024 and by torchtitan's run_train.sh
// since July 2024. fsdp_qlora and PEFT's examples wrap layers, which leaves embedding and head to the root unit. litgpt
// splits one product into queries, keys and values; that it keeps the inner activation too is read off its rows.
constexpr std::array frameworks{
    Framework{"accelerate", false, false, false, false, true, false, "transformers, TRL, PEFT"},
    Framework{"accelerate-2024", false, true, false, false, true, false, "the same with bitsandbytes of 2024"},
    Framework{"ktrain", false, false, false, false, false, true, "trainer/model/layers.cpp"},
    Framework{"litgpt", false, true, true, true, true, false, "litgpt/lora.py"},
    Framework{"torchtitan", true, false, false, false, false, false, "run_train.sh, parallelize.py"},
    Framework{"torchtitan-2024-03", false, false, false, false, false, false, "before expandable segments were set"},
    Framework{"torchtune", true, false, false, false, false, false, "recipes, modules/common_utils.py"},
    Framework{"torchtune-2024-05", false, false, false, false, false, false, "before expandable segments were set"},
};
static_assert(std::ranges::is_sorted(frameworks, {}, &Framework::name));

template <class Table>
const auto& find(const Table& table, std::string_view name, std::string_view what) {
    for (const auto& row : table)
        if (row.name == name) return row;
    std::vector<std::string> names;
    for (const auto& row : table) names.emplace_back(row.name);
    throw Error(ErrorKind::input, fmt::format("there is no {} \"{}\"", what, printable(name)), {},
                fmt::format("one of: {}", fmt::join(names, ", ")));
}

}  // namespace

const Storage& find_storage(std::string_view name) {
    return find(storages, name, "storage type");
}

const Framework& find_framework(std::string_view name) {
    return find(frameworks, name, "framework");
}

}  // namespace ktrain
