// Labels, from and to id2label.
#include "core/model/score_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/family.h"
#include "core/model/parameters.h"

namespace ktrain {
namespace {

constexpr std::string_view architecture = "ForSequenceClassification";
constexpr std::int64_t most_labels = 1 << 20;

// "Llama": how the classes of a family begin, which the config of a language model shows.
std::string class_of(const Json& config, std::string_view family) {
    if (const Family* known = find_family(family)) return std::string(known->class_name);
    const Json& names = at_path(config, {"architectures"});
    const bool there = names.is_array() && !names.empty() && names[0].is_string();
    const std::string name = there ? names[0].get<std::string>() : "";
    const std::size_t end = name.find("For");
    if (end == 0 || end == std::string::npos)
        throw Error(ErrorKind::input, fmt::format("the family \"{}\" is not known", printable(family)),
                    {"config.json", 0, 0, "architectures"},
                    "name its classes in architectures of config.json, as transformers does");
    return name.substr(0, end);
}

std::int64_t count_of(const Json& config) {
    const Json& count = at_path(config, {"num_labels"});
    return count.is_number_integer() ? count.get<std::int64_t>() : 2;  // the default of transformers
}

}  // namespace

std::vector<std::string> usual_labels(std::int64_t count) {
    std::vector<std::string> labels;
    for (std::int64_t i = 0; i < count; ++i) labels.push_back(fmt::format("LABEL_{}", i));
    return labels;
}

bool has_score_head(const Json& config) {
    const Json& names = at_path(config, {"architectures"});
    return names.is_array() && std::ranges::any_of(names, [](const Json& name) {
               return name.is_string() && name.get<std::string>().ends_with(architecture);
           });
}

std::optional<ScoreHead> read_score_head(const Json& config, const std::string& file) {
    if (!has_score_head(config)) return std::nullopt;
    const auto refuse = [&](const char* key, const std::string& message) {
        throw Error(ErrorKind::input, message, {file, 0, 0, key}, "use the config.json that came with the model");
    };
    ScoreHead head;
    if (const Json& names = at_path(config, {"id2label"}); names.is_object()) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            const Json& name = at_path(names, {std::to_string(i)});
            if (!name.is_string()) refuse("id2label", "id2label does not name its labels from 0 on");
            head.labels.push_back(name.get<std::string>());
        }
    } else if (const std::int64_t count = count_of(config); count < 1 || count > most_labels) {
        refuse("num_labels", fmt::format("num_labels {} is no number of labels", count));
    } else {
        head.labels = usual_labels(count);
    }
    if (head.labels.empty()) refuse("id2label", "id2label names no label");
    const std::string problem = string_or(config, "problem_type");
    if (problem == "multi_label_classification")
        refuse("problem_type", "a text with several labels at once is not known here");
    head.regression = problem == "regression";
    if (head.regression && head.size() > 1) refuse("problem_type", "several values for one text are not known here");
    if (const Json& pad = at_path(config, {"pad_token_id"}); pad.is_number_integer())
        head.pad_token_id = pad.get<std::int64_t>();
    return head;
}

Json with_score_head(Json config, std::string_view family, const ScoreHead& head) {
    Json names = Json::object(), numbers = Json::object();
    for (std::size_t i = 0; i < head.labels.size(); ++i) {
        names[std::to_string(i)] = head.labels[i];
        numbers[head.labels[i]] = i;
    }
    config["architectures"] = {class_of(config, family) + std::string(architecture)};
    config["id2label"] = names;
    config["label2id"] = numbers;
    config.erase("num_labels");
    if (head.pad_token_id) config["pad_token_id"] = *head.pad_token_id;
    if (head.size() > 1)
        config["problem_type"] = "single_label_classification";
    else if (head.regression)
        config["problem_type"] = "regression";
    else
        config.erase("problem_type");
    return config;
}

ModelShape with_score_head(ModelShape shape, std::int64_t labels) {
    shape.labels = labels;
    shape.parameters = count_parameters(shape);
    return shape;
}

}  // namespace ktrain
