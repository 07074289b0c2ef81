// Row shapes: what each row means, and what is said about rows that mean nothing.
#include <doctest/doctest.h>

#include "tests/support/images.h"
#include "tests/support/row_shapes.h"
#include "trainer/data/example.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;

namespace {

const Place place{"f", 7, 0, ""};

Example read(const std::string& text, const std::vector<RowShape>& accepted = every_shape,
             const ColumnNames& names = {}, bool typed = true) {
    const Json row = parse_json(text, "f");
    return RowReader(row, place, accepted, names, typed).read(row, place);
}

// An example as JSON, for comparison.
Json shown(const Text& text) {
    if (const auto* plain = std::get_if<std::string>(&text)) return *plain;
    return std::get<Json>(text);
}

struct Show {
    Json operator()(const PlainExample& e) const { return {{"plain", e.text}}; }
    Json operator()(const ChatExample& e) const { return {{"chat", e.messages}, {"tools", e.tools}}; }
    Json operator()(const PromptCompletion& e) const { return {{"p", shown(e.prompt)}, {"c", shown(e.completion)}}; }
    Json operator()(const PreferencePair& e) const {
        Json json{{"chosen", shown(e.chosen)}, {"rejected", shown(e.rejected)}};
        if (e.prompt) json["prompt"] = shown(*e.prompt);
        if (e.margin) json["margin"] = *e.margin;
        return json;
    }
    Json operator()(const LabelledText& e) const {
        Json json{{"text", e.text}};
        std::visit([&](const auto& label) { json["label"] = label; }, e.label);
        return json;
    }
    Json operator()(const TokenExample& e) const { return {{"ids", e.ids}, {"learned", e.learned}}; }
};

std::string shown_row(const std::string& text, bool typed = true) {
    return std::visit(Show(), read(text, every_shape, {}, typed)).dump();
}

Error error_in(const std::string& row, const std::vector<RowShape>& accepted = every_shape) {
    return error_of([&] { read(row, accepted); });
}

}  // namespace

TEST_CASE("rows of every shape become examples") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"text":"hi","other":1})", R"({"plain":"hi"})"},
        {R"({"messages":[{"role":"user","content":"a","tool_calls":null}],"tools":null})",
         R"({"chat":[{"role":"user","content":"a"}],"tools":null})"},
        {R"({"messages":[{"role":"assistant","tool_calls":[{"x":null,"y":1}]}],"tools":"[{\"name\":\"f\"}]"})",
         R"({"chat":[{"role":"assistant","tool_calls":[{"y":1}]}],"tools":[{"name":"f"}]})"},
        {R"({"prompt":"a","completion":"b"})", R"({"p":"a","c":"b"})"},
        {R"({"prompt":[{"role":"user","content":"a"}],"completion":[{"role":"assistant","content":"b"}],"label":null})",
         R"({"p":[{"role":"user","content":"a"}],"c":[{"role":"assistant","content":"b"}]})"},
        {R"({"chosen":"a","rejected":"b","margin":0.5})", R"({"chosen":"a","rejected":"b","margin":0.5})"},
        {R"({"chosen":"a","rejected":"b","margin":""})", R"({"chosen":"a","rejected":"b"})"},
        {R"({"prompt":"p","chosen":"a","rejected":"b","margin":2})",
         R"({"chosen":"a","rejected":"b","prompt":"p","margin":2.0})"},
        {R"({"instruction":"do","input":"","output":"done"})",
         R"({"p":[{"role":"user","content":"do"}],"c":[{"role":"assistant","content":"done"}]})"},
        {R"({"instruction":"do","input":"this","output":"done"})",
         R"({"p":[{"role":"user","content":"do\n\nthis"}],"c":[{"role":"assistant","content":"done"}]})"},
        {R"({"conversations":[{"from":"system","value":"s"},{"from":"human","value":"a"},{"from":"GPT","value":"b"}]})",
         R"({"chat":[{"role":"system","content":"s"},{"role":"user","content":"a"},{"role":"assistant","content":"b"}],"tools":null})"},
        {R"({"text":"x","label":3})", R"({"text":"x","label":3})"},
        {R"({"text":"x","label":"3"})", R"({"text":"x","label":"3"})"},
        {R"({"text":"x","label":0.25})", R"({"text":"x","label":0.25})"},
        {R"({"text":"x","label":"0.25"})", R"({"text":"x","label":"0.25"})"},
        {R"({"text":"x","label":"spam"})", R"({"text":"x","label":"spam"})"},
        {R"({"text":"x","label":true})", R"({"text":"x","label":1})"},
        {R"({"input_ids":[5,6,7]})", R"({"ids":[5,6,7],"learned":[true,true,true]})"},
        {R"({"input_ids":[5,6,7,0],"labels":[-100,6,7,-100],"attention_mask":[1,1,1,0],"text":"x"})",
         R"({"ids":[5,6,7],"learned":[false,true,true]})"},
        {R"({"input_ids":[0,0,5,6],"attention_mask":[0,0,1,1]})", R"({"ids":[5,6],"learned":[true,true]})"},
    };
    for (const auto& one : cases) {
        const std::string &row = one.first, &example = one.second;
        CAPTURE(row);
        CHECK(shown_row(row) == example);
    }
}

TEST_CASE("where nothing is typed, as in CSV, text that reads as a number is one") {
    for (const auto& [row, example] : std::vector<std::pair<std::string, std::string>>{
             {R"({"text":"x","label":"3"})", R"({"text":"x","label":3})"},
             {R"({"text":"x","label":"0.25"})", R"({"text":"x","label":0.25})"},
             {R"({"text":"x","label":"3 of 4"})", R"({"text":"x","label":"3 of 4"})"},
             {R"({"chosen":"a","rejected":"b","margin":"2"})", R"({"chosen":"a","rejected":"b","margin":2.0})"}}) {
        CAPTURE(row);
        CHECK(shown_row(row, /*typed=*/false) == example);
    }
}

TEST_CASE("a number that no float holds is refused") {
    for (const char* row : {R"({"chosen":"a","rejected":"b","margin":1e300})", R"({"text":"a","label":-1e39})"}) {
        CAPTURE(row);
        const Error error = error_in(row);
        CHECK(error.message.ends_with(", beyond what is computed with"));
        CHECK(error.hint == "give numbers from -3.4e+38 to 3.4e+38");
        CHECK(to_string(error.where) == "f:7");
    }
    CHECK(error_of([] { read(R"({"text":"a","label":"1e300"})", every_shape, {}, false); }).kind == ErrorKind::input);
}

TEST_CASE("what is accepted decides between shapes") {
    const std::string row = R"({"text":"x","label":1,"prompt":"p","completion":"c"})";
    const auto shape = [&](const std::vector<RowShape>& accepted) {
        return RowReader(parse_json(row, "f"), place, accepted).shape();
    };
    CHECK(shape({RowShape::plain, RowShape::chat}) == RowShape::plain);
    CHECK(shape({RowShape::labelled_text}) == RowShape::labelled_text);
    CHECK(shape({RowShape::prompt_completion, RowShape::plain}) == RowShape::prompt_completion);
    CHECK(shape(every_shape) == RowShape::prompt_completion);
    CHECK(std::get<PlainExample>(read(R"({"body":"b"})", {RowShape::plain}, {{"text", "body"}})).text == "b");
}

TEST_CASE("rows of no shape, of another shape, and with wrong values are refused") {
    const std::string messages = R"({"messages":)";
    struct Case {
        std::string row, says;
    };
    const std::vector<Case> cases{
        {R"({"question":"a","answer":"b"})", "the columns {question, answer} are of no shape"},
        {R"({})", "the columns {} are of no shape"},
        {R"({"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"10":1,"11":1,"12":1,"13":1})",
         "11, 12, ...} are of"},
        {R"({"text":7})", "the column text must be a string, it is number"},
        {R"({"prompt":"a","completion":[{"role":"user","content":"x"}]})", "must be text or messages as prompt is"},
        {R"({"prompt":{"a":1},"completion":"b"})", "must be a string or a list of messages, it is object"},
        {R"({"chosen":"a","rejected":"b","margin":"much"})", "the column margin must be a finite number"},
        {R"({"chosen":"a","rejected":"b","margin":1e999})", ""},
        {R"({"chosen":"a","rejected":"b","margin":"nan"})", "the column margin must be a finite number"},
        {R"({"chosen":"a","rejected":"b","margin":"2"})", "the column margin must be a number, it is text"},
        {messages + R"("x"})", "must be a list of messages, it is string"},
        {messages + R"([{"content":"x"}]})", "has a message without a role: number 1"},
        {messages + R"([{"role":"user","content":"x"},{"role":"user"}]})", "has a message without content: number 2"},
        {messages + R"(["x"]})", "has a message without a role: number 1"},
        {messages + R"([],"tools":"[1"})", "the column tools holds no JSON"},
        {messages + R"([],"tools":{}})", "must be a list of tools, it is object"},
        {R"({"conversations":[{"from":"alien","value":"x"}]})", "has a turn from 'alien': number 1"},
        {R"({"conversations":[{"from":"human"}]})", "has a turn without a text: number 1"},
        {R"({"conversations":7})", "must be a list of turns, it is number"},
        {R"({"instruction":"a","output":7})", "the column output must be a string, it is number"},
        {R"({"text":"a","label":[1]})", "the column label must be a number, or the name of a class"},
        {R"({"text":"a","label":""})", "the column label must be a number, or the name of a class"},
        {R"({"input_ids":"1 2"})", "the column input_ids must be a list of numbers, it is string"},
        {R"({"input_ids":[1,-2]})", "the column input_ids has -2 at item 1"},
        {R"({"input_ids":[1,2147483648]})", "the column input_ids has 2147483648 at item 1"},
        {R"({"input_ids":[1.5]})", "the column input_ids has 1.5 at item 0"},
        {R"({"input_ids":[1,2],"labels":[1]})", "the column labels has 1 items, input_ids has 2"},
        {R"({"input_ids":[1,2],"labels":[1,3]})", "the column labels has 3 at item 1, where input_ids has 2"},
        {R"({"input_ids":[1,2],"attention_mask":[1,2]})", "the column attention_mask has 2 at item 1"},
        {R"({"input_ids":[1,2,3],"attention_mask":[1,0,1]})", "masks tokens between others"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.row);
        const Error error = error_in(one.row);
        CHECK(error.kind == ErrorKind::input);
        CHECK(error.where.file == "f");
        CHECK_MESSAGE(error.message.find(one.says) != std::string::npos, error.message);
    }
    for (const char* row : {R"({"text":"a","topic":"b"})", R"({"text":"a","topic":"b","label":null})"}) {
        const Error unlabelled = error_in(row, {RowShape::labelled_text});
        CHECK(unlabelled.message.starts_with("the rows have no label: no column of {text, topic"));
        CHECK(unlabelled.message.ends_with("} is called label, or it is null"));
        CHECK(unlabelled.hint == "give rows of {text, label}, or name the columns");
    }
    CHECK(error_in(R"({"a":1})", {RowShape::plain, RowShape::tokens, RowShape::prompt_completion}).hint ==
          "give rows of {input_ids, labels?, attention_mask?} or {prompt, completion} or {text}, or name the columns");
}

TEST_CASE("a table keeps the shape of its first row") {
    const RowReader reader(parse_json(R"({"prompt":"a","completion":"b"})", "f"), place, every_shape);
    CHECK(name_of(reader.shape()) == "prompt-completion");
    const auto says = [&](const std::string& row) {
        return error_of([&] { reader.read(parse_json(row, "f"), {"f", 9, 0, ""}); });
    };
    const Error mixed = says(R"({"text":"a"})");
    CHECK(mixed.message == "the shape of the rows changes here, from prompt-completion to text");
    CHECK(to_string(mixed.where) == "f:9");
    CHECK(says(R"({"completion":"b"})").message == "the row has no prompt");
    CHECK(says(R"({"prompt":null,"completion":null})").message == "the row has no prompt, completion");
}

TEST_CASE("examples with nothing in them are told from others") {
    for (const std::string row : {R"({"text":""})", R"({"messages":[]})", R"({"prompt":"a","completion":""})",
                                  R"({"chosen":"","rejected":"b"})", R"({"text":"","label":1})", R"({"input_ids":[]})",
                                  R"({"input_ids":[1],"attention_mask":[0]})"}) {
        CAPTURE(row);
        CHECK(is_empty(read(row)));
    }
    for (const std::string row : {R"({"text":" "})", R"({"prompt":"","completion":"b"})", R"({"input_ids":[0]})"}) {
        CAPTURE(row);
        CHECK_FALSE(is_empty(read(row)));
    }
}
