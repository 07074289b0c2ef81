// The table of row shapes, and how each becomes an example.
#include "trainer/data/example.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/text.h"
#include "trainer/data/row_values.h"

namespace ktrain::trainer {
namespace {

Example read_tokens(const RowValues& row) {
    TokenExample example;
    for (const std::int64_t id : row.integers("input_ids", 0, INT32_MAX))
        example.ids.push_back(static_cast<std::int32_t>(id));
    example.learned.assign(example.ids.size(), true);
    const auto each = [&](const char* column, std::int64_t least, std::int64_t most, auto&& take) {
        if (!row.has(column)) return;
        const auto values = row.integers(column, least, most);
        if (values.size() != example.ids.size())
            row.refuse(column, fmt::format("has {} items, input_ids has {}", values.size(), example.ids.size()));
        for (std::size_t i = 0; i < values.size(); ++i) take(i, values[i]);
    };
    each("labels", -100, INT32_MAX, [&](std::size_t i, std::int64_t label) {
        if (label != -100 && label != example.ids[i])
            row.refuse("labels", fmt::format("has {} at item {}, where input_ids has {}; a label is the token itself, "
                                             "or -100 where it is not learned",
                                             label, i, example.ids[i]));
        example.learned[i] = label != -100;
    });
    std::size_t first = 0, end = 0;  // of what is not masked: what is, at either end, is padding and left out
    std::size_t present = row.has("attention_mask") ? 0 : end = example.ids.size();
    each("attention_mask", 0, 1, [&](std::size_t i, std::int64_t value) {
        if (value == 0) return;
        if (present++ == 0) first = i;
        end = i + 1;
    });
    if (present > 0 && present < end - first)
        row.refuse("attention_mask", "masks tokens between others; only padding at the ends can be masked");
    const auto cut = [&](auto& values) {
        values.resize(end);
        values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(first));
    };
    cut(example.ids);
    cut(example.learned);
    return example;
}

Example read_preference(const RowValues& row) {
    PreferencePair pair{{}, row.text("chosen"), row.text("rejected"), {}, row.tools()};
    row.check_same_kind("chosen", pair.chosen, "rejected", pair.rejected);
    if (row.has("prompt")) {
        pair.prompt = row.text("prompt");
        row.check_same_kind("prompt", *pair.prompt, "chosen", pair.chosen);
    }
    if (row.has("margin") && !row.is_blank("margin")) pair.margin = row.number("margin");
    return pair;
}

Example read_prompt_completion(const RowValues& row) {
    PromptCompletion example{row.text("prompt"), row.text("completion"), row.tools()};
    row.check_same_kind("prompt", example.prompt, "completion", example.completion);
    return example;
}

Example read_chat(const RowValues& row) {
    return ChatExample{row.messages("messages"), row.tools()};
}
Example read_sharegpt(const RowValues& row) {
    return ChatExample{row.conversation("conversations"), row.tools()};
}

Example read_alpaca(const RowValues& row) {
    std::string question = row.string("instruction");
    const std::string input = row.has("input") ? row.string("input") : "";
    if (!input.empty()) question += (question.empty() ? "" : "\n\n") + input;
    const auto message = [](const char* role, std::string content) {
        return Json::array({{{"role", role}, {"content", std::move(content)}}});
    };
    return PromptCompletion{message("user", question), message("assistant", row.string("output")), nullptr};
}

Example read_labelled_text(const RowValues& row) {
    return LabelledText{row.string("text"), row.label("label")};
}
Example read_plain(const RowValues& row) {
    return PlainExample{row.string("text")};
}

struct Shape {
    RowShape shape;
    std::string_view name;
    std::array<std::string_view, 2> required;  // columns
    std::string_view optional;                 // columns, for messages
    Example (*read)(const RowValues& row);
};

// In the order of RowShape: shapes with more columns stand before those that are a part of them.
constexpr std::array<Shape, 8> shapes{{
    {RowShape::tokens, "tokens", {"input_ids"}, "labels?, attention_mask?", read_tokens},
    {RowShape::preference, "preference", {"chosen", "rejected"}, "prompt?, margin?", read_preference},
    {RowShape::prompt_completion, "prompt-completion", {"prompt", "completion"}, "", read_prompt_completion},
    {RowShape::chat, "chat", {"messages"}, "tools?", read_chat},
    {RowShape::sharegpt, "ShareGPT", {"conversations"}, "", read_sharegpt},
    {RowShape::alpaca, "Alpaca", {"instruction", "output"}, "input?", read_alpaca},
    {RowShape::labelled_text, "labelled text", {"text", "label"}, "", read_labelled_text},
    {RowShape::plain, "text", {"text"}, "", read_plain},
}};
static_assert(std::ranges::is_sorted(shapes, {}, &Shape::shape));

const Shape& row_of(RowShape shape) {
    return shapes[static_cast<std::size_t>(shape)];
}

std::vector<std::string> missing_columns(const Shape& shape, const RowValues& row) {
    std::vector<std::string> missing;
    for (const std::string_view column : shape.required)
        if (!column.empty() && !row.has(column)) missing.push_back(row.file_name(column));
    return missing;
}

const Shape* find_shape(const RowValues& row, const std::vector<RowShape>& accepted) {
    for (const Shape& shape : shapes)
        if (std::ranges::find(accepted, shape.shape) != accepted.end() && missing_columns(shape, row).empty())
            return &shape;
    return nullptr;
}

// "{text}, {prompt, completion} or {messages, tools?}"
std::string describe(const std::vector<RowShape>& accepted, const RowValues& row) {
    std::vector<std::string> texts;
    for (const Shape& shape : shapes) {
        if (std::ranges::find(accepted, shape.shape) == accepted.end()) continue;
        std::vector<std::string> columns;
        for (const std::string_view column : shape.required)
            if (!column.empty()) columns.push_back(row.file_name(column));
        if (!shape.optional.empty()) columns.emplace_back(shape.optional);
        texts.push_back("{" + join(columns, ", ") + "}");
    }
    return join(texts, " or ");
}

const Shape& shape_of_first(const Json& first_row, const Place& place, const std::vector<RowShape>& accepted,
                            const ColumnNames& names, bool typed) {
    const RowValues row(first_row, place, names, typed);
    if (const Shape* shape = find_shape(row, accepted)) return *shape;
    const std::string hint = fmt::format("give rows of {}, or name the columns", describe(accepted, row));
    if (accepted.size() == 1)  // then what is missing can be named, unless all is
        if (const auto missing = missing_columns(row_of(accepted.front()), row); missing.size() == 1)
            throw Error(ErrorKind::input,
                        fmt::format("the rows have no {0}: no column of {{{1}}} is called {0}, or it is null",
                                    missing.front(), row.columns()),
                        place, hint);
    throw Error(ErrorKind::input,
                fmt::format("the columns {{{}}} are of no shape that can be used here", row.columns()), place, hint);
}

bool is_empty(const Text& text) {
    const auto* plain = std::get_if<std::string>(&text);
    return plain != nullptr ? plain->empty() : std::get<Json>(text).empty();
}

struct Emptiness {
    bool operator()(const PlainExample& example) const { return example.text.empty(); }
    bool operator()(const ChatExample& example) const { return example.messages.empty(); }
    bool operator()(const PromptCompletion& example) const { return is_empty(example.completion); }
    bool operator()(const PreferencePair& pair) const { return is_empty(pair.chosen) || is_empty(pair.rejected); }
    bool operator()(const LabelledText& example) const { return example.text.empty(); }
    bool operator()(const TokenExample& example) const { return example.ids.empty(); }
};

}  // namespace

std::string_view name_of(RowShape shape) {
    return row_of(shape).name;
}

std::optional<RowShape> shape_of(const Json& row, const ColumnNames& names) {
    const RowValues values(row, {}, names, /*typed=*/true);
    const auto shape =
        std::ranges::find_if(shapes, [&](const Shape& one) { return missing_columns(one, values).empty(); });
    return shape == shapes.end() ? std::nullopt : std::optional(shape->shape);
}

RowReader::RowReader(const Json& first_row, const Place& place, const std::vector<RowShape>& accepted,
                     ColumnNames names, bool typed)
    : shape_(shape_of_first(first_row, place, accepted, names, typed).shape),
      accepted_(accepted),
      names_(std::move(names)),
      typed_(typed) {}

Example RowReader::read(const Json& row, const Place& place) const {
    const RowValues values(row, place, names_, typed_);
    const Shape& shape = row_of(shape_);
    if (const auto missing = missing_columns(shape, values); !missing.empty()) {
        const Shape* other = find_shape(values, accepted_);
        throw Error(ErrorKind::input,
                    other == nullptr
                        ? fmt::format("the row has no {}", join(missing, ", "))
                        : fmt::format("the shape of the rows changes here, from {} to {}", shape.name, other->name),
                    place, fmt::format("every row must be {}", describe({shape_}, values)));
    }
    return shape.read(values);
}

bool is_empty(const Example& example) {
    return std::visit(Emptiness(), example);
}

}  // namespace ktrain::trainer
