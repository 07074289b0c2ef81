// Labels by name and by number.
#include "trainer/objective/label_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain::trainer {
namespace {

bool is_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

LabelMap::LabelMap(const ScoreHead& head) : head_(head) {
    for (std::size_t i = 0; i < head.labels.size(); ++i)
        indices_.try_emplace(head.labels[i], static_cast<std::int64_t>(i));
    numbered_ = std::ranges::any_of(head.labels, is_number);
}

double LabelMap::operator()(const decltype(LabelledText::label)& label) const {
    if (const auto* value = std::get_if<double>(&label)) {
        if (head_.regression) return *value;
        unknown(fmt::format("{}", *value), false);
    }
    const auto* number = std::get_if<std::int64_t>(&label);
    if (number != nullptr && head_.regression) return static_cast<double>(*number);
    const std::string name = number != nullptr ? std::to_string(*number) : std::get<std::string>(label);
    if (const auto found = indices_.find(name); found != indices_.end()) return static_cast<double>(found->second);
    const bool is_index = number != nullptr && !numbered_ && *number >= 0 && *number < head_.size();
    if (!is_index) unknown(name, number == nullptr);
    return static_cast<double>(*number);
}

void LabelMap::unknown(const std::string& label, bool quoted) const {
    constexpr std::size_t most = 8;
    if (head_.regression)
        throw Error(ErrorKind::input, fmt::format("the model learns values, and \"{}\" is none", brief(label)), {},
                    "give every row a number, which has no quotes in JSON");
    const std::string near = nearest(label, head_.labels);
    std::string hint = fmt::format("did you mean {}?", brief(near));
    if (near.empty()) {
        std::vector<std::string> some;
        for (std::size_t i = 0; i < std::min(most, head_.labels.size()); ++i) some.push_back(brief(head_.labels[i]));
        if (head_.labels.size() > most) some.emplace_back("...");
        hint = fmt::format("it has {}", join(some, ", "));
    }
    if (quoted && !numbered_ && is_number(label))
        hint = "the index of a label is a number, which has no quotes in JSON";
    throw Error(ErrorKind::input, fmt::format("the model has no label \"{}\"", brief(label)), {}, hint);
}

}  // namespace ktrain::trainer
