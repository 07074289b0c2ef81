// What a run keeps in memory, by the labels of core/estimate/labels.h.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/json.h"
#include "trainer/optim/optimizer.h"
#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

// From now on the bytes of the tensors of this process are counted; once only.
void count_tensor_memory();

// Those bytes as of now.
std::int64_t tensor_bytes_held();

class MemoryMeter {
public:
    // With `adapter`, the parameters that train are told apart from the weights under them.
    MemoryMeter(const Parameters& parameters, const Optimizer& optimizer, bool adapter);

    // Lives as long as a training step: what that allocates beyond what was there before are its activations.
    class Step {
    public:
        explicit Step(MemoryMeter& meter);
        ~Step();
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;

    private:
        MemoryMeter& meter_;
        std::int64_t before_;
    };

    // What else is kept from now on, such as the average of the weights; 0 bytes: nothing any more.
    void keeps(const std::string& label, std::int64_t bytes);

    // {"weights", "adapters", "rounded copies" (for products in bfloat16), "gradients", "optimizer", what keeps() was
    // told, "activations", "process"}: bytes. Activations are the largest sum of tensors that a step so far held at
    // once, process is the resident memory of the whole process.
    Json bytes() const;

private:
    Json fixed_;  // what stays as it is
    std::int64_t activations_ = 0;
};

}  // namespace ktrain::trainer
