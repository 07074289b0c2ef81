// The live panel of a run: what it says at several widths, how it is drawn in place, and where it is not drawn at all.
#include "cli/commands/run_panel.h"

#include <doctest/doctest.h>

#include <cmath>

#include "cli/commands/run_text.h"
#include "cli/commands/run_view.h"
#include "cli/term/output.h"
#include "tests/support/worlds.h"

using namespace ktrain;
using namespace ktrain::test;

namespace {

Json progress_event(int step, double loss) {
    return {{"event", "progress"},        {"step", step},
            {"steps_total", 1000},        {"loss", loss},
            {"eta_seconds", 185.0},       {"samples_per_second", 12.0},
            {"tokens_per_second", 1234.4}};
}

Json step_event() {
    return {{"event", "step"},
            {"epoch", 0.5},
            {"step", 500},
            {"steps_total", 1000},
            {"loss", 2.0},
            {"grad_norm", 1.25},
            {"eta_seconds", 185.0},
            {"samples_per_second", 12.0},
            {"learning_rate", 2e-4},
            {"memory",
             {{"weights", 538'100'000},
              {"gradients", 538'100'000},
              {"optimizer", 1'076'200'000},
              {"activations", 812'000'000},
              {"process", 3'300'000'000}}}};
}

// A terminal at the end of a World's stderr.
struct Terminal : World {
    Terminal() {
        out.terminal = err.terminal = true;
        env.values = {{"TERM", "xterm"}, {"NO_COLOR", "1"}};
    }
};

}  // namespace

TEST_CASE("the panel shows progress, the course of the loss, speed and memory in 80 columns") {
    RunPanel panel;
    CHECK(panel.lines(80, false).empty());
    for (int step = 1; step <= 8; ++step) panel.take(progress_event(step, 9 - step));
    panel.take(progress_event(500, 1));
    CHECK(panel.lines(80, false) == std::vector<std::string>{
                                        "training  ████████████░░░░░░░░░░░░  50%  step 500/1000  3m05s left",
                                        "loss      1.0000  █▇▆▅▄▃▂▁▁",
                                        "speed     1234 tokens/s",
                                    });
    panel.take(step_event());
    CHECK(panel.lines(80, false) == std::vector<std::string>{
                                        "training  ████████████░░░░░░░░░░░░  50%  step 500/1000  3m05s left",
                                        "loss      2.0000  █▇▆▅▄▃▂▁▁",
                                        "speed     12 samples/s   learning rate 0.0002   gradient norm 1.25",
                                        "memory    weights 538 MB  gradients 538 MB  optimizer 1.08 GB",
                                        "          activations 812 MB  process 3.30 GB",
                                    });
}

TEST_CASE("no line of the panel is wider than asked, with or without colour") {
    RunPanel panel;
    for (int step = 1; step <= 5000; ++step) panel.take(progress_event(step, std::sin(step)));
    panel.take(step_event());
    for (const std::size_t width : {35, 50, 60, 79, 200})
        for (const bool color : {false, true})
            for (const auto& line : panel.lines(width, color)) {
                CAPTURE(line);
                CHECK(term::display_width(line) <= width);
            }
    CHECK(panel.lines(60, true)[0].find("\x1b[34m█") != std::string::npos);
    CHECK(panel.lines(34, false).empty());
}

TEST_CASE("a sparkline keeps the whole course of a series, however long") {
    Sparkline line;
    CHECK(line.text(10).empty());
    line.add(std::nan(""));
    CHECK(line.text(10).empty());
    line.add(3);
    line.add(3);
    CHECK(line.text(10) == "▁▁");
    CHECK(line.text(0).empty());
    Sparkline fall;
    for (int i = 0; i < 100'000; ++i) fall.add(100'000 - i);
    CHECK(fall.text(8) == "█▇▆▅▄▃▂▁");
}

TEST_CASE("a panel is drawn over the last one, also after the terminal was made narrower") {
    Terminal world;
    term::Panel panel(world.session);
    REQUIRE(panel.usable());
    panel.show({std::string(70, 'a'), "b"});
    CHECK(world.err.text == std::string(70, 'a') + "\nb");
    world.err.text.clear();
    CHECK_FALSE(panel.due(2));
    CHECK(panel.due(3));
    world.clock.time += std::chrono::milliseconds(100);
    CHECK(panel.due(2));
    panel.show({"c"});
    CHECK(world.err.text == "\r\x1b[1A\x1b[Jc");
    world.err.text.clear();
    panel.show({std::string(70, 'a'), "b"});
    CHECK(world.err.text.starts_with("\r\x1b[Ja"));
    world.err.text.clear();
    world.err.columns = 30;  // the first line takes three rows now
    panel.clear();
    CHECK(world.err.text == "\r\x1b[3A\x1b[J");
    world.err.text.clear();
    panel.clear();
    CHECK(world.err.text.empty());
}

TEST_CASE("there is a panel on a terminal that redraws and is wide enough, and nowhere else") {
    struct {
        const char* what;
        void (*change)(Terminal& world);
        bool panel, bar;
    } const cases[] = {
        {"a terminal", [](Terminal&) {}, true, false},
        {"a narrow one", [](Terminal& world) { world.err.columns = 59; }, false, true},
        {"a dumb one", [](Terminal& world) { world.env.values["TERM"] = "dumb"; }, false, false},
        {"one of unknown kind", [](Terminal& world) { world.env.values.erase("TERM"); }, false, false},
        {"a pipe", [](Terminal& world) { world.err.terminal = false; }, false, false},
        {"--quiet", [](Terminal& world) { world.session.quiet = true; }, false, false},
    };
    for (const auto& [what, change, panel, bar] : cases) {
        CAPTURE(what);
        Terminal world;
        change(world);
        RunView view(world.session, RunStyle::lines);
        view.show(progress_event(500, 2));
        CHECK((world.err.text.find("loss      2.0000") != std::string::npos) == panel);
        CHECK((world.err.text.find("loss 2.0000") != std::string::npos) == bar);
        CHECK(world.err.text.empty() == (!panel && !bar));
        const std::string drawn = world.err.text;
        view.show(step_event());
        CHECK(world.out.text == "step 500/1000  loss 2.0000  learning rate 0.0002  12 samples/s  3m05s left\n");
        CHECK((world.err.text != drawn) == (panel || bar));  // what was drawn is away before a line is printed
    }
}

TEST_CASE("where standard error is no terminal, it gets a line for each log step, beside the table of epochs") {
    const std::string line = "step 500/1000  loss 2.0000  learning rate 0.0002  12 samples/s  3m05s left\n";
    Terminal world;
    world.err.terminal = false;
    RunView view(world.session, RunStyle::terminal);
    view.show(progress_event(499, 2));
    view.show(step_event());
    CHECK(world.err.text == line);
    CHECK(world.out.text.empty());
    view.show({{"event", "epoch"}, {"epoch", 1}, {"train_loss", 2.0}, {"seconds", 1.0}});
    CHECK(world.out.text.find("EPOCH  TRAIN LOSS") != std::string::npos);
    CHECK(world.err.text == line);
    Terminal quiet;
    quiet.err.terminal = false;
    quiet.session.quiet = true;
    RunView(quiet.session, RunStyle::terminal).show(step_event());
    CHECK(quiet.err.text.empty());
}

TEST_CASE("early stopping says what decided it") {
    Json event = {{"event", "early_stop"}, {"step", 30},    {"evaluations", 2}, {"metric", "eval_loss"},
                  {"best", 1.25},          {"patience", 2}, {"threshold", 0}};
    CHECK(early_stop_text(event) ==
          "stopped early at step 30: 2 evaluations in a row were not better than eval_loss 1.2500 "
          "(early_stopping_patience 2, early_stopping_threshold 0)");
    event["threshold"] = 0.01;
    CHECK(early_stop_text(event) ==
          "stopped early at step 30: 2 evaluations in a row were not better than eval_loss 1.2500 by more than 0.01 "
          "(early_stopping_patience 2, early_stopping_threshold 0.01)");
}
