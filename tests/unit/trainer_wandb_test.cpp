// W&B: settings, the requests of a run, the queue and its thread.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <future>

#include "core/base/base64.h"
#include "core/base/world.h"
#include "tests/support/fake_http.h"
#include "tests/support/images.h"
#include "tests/support/wandb_run.h"
#include "trainer/report/wandb_service.h"
#include "trainer/report/wandb_stream.h"

using namespace ktrain;
using namespace ktrain::test;
using namespace ktrain::trainer;
using Answer = WandbService::Answer;

namespace {

const std::string made =
    R"({"data":{"upsertBucket":{"bucket":{"name":"abc","project":{"name":"cats","entity":{"name":"team a"}}}}}})";

// A service and what it was asked.
struct Scripted {
    FakeClock clock;
    FakeHttp* http = new FakeHttp(clock);
    WandbService service{settings_in(""), std::unique_ptr<kube::Http>(http)};

    Json body(std::size_t request) const { return Json::parse(http->requests.at(request).body); }
};

// Long pauses: what these tests wait for is a farewell, which cuts them short.
const WandbPace quick{
    .first_retry = std::chrono::milliseconds(1), .farewell = std::chrono::seconds(60), .queue = 4, .batch = 3};

struct Streamed {
    TempFolder folder;
    FakeClock clock;
    std::unique_ptr<FakeHttp> http = std::make_unique<FakeHttp>(clock);
    FakeHttp& asked = *http;
    std::unique_ptr<WandbStream> stream;

    explicit Streamed(const WandbPace& pace = quick, const std::string& url = "https://api.wandb.ai") {
        WandbSettings settings = settings_in(folder / "wandb");
        settings.base_url = url;
        stream = std::make_unique<WandbStream>(std::move(settings), pace,
                                               [this](const std::string&, Clock&) { return std::move(http); });
    }
};

}  // namespace

TEST_CASE("W&B is set up by the spec, and by what only its own variables say") {
    TrainingSpec spec;
    spec.metadata.name = "small";
    spec.output_dir = "out";
    FakeEnv env;
    WandbSettings settings = wandb_settings(spec, env);
    CHECK(settings.base_url == "https://api.wandb.ai");
    CHECK(settings.project == "ktrain");
    CHECK(settings.name == "small");
    CHECK(settings.mode == "online");
    CHECK(settings.folder == "out/wandb");
    CHECK(settings.config.contains("training"));
    CHECK_FALSE(settings.config.contains("cluster"));
    env.values = {{"WANDB_API_KEY", key + "\n"},
                  {"WANDB_BASE_URL", "https://here"},
                  {"WANDB_RUN_ID", "r1"},
                  {"WANDB_RUN_GROUP", "g"}};
    spec.monitoring.wandb_project = "cats";
    spec.monitoring.wandb_entity = "team";
    spec.monitoring.wandb_mode = "offline";
    spec.monitoring.run_name = "rex";
    settings = wandb_settings(spec, env);
    CHECK(settings.key == key);
    CHECK(settings.project == "cats");
    CHECK(settings.entity == "team");
    CHECK(settings.mode == "offline");
    CHECK(settings.name == "rex");
    CHECK(settings.base_url == "https://here");
    CHECK(settings.id == "r1");
    CHECK(settings.group == "g");
    spec.monitoring.wandb_mode = "disabled";
    CHECK(open_wandb(spec, env) == nullptr);
}

TEST_CASE("who is named in W&B's address is not shown") {
    for (const auto& [given, shown] :
         {std::pair{"https://user:pass@wandb.acme.com/base", "https://wandb.acme.com/base"},
          {"https://user@host:8080", "https://host:8080"},
          {"https://user:p@ss/word@host", "https://host"},
          {"user:pass@host", "host"},
          {"https://host", "https://host"}}) {
        FakeEnv env;
        env.values = {{"WANDB_BASE_URL", given}};
        CHECK(wandb_settings({}, env).base_url == shown);
    }
}

TEST_CASE("a key that would go over the network as it is, is warned of once") {
    for (const auto& [url, warns] : {std::pair{"http://wandb.acme.com", true},
                                     {"HTTP://wandb.acme.com", true},
                                     {"wandb.acme.com", true},
                                     {"https://wandb.acme.com", false},
                                     {"http://127.0.0.1:8080", false},
                                     {"http://localhost", false}}) {
        CAPTURE(url);
        Streamed run(quick, url);
        run.asked.reply("POST /graphql", 200, made);
        run.asked.reply("POST /files", 200);
        run.stream->begin({});
        const auto said = run.stream->trouble();
        CHECK(said.has_value() == warns);
        if (said) CHECK(*said == fmt::format("W&B: {} is no https address: the key goes there unencrypted", url));
        CHECK_FALSE(run.stream->trouble());
        run.stream->finish(0);
    }
}

TEST_CASE("lines that W&B had before are not counted as sent") {
    Streamed run;
    Json reply = Json::parse(made);
    reply["data"]["upsertBucket"]["bucket"]["historyLineCount"] = 5;
    reply["data"]["upsertBucket"]["bucket"]["historyTail"] = Json::array({R"({"train/global_step":2})"}).dump();
    run.asked.reply("POST /graphql", 200, reply.dump());
    run.asked.reply("POST /files", 200);
    run.stream->begin({});
    for (int step = 1; step <= 4; ++step) run.stream->take(step_event(step));
    const Json report = run.stream->finish(0);
    CHECK(report["sent"] == 2);
    CHECK(report["known"] == 2);
    CHECK(report["dropped"] == 0);
}

TEST_CASE("a resumed run goes on under its id, a new one gets another") {
    const TempFolder folder;
    WandbSettings settings = settings_in(folder / "wandb");
    settings.id.clear();
    const std::string first = wandb_run_id(settings, /*resumed=*/true);
    CHECK(first.size() == 8);
    CHECK(wandb_run_id(settings, true) == first);
    const std::string second = wandb_run_id(settings, false);
    CHECK(second != first);
    CHECK(wandb_run_id(settings, true) == second);
}

TEST_CASE("a run at W&B is made, gets its history and ends") {
    Scripted scripted;
    scripted.http->reply("POST /graphql", 200, made);
    scripted.http->reply("POST /files/team%20a/cats/abc/file_stream", 200);
    WandbService& service = scripted.service;
    REQUIRE(service.open().answer == Answer::done);
    CHECK(service.url() == "https://wandb.ai/team a/cats/runs/abc");
    const Json variables = scripted.body(0)["variables"];
    CHECK(variables["name"] == "abc");
    CHECK(variables["entity"].is_null());
    CHECK(Json::parse(variables["config"].get<std::string>())["training"]["value"]["learning_rate"] == 0.1);
    CHECK(scripted.http->requests[0].headers[0].second == "Basic " + base64_encode("api:" + key));

    CHECK(service.send({{1, {{"a", 1}}}, {2, {{"a", 2}}}}, {{"a", 2}}).answer == Answer::done);
    CHECK(service.send({{3, {{"a", 3}}}}, {{"a", 3}}).answer == Answer::done);
    CHECK(service.send({}, {}).answer == Answer::done);
    CHECK(service.close(143).answer == Answer::done);
    CHECK(scripted.body(1)["files"]["wandb-history.jsonl"] ==
          Json({{"offset", 0}, {"content", {R"({"a":1,"_step":0})", R"({"a":2,"_step":1})"}}}));
    CHECK(scripted.body(1)["files"]["wandb-summary.json"] == Json({{"offset", 0}, {"content", {R"({"a":2})"}}}));
    CHECK(scripted.body(2)["files"]["wandb-history.jsonl"] ==
          Json({{"offset", 2}, {"content", {R"({"a":3,"_step":2})"}}}));
    CHECK(scripted.body(3) == Json::object());
    CHECK(scripted.body(4) == Json({{"complete", true}, {"exitcode", 143}}));
}

TEST_CASE("what W&B has of a run already is not sent again") {
    Scripted scripted;
    Json reply = Json::parse(made);
    reply["data"]["upsertBucket"]["bucket"]["historyLineCount"] = 5;
    reply["data"]["upsertBucket"]["bucket"]["historyTail"] =
        Json::array({R"({"train/global_step":40})", R"({"train/global_step":50})"}).dump();
    scripted.http->reply("POST /graphql", 200, reply.dump());
    scripted.http->reply("POST /files", 200);
    REQUIRE(scripted.service.open().answer == Answer::done);
    CHECK(scripted.service.send({{50, {{"a", 1}}}, {51, {{"a", 2}}}}, {}).answer == Answer::done);
    CHECK(scripted.body(1)["files"]["wandb-history.jsonl"] ==
          Json({{"offset", 5}, {"content", {R"({"a":2,"_step":5})"}}}));
}

TEST_CASE("of a step that W&B has in part the rest is sent") {
    const Json logged = {{"train/loss", 2.0}, {"train/learning_rate", 0.1}}, evaluated = {{"eval/loss", 1.5}},
               ended = {{"train/train_loss", 2.0}, {"eval/loss", 1.5}}, tested = {{"test/loss", 1.0}};
    const std::vector<WandbService::Line> lines{{40, tested}, {50, logged}, {50, evaluated}, {50, ended}, {50, tested}};
    for (const auto& [newest, sent] : {std::pair{logged, 3}, {evaluated, 2}, {ended, 1}, {tested, 0}}) {
        CAPTURE(newest);
        Json line = newest;
        line["train/global_step"] = 50;
        Json reply = Json::parse(made);
        reply["data"]["upsertBucket"]["bucket"]["historyTail"] =
            Json::array({line.dump(), R"({"train/global_step":40})", "no JSON"}).dump();
        Scripted scripted;
        scripted.http->reply("POST /graphql", 200, reply.dump());
        scripted.http->reply("POST /files", 200);
        REQUIRE(scripted.service.open().answer == Answer::done);
        CHECK(scripted.service.send(lines, {}).lines == sent);
    }
}

TEST_CASE("a run that goes another way gets another id, and the old one is noted beside what it left") {
    const TempFolder folder;
    WandbSettings settings = settings_in(folder / "wandb");
    settings.id.clear();
    leave_wandb_run(folder.path(), folder / "superseded-1");  // there is none
    CHECK_FALSE(real_files().exists(folder / "superseded-1"));
    const std::string first = wandb_run_id(settings, true);
    leave_wandb_run(folder.path(), folder / "superseded-1");
    CHECK(wandb_run_id(settings, true) != first);
    CHECK(real_files().read(folder / "superseded-1/wandb/run-id") == first + "\n");
}

TEST_CASE("what W&B answers is tried again or given up, and never shows the key") {
    struct {
        int status;
        std::string body;
        kube::Trouble trouble;
        Answer answer;
        std::string why;
    } const cases[] = {
        {401, "", kube::Trouble::none, Answer::never, "the key is refused (HTTP 401)"},
        {404, "", kube::Trouble::none, Answer::never, "HTTP 404"},
        {429, "", kube::Trouble::none, Answer::later, "HTTP 429"},
        {500, "", kube::Trouble::none, Answer::later, "HTTP 500"},
        {200, R"({"errors":[{"message":"no project for )" + key + R"("}]})", kube::Trouble::none, Answer::never,
         "it makes no run: no project for ***"},
        {200, "no JSON", kube::Trouble::none, Answer::never, "it makes no run: "},
        {0, "", kube::Trouble::connect, Answer::later, "as scripted"},
        {0, "", kube::Trouble::timed_out, Answer::later, "as scripted"},
        {0, "", kube::Trouble::tls, Answer::later, "as scripted"},
        {0, "", kube::Trouble::proxy, Answer::never, "as scripted"},
    };
    for (const auto& [status, body, trouble, answer, why] : cases) {
        Scripted scripted;
        if (trouble == kube::Trouble::none)
            scripted.http->reply("POST", status, body);
        else
            scripted.http->trouble("POST", trouble);
        const auto outcome = scripted.service.open();
        CHECK(outcome.answer == answer);
        CHECK(outcome.why == why);
    }
}

TEST_CASE("a run is streamed in batches, and what fails is sent again") {
    Streamed run;
    run.asked.reply("POST /graphql", 500);
    run.asked.reply("POST /graphql", 200, made);
    run.asked.trouble("POST /files", kube::Trouble::lost);
    run.asked.reply("POST /files", 200);
    run.stream->begin({});
    for (int step = 1; step <= 4; ++step) run.stream->take(step_event(step));
    const Json report = run.stream->finish(0);
    CHECK(report == Json({{"url", "https://wandb.ai/team a/cats/runs/abc"}, {"sent", 4}, {"dropped", 0}}));
    const auto trouble = run.stream->trouble();
    REQUIRE(trouble);
    CHECK(*trouble == "W&B: HTTP 500; it is tried again, and the training goes on");
}

TEST_CASE("a queue that is full lets go of its oldest lines and counts them") {
    std::promise<void> filled;
    Streamed run;
    run.asked.reply("POST /graphql", 200, made);
    run.asked.reply("POST /files", 200);
    run.asked.on_request = [&, once = filled.get_future().share()](std::size_t) { once.wait(); };
    run.stream->begin({});
    for (int step = 1; step <= 10; ++step) run.stream->take(step_event(step));
    filled.set_value();
    const Json report = run.stream->finish(0);
    CHECK(report["sent"] == 4);
    CHECK(report["dropped"] == 6);
    const Json sent = Json::parse(run.asked.requests.at(1).body)["files"]["wandb-history.jsonl"]["content"];
    CHECK(Json::parse(sent[0].get<std::string>())["train/global_step"] == 7);
}

TEST_CASE("an end that nobody answers is short, and says what was lost") {
    WandbPace pace = quick;
    pace.farewell = std::chrono::milliseconds(1);
    Streamed run(pace);
    run.asked.trouble("POST", kube::Trouble::connect);
    run.stream->begin({});
    for (int step = 1; step <= 10; ++step) run.stream->take(step_event(step));
    write_file(run.folder / "metrics.jsonl", step_event(1).dump() + "\n" + step_event(2).dump() + "\n");
    CHECK(run.stream->finish(0) == Json({{"url", ""}, {"sent", 0}, {"dropped", 10}}));
    std::vector<std::string> troubles;
    while (const auto trouble = run.stream->trouble()) troubles.push_back(*trouble);
    REQUIRE(!troubles.empty());
    const std::string said = "W&B: 10 lines of the run were not sent there; to send it later, whole: wandb sync ";
    REQUIRE_MESSAGE(troubles.back().starts_with(said), troubles.back());
    CHECK(real_files().is_file(troubles.back().substr(said.size()) + "/run-abc.wandb"));
}

TEST_CASE("a refused key is said once, and nothing is asked any more") {
    Streamed run;
    run.asked.reply("POST", 401);
    run.stream->begin({});
    run.stream->take(step_event(1));
    CHECK(run.stream->finish(0) == Json({{"url", ""}, {"sent", 0}, {"dropped", 1}}));
    CHECK(*run.stream->trouble() ==
          "W&B: the key is refused (HTTP 401); nothing more is sent there, and the training goes on");
}

TEST_CASE("an exception in the thread ends the reporting, not the process") {
    Streamed run;
    run.asked.on_request = [](std::size_t) { throw std::runtime_error("out of luck"); };
    run.stream->begin({});
    run.stream->take(step_event(1));
    CHECK(run.stream->finish(0)["dropped"] == 1);
    CHECK(*run.stream->trouble() == "W&B: out of luck; nothing more is sent there");
}

TEST_CASE("without a key there is no run at W&B, and that is said") {
    const TempFolder folder;
    WandbSettings settings = settings_in(folder / "wandb");
    settings.key.clear();
    WandbStream stream(settings);
    CHECK(error_of([&] { stream.begin({}); }).message == "W&B needs a key, and WANDB_API_KEY is not set");
    stream.take(step_event(1));
    CHECK(stream.finish(0).is_null());
}
