// Chat templates: what Jinja2 under transformers prints, and how a template's errors are told.
#include "trainer/text/chat_template.h"

#include <doctest/doctest.h>

#include <thread>

#include "core/base/error.h"

using namespace ktrain;
using namespace ktrain::trainer;

namespace {

const Json hello = Json::array({{{"role", "user"}, {"content", "hi"}}});

std::string rendered(const std::string& source, const Json& more = {}, const Json& messages = hello) {
    const ChatTemplate chat(source, {{"bos_token", "<s>"}}, 1'760'000'000, "chat_template.jinja");
    return chat.render(messages, {.tools = {}, .documents = {}, .more = more}, false).text;
}

Error refused(const std::string& source, const Json& messages = hello) {
    try {
        rendered(source, {}, messages);
    } catch (const Error& error) {
        return error;
    }
    FAIL("accepted: " << source);
    throw;
}

}  // namespace

TEST_CASE("chat template: blocks take their line with them, as transformers sets it") {
    CHECK(rendered("{% for m in messages %}\n    {% if true %}\n{{ m.role }}: {{ m['content'] }}\n    {% endif %}\n{% "
                   "endfor %}\n") == "user: hi\n");
    CHECK(rendered("a  {%- if true -%}  b  {%- endif -%}  c\n\n") == "abc\n");
    CHECK(rendered("{{ bos_token }}{{ nothing }}|{{ tools is none }}|{{ documents }}|{{ add_generation_prompt }}") ==
          "<s>|True|None|False");
}

TEST_CASE("chat template: values print as Python prints them") {
    const Json more = {{"x", {{"z", {1, "a'b", nullptr, true, 1.5}}, {"a", {{"k", "v\né"}}}}}};
    CHECK(rendered("{{ x }}", more) == "{'z': [1, \"a'b\", None, True, 1.5], 'a': {'k': 'v\\né'}}");
    CHECK(rendered("{{ x.z|string ~ none ~ true }}", more) == "[1, \"a'b\", None, True, 1.5]NoneTrue");
    CHECK(rendered("{{ 7 / 2 }} {{ 7 // 2 }} {{ 8 / 2 }} {{ 'ab' * 2 }}") == "3.5 3 4.0 abab");
}

TEST_CASE("chat template: tojson is json.dumps") {
    const Json more = {{"x",
                        {{"z", {1, -2, 1.0, 1e-7, 0.0001, 1e16, 123456789012345.0}},
                         {"a", "<é'\"\\\n\t\x01\x7f😊>"},
                         {"e", Json::array()},
                         {"o", Json::object()},
                         {"n", nullptr},
                         {"b", {true, false}}}}};
    const std::string z = "[1, -2, 1.0, 1e-07, 0.0001, 1e+16, 123456789012345.0]";
    const std::string a = "\"<é'\\\"\\\\\\n\\t\\u0001\x7f😊>\"";
    CHECK(rendered("{{ x|tojson }}", more) ==
          "{\"z\": " + z + ", \"a\": " + a + ", \"e\": [], \"o\": {}, \"n\": null, \"b\": [true, false]}");
    CHECK(rendered("{{ x.a|tojson(ensure_ascii=true) }}", more) == R"("<\u00e9'\"\\\n\t\u0001\u007f\ud83d\ude0a>")");
    CHECK(rendered("{{ {'b': [1], 'a': {}}|tojson(indent=2, sort_keys=true) }}") ==
          "{\n  \"a\": {},\n  \"b\": [\n    1\n  ]\n}");
    CHECK(rendered("{{ [1, {'a': 2}]|tojson(separators=(',', ':')) }}") == "[1,{\"a\":2}]");
    CHECK(rendered("{{ {1: 2}|tojson(indent='\t') }}") == "{\n\t\"1\": 2\n}");
    CHECK(refused("{{ nothing|tojson }}").message.find("tojson") != std::string::npos);
}

TEST_CASE("chat template: loop controls, namespaces, methods of strings and tests") {
    CHECK(rendered("{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}{% if i > 3 %}{% break %}{% endif "
                   "%}{{ i }}{% endfor %}") == "023");
    CHECK(
        rendered("{% set ns = namespace(n=0) %}{% for m in [1, 2] %}{% set ns.n = ns.n + m %}{% endfor %}{{ ns.n }}") ==
        "3");
    CHECK(
        rendered("{{ ' a</t>b\n'.split('</t>')[-1].strip('\n').upper() }}{{ 'ab'[::-1] }}{{ 'ab'.startswith('a') }}") ==
        "BbaTrue");
    CHECK(rendered(
              "{{ 'a' is string }}{{ 'a' is sequence }}{{ {} is mapping }}{{ [] is iterable }}{{ 'a' is mapping }}") ==
          "TrueTrueTrueTrueFalse");
    CHECK(rendered("{{ messages[0].get('name', 'none') }}{{ messages[0].items()|list|length }}") == "none2");
    CHECK(rendered("{% macro f(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}{{ dict(a=1).a }}") == "121");
}

TEST_CASE("chat template: the time is the one that was given") {
    CHECK(rendered("{{ strftime_now('%d %b %Y %H:%M') }}") == "09 Oct 2025 08:53");
    CHECK(rendered("{{ strftime_now('') }}").empty());
}

TEST_CASE("chat template: what is null is left out, and reasoning goes by all its names") {
    const Json messages = Json::array({{{"role", "assistant"}, {"content", nullptr}, {"reasoning", "why"}}});
    CHECK(rendered("{{ messages[0]|tojson }}", {}, messages) ==
          R"({"thinking": "why", "role": "assistant", "reasoning": "why", "reasoning_content": "why"})");
}

TEST_CASE("chat template: generation marks give spans in bytes") {
    const std::string source =
        "{# {% generation %} #}{% for m in messages %}{{ m.role }}:{%- generation -%} {{ m.content }}; "
        "{%- endgeneration %}\n{% endfor %}";
    const Json messages = Json::array({{{"role", "a"}, {"content", "é"}}, {{"role", "b"}, {"content", "x"}}});
    const ChatTemplate chat(source, {}, 0, "t");
    CHECK(chat.marks_generation());
    const RenderedChat result = chat.render(messages, {}, false);
    CHECK(result.text == "a:é;b:x;");
    CHECK(result.generated == std::vector<ByteSpan>{{2, 5}, {7, 9}});
    CHECK_FALSE(ChatTemplate("{{ generation }}{% set generations = 1 %}", {}, 0, "t").marks_generation());
}

TEST_CASE("chat template: threads do not disturb each other") {
    const ChatTemplate chat(
        "{% for m in messages %}{{ m.role }}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}", {}, 0,
        "t");
    const auto render = [&](std::size_t size) {
        const Json messages = Json::array({{{"role", "a"}, {"content", std::string(size, 'x')}}});
        for (int i = 0; i < 200; ++i)
            if (chat.render(messages, {}, false).generated != std::vector<ByteSpan>{{1, 1 + size}}) return false;
        return true;
    };
    bool right = false;
    std::thread other([&] { right = render(5); });
    CHECK(render(900));
    other.join();
    CHECK(right);
}

TEST_CASE("chat template: errors say the line") {
    const Error syntax = refused("a\n{% if %}");
    CHECK(syntax.kind == ErrorKind::input);
    CHECK(syntax.where.file == "chat_template.jinja");
    CHECK(syntax.where.line == 2);
    const Error raised = refused("a\n\n{{ raise_exception('roles must alternate') }}");
    CHECK(raised.message == "the chat template refuses this conversation: roles must alternate");
    CHECK(raised.where.line == 3);
    CHECK(refused("{{ nothing.more }}").where.line == 1);
    CHECK(refused("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}").message.find("recursion") != std::string::npos);
    for (const Json& bad : {Json(), Json::array(), Json("x"), Json::array({1}), Json::array({{{"content", "x"}}})})
        CHECK(refused("x", bad).kind == ErrorKind::input);
}
