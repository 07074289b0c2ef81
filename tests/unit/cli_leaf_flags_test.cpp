// The flags of fields: the handbook's command lines become specs, and what has no effect is said.
#include "cli/commands/leaf_flags.h"

#include <doctest/doctest.h>

#include "core/base/text.h"
#include "tests/support/worlds.h"

using namespace ktrain;
using namespace ktrain::test;

namespace {

// The spec of a command line without a file; its problems and what was said on stderr.
struct Read {
    World world;
    TrainingSpec spec;
    std::string problems;

    explicit Read(const std::string& line, const std::string& folder = "") {
        if (!folder.empty()) world.files.folders.insert(folder);
        LeafFlags leaves;
        term::Flags flags;
        leaves.declare(flags);
        std::vector<std::string> words;
        for (const std::string& word : split(line, ' '))
            if (!word.empty()) words.push_back(word);
        flags.parse("run", words);
        const spec::Loaded loaded = spec::from_overrides(leaves.overrides(world.session));
        spec = loaded.spec;
        for (const auto& problem : loaded.problems) problems += problem.message + "\n";
    }
};

Error refusal(const std::string& line) {
    try {
        Read{line};
    } catch (const Error& error) {
        return error;
    }
    FAIL("accepted");
    return {ErrorKind::bug, ""};
}

}  // namespace

TEST_CASE("the arguments of train_lora.py are read") {
    const Read read(
        "--model_name_or_path=meta-llama/Llama-2-7b-hf --dataset_path=/data/training_data "
        "--output_dir=/output/llama2-7b-lora --lora_r=16 --lora_alpha=32 --lora_dropout=0.05 "
        "--target_modules=q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj --per_device_train_batch_size=4 "
        "--gradient_accumulation_steps=4 --learning_rate=2e-4 --num_train_epochs=3 --warmup_ratio=0.03 "
        "--lr_scheduler_type=cosine --bf16 --gradient_checkpointing --logging_steps=10 --save_steps=500 "
        "--save_total_limit=3 --report_to=wandb");
    CHECK(read.problems == "");
    CHECK(read.world.err.text == "");
    const TrainingSpec& spec = read.spec;
    CHECK(spec.model.model_name_or_path == "meta-llama/Llama-2-7b-hf");
    CHECK(spec.method.type == "lora");
    CHECK(spec.method.r == 16);
    CHECK(spec.method.lora_dropout == 0.05);
    CHECK(spec.method.target_modules ==
          std::vector<std::string>{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"});
    CHECK(spec.training.bf16);
    CHECK(spec.training.gradient_checkpointing);
    CHECK(spec.checkpoint.save_total_limit == 3);
    CHECK(spec.monitoring.report_to == std::vector<std::string>{"wandb"});
}

TEST_CASE("the arguments of train_qlora.py are read; --dataset is a path for texts and a family for images") {
    const Read texts("--model_name=meta-llama/Llama-2-70b-hf --dataset=/data/alpaca --output_dir=/output/qlora");
    CHECK(texts.problems == "");
    CHECK(texts.spec.model.model_name_or_path == "meta-llama/Llama-2-70b-hf");
    CHECK(texts.spec.data.dataset_path == "/data/alpaca");
    CHECK(texts.spec.data.dataset == "");
    CHECK(Read("--model_name=a/b --dataset=yahma/alpaca-cleaned").spec.data.dataset_path == "yahma/alpaca-cleaned");
    CHECK(Read("--model_name=a/b --dataset=alpaca").spec.data.dataset_path == "alpaca");
    CHECK(Read("--model_name=a/b --dataset=cifar10").spec.data.dataset == "cifar10");
    CHECK(Read("--model_name=a/b --dataset=cifar1").problems.starts_with("data.dataset must be one of"));
}

TEST_CASE("the handbook's other spellings are read") {
    CHECK(Read("--model_name=a/b --data-dir ./data --val-split 0.2").spec.data.validation_split == 0.2);
    CHECK(Read("--model_name=a/b --data-dir ./data").spec.data.dataset_path == "./data");
    CHECK(Read("--model_name=a/b --bf16 False --packing True").spec.objective.packing);
    CHECK(!Read("--model_name=a/b --bf16 False --packing True").spec.training.bf16);
    CHECK(Read("--model_name=a/b --report_to none").spec.monitoring.report_to.empty());
}

TEST_CASE("kernels are switched off by name") {
    CHECK(Read("--model_name=a/b --disable_kernels=attention,norm").spec.training.disable_kernels ==
          std::vector<std::string>{"attention", "norm"});
    const TrainingSpec none = Read("--model_name=a/b --disable_kernels= --max_steps=3").spec;
    CHECK(none.training.disable_kernels.empty());
    CHECK(none.training.max_steps == 3);
    CHECK(Read("--model_name=a/b --disable_kernels=attention,nrom")
              .problems.starts_with("training.disable_kernels[1] must be one of attention, "));
}

TEST_CASE("a folder that is there needs no ./, and a name that is none is still refused") {
    CHECK(Read("--model_name_or_path=out", "out").spec.model.model_name_or_path == "./out");
    CHECK(Read("--model_name_or_path=out/last", "out/last").spec.model.model_name_or_path == "out/last");
    CHECK(Read("--model_name_or_path=out").problems.starts_with("model.model_name_or_path must be "));
    CHECK(Read("--model_name_or_path=llama-2-7b").problems == "");
}

TEST_CASE("what has no effect is said once, and what cannot be had is refused") {
    const Read idle("--model_name=a/b --task_type CAUSAL_LM --fp16 false --trust_remote_code");
    CHECK(idle.problems == "");
    CHECK(idle.world.err.text ==
          "warning: --fp16 has no effect: computing is in float32 or bfloat16, see training.bf16\n"
          "warning: --task_type has no effect: the task follows from objective.type\n"
          "warning: --trust_remote_code has no effect: no code of a model is ever run\n");
    CHECK(refusal("--model_name=a/b --fp16").message.starts_with("--fp16 can only be false: computing"));
    CHECK(refusal("--lora_alph=8").hint == "did you mean --lora_alpha?");
    CHECK(refusal("--learnin_rate=8").hint == "did you mean --learning_rate?");
}

TEST_CASE("paths of fields and names that several have are explained as flags") {
    const auto hint = [](const std::string& line) {
        const Error error = refusal(line);
        CHECK(error.kind == ErrorKind::usage);
        return error.hint;
    };
    CHECK(hint("--method.type=lora") == "write --set method.type=lora");
    CHECK(hint("--training.learning_rate=1e-4") == "write --learning_rate=1e-4");
    CHECK(hint("--training.learning_rat 1") == "write --learning_rate");
    CHECK(hint("--metod.type=lora") == "write --set method.type=lora");
    CHECK(hint("--method=lora") == "write --set method.type=lora");
    CHECK(hint("--type") == "write --set model.type=VALUE, or --set method.type=VALUE, or --set objective.type=VALUE");
    CHECK(hint("--learnin_rate=1") == "did you mean --learning_rate?");
    CHECK(hint("--no.such.field.anywhere=1") == "see: ktrain run --help");
}

TEST_CASE("every field of LoRA means LoRA") {
    CHECK(Read("--rank_pattern={\"q_proj\":4}").spec.method.type == "lora");
    CHECK(Read("--alpha_pattern={\"q_proj\":4}").spec.method.type == "lora");
}
