// Flags become options, and every mistake names itself.
#include <doctest/doctest.h>

#include "cli/term/flags.h"
#include "core/base/error.h"

using namespace ktrain;
using term::Flags;

namespace {

struct Options {
    bool yes = false;
    int verbose = 0;
    std::int64_t tail = -1;
    std::string output = "table";
    std::string dry_run = "none", bf16 = "default", data_dir;
    std::vector<std::string> sets;
    std::optional<std::string> report_to;
    std::vector<std::string> files;

    void parse(const std::vector<std::string>& words) {
        Flags flags;
        flags.add(&yes, {.name = "yes", .help = "Do it"});
        flags.add(&verbose, {.name = "verbose", .short_name = 'v', .help = "More"});
        flags.add(&tail, {.name = "tail", .value = "N", .help = "Lines"});
        flags.add(
            &output,
            {.name = "output", .short_name = 'o', .value = "FORMAT", .help = "Format", .choices = {"table", "json"}});
        flags.add(&dry_run, {.name = "dry-run",
                             .value = "MODE",
                             .help = "Only try",
                             .choices = {"none", "client", "server"},
                             .implied = "client"});
        flags.add(&bf16, {.name = "bf16", .value = "VALUE", .help = "Compute so", .implied = "true"});
        flags.add(&data_dir, {.name = "data_dir", .value = "VALUE", .help = "Data"});
        flags.add(&sets, {.name = "set", .value = "PATH=VALUE", .help = "Override"});
        flags.add(&report_to, {.name = "report_to", .value = "VALUE", .help = "Where to", .may_be_empty = true});
        flags.arguments(files, {.name = "FILE", .help = "Files", .max = 2});
        flags.parse("test", words);
    }
};

std::string message_of(const std::vector<std::string>& words) {
    try {
        Options{}.parse(words);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::usage);
        return error.message + (error.hint.empty() ? "" : " | " + error.hint);
    }
    return "";
}

}  // namespace

TEST_CASE("all forms of a flag are read") {
    Options options;
    options.parse({"a.yaml", "-vv", "-o", "json", "--set", "a=1", "--set=b=2,c", "--yes", "--tail=-5", "--", "--b"});
    CHECK(options.verbose == 2);
    CHECK(options.output == "json");
    CHECK(options.sets == std::vector<std::string>{"a=1", "b=2,c"});
    CHECK(options.yes);
    CHECK(options.tail == -5);
    CHECK(options.files == std::vector<std::string>{"a.yaml", "--b"});
}

TEST_CASE("an implied value never swallows the next word") {
    Options options;
    options.parse({"--dry-run", "a.yaml"});
    CHECK(options.dry_run == "client");
    CHECK(options.files == std::vector<std::string>{"a.yaml"});
    Options server;
    server.parse({"--dry-run=server", "-"});
    CHECK(server.dry_run == "server");
    CHECK(server.files == std::vector<std::string>{"-"});
}

TEST_CASE("a flag that implies true takes true or false as its next word, and nothing else") {
    const auto parsed = [](const std::vector<std::string>& words) {
        Options options;
        options.parse(words);
        return options;
    };
    CHECK(parsed({"--bf16"}).bf16 == "true");
    CHECK(parsed({"--bf16", "--yes"}).bf16 == "true");
    CHECK(parsed({"--bf16", "a.yaml"}).files == std::vector<std::string>{"a.yaml"});
    CHECK(parsed({"--bf16", "False", "a.yaml"}).bf16 == "False");
    CHECK(parsed({"--bf16=false"}).bf16 == "false");
    CHECK(parsed({"--dry-run", "true"}).files == std::vector<std::string>{"true"});
}

TEST_CASE("an empty value never swallows the next word") {
    Options options;
    options.parse({"--report_to=", "a.yaml", "--yes"});
    CHECK(options.report_to == "");
    CHECK(options.files == std::vector<std::string>{"a.yaml"});
    CHECK(options.yes);
    Options last;
    last.parse({"--yes", "--report-to="});
    CHECK(last.report_to == "");
    Options apart;
    apart.parse({"--report_to", "", "a.yaml"});
    CHECK(apart.report_to == "");
    CHECK(apart.files == std::vector<std::string>{"a.yaml"});
}

TEST_CASE("an empty value is refused where it means nothing, however it is written") {
    for (const std::string flag : {"--tail", "--data_dir", "--set", "--output", "--dry-run"}) {
        const std::string refused = flag + " is empty | give it a value, or leave it out";
        CHECK(message_of({flag + "=", "5"}) == refused);
        if (flag != "--dry-run") CHECK(message_of({flag, "", "5"}) == refused);
    }
    CHECK(message_of({"-o", "", "a.yaml"}).starts_with("--output is empty"));
}

TEST_CASE("dashes stand for underscores where only those are known") {
    Options options;
    options.parse({"--data-dir=x-y", "--dry-run"});
    CHECK(options.data_dir == "x-y");
    CHECK(options.dry_run == "client");
    CHECK(message_of({"--data-die=3"}) == "unknown flag --data-die for ktrain test | did you mean --data_dir?");
}

TEST_CASE("mistakes name themselves and the nearest right thing") {
    CHECK(message_of({"--tial=3"}) == "unknown flag --tial for ktrain test | did you mean --tail?");
    CHECK(message_of({"-x"}).starts_with("unknown flag -x"));
    CHECK(message_of({"--output=jsn"}) ==
          "--output must be one of table, json, got \"jsn\" | did you mean --output=json?");
    CHECK(message_of({"--tail=many"}) == "--tail must be a number, got \"many\"");
    CHECK(message_of({"--tail="}).starts_with("--tail is empty"));
    CHECK(message_of({"--tail"}).starts_with("--tail needs a value"));
    CHECK(message_of({"a", "b", "c"}).starts_with("ktrain test got one argument too many: \"c\""));
    CHECK(message_of({"--yes=perhaps"}) != "");
}
