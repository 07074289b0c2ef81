// Layout of the arenas and views into them.
#include "trainer/tensors/parameters.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include "core/base/error.h"

namespace ktrain::trainer {

Parameters::Parameters(std::vector<TensorDecl> declarations) : declarations_(std::move(declarations)) {
    for (std::size_t i = 0; i < declarations_.size(); ++i) {
        Arena& arena = declarations_[i].trainable ? trainable_ : frozen_;
        places_[declarations_[i].name] = {i, arena.size};
        arena.size += declarations_[i].elements();
    }
    try {
        trainable_.values = at::empty({trainable_.size}, at::kFloat);
        frozen_.values = at::empty({frozen_.size}, at::kFloat);
        gradients_ = at::zeros({trainable_.size}, at::kFloat);
    } catch (const c10::Error&) {
        throw Error(ErrorKind::input,
                    fmt::format("there is no memory for the model: {} values that train and {} that do not",
                                trainable_.size, frozen_.size));
    }
}

Parameter Parameters::joined(const std::vector<std::string>& names) const {
    std::int64_t begin = 0, end = -1;
    std::vector<std::int64_t> shape;
    bool trains = false;
    for (const auto& name : names) {
        const auto found = places_.find(name);
        if (found == places_.end()) throw Error(ErrorKind::bug, "the model has no tensor " + name);
        const TensorDecl& declaration = declarations_[found->second.declaration];
        if (end < 0) {
            begin = end = found->second.offset;
            shape = declaration.shape;
            shape[0] = 0;
            trains = declaration.trainable;
        }
        if (found->second.offset != end || declaration.trainable != trains)
            throw Error(ErrorKind::bug, name + " does not lie behind its neighbour");
        shape[0] += declaration.shape[0];
        end += declaration.elements();
    }
    if (!trains) return {frozen_.values.slice(0, begin, end).view(shape), {}};
    return {trainable_.values.slice(0, begin, end).view(shape), gradients_.slice(0, begin, end).view(shape)};
}

NamedTensors Parameters::values(bool trainable_only) const {
    NamedTensors tensors;
    for (const TensorDecl& declaration : declarations_)
        if (declaration.trainable || !trainable_only) tensors.push_back({declaration.name, at(declaration.name).value});
    return tensors;
}

at::Tensor Parameters::part(const at::Tensor& flat, const TensorDecl& declaration) const {
    const std::int64_t begin = offset(declaration);
    return flat.slice(0, begin, begin + declaration.elements()).view(declaration.shape);
}

}  // namespace ktrain::trainer
