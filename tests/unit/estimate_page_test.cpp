// `ktrain estimate --report`: one file with everything in it, whatever the model is called.
#include <doctest/doctest.h>

#include "cli/app.h"
#include "core/base/json.h"
#include "tests/support/worlds.h"

using namespace ktrain;

namespace {

int run(test::World& world, std::vector<std::string> words) {
    words.insert(words.begin(), "estimate");
    return run_app(world.session, words);
}

// The JSON in the page.
Json data_of(const std::string& page) {
    const std::string open = "<script type=\"application/json\" id=\"data\">";
    const std::size_t begin = page.find(open) + open.size();
    return Json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

constexpr const char* config =
    R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 128, "vocab_size": 1000})";

}  // namespace

TEST_CASE("a page has the answer of -o json, and the same exit code") {
    test::World world;
    CHECK(run(world, {"--model", "llama-2-7b", "--gpu", "t4", "--report", "out.html"}) == 3);
    CHECK(world.out.text.empty());
    CHECK(world.err.text.find("wrote out.html") != std::string::npos);
    const std::string& page = world.files.contents["out.html"];
    CHECK(page.size() < 1'000'000);
    test::World other;
    CHECK(run(other, {"--model", "llama-2-7b", "--gpu", "t4", "-o", "json"}) == 3);
    CHECK(data_of(page)["estimate"] == Json::parse(other.out.text));
    test::World fits;
    CHECK(run(fits, {"--model", "tinyllama-1.1b", "--method", "lora", "--report", "out.html"}) == 0);
}

TEST_CASE("a page loads nothing from anywhere") {
    test::World world;
    run(world, {"--model", "llama-2-7b", "--report", "out.html"});
    const std::string& page = world.files.contents["out.html"];
    for (const char* word : {" src=", "<link", "@import", "url(h", "//cdn", "fetch(", "XMLHttpRequest", "{{"})
        CHECK_MESSAGE(page.find(word) == std::string::npos, word);
    CHECK(page.find("default-src 'none'") != std::string::npos);
}

TEST_CASE("the name of a model cannot break out of the page, nor be filled in") {
    test::World world;
    const std::string name = "./a</script><b onclick='x' y=\"{{script}}\">&";
    world.files.contents[name + "/config.json"] = config;
    CHECK(run(world, {"--model", name, "--report", "out.html"}) == 0);
    const std::string& page = world.files.contents["out.html"];
    CHECK(page.find("<b onclick") == std::string::npos);
    CHECK(page.find("y=&quot;{{script}}&quot;&gt;&amp;</h1>") != std::string::npos);
    CHECK(data_of(page)["estimate"]["inputs"]["model"] == name);
}

TEST_CASE("a page that cannot be written is one error") {
    test::World world;
    world.files.fail("write", 1, Error(ErrorKind::denied, "cannot write out.html: no", {}, "check the permissions"));
    CHECK_THROWS_AS(run(world, {"--model", "llama-2-7b", "--report", "out.html"}), Error);
    CHECK_FALSE(world.files.contents.contains("out.html"));
    CHECK(world.err.text.find("wrote") == std::string::npos);
}

TEST_CASE("a page is no JSON, and other questions have no Markdown") {
    test::World world;
    CHECK_THROWS_AS(run(world, {"--model", "llama-2-7b", "--report", "out.html", "-o", "json"}), Error);
    CHECK_FALSE(world.files.contents.contains("out.html"));
    CHECK_THROWS_AS(run(world, {"--model", "llama-2-7b", "--recommend", "-o", "markdown"}), Error);
    CHECK_THROWS_AS(run(world, {"--model", "llama-2-7b", "--recommend", "--schema"}), Error);
}
