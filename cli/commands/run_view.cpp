// Rendering of the trainer's events (docs/trainer.md lists them).
#include "cli/commands/run_view.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "cli/term/output.h"
#include "core/base/error.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

double number(const Json& event, const char* key) {
    const Json& value = at_path(event, {key});
    return value.is_number() ? value.get<double>() : 0.0;
}

std::uint64_t count(const Json& event, const char* key) {
    return static_cast<std::uint64_t>(number(event, key));
}

std::string duration(double seconds) {
    if (seconds < 60) return fmt::format("{:.1f}s", seconds);
    return human_duration(std::chrono::seconds(std::llround(seconds)));
}

std::string loss(const Json& event, const char* key) {
    return at_path(event, {key}).is_number() ? fmt::format("{:.4f}", number(event, key)) : "-";
}

std::string percent(const Json& event, const char* key) {
    return at_path(event, {key}).is_number() ? fmt::format("{:.2f}%", 100 * number(event, key)) : "-";
}

// Whole epochs as "3", the end within one as "2.4".
std::string epoch_number(const Json& event) {
    const double epoch = number(event, "epoch");
    return epoch == std::floor(epoch) ? fmt::format("{:.0f}", epoch) : fmt::format("{:.1f}", epoch);
}

std::string speed(const Json& event) {
    if (const double tokens = number(event, "tokens_per_second"); tokens > 0)
        return fmt::format("{:.0f} tokens/s", tokens);
    return fmt::format("{:.0f} samples/s", number(event, "samples_per_second"));
}

// What a run trains on: images with their classes, or tokens.
std::string data_line(const Json& event) {
    if (const auto learned = count(event, "learned_tokens"); learned > 0)
        return fmt::format("{} training and {} validation sequences of at most {} tokens, {} tokens to learn",
                           count(event, "train_size"), count(event, "val_size"), count(event, "longest"), learned);
    return fmt::format("{}: {} training, {} validation and {} test samples, {} classes", string_or(event, "dataset"),
                       count(event, "train_size"), count(event, "val_size"), count(event, "test_size"),
                       count(event, "num_classes"));
}

// "134515008 parameters", and how many of them are trained where not all are.
std::string size_words(const Json& event) {
    const auto all = count(event, "parameters"), trained = count(event, "trainable_parameters");
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

RunView::RunView(term::Session& session, RunStyle style) : session_(session), style_(style), progress_(session) {}

void RunView::show(const Json& event) {
    try {
        if (style_ == RunStyle::json)
            show_json(event);
        else
            show_person(event);
    } catch (const Error&) {  // standard error is gone as well
        closed_ = true;
    }
}

void RunView::show_json(const Json& event) {
    if (string_or(event, "event") != "progress") print(event.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void RunView::show_person(const Json& event) {
    const std::string kind = string_or(event, "event");
    if (kind == "start") return start(event);
    if (kind == "progress") return progress(event);
    if (kind == "tokenize") return tokenize(event);
    if (kind == "step") return step(event);
    if (kind == "epoch") return epoch(event);
    if (kind == "eval") return evaluation(event);
    if (kind == "end") return end(event);
    if (kind == "warning") {
        progress_.clear();
        return session_.warn(string_or(event, "message"));
    }
    if (kind == "resume")
        return print(fmt::format("resumed from {} at step {}", string_or(event, "path"), count(event, "step")));
    if (kind == "stopped") return stopped(event);
    if (kind == "best")
        return print(fmt::format("the best weights are those of {}, {} {:.4f}", string_or(event, "path"),
                                 string_or(event, "metric"), number(event, "value")));
    if (kind == "early_stop")
        return print(fmt::format("stopped early at step {}: {} evaluations were not better than {} {:.4f}",
                                 count(event, "step"), count(event, "evaluations"), string_or(event, "metric"),
                                 number(event, "best")));
    if (kind == "checkpoint" && (style_ == RunStyle::lines || session_.verbosity > 0))
        return print(fmt::format("checkpoint {}", string_or(event, "path")));
}

void RunView::start(const Json& event) {
    print(fmt::format("{}: {}, on the {} with {} threads", string_or(event, "model"), size_words(event),
                      string_or(event, "device") == "cpu" ? "CPU" : string_or(event, "device"),
                      count(event, "threads")));
    print(data_line(event));
    print(fmt::format("{} steps of {} samples, {} in an epoch; output in {}", count(event, "steps_total"),
                      count(event, "batch_size"), count(event, "steps_per_epoch"), string_or(event, "output_dir")));
}

void RunView::progress(const Json& event) {
    progress_.show("training", count(event, "step"), count(event, "steps_total"),
                   fmt::format("loss {}  {}", loss(event, "loss"), speed(event)));
}

void RunView::tokenize(const Json& event) {
    const auto done = count(event, "rows"), total = count(event, "rows_total");
    if (style_ == RunStyle::terminal) return progress_.show("tokenizing", done, total, string_or(event, "split"));
    if (done == total) print(fmt::format("tokenized {} rows of {}", total, string_or(event, "split")));
}

void RunView::stopped(const Json& event) {
    if (count(event, "steps_total") == 0) return print("stopped before the first step");
    print(fmt::format("stopped at step {} of {}{}", count(event, "step"), count(event, "steps_total"),
                      event.value("saved", false) ? "; the same command goes on from there" : ""));
}

void RunView::step(const Json& event) {
    if (style_ == RunStyle::terminal) return progress(event);
    print(fmt::format("step {}/{}  loss {}  learning rate {:.3g}  {}  {} left", count(event, "step"),
                      count(event, "steps_total"), loss(event, "loss"), number(event, "learning_rate"), speed(event),
                      duration(number(event, "eta_seconds"))));
}

void RunView::evaluation(const Json& event) {
    print(fmt::format("step {}  eval loss {}  eval acc {}  time {}", count(event, "step"), loss(event, "eval_loss"),
                      percent(event, "eval_accuracy"), duration(number(event, "seconds"))));
}

void RunView::epoch(const Json& event) {
    if (style_ == RunStyle::lines)
        return print(fmt::format("epoch {}  train loss {}  train acc {}  eval loss {}  eval acc {}  time {}",
                                 epoch_number(event), loss(event, "train_loss"), percent(event, "train_accuracy"),
                                 loss(event, "eval_loss"), percent(event, "eval_accuracy"),
                                 duration(number(event, "seconds"))));
    constexpr auto row = "{:>5}  {:>10}  {:>9}  {:>9}  {:>8}  {:>7}";
    if (!table_begun_) {
        const std::string head = fmt::format(row, "EPOCH", "TRAIN LOSS", "TRAIN ACC", "EVAL LOSS", "EVAL ACC", "TIME");
        print("\n" + term::ink(head, term::Ink::bold, session_.out_color()));
        table_begun_ = true;
    }
    print(fmt::format(row, epoch_number(event), loss(event, "train_loss"), percent(event, "train_accuracy"),
                      loss(event, "eval_loss"), percent(event, "eval_accuracy"), duration(number(event, "seconds"))));
}

void RunView::end(const Json& event) {
    const Json& metrics = at_path(event, {"metrics"});
    if (table_begun_) print("");
    if (at_path(metrics, {"test_accuracy"}).is_number())
        print(fmt::format("test accuracy {}, test loss {}", percent(metrics, "test_accuracy"),
                          loss(metrics, "test_loss")));
    if (at_path(metrics, {"perplexity"}).is_number())
        print(fmt::format("validation loss {}, perplexity {:.3f}", loss(metrics, "eval_loss"),
                          number(metrics, "perplexity")));
    print(fmt::format("model {} in {}/{}", string_or(event, "model_hash_short"), string_or(event, "output_dir"),
                      weights_file(event)));
}

// A line on standard output, at once, so that the log of a pod is never behind.
void RunView::print(const std::string& line) {
    if (closed_) return;
    progress_.clear();
    try {
        session_.out.write(line + "\n");
        session_.out.flush();
    } catch (const Error& error) {
        closed_ = true;
        session_.warn(error.message + "; the training goes on");
    }
}

}  // namespace ktrain
