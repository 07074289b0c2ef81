// Types of columns, and what stands in for them.
#include "trainer/data/row_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain::trainer {
namespace {

// Who speaks in ShareGPT's conversations, as the role of a message.
struct Speaker {
    std::string_view from, role;
};

constexpr std::array<Speaker, 9> speakers{{
    {"assistant", "assistant"},
    {"chatgpt", "assistant"},
    {"function_call", "assistant"},
    {"gpt", "assistant"},
    {"human", "user"},
    {"observation", "tool"},
    {"system", "system"},
    {"tool", "tool"},
    {"user", "user"},
}};
static_assert(std::ranges::is_sorted(speakers, {}, &Speaker::from));

constexpr std::size_t most_columns = 12;  // that a message names

// How far a number's text is one: all of it, or nothing.
template <typename Number>
std::optional<Number> parse(std::string_view text) {
    Number number{};
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return number;
}

void drop_nulls(Json& value) {
    if (value.is_object()) {
        for (auto member = value.begin(); member != value.end();)
            if (member->is_null())
                member = value.erase(member);
            else
                drop_nulls(*member++);
    } else if (value.is_array()) {
        for (Json& item : value) drop_nulls(item);
    }
}

}  // namespace

RowValues::RowValues(const Json& row, const Place& place, const ColumnNames& names, bool typed)
    : row_(row), place_(place), names_(names), typed_(typed) {}

const Json& RowValues::at(std::string_view column) const {
    const auto renamed = names_.find(column);
    return at_path(row_, {renamed == names_.end() ? column : std::string_view(renamed->second)});
}

bool RowValues::has(std::string_view column) const {
    return !at(column).is_null();
}

bool RowValues::is_blank(std::string_view column) const {
    return at(column) == "";
}

std::string RowValues::file_name(std::string_view column) const {
    const auto renamed = names_.find(column);
    return renamed == names_.end() ? std::string(column) : renamed->second;
}

std::string RowValues::columns() const {
    std::vector<std::string> names;
    for (const auto& [name, value] : row_.items()) names.push_back(printable(name.substr(0, 40)));
    if (names.size() > most_columns) {
        names.resize(most_columns);
        names.emplace_back("...");
    }
    return join(names, ", ");
}

void RowValues::refuse(std::string_view column, const std::string& what, const std::string& hint) const {
    Place where = place_;
    where.path = file_name(column);
    throw Error(ErrorKind::input, fmt::format("the column {} {}", file_name(column), what), where, hint);
}

std::string RowValues::string(std::string_view column) const {
    const Json& value = at(column);
    if (!value.is_string()) refuse(column, fmt::format("must be a string, it is {}", value.type_name()));
    return value.get<std::string>();
}

Text RowValues::text(std::string_view column) const {
    const Json& value = at(column);
    if (value.is_string()) return value.get<std::string>();
    if (value.is_array()) return messages(column);
    refuse(column, fmt::format("must be a string or a list of messages, it is {}", value.type_name()));
}

Json RowValues::messages(std::string_view column) const {
    Json list = at(column);
    if (!list.is_array()) refuse(column, fmt::format("must be a list of messages, it is {}", list.type_name()));
    drop_nulls(list);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Json& message = list[i];
        if (string_or(message, "role").empty())
            refuse(column, fmt::format("has a message without a role: number {}", i + 1),
                   R"(write messages as {"role": "user", "content": "..."})");
        const Json& content = at_path(message, {"content"});
        const bool calls = at_path(message, {"tool_calls"}).is_array();
        if (!content.is_string() && !content.is_array() && !calls)
            refuse(column, fmt::format("has a message without content: number {}", i + 1),
                   "give each message a content, or tool_calls");
    }
    return list;
}

Json RowValues::conversation(std::string_view column) const {
    const Json& list = at(column);
    if (!list.is_array()) refuse(column, fmt::format("must be a list of turns, it is {}", list.type_name()));
    Json messages = Json::array();
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string from = string_or(list[i], "from");
        const auto speaker = std::ranges::find(speakers, lower(from), &Speaker::from);
        if (speaker == speakers.end())
            refuse(column, fmt::format("has a turn from '{}': number {}", printable(from.substr(0, 40)), i + 1),
                   "turns are from human, gpt, system, tool, observation or function_call");
        const Json& value = at_path(list[i], {"value"});
        if (!value.is_string()) refuse(column, fmt::format("has a turn without a text: number {}", i + 1));
        messages.push_back({{"role", speaker->role}, {"content", value}});
    }
    return messages;
}

Json RowValues::tools() const {
    Json tools = at("tools");
    if (tools.is_string()) {  // columnar files hold them as text, since each tool has its own columns
        try {
            tools = parse_json(tools.get_ref<const std::string&>(), place_.file);
        } catch (const Error& error) {
            refuse("tools", "holds no JSON: " + error.message);
        }
    }
    if (!tools.is_null() && !tools.is_array())
        refuse("tools", fmt::format("must be a list of tools, it is {}", tools.type_name()));
    drop_nulls(tools);
    return tools;
}

double RowValues::float_range(std::string_view column, double number) const {
    constexpr double most = std::numeric_limits<float>::max();
    if (std::abs(number) > most)
        refuse(column, fmt::format("is {}, beyond what is computed with", number),
               fmt::format("give numbers from {0:.2g} to {1:.2g}", -most, most));
    return number;
}

double RowValues::number(std::string_view column) const {
    const Json& value = at(column);
    std::optional<double> number;
    if (value.is_number()) number = value.get<double>();
    if (value.is_string()) number = parse<double>(value.get_ref<const std::string&>());
    if (!number || !std::isfinite(*number)) refuse(column, "must be a finite number");
    if (typed_ && value.is_string()) refuse(column, "must be a number, it is text", "write it without quotes");
    return float_range(column, *number);
}

std::vector<std::int64_t> RowValues::integers(std::string_view column, std::int64_t least, std::int64_t most) const {
    const Json& list = at(column);
    if (!list.is_array()) refuse(column, fmt::format("must be a list of numbers, it is {}", list.type_name()));
    std::vector<std::int64_t> numbers;
    numbers.reserve(list.size());
    for (const Json& item : list) {
        if (!item.is_number_integer() || item.get<std::int64_t>() < least || item.get<std::int64_t>() > most)
            refuse(column, fmt::format("has {} at item {}", printable(item.dump().substr(0, 40)), numbers.size()),
                   fmt::format("its items are whole numbers from {} to {}", least, most));
        numbers.push_back(item.get<std::int64_t>());
    }
    return numbers;
}

std::variant<std::int64_t, double, std::string> RowValues::label(std::string_view column) const {
    const Json& value = at(column);
    if (value.is_boolean()) return static_cast<std::int64_t>(value.get<bool>());
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (value.is_number()) return number(column);
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
        refuse(column, "must be a number, or the name of a class");
    const auto& word = value.get_ref<const std::string&>();
    if (typed_) return word;
    if (const auto number_of_word = parse<std::int64_t>(word)) return *number_of_word;
    if (const auto value_of_word = parse<double>(word); value_of_word && std::isfinite(*value_of_word))
        return float_range(column, *value_of_word);
    return word;
}

void RowValues::check_same_kind(std::string_view a, const Text& text_a, std::string_view b, const Text& text_b) const {
    if (text_a.index() != text_b.index())
        refuse(b, fmt::format("must be text or messages as {} is", file_name(a)), "use one form in all columns");
}

}  // namespace ktrain::trainer
