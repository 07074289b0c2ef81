// Parameters that methods train: published and computed counts, and methods that contradict their models.
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <set>

#include "core/base/csv.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/world.h"
#include "core/model/adapters.h"
#include "core/model/catalog.h"
#include "core/model/method_lora.h"
#include "core/spec/idle_settings.h"
#include "core/spec/load.h"
#include "core/spec/methods.h"
#include "core/spec/trainer_limits.h"
#include "tests/support/paths.h"

using namespace ktrain;

namespace {

ModelShape row(std::string_view id) {
    return *find_in_catalog(id);
}

MethodSpec method(const std::string& type) {
    MethodSpec made;
    made.type = type;
    return made;
}

// The modules of a row such as "q,v", by what its family calls them.
std::vector<std::string> names(const ModelShape& shape, const std::string& targets) {
    static const std::map<std::string, LinearPart> parts{
        {"down", LinearPart::down}, {"gate", LinearPart::gate}, {"k", LinearPart::k},   {"o", LinearPart::o},
        {"q", LinearPart::q},       {"qkv", LinearPart::qkv},   {"up", LinearPart::up}, {"v", LinearPart::v}};
    if (targets == "all-linear") return {targets};
    std::set<std::string> found;
    for (const std::string& word : split(targets, ','))
        for (const LinearModule& module : linear_modules(shape))
            if (module.part == parts.at(word)) found.emplace(last_name(module.name));
    return {found.begin(), found.end()};
}

std::int64_t option(const std::string& options, const std::string& key, std::int64_t fallback = 0) {
    const auto at = options.find(key + "=");
    return at == std::string::npos ? fallback : std::stoll(options.substr(at + key.size() + 1));
}

// The count of a row of peft_counts.csv.
std::int64_t count(const Csv& table, std::size_t i) {
    static const std::map<std::string, const char*> types{{"adaption_prompt", "adaption_prompt"},
                                                          {"ia3", "ia3"},
                                                          {"lora", "lora"},
                                                          {"norm_tuning", "ln_tuning"},
                                                          {"prefix", "prefix_tuning"},
                                                          {"prompt", "prompt_tuning"},
                                                          {"ptuning", "p_tuning"},
                                                          {"qlora", "qlora"}};
    ModelShape shape = row(table.cell(i, "model"));
    const std::string &targets = table.cell(i, "targets"), &options = table.cell(i, "options");
    // Columns of split modules, and litgpt, which splits the fused matrix for its adapters.
    const bool splits = options == "split modules" || targets == "q,v";
    if (splits) shape.fused_qkv = shape.fused_gate_up = false;
    MethodSpec spec = method(types.at(table.cell(i, "method")));
    if (!table.cell(i, "rank").empty()) spec.r = std::stoll(table.cell(i, "rank"));
    if (!targets.empty()) spec.target_modules = names(shape, targets);
    spec.num_virtual_tokens = option(options, "virtual_tokens", spec.num_virtual_tokens);
    spec.encoder_hidden_size = option(options, "encoder_hidden");
    spec.adapter_len = option(options, "adapter_len", spec.adapter_len);
    spec.adapter_layers = option(options, "adapter_layers");
    // litgpt weighs every head by itself.
    if (options.find("litgpt") != std::string::npos)
        return adaption_prompt_parameters(spec.adapter_layers, spec.adapter_len, shape.hidden, shape.heads);
    return trained_parameters(shape, spec);
}

Error refused(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK_FALSE(error.hint.empty());
        return error;
    }
    FAIL("accepted");
    throw std::logic_error("");
}

Error refused(const ModelShape& shape, const MethodSpec& spec) {
    return refused([&] { trained_parameters(shape, spec); });
}

}  // namespace

TEST_CASE("all counts that libraries printed or that follow from their formulas are met") {
    const std::string path = test::source_path("/tests/golden/estimate/peft_counts.csv");
    const Csv table(real_files().read(path), path);
    std::size_t published = 0;
    for (std::size_t i = 0; i < table.rows(); ++i) {
        CHECK_MESSAGE(count(table, i) == std::stoll(table.cell(i, "count")),
                      table.cell(i, "model") << " " << table.cell(i, "method") << " " << table.cell(i, "options"));
        published += table.cell(i, "kind") == "published" ? 1 : 0;
    }
    CHECK(table.rows() == 98);
    CHECK(published == 16);
}

TEST_CASE("methods that no row has follow their formulas") {
    const ModelShape llama = row("llama-2-7b");
    CHECK(trained_parameters(llama, method("full")) == llama.parameters);
    MethodSpec dora = method("lora");
    dora.use_dora = true;
    CHECK(trained_parameters(llama, dora) == 32 * 2 * (8 * 8192 + 4096));
    CHECK(trained_parameters(row("llama-3.1-8b"), dora) == 32 * (8 * (8192 + 4096 + 1024) + 4096 + 1024));
    MethodSpec narrow = method("bottleneck");
    CHECK(trained_parameters(llama, narrow) == 32 * 2 * (2 * 4096 * 64 + 64 + 4096));
    narrow.bottleneck_size = 256;
    CHECK(trained_parameters(llama, narrow) == 32 * 2 * (2 * 4096 * 256 + 256 + 4096));
    MethodSpec encoder = method("p_tuning");
    encoder.encoder_hidden_size = 128;
    CHECK(trained_parameters(llama, encoder) ==
          20 * 4096 + (4096 * 128 + 128) + (128 * 128 + 128) + (128 * 4096 + 4096));
    CHECK(trained_parameters(row("gemma-2-2b"), method("ln_tuning")) == (4 * 26 + 1) * 2304);
    CHECK(trained_parameters(row("phi-2"), method("ln_tuning")) == (32 + 1) * 2 * 2560);
    CHECK(trained_parameters(row("qwen3-8b"), method("ln_tuning")) == (2 * 36 + 1) * 4096);  // not q_norm and k_norm
    CHECK(trained_parameters(llama, method("adaption_prompt")) == 32 * (10 * 4096 + 1));
}

TEST_CASE("prefixes have the heads of keys, whatever the width of the model") {
    CHECK(trained_parameters(row("qwen3-4b"), method("prefix_tuning")) == 20LL * 2 * 36 * 8 * 128);
    CHECK(trained_parameters(row("falcon-7b"), method("prefix_tuning")) == 20LL * 2 * 32 * 64);
    CHECK(refused(row("deepseek-v3"), method("prefix_tuning")).where.path == "method.type");
}

TEST_CASE("an encoder-decoder has prompts twice, and layers of both stacks") {
    const ModelShape t0 = row("t0-3b");
    CHECK(trained_parameters(t0, method("prompt_tuning")) == 2 * 20 * 2048);
    CHECK(trained_parameters(t0, method("ln_tuning")) == (24 * 2 + 24 * 3 + 2) * 2048);
    CHECK(trained_parameters(t0, method("ia3")) == 24 * (2 * 2048 + 5120) + 24 * (4 * 2048 + 5120));
    CHECK(trained_parameters(t0, method("lora")) == (24 + 48) * 2LL * 8 * 4096);
}

TEST_CASE("fused matrices have one pair of matrices") {
    MethodSpec all = method("lora");
    all.r = 16;
    all.target_modules = {"all-linear"};
    const std::int64_t h = 3072, ffn = 8192;
    const std::int64_t wide = 16 * 32 * ((h + 3 * h) + (h + h) + (h + 2 * ffn) + (ffn + h));
    CHECK(trained_parameters(row("phi-3-mini"), all) == wide);
    all.target_modules = {"qkv_proj"};
    CHECK(trained_parameters(row("phi-3-mini"), all) == 16 * 32 * 4 * h);
    CHECK(trained_parameters(row("phi-3-mini"), method("lora")) == 8 * 32 * 4 * h);  // what PEFT takes
}

TEST_CASE("all-linear takes shared experts and dense layers, but no routed experts and no router") {
    MethodSpec all = method("lora");
    all.r = 1;
    all.target_modules = {"all-linear"};
    CHECK(trained_parameters(row("mixtral-8x7b"), all) == 32 * (2 * (4096 + 4096) + 2 * (4096 + 1024)));
    const std::int64_t attention = (7168 + 1536) + (1536 + 24576) + (7168 + 576) + (512 + 32768) + (16384 + 7168);
    CHECK(trained_parameters(row("deepseek-v3"), all) ==
          61 * attention + 3 * 3 * (7168 + 18432) + 58 * 3 * (7168 + 2048));
    CHECK(refused(row("deepseek-v3"), method("lora")).where.path == "method.target_modules");
    CHECK(refused(row("deepseek-v3"), method("ia3")).where.path == "method.target_modules");
}

TEST_CASE("ia3 scales what PEFT does of each family, or what it is told") {
    CHECK(trained_parameters(row("llama-3.1-8b"), method("ia3")) == 32 * (1024 + 1024 + 14336));
    CHECK(trained_parameters(row("qwen2.5-7b"), method("ia3")) == 28 * (3584 + 512 + 18944));  // queries, not keys
    CHECK(trained_parameters(row("starcoder-15.5b"), method("ia3")) == 40 * (6400 + 24576));
    CHECK(trained_parameters(row("mixtral-8x7b"), method("ia3")) == 32 * 2 * 1024);
    MethodSpec told = method("ia3");
    told.target_modules = {"q_proj", "down_proj"};
    CHECK(trained_parameters(row("llama-3.1-8b"), told) == 32 * (4096 + 14336));
    told.feedforward_modules = {"q_proj"};
    CHECK(trained_parameters(row("llama-3.1-8b"), told) == 32 * (4096 + 4096));
    told.feedforward_modules = {"up_proj"};
    const Error error = refused(row("llama-3.1-8b"), told);
    CHECK(error.message == "the input of up_proj cannot be scaled: it is none of the targets");
    CHECK(error.where.path == "method.feedforward_modules");
    told.feedforward_modules = {"up_porj"};
    CHECK(refused(row("llama-3.1-8b"), told).hint == "did you mean up_proj?");
}

TEST_CASE("a method that contradicts its model is refused with place and remedy") {
    struct Case {
        const char *model, *type;
        void (*set)(MethodSpec&);
        const char *path, *message;
    };
    const Case cases[] = {
        {"smollm2-135m", "lora", [](MethodSpec& m) { m.r = 193; }, "method.r",
         "a rank of 193 is above the 192 of self_attn.v_proj, which is 192 x 576"},
        {"smollm2-135m", "qlora",
         [](MethodSpec& m) {
             m.rank_pattern = {{"layers.3.self_attn.v_proj", "200"}};
         },
         "method.rank_pattern", "a rank of 200 is above the 192 of self_attn.v_proj, which is 192 x 576"},
        {"starcoder-15.5b", "prompt_tuning", [](MethodSpec& m) { m.num_virtual_tokens = 8192; },
         "method.num_virtual_tokens",
         "8192 virtual tokens leave no room for a text in the 8192 positions of starcoder-15.5b"},
        {"starcoder-15.5b", "adaption_prompt", [](MethodSpec& m) { m.adapter_len = 8192; }, "method.adapter_len",
         "8192 tokens of a prompt are no fewer than the 8192 positions of starcoder-15.5b"},
        {"smollm2-135m", "adaption_prompt", [](MethodSpec& m) { m.adapter_layers = 31; }, "method.adapter_layers",
         "smollm2-135m has 30 layers, not 31"},
        {"smollm2-135m", "bottleneck", [](MethodSpec& m) { m.bottleneck_size = 577; }, "method.bottleneck_size",
         "a bottleneck of 577 is wider than the 576 of smollm2-135m"},
    };
    for (const Case& one : cases) {
        MethodSpec spec = method(one.type);
        one.set(spec);
        const Error error = refused(row(one.model), spec);
        CHECK(error.where.path == one.path);
        CHECK(error.message == one.message);
    }
    MethodSpec highest = method("lora");
    highest.r = 192;
    CHECK(trained_parameters(row("smollm2-135m"), highest) == 30LL * 192 * (576 + 576 + 576 + 192));
}

TEST_CASE("models without sizes have no adapters") {
    ModelShape bare;
    bare.name = "7B";
    bare.parameters = 7'000'000'000;
    CHECK(trained_parameters(bare, method("full")) == bare.parameters);
    ModelShape cnn = bare;
    cnn.family = "simple_cnn";
    for (const spec::MethodRow& one : spec::methods) {
        if (one.name == "full") continue;
        CHECK(refused(bare, method(std::string(one.name))).where.path == "model.model_name_or_path");
        CHECK(refused(cnn, method(std::string(one.name))).where.path == "method.type");
    }
}

TEST_CASE("the spec has every method, and says which are only for estimates") {
    int only = 0;
    for (const spec::MethodRow& one : spec::methods) {
        const std::string name(one.name);
        const spec::Loaded loaded =
            spec::from_overrides({{"model.model_name_or_path", "llama-2-7b", "--set"}, {"method.type", name, "--set"}});
        CHECK_MESSAGE(loaded.problems.empty(), name);
        const Diagnostics warnings = spec::trainer_warnings(loaded.spec);
        CHECK(warnings.size() == (one.estimate_only ? 1 : 0));
        if (!one.estimate_only) continue;
        CHECK(warnings[0].message == "method.type: " + name + " can only be estimated: ktrain run does not train it");
        ++only;
    }
    CHECK(only == 8);
}

TEST_CASE("settings of one method have no effect with another") {
    const auto idle = [](const std::string& type) {
        TrainingSpec spec;
        spec.method = method(type);
        spec.method.r = 4;
        spec.method.num_virtual_tokens = 5;
        spec.method.encoder_hidden_size = 6;
        spec.method.target_modules = {"q_proj"};
        spec.method.feedforward_modules = {"down_proj"};
        spec.method.adapter_len = 7;
        spec.method.adapter_layers = 8;
        spec.method.bottleneck_size = 9;
        std::set<std::string> fields;
        for (const Diagnostic& warning : spec::idle_settings(spec)) {
            fields.insert(warning.where.path.substr(7));
            CHECK(warning.message.find(type) != std::string::npos);
        }
        return fields;
    };
    const std::set<std::string> all{
        "adapter_layers",     "adapter_len", "bottleneck_size", "encoder_hidden_size", "feedforward_modules",
        "num_virtual_tokens", "r",           "target_modules"};
    const std::pair<const char*, std::set<std::string>> read[] = {
        {"adaption_prompt", {"adapter_layers", "adapter_len"}},
        {"bottleneck", {"bottleneck_size"}},
        {"full", {}},
        {"ia3", {"feedforward_modules", "target_modules"}},
        {"ln_tuning", {}},
        {"lora", {"r", "target_modules"}},
        {"p_tuning", {"encoder_hidden_size", "num_virtual_tokens"}},
        {"prefix_tuning", {"num_virtual_tokens"}},
        {"prompt_tuning", {"num_virtual_tokens"}},
        {"qlora", {"r", "target_modules"}},
    };
    for (const auto& [type, fields] : read) {
        std::set<std::string> wanted = all;
        for (const std::string& field : fields) wanted.erase(field);
        CHECK_MESSAGE(idle(type) == wanted, type);
    }
}
