// The fields of the group that says how several GPUs share the work.
#pragma once

#include "core/spec/choices.h"
#include "core/spec/field.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

template <>
struct Fields<ParallelSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "strategy",
                    .help = "What GPUs with different samples share; ddp: nothing, zero1: optimizer states, zero2: "
                            "gradients too, zero3 and fsdp: weights too.",
                    .choices = choices::strategy},
              self.strategy);
        visit(Field{.name = "offload_optimizer", .help = "Keep optimizer states, and step, in the memory of the host."},
              self.offload_optimizer);
        visit(
            Field{.name = "offload_param", .help = "Keep weights in the memory of the host until a layer needs them."},
            self.offload_param);
        visit(Field{.name = "tp_size", .help = "GPUs that share each layer (tensor parallelism).", .min = 1, .max = 64},
              self.tp_size);
        visit(
            Field{
                .name = "pp_size", .help = "GPUs that have some of the layers each (pipeline).", .min = 1, .max = 1024},
            self.pp_size);
        visit(Field{.name = "cp_size",
                    .help = "GPUs that share each sequence (context parallelism).",
                    .min = 1,
                    .max = 1024},
              self.cp_size);
        visit(Field{.name = "ep_size", .help = "GPUs that share the experts of a layer.", .min = 1, .max = 1024},
              self.ep_size);
        visit(Field{.name = "pp_virtual_stages",
                    .help = "Parts of the model on each GPU of a pipeline; above 1 they are interleaved.",
                    .min = 1,
                    .max = 64},
              self.pp_virtual_stages);
    }
};

}  // namespace ktrain::spec
