// A tiny language model and texts for it, made by tests.
#include "tests/trainer/language_model.h"

#include <filesystem>
#include <sstream>

#include "trainer/data/random.h"

namespace ktrain::test {
namespace {

constexpr const char* words[] = {"the",    "king",    "was",    "in",      "his",  "counting", "house",
                                 "queen",  "parlour", "eating", "bread",   "and",  "honey",    "maid",
                                 "garden", "hanging", "out",    "clothes", "money"};

}  // namespace

Json tiny_config() {
    return {{"architectures", {"LlamaForCausalLM"}},
            {"model_type", "llama"},
            {"hidden_size", 32},
            {"intermediate_size", 48},
            {"num_hidden_layers", 2},
            {"num_attention_heads", 4},
            {"num_key_value_heads", 2},
            {"max_position_embeddings", 64},
            {"vocab_size", 24},
            {"tie_word_embeddings", true},
            {"eos_token_id", 2}};
}

std::string word_tokenizer() {
    Json vocabulary = {{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}};
    for (const char* word : words) vocabulary[word] = vocabulary.size();
    Json added = Json::array();
    for (const auto& [id, content] : {std::pair{0, "<unk>"}, {1, "<s>"}, {2, "</s>"}})
        added.push_back({{"id", id},
                         {"content", content},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false},
                         {"special", true}});
    const Json tokenizer = {{"version", "1.0"},
                            {"truncation", nullptr},
                            {"padding", nullptr},
                            {"added_tokens", added},
                            {"normalizer", nullptr},
                            {"pre_tokenizer", {{"type", "Whitespace"}}},
                            {"post_processor", nullptr},
                            {"decoder", nullptr},
                            {"model", {{"type", "WordLevel"}, {"vocab", vocabulary}, {"unk_token", "<unk>"}}}};
    return tokenizer.dump();
}

void make_model_folder(const std::string& folder, const Json& config) {
    std::filesystem::create_directories(folder);
    write_file(folder + "/config.json", config.dump());
    write_file(folder + "/tokenizer.json", word_tokenizer());
    write_file(folder + "/tokenizer_config.json",
               Json{{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}}.dump());
}

void write_rows(const std::string& path, std::size_t count) {
    std::ostringstream lines;
    for (std::size_t row = 0; row < count; ++row) {
        std::string text;
        const std::size_t length = 3 + trainer::scramble(row) % 12;
        // Each word but the first follows from the one before it, now and then from chance.
        std::size_t word = row % std::size(words);
        for (std::size_t i = 0; i < length; ++i) {
            text += (i == 0 ? "" : " ") + std::string(words[word]);
            word = (word * 7 + (trainer::scramble(row * 100 + i) % 4 == 0 ? 3 : 1)) % std::size(words);
        }
        lines << Json{{"text", text}}.dump() << "\n";
    }
    write_file(path, lines.str());
}

TrainingSpec text_spec(const TempFolder& folder) {
    make_model_folder(folder / "model");
    write_rows(folder / "rows.jsonl", 40);
    TrainingSpec spec;
    spec.metadata.name = "texts";
    spec.model.config_name = folder / "model";
    spec.data.dataset_path = folder / "rows.jsonl";
    spec.training.per_device_train_batch_size = 4;
    spec.training.learning_rate = 0.01;
    spec.training.weight_decay = 0.1;
    spec.training.logging_steps = 1;
    spec.checkpoint.save_strategy = "no";
    spec.output_dir = folder / "out";
    return spec;
}

std::vector<double> losses_in(const std::string& output) {
    std::vector<double> losses;
    std::istringstream lines(read_file(output + "/metrics.jsonl"));
    for (std::string line; std::getline(lines, line);)
        if (const Json event = Json::parse(line); event["event"] == "step") losses.push_back(event["loss"]);
    return losses;
}

}  // namespace ktrain::test
