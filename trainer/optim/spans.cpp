// Joins neighbours of the arena, and names parts of what lies like it.
#include "trainer/optim/spans.h"

namespace ktrain::trainer {

std::vector<Span> spans_of(const Parameters& parameters, const DecayRule& decays) {
    std::vector<Span> spans;
    for (const TensorDecl& declaration : parameters.declarations()) {
        if (!declaration.trainable) continue;
        const std::int64_t begin = parameters.offset(declaration), end = begin + declaration.elements();
        const bool decaying = decays(declaration);
        if (!spans.empty() && spans.back().end == begin && spans.back().decays == decaying)
            spans.back().end = end;
        else
            spans.push_back({begin, end, decaying});
    }
    return spans;
}

void add_parts(NamedTensors& state, const Parameters& parameters, const at::Tensor& flat, std::string_view what) {
    for (const TensorDecl& declaration : parameters.declarations())
        if (declaration.trainable)
            state.push_back({declaration.name + "." + std::string(what), parameters.part(flat, declaration)});
}

}  // namespace ktrain::trainer
