// Rendering of the trainer's events (docs/trainer.md lists them).
#include "cli/commands/run_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/data_view.h"
#include "cli/term/output.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

// What a run trains on: images with their classes, tokens, or texts that are scored.
std::string data_line(const Json& event) {
    if (at_path(event, {"dropped_rows"}).is_number()) return scored_text(event);
    if (const auto learned = count_of(event, "learned_tokens"); learned > 0)
        return fmt::format("{} training and {} validation sequences of at most {} tokens, {} tokens to learn",
                           count_of(event, "train_size"), count_of(event, "val_size"), count_of(event, "longest"),
                           learned);
    return fmt::format("{}: {} training, {} validation and {} test samples, {} classes", string_or(event, "dataset"),
                       count_of(event, "train_size"), count_of(event, "val_size"), count_of(event, "test_size"),
                       count_of(event, "num_classes"));
}

// "134515008 parameters", and how many of them are trained where not all are.
std::string size_words(const Json& event) {
    const auto all = count_of(event, "parameters"), trained = count_of(event, "trainable_parameters");
    if (trained == 0 || trained == all) return fmt::format("{} parameters", all);
    return fmt::format("{} parameters, {} of them trained", all, trained);
}

// The file with the weights among those of the record.
std::string weights_file(const Json& event) {
    for (const auto& [name, record] : at_path(event, {"files"}).items())
        if (name.ends_with("model.safetensors")) return name;
    return "model.safetensors";
}

}  // namespace

RunView::RunView(term::Session& session, RunStyle style)
    : session_(session), style_(style), progress_(session), panel_(session) {}

void RunView::show(const Json& event) {
    try {
        if (style_ == RunStyle::json)
            show_json(event);
        else
            show_person(event);
    } catch (const std::exception&) {  // standard error is gone as well
        closed_ = true;
    }
}

void RunView::show_json(const Json& event) {
    if (string_or(event, "event") != "progress") print(event.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void RunView::show_person(const Json& event) {
    live_.take(event);
    const std::string kind = string_or(event, "event");
    if (kind == "start") return start(event);
    if (kind == "progress") return progress(event);
    if (const RowWork* work = find_row_work(kind)) return rows(event, *work);
    if (kind == "step") return step(event);
    if (kind == "epoch") return epoch(event);
    if (kind == "eval") return evaluation(event);
    if (kind == "end") return end(event);
    if (kind == "dry_run")
        return print(std::string(trim(dry_run_text(event, static_cast<std::size_t>(session_.out.width())))));
    if (kind == "warning") {
        clear();
        return session_.warn(string_or(event, "message"));
    }
    if (kind == "resume")
        return print(fmt::format("resumed from {} at step {}", string_or(event, "path"), count_of(event, "step")));
    if (kind == "stopped") return stopped(event);
    if (kind == "best")
        return print(fmt::format("the best weights are those of {}, {} {:.4f}", string_or(event, "path"),
                                 string_or(event, "metric"), number_of(event, "value")));
    if (kind == "early_stop") return print(early_stop_text(event));
    if (kind == "checkpoint" && (style_ == RunStyle::lines || session_.verbosity > 0))
        return print(fmt::format("checkpoint {}", string_or(event, "path")));
}

void RunView::start(const Json& event) {
    print(fmt::format("{}: {}, on the {} with {} threads", string_or(event, "model"), size_words(event),
                      string_or(event, "device") == "cpu" ? "CPU" : string_or(event, "device"),
                      count_of(event, "threads")));
    print(data_line(event));
    print(fmt::format("{} steps of {} samples, {} in an epoch; output in {}", count_of(event, "steps_total"),
                      count_of(event, "batch_size"), count_of(event, "steps_per_epoch"),
                      string_or(event, "output_dir")));
}

// The live panel, or where that has no room, a bar.
void RunView::progress(const Json& event) {
    if (panel_.usable()) {
        const auto lines = live_.lines(static_cast<std::size_t>(session_.err.width()) - 1, session_.err_color());
        if (panel_.due(lines.size())) panel_.show(lines);
        return;
    }
    panel_.clear();
    progress_.show("training", count_of(event, "step"), count_of(event, "steps_total"),
                   fmt::format("loss {}  {}", loss_text(event, "loss"), speed_text(event)));
}

void RunView::rows(const Json& event, const RowWork& work) {
    const auto done = count_of(event, "rows"), total = count_of(event, "rows_total");
    if (style_ == RunStyle::terminal) return progress_.show(work.doing, done, total, string_or(event, "split"));
    if (done == total) print(fmt::format("{} {} rows of {}", work.done, total, string_or(event, "split")));
}

void RunView::stopped(const Json& event) {
    if (count_of(event, "steps_total") == 0) return print("stopped before the first step");
    print(fmt::format("stopped at step {} of {}{}", count_of(event, "step"), count_of(event, "steps_total"),
                      event.value("saved", false) ? "; the same command goes on from there" : ""));
}

void RunView::step(const Json& event) {
    const bool draws = style_ == RunStyle::terminal;
    if (draws && session_.err_redraws()) return progress(event);
    const std::string line =
        fmt::format("step {}/{}  loss {}  learning rate {:.3g}  {}  {} left", count_of(event, "step"),
                    count_of(event, "steps_total"), loss_text(event, "loss"), number_of(event, "learning_rate"),
                    speed_text(event), seconds_text(number_of(event, "eta_seconds")));
    if (draws)
        session_.note(line);  // what would be drawn there goes into the pipe or file that stands in its place
    else
        print(line);
}

void RunView::evaluation(const Json& event) {
    print(fmt::format("step {}  eval loss {}  eval acc {}  time {}", count_of(event, "step"),
                      loss_text(event, "eval_loss"), percent_text(event, "eval_accuracy"),
                      seconds_text(number_of(event, "seconds"))));
}

void RunView::epoch(const Json& event) {
    if (style_ == RunStyle::lines)
        return print(fmt::format("epoch {}  train loss {}  train acc {}  eval loss {}  eval acc {}  time {}",
                                 epoch_text(event), loss_text(event, "train_loss"),
                                 percent_text(event, "train_accuracy"), loss_text(event, "eval_loss"),
                                 percent_text(event, "eval_accuracy"), seconds_text(number_of(event, "seconds"))));
    constexpr auto row = "{:>5}  {:>10}  {:>9}  {:>9}  {:>8}  {:>7}";
    if (!table_begun_) {
        const std::string head = fmt::format(row, "EPOCH", "TRAIN LOSS", "TRAIN ACC", "EVAL LOSS", "EVAL ACC", "TIME");
        print("\n" + term::ink(head, term::Ink::bold, session_.out_color()));
        table_begun_ = true;
    }
    print(fmt::format(row, epoch_text(event), loss_text(event, "train_loss"), percent_text(event, "train_accuracy"),
                      loss_text(event, "eval_loss"), percent_text(event, "eval_accuracy"),
                      seconds_text(number_of(event, "seconds"))));
}

void RunView::end(const Json& event) {
    const Json& metrics = at_path(event, {"metrics"});
    if (table_begun_) print("");
    if (at_path(metrics, {"test_accuracy"}).is_number())
        print(fmt::format("test accuracy {}, test loss {}", percent_text(metrics, "test_accuracy"),
                          loss_text(metrics, "test_loss")));
    if (at_path(metrics, {"perplexity"}).is_number())
        print(fmt::format("validation loss {}, perplexity {:.3f}", loss_text(metrics, "eval_loss"),
                          number_of(metrics, "perplexity")));
    else if (at_path(metrics, {"eval_accuracy"}).is_number() && !at_path(metrics, {"test_accuracy"}).is_number())
        print(fmt::format("validation loss {}, accuracy {}", loss_text(metrics, "eval_loss"),
                          percent_text(metrics, "eval_accuracy")));
    else if (at_path(metrics, {"eval_loss"}).is_number() && !at_path(metrics, {"test_loss"}).is_number())
        print(fmt::format("validation loss {}", loss_text(metrics, "eval_loss")));
    print(fmt::format("model {} in {}/{}", string_or(event, "model_hash_short"), string_or(event, "output_dir"),
                      weights_file(event)));
    const Json& wandb = at_path(event, {"reports", "wandb"});
    const auto dropped = count_of(wandb, "dropped");
    if (const std::string url = string_or(wandb, "url", string_or(wandb, "path")); !url.empty())
        print(
            fmt::format("W&B run {}{}", printable(url), dropped > 0 ? fmt::format(", without {} lines", dropped) : ""));
}

void RunView::clear() {
    progress_.clear();
    panel_.clear();
}

// A line on standard output, at once, so that the log of a pod is never behind.
void RunView::print(const std::string& line) {
    if (closed_) return;
    clear();
    try {
        session_.out.write(line + "\n");
        session_.out.flush();
    } catch (const std::exception& error) {
        closed_ = true;
        session_.warn(std::string(error.what()) + "; the training goes on");
    }
}

}  // namespace ktrain
