// Settings of optimizers, schedules and kernels: what is refused, and what is said to have no effect.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <tuple>
#include <vector>

#include "core/base/world.h"
#include "core/plan/plan.h"
#include "core/spec/idle_settings.h"
#include "core/spec/kernels.h"
#include "core/spec/load.h"
#include "core/spec/schedules.h"
#include "tests/support/paths.h"

using namespace ktrain;

namespace {

using Overrides = std::vector<spec::Override>;

// Of a spec with these settings of training.
spec::Loaded loaded(const std::vector<std::pair<std::string, std::string>>& settings) {
    Overrides overrides{{"model.type", "simple_cnn", "--set"}};
    for (const auto& [field, value] : settings) overrides.push_back({"training." + field, value, "--set"});
    return spec::from_overrides(overrides);
}

}  // namespace

TEST_CASE("a run has no more epochs and steps than can be counted") {
    for (const auto& [field, most, more] : {std::tuple{"num_train_epochs", "1000000", "1000000.5"},
                                            {"num_train_epochs", "1e6", "1e300"},
                                            {"max_steps", "1000000000000", "1000000000001"},
                                            {"max_steps", "1", "9223372036854775807"}}) {
        CAPTURE(field);
        CAPTURE(more);
        CHECK(loaded({{field, most}}).problems.empty());
        const auto problems = loaded({{field, more}}).problems;
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].message.find(fmt::format("training.{} must be", field)) != std::string::npos);
    }
}

TEST_CASE("every setting of a schedule is accepted by it, and by no schedule that has none of the name") {
    for (const spec::ScheduleSetting& setting : spec::schedule_settings()) {
        CAPTURE(setting.schedule);
        CAPTURE(setting.field.name);
        std::vector<std::pair<std::string, std::string>> settings{{"learning_rate", "3"},
                                                                  {"lr_scheduler_type", std::string(setting.schedule)}};
        const std::string name(setting.field.name);
        settings.emplace_back("lr_scheduler_kwargs." + name, setting.field.choices.empty() ? "1" : "cosine");
        if (setting.schedule == "cosine_with_min_lr" && name == "num_cycles")
            settings.emplace_back("lr_scheduler_kwargs.min_lr", "0");
        if (setting.schedule == "warmup_stable_decay" && name != "num_decay_steps")
            settings.emplace_back("lr_scheduler_kwargs.num_decay_steps", "0");
        CHECK(loaded(settings).problems.empty());
        settings[1].second = "linear";
        CHECK(has_errors(loaded(settings).problems));
    }
}

TEST_CASE("wrong settings of a schedule are refused with a remedy") {
    struct Case {
        const char *schedule, *kwargs, *message, *fix;
    };
    const Case cases[] = {
        {"linear", "{min_lr: 1e-6}", "the schedule linear takes no \"min_lr\"", "leave out lr_scheduler_kwargs"},
        {"constant", "{num_cycles: 1}", "the schedule constant takes no \"num_cycles\"",
         "leave out lr_scheduler_kwargs"},
        {"cosine", "{num_cycle: 1}", "the schedule cosine takes no \"num_cycle\"", "did you mean num_cycles?"},
        {"polynomial", "{timescale: 1}", "the schedule polynomial takes no \"timescale\"", "it takes lr_end, power"},
        {"cosine", "{num_cycles: 0}", "training.lr_scheduler_kwargs.num_cycles must be a number more than 0, got \"0\"",
         ""},
        {"cosine", "{num_cycles: .inf}",
         "training.lr_scheduler_kwargs.num_cycles must be a number more than 0, got \".inf\"", ""},
        {"cosine_with_restarts", "{num_cycles: 1.5}",
         "training.lr_scheduler_kwargs.num_cycles must be a whole number at least 1, got \"1.5\"", ""},
        {"inverse_sqrt", "{timescale: 1x}",
         "training.lr_scheduler_kwargs.timescale must be a whole number at least 1, got \"1x\"", ""},
        {"cosine_with_min_lr", "{}", "cosine_with_min_lr needs either min_lr or min_lr_rate",
         "write lr_scheduler_kwargs: {min_lr_rate: 0.1}"},
        {"cosine_with_min_lr", "{min_lr: 0, min_lr_rate: 0}", "cosine_with_min_lr needs either min_lr or min_lr_rate",
         "write lr_scheduler_kwargs: {min_lr_rate: 0.1}"},
        {"cosine_with_min_lr", "{min_lr: 0.01}",
         "training.lr_scheduler_kwargs.min_lr is 0.01, not below training.learning_rate 5e-05",
         "set min_lr below the learning rate"},
        {"polynomial", "{lr_end: 5e-5}",
         "training.lr_scheduler_kwargs.lr_end is 5e-05, not below training.learning_rate 5e-05",
         "set lr_end below the learning rate"},
        {"warmup_stable_decay", "{}", "warmup_stable_decay needs num_decay_steps",
         "write lr_scheduler_kwargs: {num_decay_steps: 100}"},
        {"warmup_stable_decay", "{num_decay_steps: 1, warmup_type: sqrt}",
         "training.lr_scheduler_kwargs.warmup_type must be one of 1-sqrt, cosine, linear, got \"sqrt\"", ""},
    };
    for (const Case& one : cases) {
        CAPTURE(one.kwargs);
        const auto result = loaded({{"lr_scheduler_type", one.schedule}, {"lr_scheduler_kwargs", one.kwargs}});
        REQUIRE(result.problems.size() == 1);
        CHECK(result.problems[0].message == one.message);
        CHECK(result.problems[0].fix == one.fix);
    }
    const auto small = loaded({{"lr_scheduler_type", "polynomial"}, {"learning_rate", "1e-8"}});
    REQUIRE(small.problems.size() == 1);
    CHECK(small.problems[0].message.find("lr_end is 1e-07, not below") != std::string::npos);
}

TEST_CASE("settings without effect are said once") {
    struct Case {
        std::vector<std::pair<std::string, std::string>> settings;
        std::vector<std::string> fields;
    };
    const Case cases[] = {
        {{}, {}},
        {{{"momentum", "0.9"}}, {"training.momentum"}},
        {{{"momentum", "0.9"}, {"optim", "sgd"}}, {}},
        {{{"adam_beta1", "0.8"}, {"adam_beta2", "0.9"}, {"adam_epsilon", "1e-6"}}, {}},
        {{{"adam_beta1", "0.8"}, {"adam_beta2", "0.9"}, {"adam_epsilon", "1e-6"}, {"optim", "sgd"}},
         {"training.adam_beta1", "training.adam_beta2", "training.adam_epsilon"}},
        {{{"adam_beta1", "0.8"}, {"optim", "adafactor"}}, {"training.adam_beta1"}},
        {{{"adam_beta1", "0.8"}, {"adam_epsilon", "1e-6"}, {"optim", "lion_32bit"}}, {"training.adam_epsilon"}},
        {{{"disable_kernels", "gated"}}, {"training.disable_kernels"}},  // simple_cnn has none of them
        {{{"eval_steps", "5"}}, {"training.eval_steps"}},
        {{{"eval_steps", "5"}, {"eval_strategy", "steps"}}, {}},
        {{{"warmup_steps", "5"}}, {}},
        {{{"warmup_steps", "5"}, {"lr_scheduler_type", "constant"}}, {"training.warmup_steps"}},
        {{{"warmup_ratio", "0.1"}, {"lr_scheduler_type", "constant"}}, {"training.warmup_ratio"}},
        {{{"warmup_ratio", "0.1"}, {"warmup_steps", "5"}}, {"training.warmup_ratio"}},
    };
    for (const Case& one : cases) {
        std::vector<std::string> fields;
        for (const Diagnostic& idle : spec::idle_settings(loaded(one.settings).spec)) {
            fields.push_back(idle.where.path);
            CHECK(idle.severity == Severity::warning);
            CHECK(idle.message.find("no effect") != std::string::npos);
            CHECK(!idle.fix.empty());
        }
        CHECK(fields == one.fields);
    }
}

TEST_CASE("what bitsandbytes does with 4 bits has no effect elsewhere") {
    struct Case {
        QuantizationSpec quantization;
        std::vector<std::string> fields;
    };
    const std::string type = "quantization.bnb_4bit_quant_type", twice = "quantization.bnb_4bit_use_double_quant";
    for (const Case& one : {
             Case{{.load_in_4bit = true, .bnb_4bit_quant_type = "fp4", .bnb_4bit_use_double_quant = true}, {}},
             Case{{.load_in_8bit = true, .bnb_4bit_quant_type = "fp4", .bnb_4bit_use_double_quant = true},
                  {type, twice}},
             Case{{.quant_method = "gptq", .load_in_4bit = true, .bnb_4bit_use_double_quant = true}, {twice}},
         }) {
        TrainingSpec spec = loaded({}).spec;
        spec.quantization = one.quantization;
        std::vector<std::string> fields;
        for (const Diagnostic& idle : spec::idle_settings(spec)) fields.push_back(idle.where.path);
        CHECK(fields == one.fields);
    }
}

TEST_CASE("kernels are switched off by name; docs/trainer.md has the table") {
    const std::string docs = real_files().read(test::source_path("/docs/trainer.md"));
    std::vector<std::string> names;
    CHECK(Kernels().disabled().empty());
    for (const KernelRow& row : switchable_kernels) {
        CAPTURE(row.name);
        names.emplace_back(row.name);
        const Kernels others(std::vector{names.back()});
        CHECK(others.disabled() == std::vector{names.back()});
        for (const KernelRow& other : switchable_kernels) CHECK(others.has(other.kernel) == (other.name != row.name));
        CHECK(docs.find(fmt::format("\n| `{}` | {} | {} |\n", row.name, row.help, row.plain)) != std::string::npos);
    }
    CHECK(Kernels(names).disabled() == names);
}
