// Heads from config.json, from labels in rows, and from adapters.
#include "trainer/recipe/score_heads.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "core/base/file_error.h"
#include "core/base/text.h"
#include "trainer/data/rows.h"
#include "trainer/objective/text_objective.h"
#include "trainer/recipe/label_file.h"
#include "trainer/recipe/text_encoding.h"

namespace ktrain::trainer {
namespace {

constexpr std::size_t most_labels = 100000;

bool is_number(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(number);
}

// The labels seen so far. Numbers that came as text are names, as everything that came so.
class Labels {
public:
    void add(const decltype(LabelledText::label)& label, const Place& place) {
        if (const auto* name = std::get_if<std::string>(&label)) {
            names_.insert(*name);
            first_name_ = first_name_.empty() ? *name : first_name_;
            const bool quoted = is_number(*name);
            first_quoted_ = first_quoted_.empty() && quoted ? *name : first_quoted_;
            if (fraction_ || (quoted && !numbers_.empty())) mixed(place, *name);
        } else if (const auto* number = std::get_if<std::int64_t>(&label)) {
            if (!first_quoted_.empty()) mixed(place, first_quoted_);
            if (numbers_.size() <= most_labels) numbers_.insert(*number);  // as values they have no limit
        } else {
            if (!first_name_.empty()) mixed(place, first_name_);
            fraction_ = true;
        }
        if (names_.size() > most_labels) too_many(place);
    }

    ScoreHead head(const DataSplit& split) const {
        if (fraction_) return {.labels = usual_labels(1), .regression = true, .pad_token_id = {}};
        if (names_.size() + numbers_.size() > most_labels) too_many({split.files.front(), 0, 0, ""});
        ScoreHead head;
        for (const std::int64_t number : numbers_) head.labels.push_back(std::to_string(number));
        std::ranges::copy(names_, std::back_inserter(head.labels));
        if (!names_.empty()) std::ranges::sort(head.labels);
        if (head.labels.size() < 2)
            refuse(split.files.front(),
                   head.labels.empty() ? "there is no label" : "every row has the label " + brief(head.labels[0]),
                   "give rows of two labels at least, or of values such as 0.5");
        return head;
    }

private:
    [[noreturn]] static void too_many(const Place& place) {
        refuse(place, fmt::format("there are more than {} labels", most_labels), "is this the column of the labels?");
    }
    [[noreturn]] static void mixed(const Place& place, const std::string& name) {
        refuse(place,
               fmt::format("the labels are numbers in some rows and names in others, such as \"{}\"", brief(name)),
               is_number(name) ? "write all numbers without quotes, or all with them" : "give every row the same kind");
    }

    std::set<std::string> names_;
    std::set<std::int64_t> numbers_;
    std::string first_name_, first_quoted_;  // the latter reads as a number
    bool fraction_ = false;
};

std::optional<std::int64_t> pad_token(const Tokenizer& tokenizer) {
    for (const char* name : {"pad_token", "eos_token"})
        if (const auto id = tokenizer.special_id(name)) return *id;
    return std::nullopt;
}

// A language model that its owner gave a head for texts predicts no token.
void require_vocabulary(const std::string& folder, const std::optional<ScoreHead>& own) {
    if (!own) return;
    refuse(folder, folder + " scores texts: its head predicts no token",
           fmt::format("name a language model, or --set objective.type={}",
                       own->size() == 1 ? "reward" : "classification"));
}

// One label alone is a reward, or else a value, as transformers takes it.
ScoreHead fitted(const TrainingSpec& spec, ScoreHead head) {
    head.regression = head.size() == 1 && spec.objective.type == "classification";
    return head;
}

Json config_of(const ModelFolder& folder) {
    return parse_json(folder.config_text, folder.path + "/config.json");
}

// Makes the folder, whose config is given, one with that head.
void put_head(const Json& config, const Tokenizer& tokenizer, ScoreHead head, bool is_new, ModelFolder& folder) {
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

// The labels of the rows, sorted as run_classification.py of transformers sorts them: numbers by their value, else
// by their text; a fraction anywhere makes them values of a regression. Nothing when the host asked to stop.
std::optional<ScoreHead> labels_in_data(const TrainingSpec& spec, const DataSplit& split, const Host& host) {
    constexpr std::uint64_t often = 1024;  // rows between two events
    const auto rows = open_rows(split);
    const RowReader reader = row_reader(*rows, spec.objective);
    Labels labels;
    for (std::uint64_t index = 0; index < rows->size(); ++index) {
        const Place place = rows->place(index);
        labels.add(std::get<LabelledText>(reader.read(rows->read(index), place)).label, place);
        const std::uint64_t done = index + 1;
        if (done % often == 0 || done == rows->size())
            host.event({{"event", "labels"}, {"split", split.name}, {"rows", done}, {"rows_total", rows->size()}});
        if (host.stop_signal() != 0) return std::nullopt;
    }
    return labels.head(split);
}

// Text that reads as values, where none can be meant to be an index.
void warn_of_quotes(const ScoreHead& head, const DataSplit& split, const Host& host) {
    const auto fraction = std::ranges::find_if(
        head.labels, [](const std::string& name) { return name.find_first_not_of("-0123456789") != name.npos; });
    if (fraction == head.labels.end() || !std::ranges::all_of(head.labels, is_number)) return;
    host.warn(
        fmt::format("the labels of {} are text, such as \"{}\": they are names of {} classes; to learn values, "
                    "write numbers without quotes",
                    split.files.front(), brief(*fraction), head.size()));
}

// Nothing when the host asked to stop.
std::optional<ScoreHead> head_of_data(const TrainingSpec& spec, const Host& host, Remember remember) {
    const DataSplit split = splits_of_run(spec).train;
    const LabelFile file(spec, split);
    std::optional<ScoreHead> head = file.read();
    const bool known = head.has_value();
    if (!known) head = labels_in_data(spec, split, host);
    if (!head) return std::nullopt;
    if (!known && remember == Remember::yes) file.write(*head);
    warn_of_quotes(*head, split, host);
    return head;
}

}  // namespace

WantedHead head_for(const TrainingSpec& spec, const std::optional<ScoreHead>& own, const Host& host,
                    Remember remember) {
    if (!text_objective(spec.objective).scores_texts) return {};
    if (own) return {fitted(spec, *own)};
    if (spec.objective.type == "reward") return {ScoreHead{usual_labels(1), false, {}}};
    std::optional<ScoreHead> head = head_of_data(spec, host, remember);
    const bool stopped = !head;
    return {std::move(head), stopped};
}

bool give_head(const TrainingSpec& spec, const Tokenizer& tokenizer, const Host& host, Remember remember,
               ModelFolder& folder) {
    const Json config = config_of(folder);
    const std::optional<ScoreHead> own = read_score_head(config, folder.path + "/config.json");
    if (!text_objective(spec.objective).scores_texts) {
        require_vocabulary(folder.path, own);
        return true;
    }
    if (own) check_labels(spec, folder, *own);
    WantedHead wanted = head_for(spec, own, host, remember);
    if (wanted.stopped) return false;
    put_head(config, tokenizer, std::move(*wanted.head), !own, folder);
    return true;
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
    const Json config = config_of(folder);
    std::optional<ScoreHead> head = read_score_head(config, folder.path + "/config.json");
    const bool from_adapter = adapter != nullptr && adapter->labels() > 0 && !head;
    if (from_adapter) head = adapter_head(*adapter);
    if (!text_objective(spec.objective).scores_texts)
        return require_vocabulary(from_adapter ? adapter->path() : folder.path, head);
    if (!head)
        refuse({folder.path + "/config.json", 0, 0, "architectures"},
               fmt::format("{} is a language model: it has no head that scores texts", folder.path),
               "leave objective.type out, or name a model that was trained so");
    check_labels(spec, folder, *head);
    put_head(config, tokenizer, fitted(spec, *head), from_adapter, folder);
}

}  // namespace ktrain::trainer
