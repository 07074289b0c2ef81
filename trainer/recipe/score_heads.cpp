// Heads from config.json, from labels in rows, and from adapters.
#include "trainer/recipe/score_heads.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/data/rows.h"
#include "trainer/objective/text_objective.h"
#include "trainer/recipe/text_encoding.h"

namespace ktrain::trainer {
namespace {

constexpr std::size_t most_labels = 100000;

[[noreturn]] void refuse(const Place& where, const std::string& message, const std::string& hint) {
    throw Error(ErrorKind::input, message, where, hint);
}

// The labels seen so far.
class Labels {
public:
    void add(const decltype(LabelledText::label)& label, const Place& place) {
        if (const auto* name = std::get_if<std::string>(&label)) {
            if (fraction_.known()) mixed(place);
            names_.insert(*name);
            first_name_ = first_name_.known() ? first_name_ : place;
        } else if (const auto* number = std::get_if<std::int64_t>(&label)) {
            if (numbers_.size() <= most_labels) numbers_.insert(*number);  // as values they have no limit
        } else {
            if (first_name_.known()) mixed(place);
            fraction_ = fraction_.known() ? fraction_ : place;
        }
        if (names_.size() > most_labels) too_many(place);
    }

    ScoreHead head(const DataSplit& split) const {
        if (fraction_.known()) return {.labels = usual_labels(1), .regression = true, .pad_token_id = {}};
        if (names_.size() + numbers_.size() > most_labels) too_many({split.files.front(), 0, 0, ""});
        ScoreHead head;
        for (const std::int64_t number : numbers_) head.labels.push_back(std::to_string(number));
        std::ranges::copy(names_, std::back_inserter(head.labels));
        if (!names_.empty()) std::ranges::sort(head.labels);
        if (head.labels.size() < 2)
            refuse({split.files.front(), 0, 0, ""},
                   head.labels.empty() ? "there is no label" : "every row has the label " + printable(head.labels[0]),
                   "give rows of two labels at least, or of values such as 0.5");
        return head;
    }

private:
    [[noreturn]] static void too_many(const Place& place) {
        refuse(place, fmt::format("there are more than {} labels", most_labels), "is this the column of the labels?");
    }
    [[noreturn]] static void mixed(const Place& place) {
        refuse(place, "the labels are names in some rows and fractions in others", "give every row the same kind");
    }

    std::set<std::string> names_;
    std::set<std::int64_t> numbers_;
    Place first_name_, fraction_;
};

std::optional<std::int64_t> pad_token(const Tokenizer& tokenizer) {
    for (const char* name : {"pad_token", "eos_token"})
        if (const auto id = tokenizer.special_id(name)) return *id;
    return std::nullopt;
}

// A language model that its owner gave a head for texts predicts no token.
void require_vocabulary(const std::string& folder, const std::optional<ScoreHead>& own) {
    if (!own) return;
    refuse({folder, 0, 0, ""}, folder + " scores texts: its head predicts no token",
           fmt::format("name a language model, or --set objective.type={}",
                       own->size() == 1 ? "reward" : "classification"));
}

// Makes the folder one with that head. One label alone is a reward, or else a value, as transformers takes it.
void put_head(const TrainingSpec& spec, const Tokenizer& tokenizer, ScoreHead head, bool is_new, ModelFolder& folder) {
    head.regression = head.size() == 1 && spec.objective.type == "classification";
    const std::string file = folder.path + "/config.json";
    const Json config = parse_json(folder.config_text, file);
    if (!head.pad_token_id) {
        const Json& pad = at_path(config, {"pad_token_id"});
        head.pad_token_id = pad.is_number_integer() ? pad.get<std::int64_t>() : pad_token(tokenizer);
    }
    folder.config.shape = with_score_head(folder.config.shape, head.size());
    folder.config_text = to_pretty(with_score_head(config, folder.config.shape.family, head));
    folder.head = std::move(head);
    folder.head_is_new = is_new || folder.fresh;
}

void check_labels(const TrainingSpec& spec, const ModelFolder& folder, const ScoreHead& head) {
    if (spec.objective.type == "reward" && head.size() != 1)
        refuse({folder.path + "/config.json", 0, 0, "id2label"},
               fmt::format("{} has a head of {} labels, but a reward has one", folder.path, head.size()),
               "begin with a language model, or with a reward model");
}

}  // namespace

ScoreHead labels_in_data(const TrainingSpec& spec, const DataSplit& split) {
    const auto rows = open_rows(split);
    const RowReader reader = row_reader(*rows, spec.objective);
    Labels labels;
    for (std::uint64_t index = 0; index < rows->size(); ++index) {
        const Place place = rows->place(index);
        labels.add(std::get<LabelledText>(reader.read(rows->read(index), place)).label, place);
    }
    return labels.head(split);
}

std::optional<ScoreHead> head_for(const TrainingSpec& spec, const std::optional<ScoreHead>& own) {
    if (!text_objective(spec.objective).scores_texts) return std::nullopt;
    if (own) return own;
    if (spec.objective.type == "reward") return ScoreHead{usual_labels(1), false, {}};
    const auto splits = find_data(real_files(), spec.data.dataset_path);
    return labels_in_data(spec, split_called(splits, "train", spec.data.dataset_path));
}

std::optional<ScoreHead> head_in(const std::string& folder) {
    const std::string file = folder + "/config.json";
    if (!real_files().is_file(file)) return std::nullopt;
    return read_score_head(parse_json(real_files().read(file), file), file);
}

void give_head(const TrainingSpec& spec, const Tokenizer& tokenizer, ModelFolder& folder) {
    const std::optional<ScoreHead> own = head_in(folder.path);
    if (!text_objective(spec.objective).scores_texts) return require_vocabulary(folder.path, own);
    if (own) check_labels(spec, folder, *own);
    put_head(spec, tokenizer, *head_for(spec, own), !own, folder);
}

ScoreHead adapter_head(const AdapterFolder& adapter) {
    const std::string file = fmt::format("{}/{}", adapter.path(), head_file_name);
    if (real_files().is_file(file)) {
        const auto head = read_score_head(parse_json(real_files().read(file), file), file);
        if (head && head->size() == adapter.labels()) return *head;
    }
    ScoreHead head{usual_labels(adapter.labels()), false, {}};
    if (real_files().is_file(adapter.path() + "/tokenizer.json"))
        head.pad_token_id = pad_token(Tokenizer::from_folder(real_files(), adapter.path()));
    return head;
}

void give_head_for_evaluation(const TrainingSpec& spec, const Tokenizer& tokenizer, const AdapterFolder* adapter,
                              ModelFolder& folder) {
    std::optional<ScoreHead> head = head_in(folder.path);
    const bool from_adapter = adapter != nullptr && adapter->labels() > 0 && !head;
    if (from_adapter) head = adapter_head(*adapter);
    if (!text_objective(spec.objective).scores_texts)
        return require_vocabulary(from_adapter ? adapter->path() : folder.path, head);
    if (!head)
        refuse({folder.path + "/config.json", 0, 0, "architectures"},
               fmt::format("{} is a language model: it has no head that scores texts", folder.path),
               "leave objective.type out, or name a model that was trained so");
    check_labels(spec, folder, *head);
    put_head(spec, tokenizer, *head, from_adapter, folder);
}

}  // namespace ktrain::trainer
