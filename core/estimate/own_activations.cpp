// What ktrain's own layers keep. tests/trainer/estimate_test.cpp compares it with what they hold.
#include "core/estimate/activations.h"

namespace ktrain {

KeptByLayer kept_by_own_layer(const Conditions& c) {
    const double compute = c.compute_bytes;
    const auto hidden = static_cast<double>(c.shape.hidden), heads = static_cast<double>(c.shape.heads);
    const auto groups = static_cast<double>(c.shape.kv_heads), width = static_cast<double>(c.shape.head_dim);
    const double queries = heads * width, keys = groups * width;
    KeptByLayer kept;
    // The stream in float32 and a scale of each row; a layer norm keeps the mean too.
    kept.norms = static_cast<double>(c.shape.norms_per_layer) * (4 * hidden + (c.shape.layer_norm ? 8 : 4));
    kept.attention = compute * (queries + 2 * keys + queries) + 4 * heads;
    // Queries and keys before their norms, in float32.
    if (c.shape.qk_norm) kept.attention += (4 * width + 4) * (heads + groups);
    kept.mlp = compute * static_cast<double>(c.shape.ffn) * (c.shape.gated ? 2 : 1);
    kept.adapters = c.added_values * compute;
    for (const LinearModule& target : c.targets)
        kept.adapters += compute * static_cast<double>(c.rank) * share_of_layers(target, c);
    return kept;
}

}  // namespace ktrain
