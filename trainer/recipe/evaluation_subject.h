// What `ktrain eval` is asked for: a model, an adapter on top of it, and tasks with different names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/spec/spec.h"
#include "trainer/recipe/adapter_folder.h"
#include "trainer/recipe/model_folder.h"
#include "trainer/report/host.h"
#include "trainer/tensors/parameters.h"

namespace ktrain::trainer {

class EvaluationSubject {
public:
    // `base`: of an adapter; empty: the one that it names. Errors: Error{input} for an adapter without a base and a
    // base without an adapter; those of AdapterFolder.
    EvaluationSubject(TrainingSpec spec, const std::string& base);

    const TrainingSpec& spec() const { return spec_; }  // of the base, trained whole: no adapter matrices
    const AdapterFolder* adapter() const { return adapter_ ? &*adapter_ : nullptr; }
    // Before the data are read, once the base has its head. Errors: those of check_model, and of an adapter those of
    // require_base.
    void check(const ModelFolder& base, const Host& host) const;
    // Errors: those of fold_adapter.
    void fold_into(const ModelFolder& base, const Parameters& parameters) const;

private:
    TrainingSpec spec_;
    std::optional<AdapterFolder> adapter_;
};

// The name of a task: that of its file.
std::string task_name(const std::string& path);

// Errors: Error{input} where there is nothing to evaluate on, and for two tasks of one name.
void check_names(const TrainingSpec& spec, const std::vector<std::string>& tasks);

}  // namespace ktrain::trainer
