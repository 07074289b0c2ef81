// One row for each inconsistency: its name, its section, and the function that says whether it matters and why.
#include "core/estimate/handbook_remarks.h"

#include <algorithm>
#include <array>

#include "core/estimate/handbook_case.h"

namespace ktrain {
namespace {

struct Row {
    std::string_view name, section;
    handbook::Text (*text)(const handbook::Case&);
};

constexpr std::array rows{
    Row{"a10g-24-gb", "7.1", handbook::a10g_memory},
    Row{"activations-without-bytes", "1.3", handbook::activations},
    Row{"adamw-without-master-weights", "1.3", handbook::master},
    Row{"adapter-20-30-gb", "1.2", handbook::adapter_range},
    Row{"cost-70b-eight-times", "7.1", handbook::cost_70b},
    Row{"cost-full-200-a-day", "7.1", handbook::cost_full},
    Row{"cost-lora-50-a-day", "7.1", handbook::cost_lora},
    Row{"cost-qlora-8-a-day", "7.1", handbook::cost_qlora},
    Row{"cost-spot-2.40-a-day", "7.1", handbook::cost_spot},
    Row{"cost-without-tokens", "7.1", handbook::cost_without_tokens},
    Row{"dpo-reference-beside-lora", "4.2", handbook::dpo_reference},
    Row{"full-7b-112-or-98-gb", "1.2, 1.3", handbook::full_bytes},
    Row{"full-7b-on-two-a100", "7.1", handbook::two_gpus},
    Row{"gpus-for-lora", "2.2", handbook::more_gpus},
    Row{"gradients-in-float32", "1.3", handbook::gradients},
    Row{"ia3-14-16-gb", "1.2", handbook::ia3_range},
    Row{"lora-16-24-gb", "1.2", handbook::lora_range},
    Row{"lora-65k-a-layer", "2.1", handbook::lora_layer},
    Row{"lora-one-gigabyte", "1.3", handbook::lora_formula},
    Row{"lora-rank-above-30b", "8.1", handbook::high_rank},
    Row{"no-logits", "1.3", handbook::logits},
    Row{"prompts-14-16-gb", "1.2", handbook::prompt_range},
    Row{"qlora-48gi", "3.1", handbook::qlora_host_memory},
    Row{"qlora-6-12-gb", "1.2", handbook::qlora_range},
    Row{"same-hardware-for-70b", "7.1", handbook::same_hardware},
    Row{"several-gpus-without-sharding", "4.1", handbook::unsharded},
    Row{"spot-discount-of-70", "7.1", handbook::spot_discount},
    Row{"v100-without-bf16", "7.2", handbook::v100},
    Row{"zero3-offload-host-memory", "5.1", handbook::offload_host_memory},
};
static_assert(std::ranges::is_sorted(rows, {}, &Row::name));

}  // namespace

std::vector<HandbookRemark> handbook_remarks(const Estimate& detailed, const PriceTable& prices) {
    const handbook::Case looked_at{detailed, prices};
    std::vector<HandbookRemark> remarks;
    for (const Row& row : rows)
        if (const handbook::Text text = row.text(looked_at)) remarks.push_back({row.name, row.section, *text});
    return remarks;
}

}  // namespace ktrain
