// What a row of text data means: the row shapes of TRL, Alpaca, ShareGPT, classification and tokenised data.
// Source: "Dataset formats and types" of TRL's documentation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/json.h"
#include "core/base/place.h"

namespace ktrain::trainer {

// Plain text, or a conversation: an array of messages {role, content, ...} without null members.
using Text = std::variant<std::string, Json>;

struct PlainExample {
    std::string text;
};

struct ChatExample {
    Json messages;
    Json tools;  // an array, or null
};

struct PromptCompletion {
    Text prompt, completion;  // both of one kind, as in the shapes below
    Json tools;
};

struct PreferencePair {
    std::optional<Text> prompt;  // absent: both answers begin with it
    Text chosen, rejected;
    std::optional<double> margin;
    Json tools;
};

struct LabelledText {
    std::string text;
    std::variant<std::int64_t, double, std::string> label;  // a whole number, a fraction, or a name
};

struct TokenExample {
    std::vector<std::int32_t> ids;
    std::vector<bool> learned;  // as long as ids
};

using Example = std::variant<PlainExample, ChatExample, PromptCompletion, PreferencePair, LabelledText, TokenExample>;

enum class RowShape {
    tokens,             // input_ids, labels?, attention_mask?
    preference,         // prompt?, chosen, rejected, margin?
    prompt_completion,  // prompt, completion
    chat,               // messages
    sharegpt,           // conversations
    alpaca,             // instruction, input?, output
    labelled_text,      // text, label
    plain,              // text
};

std::string_view name_of(RowShape shape);

// Column names of the file by the standard name, where they differ: {"text", "body"}.
using ColumnNames = std::map<std::string, std::string, std::less<>>;

// The first shape in the order above whose columns a row has, whatever is accepted; nothing where it has those of none.
std::optional<RowShape> shape_of(const Json& row, const ColumnNames& names = {});

// Turns the rows of one table into examples. All have the shape of the first row.
class RowReader {
public:
    // The first of the shapes in the order above, if `accepted`, whose columns the row has. Null counts as absent.
    // Errors: Error{input} at `place`, with the columns of the row and those of the accepted shapes.
    // `typed`: as Rows::typed().
    RowReader(const Json& first_row, const Place& place, const std::vector<RowShape>& accepted, ColumnNames names = {},
              bool typed = true);

    RowShape shape() const { return shape_; }

    // By any number of threads. Alpaca and ShareGPT become conversations. Errors: Error{input} at `place`: another
    // shape, a column that lacks, or a value of the wrong type.
    Example read(const Json& row, const Place& place) const;

private:
    RowShape shape_;
    std::vector<RowShape> accepted_;
    ColumnNames names_;
    bool typed_;
};

// Nothing to learn from: no text, no message, no token. Harmless; such rows are counted and left out.
bool is_empty(const Example& example);

}  // namespace ktrain::trainer
