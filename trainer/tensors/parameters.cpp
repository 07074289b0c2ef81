// Layout of the arenas and views into them.
#include "trainer/tensors/parameters.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include "core/base/error.h"

namespace ktrain::trainer {
namespace {

std::int64_t size_of(const at::Tensor& tensor) {
    return tensor.defined() ? static_cast<std::int64_t>(tensor.nbytes()) : 0;
}

}  // namespace

Parameters::Parameters(std::vector<TensorDecl> declarations, at::ScalarType compute)
    : declarations_(std::move(declarations)), compute_(compute) {
    for (std::size_t i = 0; i < declarations_.size(); ++i) {
        Arena& arena = this->*home_of(declarations_[i]);
        places_[declarations_[i].name] = {i, arena.size};
        arena.size += declarations_[i].elements();
    }
    try {
        for (Arena* arena : {&trainable_, &frozen_}) {
            arena->values = at::empty({arena->size}, at::kFloat);
            if (compute_ != at::kFloat) arena->rounded = at::empty({arena->size}, compute_);
        }
        small_.values = at::empty({small_.size}, at::kBFloat16);
        gradients_ = at::zeros({trainable_.size}, at::kFloat);
    } catch (const c10::Error&) {
        throw Error(ErrorKind::input,
                    fmt::format("there is no memory for the model: {} values that train and {} that do not",
                                trainable_.size, frozen_.size + small_.size));
    }
}

std::int64_t Parameters::bytes(bool trainable) const {
    return trainable ? size_of(trainable_.values) : size_of(frozen_.values) + size_of(small_.values);
}

std::int64_t Parameters::rounded_bytes() const {
    return size_of(trainable_.rounded) + size_of(frozen_.rounded);
}

Parameters::Arena Parameters::*Parameters::home_of(const TensorDecl& declaration) const {
    if (declaration.trainable) return &Parameters::trainable_;
    const bool matrix = declaration.shape.size() > 1;
    return matrix && declaration.dtype == "bfloat16" ? &Parameters::small_ : &Parameters::frozen_;
}

void Parameters::round_all() const {
    for (const Arena* arena : {&trainable_, &frozen_})
        if (arena->rounded.defined()) at::Tensor(arena->rounded).copy_(arena->values);
}

void Parameters::round_trained() const {
    if (trainable_.rounded.defined()) at::Tensor(trainable_.rounded).copy_(trainable_.values);
}

Parameter Parameters::joined(const std::vector<std::string>& names) const {
    Arena Parameters::*home = nullptr;
    std::int64_t begin = 0, end = -1;
    std::vector<std::int64_t> shape;
    for (const auto& name : names) {
        const auto found = places_.find(name);
        if (found == places_.end()) throw Error(ErrorKind::bug, "the model has no tensor " + name);
        const TensorDecl& declaration = declarations_[found->second.declaration];
        if (home == nullptr) {
            home = home_of(declaration);
            begin = end = found->second.offset;
            shape = declaration.shape;
            shape[0] = 0;
        }
        if (found->second.offset != end || home_of(declaration) != home)
            throw Error(ErrorKind::bug, name + " does not lie behind its neighbour");
        shape[0] += declaration.shape[0];
        end += declaration.elements();
    }
    const auto view = [&](const at::Tensor& flat) {
        return flat.defined() ? flat.slice(0, begin, end).view(shape) : at::Tensor();
    };
    const Arena& arena = this->*home;
    return {view(arena.values), home == &Parameters::trainable_ ? view(gradients_) : at::Tensor(), view(arena.rounded)};
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
