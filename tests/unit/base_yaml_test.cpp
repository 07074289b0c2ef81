// YAML: values by the rules of go-yaml, places, everything that is refused, and writing.
#include <doctest/doctest.h>

#include "core/base/error.h"
#include "core/base/yaml.h"
#include "core/base/yaml_json.h"

using namespace ktrain;

namespace {

std::string json_of(std::string_view text) {
    yaml::Stream stream = yaml::parse(text, "f.yaml");
    for (const Diagnostic& problem : stream.problems) MESSAGE(problem.message);
    REQUIRE(stream.problems.empty());
    std::string result;
    for (const yaml::Node& document : stream.documents) result += yaml::to_json(document).dump() + "\n";
    if (!result.empty()) result.pop_back();
    return result;
}

// "rule line:column message" of the problems, one a line.
std::string problems_of(std::string_view text, const yaml::Limits& limits = {}) {
    std::string result;
    for (const Diagnostic& problem : yaml::parse(text, "f.yaml", limits).problems) {
        CHECK(problem.severity == Severity::error);
        CHECK(problem.where.file == "f.yaml");
        CHECK_FALSE(problem.fix.empty());
        result += std::string(problem.rule) + " " + std::to_string(problem.where.line) + ":" +
                  std::to_string(problem.where.column) + " " + problem.message + "\n";
    }
    if (!result.empty()) result.pop_back();
    return result;
}

}  // namespace

TEST_CASE("scalars resolve as go-yaml resolves them") {
    struct Case {
        std::string_view text;
        yaml::Kind kind;
    };
    using yaml::Kind;
    for (Case c : {Case{"yes", Kind::boolean},
                   {"on", Kind::boolean},
                   {"no", Kind::boolean},
                   {"y", Kind::boolean},
                   {"True", Kind::boolean},
                   {"tRue", Kind::string},
                   {"1", Kind::integer},
                   {"1e3", Kind::real},
                   {"0777", Kind::integer},
                   {"0888", Kind::real},
                   {"1_000", Kind::integer},
                   {"1.0", Kind::real},
                   {"0o17", Kind::integer},
                   {"0b1", Kind::integer},
                   {"0x1F", Kind::integer},
                   {"0x", Kind::string},
                   {"12:30:45", Kind::string},
                   {"2001-01-01", Kind::string},
                   {"~", Kind::null},
                   {"", Kind::null},
                   {"NULL", Kind::null},
                   {"nul", Kind::string},
                   {".inf", Kind::real},
                   {".5", Kind::real},
                   {"5.", Kind::real},
                   {".", Kind::string},
                   {"-", Kind::string},
                   {"+", Kind::string},
                   {"-1", Kind::integer},
                   {"2e-4", Kind::real},
                   {"1e400", Kind::string},
                   {"10Gi", Kind::string},
                   {"500m", Kind::string},
                   {"1.2.3", Kind::string},
                   {"99999999999999999999", Kind::real},
                   {"18446744073709551615", Kind::integer},
                   {"-9223372036854775808", Kind::integer},
                   {"-9223372036854775809", Kind::real}}) {
        CAPTURE(c.text);
        CHECK(yaml::resolve(c.text) == c.kind);
    }
    CHECK(json_of("a: [yes, 0777, 1_000, 0x1F, -0b11, 1.0, ~, '1', \"yes\", 1e3, .inf, -5]") ==
          R"({"a":[true,511,1000,31,-3,1.0,null,"1","yes",1000.0,null,-5]})");
    CHECK(json_of(R"(["\N\_\L\P", "é\N", "\x41\t\e"])") ==
          parse_json(R"(["\u0085\u00a0\u2028\u2029","é\u0085","A\t\u001b"])", "").dump());
    CHECK(json_of("on: 1\n8080: 2\n'0x10': 3\n1.0: 4\n.inf: 5") == R"({"true":1,"8080":2,"0x10":3,"1":4,".inf":5})");
    CHECK(json_of("- !!str 5\n- !!int '5'\n- !!float 5\n- !!bool 'yes'\n- ! 7") == R"(["5",5,5,true,"7"])");
}

TEST_CASE("documents, line ends and byte order marks") {
    CHECK(json_of("a: 1\n---\nb: 2\n--- {c: 3}\n...\n") == "{\"a\":1}\n{\"b\":2}\n{\"c\":3}");
    CHECK(json_of("") == "");
    CHECK(json_of("# nothing\n---\n---\n# nothing\n---\nnull\n") == "");
    CHECK(json_of("a: 1\rb:\r- 2\r") == R"({"a":1,"b":[2]})");
    CHECK(json_of("a: |\r\n  x\r\n  y\r\nb: 2\r\n") == R"({"a":"x\ny\n","b":2})");
    CHECK(json_of("\xef\xbb\xbf"
                  "a: 1") == R"({"a":1})");
    CHECK(json_of("a: |\n  ---\n  b\n") == R"({"a":"---\nb\n"})");
    CHECK(json_of("%YAML 1.2\n---\na: 1\n") == R"({"a":1})");
    CHECK(json_of("a: 1\n...\n# more\n---\nb: 2\n") == "{\"a\":1}\n{\"b\":2}");
    CHECK(json_of("\n  {\"a\": [1, {\"b\": null}]}\n") == R"({"a":[1,{"b":null}]})");
}

TEST_CASE("objects of JSON that follow each other are documents, each value at its place") {
    CHECK(json_of(R"({"a": 1}{"b": 2}
 {"c":
  {"d": "}"}})") == "{\"a\":1}\n{\"b\":2}\n{\"c\":{\"d\":\"}\"}}");
    const yaml::Stream stream = yaml::parse("{\"a\": 1} {\"b\": 2}\n  {\"c\": 3,\n \"d\": 4}", "f.json");
    REQUIRE(stream.documents.size() == 3);
    CHECK(stream.documents[1].find("b")->column == 16);
    CHECK(stream.documents[2].find("c")->line == 2);
    CHECK(stream.documents[2].find("c")->column == 9);
    CHECK(stream.documents[2].find("d")->line == 3);
    CHECK(stream.documents[2].find("d")->column == 7);
    // What is no JSON is YAML, in which one document may not follow the other so.
    CHECK(problems_of("{a: 1}{b: 2}") != "");
    CHECK(problems_of("{\"a\": 1}\n{\"b\": 2}\n---\nc: 3") != "");
}

TEST_CASE("escapes of JSON join halves of characters, as Go reads them") {
    const yaml::Stream stream =
        yaml::parse(R"({"a": "\ud83d\ude00x\\ud83d", "b": "\ud83d", "c": "\ude00\ud83d"})", "f.json");
    REQUIRE(stream.problems.empty());
    const yaml::Node& object = stream.documents.front();
    CHECK(object.find("a")->text == "\xf0\x9f\x98\x80x\\ud83d");
    CHECK(object.find("b")->text == "\xef\xbf\xbd");
    CHECK(object.find("b")->column == 36);
    CHECK(object.find("c")->text == "\xef\xbf\xbd\xef\xbf\xbd");
    CHECK(problems_of("a: \"\\ud83d\\ude00\"") != "");  // of YAML, which has other escapes
}

TEST_CASE("the escape of a single quote is known, and what follows on its line keeps its column") {
    CHECK(json_of(R"({a: "it\'s", b: ["\'\\\'"], c: '\', "d\'": 1})") ==
          R"({"a":"it's","b":["'\\'"],"c":"\\","d'":1})");
    CHECK(json_of("a: \"\\'x\n  \\'\"\n") == R"({"a":"'x '"})");
    CHECK(problems_of("a: \"\\'\"\n\"\\'\": \"\\q\", c\n") == "KT001 2:8 unknown escape in double quotes");
    CHECK(problems_of("a: \"\\q\\'\"\n") == "KT001 1:5 unknown escape in double quotes");
    const yaml::Stream stream = yaml::parse("{a: \"x\\'\n y\\'\\'z\", b: 1}", "f.yaml");
    REQUIRE(stream.documents.size() == 1);
    CHECK(stream.documents[0].find("b")->line == 2);
    CHECK(stream.documents[0].find("b")->column == 14);
}

TEST_CASE("what kubectl reads as JSON, and which numbers Go refuses in it") {
    const std::string two = " {\"a\": \"\\/}\"}\n{\"b\": -1e999}\n";
    CHECK(yaml::json_head(two) == two.size() - 1);
    CHECK(yaml::json_head(two + "---\nc: 1\n") == two.size() - 1);
    CHECK(yaml::json_head("{\"a\": 1}{b: 2}") == 8);
    CHECK(yaml::json_head("{a: 1}") == 0);
    CHECK(yaml::json_head("# no JSON\n{\"a\": 1}") == 0);
    CHECK(yaml::too_large_numbers(two) == std::vector<std::size_t>{20});
    CHECK(yaml::too_large_numbers(R"({"a": "1e999", "b\"1e999": [1e-999, 1e308, 0.0e99]})").empty());
    CHECK(yaml::too_large_numbers("[" + std::string(400, '9') + "]") == std::vector<std::size_t>{1});
    CHECK(json_of("{\"a\": 1e999} {\"b\": 2}") == "{\"a\":\"1e999\"}\n{\"b\":2}");
}

TEST_CASE("comments stand right behind a separator, and files of UTF-16 are read") {
    CHECK(json_of("a: 1\n---# one\nb: '---#'\n---#\n---\n---#two\nc: 2\n") == "{\"a\":1}\n{\"b\":\"---#\"}\n{\"c\":2}");
    CHECK(problems_of("---# one\na: 1\n") != "");  // kubectl drops what ends a document alone
    CHECK(problems_of("a: 1\n---\n---# one\nb: 1\n") != "");
    using namespace std::string_view_literals;
    CHECK(json_of("\xff\xfe\x61\0:\0 \0\xe4\0\r\0\n\0"sv) == "{\"a\":\"\xc3\xa4\"}");
    CHECK(json_of("\xfe\xff\0\x61\0:\0 \0b"sv) == "{\"a\":\"b\"}");
}

TEST_CASE("every node has its place") {
    yaml::Node root = yaml::parse_one("\n# comment\na:\n  - b: x\n    c:\n  - \"é\": [1, 'z']\n", "f.yaml");
    CHECK(root.line == 3);
    const yaml::Node& items = *root.find("a");
    CHECK(items.line == 4);
    CHECK(items.column == 3);
    CHECK(items.items[0].find("b")->column == 8);
    CHECK(items.items[0].find("c")->line == 5);  // nothing is written: where the key is
    CHECK(items.items[0].find("c")->column == 5);
    const yaml::Node& list = items.items[1].entries[0].value;
    CHECK(list.items[1].line == 6);
    CHECK(list.items[1].column == 15);
    CHECK(list.items[1].quoted);
    yaml::Node json = yaml::parse_one("{\"a\":\n {\"b\": 1}}", "f.json");
    CHECK(+json.column == 1);
    CHECK(+json.entries[0].key.column == 2);
    CHECK(json.find("a")->line == 2);
    CHECK(json.find("a")->find("b")->column == 8);
}

TEST_CASE("a list of merged maps is there for aliases that refer to it") {
    const std::string text =
        "a: &a {x: 1, long: a text that is longer than a small one}\nb: {<<: &m [*a], y: 2}\nc: *m\n";
    const yaml::Node root = yaml::parse_one(text, "a.yaml");
    const yaml::Node* list = root.find("c");
    REQUIRE(list != nullptr);
    REQUIRE(list->items.size() == 1);
    CHECK(list->items[0].find("long")->text == "a text that is longer than a small one");
    CHECK(root.find("b")->entries.size() == 3);
}

TEST_CASE("merge keys and aliases") {
    CHECK(json_of("base: &b {x: 1, z: 2}\nuse:\n  <<: *b\n  z: 3\n") ==
          R"({"base":{"x":1,"z":2},"use":{"z":3,"x":1}})");
    CHECK(json_of("a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc: {<<: [*a, *b], w: 0}") ==
          R"({"a":{"x":1},"b":{"x":2,"z":3},"c":{"w":0,"x":1,"z":3}})");
    CHECK(json_of("a: &x [1, {b: 2}]\nc: *x\nd: [*x]") == R"({"a":[1,{"b":2}],"c":[1,{"b":2}],"d":[[1,{"b":2}]]})");
    CHECK(json_of("a: &x text\nb: *x\n*x : 1") == R"({"a":"text","b":"text","text":1})");
    CHECK(json_of("a:\n  <<: &x {k: [1, 2]}\nb: *x") == R"({"a":{"k":[1,2]},"b":{"k":[1,2]}})");
    yaml::Stream stream = yaml::parse("a: 1\na: &x {k: [1, 2]}\nb: *x\nc: *x", "f.yaml");
    CHECK(yaml::to_json(stream.documents.at(0)).dump() == R"({"a":1,"b":{"k":[1,2]},"c":{"k":[1,2]}})");
    CHECK(json_of("'<<': 1") == R"({"<<":1})");
    CHECK(problems_of("a: {<<: 1}") == "KT001 1:9 a merge key (<<) takes a map or a list of maps");
}

TEST_CASE("duplicate keys are reported with both lines") {
    CHECK(problems_of("yes: 1\n'true': 2\n") == "KT002 2:1 the key 'true' is given twice: here and on line 1");
    CHECK(json_of("a: {b: }\nc: {d, e}\n? f\ng:\n") == R"({"a":{"b":null},"c":{"d":null,"e":null},"f":null,"g":null})");
    CHECK(problems_of("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 4\n") ==
          "KT002 5:3 the key 'c' is given twice: here and on line 3\n"
          "KT002 6:1 the key 'a' is given twice: here and on line 1");
    yaml::Stream stream = yaml::parse("a:\n- b: {c: 1, c: 2}\n", "f.yaml");
    CHECK(stream.problems.at(0).where.path == "a[0].b.c");
    CHECK(yaml::to_json(stream.documents.at(0)).dump() == R"({"a":[{"b":{"c":1}}]})");
}

TEST_CASE("texts that are refused") {
    using namespace std::string_view_literals;
    struct Case {
        std::string_view text;
        std::string_view problem;
    };
    for (Case c : {
             Case{"a: 1\nb: \0"sv, "KT001 2:4 the file has a NUL byte: it is not text"},
             {"a: \x04", "KT001 1:4 control character 0x04 in the text"},
             {"a: 1\nb: \xff\xfe", "KT001 2:4 the file is not valid UTF-8 here"},
             {"\xff\xfe"
              "a"sv,
              "KT001 1:1 the file begins as UTF-16 and is not valid as such"},
             {"a:\n\tb: 1\n", "KT001 2:1 a tab indents this line: YAML allows only spaces"},
             {"a:\n  b: 1\n\tc: 2\n", "KT001 3:1 a tab indents this line: YAML allows only spaces"},
             {"a: &x [1, *x]\n", "KT001 1:11 an alias refers to the node that contains it"},
             {"a: *x\n", "KT001 1:4 the alias refers to no anchor above it"},
             {"a: {b: 1\n", "KT001 2:1 a bracket is not closed before the end of the file"},
             {"a: {b: 1\nc: 2}\n", "KT001 2:2 a ',' or the closing '}' is missing"},
             {"a: [", "KT001 1:5 a bracket is not closed before the end of the file"},
             {"a: [b\nc: 1\n", "KT001 2:2 a ',' or the closing ']' is missing"},
             {"a: 'b\n", "KT001 1:4 this quoted text is not closed before the end of the file"},
             {"a: \"b\\\"\n", "KT001 1:4 this quoted text is not closed before the end of the file"},
             {"a: &x !!str 'b''\n", "KT001 1:13 this quoted text is not closed before the end of the file"},
             {"a: b: c\n", "KT001 1:5 unexpected ':' in a value"},
             {"a: 1\n b: 2\n", "KT001 2:3 unexpected ':' in a value"},
             {"a: @b\n", "KT001 1:4 a value cannot begin with this character"},
             {"a: !!int x\n", "KT001 1:4 the tag 'tag:yaml.org,2002:int' does not fit this value"},
             {"a: !!binary x\n", "KT001 1:4 the value with the tag !!binary is not base64"},
             {"a: !!binary gICA\n",
              "KT001 1:4 the value with the tag !!binary is no text in UTF-8, and the API server "
              "reads texts alone"},
             {"a: {{ x }}\n", "KT001 1:5 a key must be a word, not a map"},
             {"? [a]\n: b\n", "KT001 1:3 a key must be a word, not a list"},
             {"a: {~: b}\n", "KT001 1:5 a key must be a word, not a null"},
             {"a: [b,, c]\n", "KT001 1:7 a value is missing between the brackets"},
             {"a:\n  b: 1\n  foo\n", "KT001 3:3 this line has no ':' and continues no value"},
             {"a: 1\n'foo'\n", "KT001 2:1 this line has no ':' and continues no value"},
             {"a: 1\n- b\n", "KT001 2:1 this line is no 'key: value' of the map above it"},
             {"- a\n  b: c\n", "KT001 2:4 unexpected ':' in a value"},
             {"a: & b\n", "KT001 1:5 '&' begins an anchor and must be followed by its name"},
             {"a: *\n", "KT001 1:5 '*' begins an alias and must be followed by its name"},
             {"a: \"\\q\"\n", "KT001 1:5 unknown escape in double quotes"},
             {"a: \"\\x1\"\n", "KT001 1:7 an escape of hexadecimal digits is not complete"},
             {"a: !x!y b\n", "KT001 1:4 the tag is unknown"},
             {"a: | b\n", "KT001 1:6 unexpected text behind the mark of a block of text"},
             {"a: 'b\n---\nc: 1\n", "KT001 1:4 this quoted text is not closed before the next document"},
             {"a: 1\n...\nb: 2\n", "KT001 3:1 unexpected text after the end of the document"},
             {"%YAML 2.0\n---\na: 1\n", "KT001 1:1 this version of YAML is unknown"},
             {"\xc3\xa9: \xc3\xa9\nb: \xc2\x90\n", "KT001 2:4 a character that YAML does not allow"},
             {"\xc3\xa9: {\xc3\xa9: [}\n", "KT001 1:11 a value is missing between the brackets"},
             {"a: b\n]\n", "KT001 2:1 a closing bracket without its opening one"},
         }) {
        CAPTURE(c.text);
        CHECK(problems_of(c.text) == c.problem);
    }
}

TEST_CASE("tags that go-yaml has no meaning for make texts of scalars, and say nothing of lists and maps") {
    CHECK(json_of("a: !Ref 5\n") == R"({"a":"5"})");
    CHECK(json_of("a: !!binary bWFpbg==\n") == R"({"a":"main"})");
    CHECK(json_of("a: !Join [b, !x 1]\n") == R"({"a":["b","1"]})");
    CHECK(json_of("a: !!set {b: 1}\n") == R"({"a":{"b":1}})");
    CHECK(json_of("a: !!seq {b: 1}\n") == R"({"a":{"b":1}})");
}

TEST_CASE("left-over text is no new document") {
    CHECK(problems_of("[a]\nb: 1\n").starts_with("KT001 2:1"));
    CHECK(problems_of("- a\nb: 1\n").starts_with("KT001 2:1"));
    CHECK(problems_of("{a: 1}\n{b: 2}\n").starts_with("KT001 2:1"));
}

TEST_CASE("hostile texts end early") {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        std::string before = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int n = 0; n < 9; ++n) bomb += ", " + before;
        bomb += "]\n";
    }
    CHECK(problems_of(bomb).find("aliases expand to more than 400000 values") != std::string::npos);
    std::string wide = "a: &a " + std::string(1 << 20, 'x') + "\nb: [";
    for (int i = 0; i < 100; ++i) wide += "*a,";
    CHECK(problems_of(wide + "]").find("aliases expand to more than 67108864 bytes") != std::string::npos);
    std::string deep = "a0: &a0 [x]\n";
    for (int i = 1; i < 300; ++i) {
        std::string n = std::to_string(i);
        deep += "a" + n + ": &a" + n + " [*a" + std::to_string(i - 1) + "]\n";
    }
    CHECK(problems_of(deep).find("nested deeper than 200 levels") != std::string::npos);
    std::string dashes, maps;
    for (int i = 0; i < 10'000; ++i) dashes += "- ";
    for (int i = 0; i < 1'000; ++i) maps += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    CHECK(problems_of(dashes).find("nested deeper than 200 levels") != std::string::npos);
    CHECK(problems_of(maps).find("nested deeper than 200 levels") != std::string::npos);
    CHECK(problems_of(std::string(10'000, '[')).find("nested deeper than 200 levels") != std::string::npos);
    CHECK(problems_of("a:\n" + std::string(10'000, '{')).starts_with("KT001"));
    CHECK(problems_of("- " + std::string(2'000'000, '[')).find("nested deeper than 200 levels") != std::string::npos);
    CHECK(problems_of(std::string(100, 'x'), {.max_bytes = 50}).find("larger than") != std::string::npos);
    CHECK(problems_of("[1, 2, 3, 4]", {.max_nodes = 4}) == "KT001 1:11 more than 4 values in one file");
}

TEST_CASE("one document is wanted") {
    CHECK_THROWS_AS(yaml::parse_one("", "f.yaml"), Error);
    CHECK_THROWS_AS(yaml::parse_one("a: 1\n---\nb: 1", "f.yaml"), Error);
    try {
        yaml::parse_one("a: 1\na: 2", "f.yaml");
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.where.line == 2);
        CHECK(error.where.path == "a");
    }
}

TEST_CASE("what is written is read back") {
    Json value = parse_json(R"({
        "plain": "text", "empty": "", "null": null, "words": ["yes", "null", "~", "on", "n", "Off", "=", "<<"],
        "numbers": ["0777", "1e3", "12:30", "2001-01-01", "0x1", "1_000", ".5", "-", "-1", "+1", ".inf", "1.2.3", "10Gi"],
        "blanks": [" a", "a ", "\ta", " ", "a\tb"], "marks": ["a: b", "a:", ":a", "a #b", "#a", "-a", "- a", "?", "*a", "&a",
        "!a", "%a", "@a", "`a", "'a'", "\"a\"", "a'b", "{a", "[a", "]a", ",a", "|", ">", "a{b}", "---", "...", "\\"],
        "lines": ["a\nb", "a\nb\n", "a\nb\n\n", "\na", " a\nb", "a\n b\n\n  c\n", "\n", "\n\n", "a\n ", "a\r\nb", "a\nb\u0001",
        "#!/bin/sh\nset -e\necho \"$A\": 'x'\n", "a\n\tb"], "unicode": ["é", "日本", "😀", "\u2028", "\u0085", "\ufeff", "\u007f"],
        "values": [1, -1, 1.5, 1e20, 1e-7, true, false, {}, [], [[1, [2]], []], [{"a": 1, "b": [{"c": {}}]}]],
        "yes": 1, "1": 2, "": 3, "a: b": 4, "multi\nline": 5, "nested": {"x": {"y": {"z": "a\nb"}}}
    })",
                            "test");
    std::string text = yaml::emit(value);
    CHECK(yaml::to_json(yaml::parse_one(text, "emitted")) == value);
    CHECK(yaml::emit(yaml::to_json(yaml::parse_one(text, "emitted"))) == text);
}

TEST_CASE("the style of what is written") {
    Json value =
        parse_json(R"({"kind": "Job", "spec": {"args": ["a", "yes"], "list": [{"name": "x", "v": 1}], "none": {},
        "script": "set -e\nrun\n", "rate": 1e20}})",
                   "test");
    CHECK(yaml::emit(value) ==
          "kind: Job\nspec:\n  args:\n  - a\n  - \"yes\"\n  list:\n  - name: x\n    v: 1\n  none: {}\n"
          "  script: |\n    set -e\n    run\n  rate: 1.0e+20\n");
    CHECK(yaml::emit("x\ny") == "\"x\\ny\"\n");
    CHECK(yaml::emit(Json::array({"a\nb"})) == "- |-\n  a\n  b\n");
}

TEST_CASE("short and long texts of nodes are kept, copied and moved") {
    for (const std::size_t size : {0u, 1u, 14u, 15u, 16u, 127u, 5000u}) {
        const std::string text(size, 'x');
        SmallText small{text};
        CHECK(small.size() == size);
        CHECK(small == text);
        SmallText copy = small;
        SmallText moved = std::move(small);
        CHECK(copy == moved);
        copy = std::string_view("short");
        CHECK(copy == "short");
        copy = moved;
        CHECK("<" + copy + ">" == "<" + text + ">");
    }
}

TEST_CASE("a node has items or entries, and copies and moves whichever it has") {
    yaml::Node map = yaml::parse_one("{a: [1, 2, 3], b: {c: d}, e: f}", "f.yaml");
    CHECK(map.items.empty());
    CHECK(map.entries.size() == 3);
    yaml::Node list = map.entries[0].value;
    CHECK(list.entries.empty());
    CHECK(list.items.size() == 3);
    list.items.erase(list.items.begin());
    list.items.push_back(map);
    CHECK(yaml::to_json(list).dump() == R"([2,3,{"a":[1,2,3],"b":{"c":"d"},"e":"f"}])");
    yaml::Node moved = std::move(map);
    map = list;
    std::swap(map, moved);
    CHECK(yaml::to_json(map).dump() == R"({"a":[1,2,3],"b":{"c":"d"},"e":"f"})");
    CHECK(yaml::to_json(moved) == yaml::to_json(list));
}
