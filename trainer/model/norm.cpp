// RMSNorm by our kernel, layer norm by ATen's, and both by their plain twin.
#include "trainer/model/norm.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>

#include "trainer/kernel/norm.h"
#include "trainer/model/element_type.h"
#include "trainer/model/graph.h"
#include "trainer/model/plain.h"

namespace ktrain::trainer {
namespace {

bool is_layer_norm(const Norm& norm) {
    return norm.bias_D.value.defined();
}

RmsNorm kernel_of(const Norm& norm, const at::Tensor& x_ND) {
    return {x_ND.size(0), x_ND.size(1), static_cast<float>(norm.epsilon), static_cast<float>(norm.offset)};
}

at::Tensor plain_forward(const Norm& norm, const at::Tensor& x_ND) {
    return plain_norm(norm, x_ND, norm.weight_D.value, norm.bias_D.value);
}

at::Tensor plain_backward(const Norm& norm, const at::Tensor& x_ND, const at::Tensor& dy_ND) {
    std::vector<at::Tensor> inputs{x_ND, norm.weight_D.value};
    if (is_layer_norm(norm)) inputs.push_back(norm.bias_D.value);
    const auto forward = [&](const std::vector<at::Tensor>& in) {
        return plain_norm(norm, in[0], in[1], in.size() > 2 ? in[2] : at::Tensor());
    };
    const std::vector<at::Tensor> gradients = gradients_of(forward, inputs, dy_ND.to(at::kFloat));
    if (norm.weight_D.trains()) norm.weight_D.gradient.add_(gradients[1]);
    if (norm.bias_D.trains()) norm.bias_D.gradient.add_(gradients[2]);
    return gradients[0];
}

}  // namespace

at::Tensor norm_forward(Kernels kernels, const Norm& norm, const at::Tensor& x_ND, NormMoments& moments,
                        at::ScalarType type) {
    if (!kernels.has(Kernel::norm)) return plain_forward(norm, x_ND).to(type);
    if (is_layer_norm(norm)) {
        at::Tensor y_ND;
        std::tie(y_ND, moments.mean_N, moments.inverse_N) =
            at::native_layer_norm(x_ND, {x_ND.size(1)}, norm.weight_D.value, norm.bias_D.value, norm.epsilon);
        return y_ND.to(type);
    }
    const at::Tensor y_ND = at::empty(x_ND.sizes(), x_ND.options().dtype(type));
    moments.inverse_N = at::empty({x_ND.size(0)}, x_ND.options());
    with_type_of(y_ND, [&]<class T>(T*) {
        rms_norm(kernel_of(norm, x_ND), x_ND.const_data_ptr<float>(), norm.weight_D.value.const_data_ptr<float>(),
                 y_ND.mutable_data_ptr<T>(), moments.inverse_N.mutable_data_ptr<float>());
    });
    return y_ND;
}

at::Tensor norm_again(Kernels kernels, const Norm& norm, const at::Tensor& x_ND, const NormMoments& moments,
                      at::ScalarType type) {
    if (is_layer_norm(norm) || !kernels.has(Kernel::norm)) {
        NormMoments same;
        return norm_forward(kernels, norm, x_ND, same, type);
    }
    const at::Tensor y_ND = at::empty(x_ND.sizes(), x_ND.options().dtype(type));
    with_type_of(y_ND, [&]<class T>(T*) {
        rms_norm_again(kernel_of(norm, x_ND), x_ND.const_data_ptr<float>(), norm.weight_D.value.const_data_ptr<float>(),
                       moments.inverse_N.const_data_ptr<float>(), y_ND.mutable_data_ptr<T>());
    });
    return y_ND;
}

at::Tensor norm_backward(Kernels kernels, const Norm& norm, const at::Tensor& x_ND, const NormMoments& moments,
                         const at::Tensor& dy_ND) {
    if (!kernels.has(Kernel::norm)) return plain_backward(norm, x_ND, dy_ND);
    if (is_layer_norm(norm)) {
        const auto [dx_ND, d_weight, d_bias] = at::native_layer_norm_backward(
            dy_ND.to(at::kFloat), x_ND, {x_ND.size(1)}, moments.mean_N, moments.inverse_N, norm.weight_D.value,
            norm.bias_D.value, {true, norm.weight_D.trains(), norm.bias_D.trains()});
        if (norm.weight_D.trains()) norm.weight_D.gradient.add_(d_weight);
        if (norm.bias_D.trains()) norm.bias_D.gradient.add_(d_bias);
        return dx_ND;
    }
    const at::Tensor dx_ND = dy_ND.scalar_type() == at::kFloat ? dy_ND : at::empty_like(x_ND);
    with_type_of(dy_ND, [&]<class T>(T*) {
        rms_norm_backward(kernel_of(norm, x_ND), x_ND.const_data_ptr<float>(),
                          norm.weight_D.value.const_data_ptr<float>(), moments.inverse_N.const_data_ptr<float>(),
                          dy_ND.const_data_ptr<T>(), dx_ND.mutable_data_ptr<float>(),
                          norm.weight_D.trains() ? norm.weight_D.gradient.mutable_data_ptr<float>() : nullptr);
    });
    return dx_ND;
}

}  // namespace ktrain::trainer
