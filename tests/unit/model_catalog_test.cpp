// The catalog: names, inventories, LoRA counts.
#include <doctest/doctest.h>

#include "core/base/csv.h"
#include "core/base/embedded.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/model/catalog.h"
#include "core/model/method_lora.h"

using namespace ktrain;

namespace {

MethodSpec lora(std::int64_t r, std::vector<std::string> modules = {}) {
    MethodSpec method;
    method.type = "lora";
    method.r = r;
    method.target_modules = std::move(modules);
    return method;
}

}  // namespace

TEST_CASE("the inventory of a llama-like model adds up to its exact count") {
    for (const std::string& id : catalog_ids()) {
        const auto shape = find_in_catalog(id);
        if (!has_inventory(*shape)) continue;
        std::int64_t elements = 0;
        for (const TensorDecl& tensor : inventory(*shape, MethodSpec{}, "bfloat16")) elements += tensor.elements();
        CHECK_MESSAGE(elements == shape->parameters, id);
    }
    CHECK(has_inventory(*find_in_catalog("qwen3-8b")));
    CHECK_FALSE(has_inventory(*find_in_catalog("mixtral-8x7b")));
}

TEST_CASE("LoRA counts equal the published columns") {
    const Csv table(embedded("models.csv"), "models.csv");
    const auto check = [&](std::size_t row, std::string_view column, std::vector<std::string> modules) {
        const std::string& expected = table.cell(row, column);
        auto shape = *find_in_catalog(table.cell(row, "id"));
        shape.fused_qkv = shape.fused_gate_up = false;  // the columns count split modules
        if (expected.empty()) return 0;
        CHECK_MESSAGE(lora_parameters(shape, lora(16, std::move(modules))) == std::stoll(expected),
                      shape.name << " " << column);
        return 1;
    };
    int checked = 0;
    for (std::size_t row = 0; row < table.rows(); ++row) {
        checked += check(row, "lora_r16_qv", {});
        checked += check(row, "lora_r16_all_linear", {"all-linear"});
    }
    CHECK(checked > 70);
    // huggingface/peft method_comparison/MetaMathQA
    CHECK(lora_parameters(*find_in_catalog("llama-3.2-3b"), lora(32)) == 9175040);
}

TEST_CASE("LoRA matrices are named as PEFT names them, and only they are trained") {
    const auto shape = *find_in_catalog("llama-2-7b");
    const MethodSpec method = lora(16, {"q_proj"});
    std::int64_t trained = 0;
    bool found = false;
    for (const TensorDecl& tensor : inventory(shape, method, "bfloat16")) {
        CHECK(tensor.trainable == (tensor.role == Role::adapter));
        if (tensor.trainable) trained += tensor.elements();
        if (tensor.name != "base_model.model.model.layers.31.self_attn.q_proj.lora_A.weight") continue;
        found = true;
        CHECK(tensor.shape == std::vector<std::int64_t>{16, 4096});
    }
    CHECK(found);
    CHECK(trained == lora_parameters(shape, method));
}

TEST_CASE("a target module that the model does not have is named with the nearest") {
    try {
        lora_targets(*find_in_catalog("llama-2-7b"), lora(8, {"q_porj"}));
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.hint == "did you mean q_proj?");
        CHECK(error.where.path == "method.target_modules");
    }
}

TEST_CASE("names are found by id, alias and Hugging Face name in any case") {
    CHECK(find_in_catalog("LLaMA-2-7B")->name == "llama-2-7b");
    CHECK(find_in_catalog("meta-llama/Llama-2-7b-hf")->name == "llama-2-7b");
    CHECK(find_in_catalog("llama-2-7b-hf")->name == "llama-2-7b");
    CHECK(find_in_catalog("llama-3.3-70b")->name == "llama-3.1-70b");
    CHECK_FALSE(find_in_catalog("llama-2"));
    CHECK_FALSE(find_in_catalog(""));
}
