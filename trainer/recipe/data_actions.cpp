// The subcommands of `ktrain data`.
#include "trainer/recipe/data_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/file_error.h"
#include "core/spec/load.h"
#include "trainer/data/split_files.h"
#include "trainer/data/token_stats.h"
#include "trainer/recipe/score_heads.h"
#include "trainer/recipe/text_encoding.h"
#include "trainer/recipe/token_text.h"

namespace ktrain::trainer {
namespace {

struct Call {
    const TrainingSpec& spec;
    const Json& request;
    const Host& host;

    // The folder of the run's model, which need not be there.
    std::string model_folder() const {
        std::string folder = !spec.model.config_name.empty() ? spec.model.config_name : spec.model.model_name_or_path;
        if (folder.ends_with("/config.json")) folder.resize(folder.rfind('/'));
        return folder;
    }

    // The folder with its tokenizer.
    std::string tokenizer_folder() const {
        const ModelSpec& model = spec.model;
        if (model.type == "simple_cnn")
            refuse_field("model.type", "simple_cnn is trained on images", "name a language model");
        const std::string folder = model.tokenizer_name.empty() ? model_folder() : model.tokenizer_name;
        if (!real_files().is_folder(folder))
            refuse_field(model.tokenizer_name.empty() ? "model.model_name_or_path" : "model.tokenizer_name",
                         fmt::format("{} is no folder on this machine", folder),
                         "download the tokenizer first, for example with: hf download NAME --local-dir FOLDER");
        return folder;
    }
};

// The head that the model of the call has; nothing where there is no model.
std::optional<ScoreHead> own_head(const Call& call) {
    const std::string file = call.spec.model.model_name_or_path + "/config.json";
    if (!real_files().is_file(file)) return std::nullopt;
    return read_score_head(parse_json(real_files().read(file), file), file);
}

// The tokenizer of a call with what is encoded by it.
struct Texts {
    Tokenizer tokenizer;
    std::optional<ScoreHead> head;
    TextEncoding encoding;

    Texts(const Call& call, const std::string& folder, std::optional<ScoreHead> wanted)
        : tokenizer(Tokenizer::from_folder(real_files(), folder, call.model_folder())),
          head(std::move(wanted)),
          encoding(call.spec, tokenizer, {folder, head ? &*head : nullptr}, call.host) {}
    Texts(const Texts&) = delete;  // the encoding points into it
    Texts& operator=(const Texts&) = delete;
};

// Nothing when the host asked to stop.
std::unique_ptr<const Texts> open_texts(const Call& call, Remember remember) {
    const std::string folder = call.tokenizer_folder();
    WantedHead wanted = head_for(call.spec, own_head(call), call.host, remember);
    if (wanted.stopped) return nullptr;
    return std::make_unique<const Texts>(call, folder, std::move(wanted.head));
}

struct Part {
    std::string name;  // train or validation, whatever its files are called
    DataSplit split;
};

// The training rows, and those that a run is evaluated on where they are given apart.
std::vector<Part> parts_of(const RunSplits& splits) {
    std::vector<Part> parts{{"train", splits.train}};
    if (splits.evaluation) parts.push_back({"validation", *splits.evaluation});
    return parts;
}

// Each split of the run with its store; nothing when the host asked to stop.
int tokenize(const Call& call) {
    const auto texts = open_texts(call, Remember::yes);
    if (!texts) return call.host.stop_signal();
    Json made = Json::array();
    for (const auto& [name, split] : parts_of(splits_of_run(call.spec))) {
        const CachedStore store = texts->encoding.store(split);
        if (!store.tokens) return call.host.stop_signal();
        const StoreTotals& totals = store.tokens->totals();
        made.push_back({{"split", name},
                        {"path", store.path},
                        {"made", store.made},
                        {"rows", totals.rows},
                        {"tokens", totals.tokens},
                        {"longest", totals.longest}});
        if (!texts->head) made.back()["learned_tokens"] = totals.learned;
    }
    call.host.event({{"event", "data"}, {"command", "tokenize"}, {"stores", made}});
    return 0;
}

// One sequence of a row, as far as a run reads it.
Json sequence(const Call& call, const Texts& texts, std::vector<Token> tokens) {
    if (!tokens.empty()) tokens.front() = {tokens.front().id(), false};  // nothing predicts it
    const std::size_t kept = std::min(tokens.size(), static_cast<std::size_t>(call.spec.objective.max_length));
    Json json = {{"tokens", tokens.size()}, {"cut_tokens", tokens.size() - kept}};
    json.update(describe_tokens(texts.tokenizer, std::span<const Token>(tokens).first(kept)));
    if (texts.head) json.erase("learned");  // it predicts no token
    return json;
}

Json sample(const Call& call, const Texts& texts, const Rows& rows, std::uint64_t index) {
    Json json = {{"row", index}, {"file", rows.place(index).file}, {"line", rows.place(index).line}};
    const EncodedRow row = texts.encoding.row(rows, index).value_or(EncodedRow{{{}}, {}});
    if (row.sequences.size() == 2) {  // of a pair
        json["chosen"] = sequence(call, texts, row.sequences[0]);
        json["rejected"] = sequence(call, texts, row.sequences[1]);
        json["margin"] = row.numbers.front();
        json["left_out"] = std::ranges::any_of(row.sequences, [&](const auto& tokens) {
            return tokens.size() > static_cast<std::size_t>(call.spec.objective.max_length);
        });
        return json;
    }
    json.update(sequence(call, texts, row.sequences.front()));
    if (!row.numbers.empty())
        json["label"] = texts.head->regression
                            ? Json(row.numbers.front())
                            : Json(texts.head->labels[static_cast<std::size_t>(row.numbers.front())]);
    return json;
}

int preview(const Call& call) {
    const auto texts = open_texts(call, Remember::no);
    if (!texts) return call.host.stop_signal();
    const auto rows = open_rows(splits_of_run(call.spec).train);
    const Json& row = at_path(call.request, {"row"});
    const bool one = row.is_number_unsigned();
    const std::uint64_t first = one ? row.get<std::uint64_t>() : 0;
    if (first >= rows->size())
        throw Error(ErrorKind::input, fmt::format("there is no row {}: the last one is {}", first, rows->size() - 1),
                    {}, "rows are counted from 0");
    const std::uint64_t limit = one ? 1 : call.request.at("limit").get<std::uint64_t>();
    Json samples = Json::array();
    for (std::uint64_t index = first; index < std::min(rows->size(), first + limit); ++index)
        samples.push_back(sample(call, *texts, *rows, index));
    call.host.event({{"event", "data"},
                     {"command", "preview"},
                     {"split", "train"},
                     {"rows", rows->size()},
                     {"max_length", call.spec.objective.max_length},
                     {"samples", samples}});
    return 0;
}

Json to_json(const TokenStats& stats) {
    const LengthStats& lengths = stats.lengths;
    return {{"rows", stats.totals.rows},
            {"tokens", stats.totals.tokens},
            {"learned_tokens", stats.totals.learned},
            {"length",
             {{"min", lengths.shortest},
              {"mean", lengths.mean},
              {"p50", lengths.p50},
              {"p90", lengths.p90},
              {"p95", lengths.p95},
              {"p99", lengths.p99},
              {"max", lengths.longest}}},
            {"unlearned_rows", stats.unlearned_rows},
            {"duplicate_rows", stats.duplicate_rows},
            {"cut_rows", stats.cut_rows},
            {"cut_tokens", stats.cut_tokens},
            {"packed_sequences", stats.bins},
            {"packing_efficiency", stats.packing_efficiency}};
}

int stats(const Call& call) {
    const auto texts = open_texts(call, Remember::yes);
    if (!texts) return call.host.stop_signal();
    const auto max_length = static_cast<std::uint32_t>(call.spec.objective.max_length);
    const TooLong too_long = text_objective(call.spec.objective).too_long;
    // Of texts that are scored no token is learned, and none are packed.
    const auto idle = {"learned_tokens", "unlearned_rows", "packed_sequences", "packing_efficiency"};
    Json splits = Json::array();
    const auto add = [&](const std::string& name, const TokenStore& store, const Order& rows) {
        if (rows.empty()) return;
        Json json = {{"split", name}};
        json.update(
            to_json(token_stats(store, rows, max_length,
                                too_long == TooLong::goes_on ? PackingStrategy::bfd_split : PackingStrategy::bfd)));
        if (texts->head)
            for (const char* figure : idle) json.erase(figure);
        if (too_long == TooLong::left_out) {
            json["dropped_rows"] = json["cut_rows"];
            for (const char* figure : {"cut_rows", "cut_tokens"}) json.erase(figure);
        }
        splits.push_back(json);
    };
    const RunSplits parts = splits_of_run(call.spec);
    for (const auto& [name, split] : parts_of(parts)) {
        const auto store = texts->encoding.store(split).tokens;
        if (!store) return call.host.stop_signal();
        const Split rows = hold_out(call.spec, parts, store->rows());
        add(name, *store, rows.train);
        add("validation", *store, rows.validation);
    }
    call.host.event({{"event", "data"}, {"command", "stats"}, {"max_length", max_length}, {"splits", splits}});
    return 0;
}

int split(const Call& call) {
    const double share = call.spec.data.validation_split;
    if (share <= 0)
        refuse_field("data.validation_split", "data.validation_split is 0: which share is held out?",
                     "for example: --validation_split=0.1");
    const std::vector<DataSplit> splits = find_data(real_files(), call.spec.data.dataset_path);
    if (splits.size() > 1)
        refuse_field("data.dataset_path", call.spec.data.dataset_path + " is split already", "name one of its files");
    const auto rows = open_rows(splits.front());
    const Split parts = split_samples(rows->size(), share, static_cast<std::uint64_t>(call.spec.training.seed));
    const std::string output = string_or(call.request, "output");
    const auto stop = [&] { return call.host.stop_signal() != 0; };
    if (!write_split_files(*rows, parts, output, stop)) return call.host.stop_signal();
    call.host.event({{"event", "data"},
                     {"command", "split"},
                     {"output", output},
                     {"train_rows", parts.train.size()},
                     {"validation_rows", parts.validation.size()}});
    return 0;
}

struct Command {
    std::string_view name;
    int (*run)(const Call& call);
};
constexpr std::array commands{Command{"preview", preview}, Command{"split", split}, Command{"stats", stats},
                              Command{"tokenize", tokenize}};
static_assert(std::ranges::is_sorted(commands, {}, &Command::name));

}  // namespace

int data_action(const Json& request, const Host& host) {
    const std::string name = string_or(request, "command");
    const auto command = std::ranges::find(commands, name, &Command::name);
    if (command == commands.end()) throw Error(ErrorKind::bug, "the trainer has no data command " + name);
    const TrainingSpec spec = spec::from_json(at_path(request, {"spec"}));
    if (spec.data.dataset_path.empty())
        refuse_field("data.dataset_path", "data.dataset_path is not set", "name a file or folder with the rows");
    return command->run({spec, request, host});
}

}  // namespace ktrain::trainer
