// The fields of every spec struct, each listed once: name, help, range, choices. All visitors are driven from here
// (loading, --set, flags, explain, JSON Schema, init, docs/spec.md).
#pragma once

#include "core/spec/fields_cluster.h"
#include "core/spec/fields_method.h"
#include "core/spec/fields_parallel.h"
#include "core/spec/fields_training.h"

namespace ktrain::spec {

template <>
struct Fields<TrainingSpec> {
    static void list(auto& self, auto&& visit) {
        visit(Field{.name = "metadata", .help = "Name and place of the job."}, self.metadata);
        visit(Field{.name = "model", .help = "What is trained."}, self.model);
        visit(Field{.name = "method", .help = "How the weights are trained."}, self.method);
        visit(Field{.name = "quantization", .help = "How frozen weights are stored."}, self.quantization);
        visit(Field{.name = "objective", .help = "What is optimised."}, self.objective);
        visit(Field{.name = "data", .help = "What it is trained on."}, self.data);
        visit(Field{.name = "training", .help = "Steps, batches, optimizer."}, self.training);
        visit(Field{.name = "parallel", .help = "How several GPUs share the work."}, self.parallel);
        visit(Field{.name = "checkpoint", .help = "Saving and resuming."}, self.checkpoint);
        visit(Field{.name = "output_dir",
                    .help = "Folder for checkpoints, metrics and the trained model.",
                    .example = "/output/cifar10",
                    .format = Format::path},
              self.output_dir);
        visit(Field{.name = "resources", .help = "What each pod needs."}, self.resources);
        visit(Field{.name = "cluster", .help = "How it runs on Kubernetes."}, self.cluster);
        visit(Field{.name = "monitoring", .help = "Where metrics go."}, self.monitoring);
    }
};

}  // namespace ktrain::spec
