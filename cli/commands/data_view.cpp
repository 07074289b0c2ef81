// Rendering of the answers of `ktrain data`.
#include "cli/commands/data_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/commands/run_text.h"
#include "cli/commands/token_view.h"
#include "cli/term/output.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

std::uint64_t count(const Json& object, const char* key) {
    const Json& value = at_path(object, {key});
    return value.is_number() ? value.get<std::uint64_t>() : 0;
}

double number(const Json& object, const char* key) {
    const Json& value = at_path(object, {key});
    return value.is_number() ? value.get<double>() : 0;
}

std::string percent(double part, double whole) {
    return fmt::format("{:.1f}%", whole == 0 ? 0 : 100 * part / whole);
}

std::string plural(std::uint64_t count, std::string_view word) {
    return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

// "12 tokens, 9 to learn, the last 3 cut off"
std::string length_words(const Json& sequence) {
    std::string words = plural(count(sequence, "tokens"), "token");
    if (const Json& learned = at_path(sequence, {"learned"}); learned.is_array()) {
        std::uint64_t sum = 0;
        for (const Json& flag : learned) sum += flag.get<std::uint64_t>();
        words += fmt::format(", {} to learn", sum);
    }
    const std::uint64_t cut = count(sequence, "cut_tokens");
    return cut > 0 ? words + fmt::format(", the last {} cut off", cut) : words;
}

// What stands behind the place of a row: its tokens, its label, or both answers of a pair.
std::string row_text(const Json& sample, std::size_t width) {
    if (const Json& chosen = at_path(sample, {"chosen"}); chosen.is_object()) {
        std::string text = fmt::format("a pair with the margin {}{}\n", number(sample, "margin"),
                                       sample.at("left_out").get<bool>() ? ", too long: it is left out" : "");
        for (const char* side : {"chosen", "rejected"})
            text +=
                fmt::format("\n  {}: {}\n", side, length_words(sample.at(side))) + token_blocks(sample.at(side), width);
        return text;
    }
    std::string text = length_words(sample);
    if (const Json& label = at_path(sample, {"label"}); !label.is_null())
        text += fmt::format(", label {}", label.is_string() ? brief(label.get<std::string>()) : label.dump());
    return text + (count(sample, "tokens") == 0 ? "\n  nothing: an empty row is left out\n"
                                                : "\n" + token_blocks(sample, width));
}

std::string preview(const Json& answer, std::size_t width) {
    std::string text;
    for (const Json& sample : answer.at("samples"))
        text += fmt::format("{}row {} of {}, {}:{}: {}", text.empty() ? "" : "\n", count(sample, "row"),
                            count(answer, "rows"), printable(string_or(sample, "file")), count(sample, "line"),
                            row_text(sample, width));
    return text;
}

// Of texts that are scored no token is learned.
std::string to_learn(const Json& part) {
    return part.contains("learned_tokens") ? fmt::format(", {} to learn", count(part, "learned_tokens")) : "";
}

std::string split(const Json& answer, std::size_t) {
    return fmt::format("wrote {} to {}/train.jsonl and {} to {}/validation.jsonl\n",
                       plural(count(answer, "train_rows"), "row"), string_or(answer, "output"),
                       plural(count(answer, "validation_rows"), "row"), string_or(answer, "output"));
}

std::string stats(const Json& answer, std::size_t) {
    std::string text;
    for (const Json& part : answer.at("splits")) {
        const Json& length = part.at("length");
        const double rows = number(part, "rows"), tokens = number(part, "tokens");
        if (!text.empty()) text += "\n";
        const auto line = [&](std::string_view name, const std::string& value) {
            text += fmt::format("  {:<18}{}\n", name, value);
        };
        text += string_or(part, "split") + "\n";
        line("rows", fmt::format("{}, {} of them duplicates", count(part, "rows"), count(part, "duplicate_rows")));
        line("tokens", std::to_string(count(part, "tokens")));
        if (part.contains("learned_tokens")) {
            line("to learn", fmt::format("{} ({})", count(part, "learned_tokens"),
                                         percent(number(part, "learned_tokens"), tokens)));
            line("nothing to learn", plural(count(part, "unlearned_rows"), "row"));
        }
        line("length", fmt::format("min {}, mean {:.1f}, p50 {}, p90 {}, p95 {}, p99 {}, max {}", count(length, "min"),
                                   number(length, "mean"), count(length, "p50"), count(length, "p90"),
                                   count(length, "p95"), count(length, "p99"), count(length, "max")));
        if (part.contains("dropped_rows"))
            line("left out", fmt::format("{} ({}) beyond max_length {}", plural(count(part, "dropped_rows"), "row"),
                                         percent(number(part, "dropped_rows"), rows), count(answer, "max_length")));
        else
            line("cut", fmt::format("{} ({}) beyond max_length {}, {} of their tokens ({} of all)",
                                    plural(count(part, "cut_rows"), "row"), percent(number(part, "cut_rows"), rows),
                                    count(answer, "max_length"), count(part, "cut_tokens"),
                                    percent(number(part, "cut_tokens"), tokens)));
        if (part.contains("packed_sequences"))
            line("packed", fmt::format("{} of {} tokens, {} full", plural(count(part, "packed_sequences"), "sequence"),
                                       count(answer, "max_length"), percent(number(part, "packing_efficiency"), 1)));
    }
    return text;
}

std::string tokenize(const Json& answer, std::size_t) {
    std::string text;
    for (const Json& store : answer.at("stores"))
        text += fmt::format("{}: {}, {}{}, {} {}\n", string_or(store, "split"), plural(count(store, "rows"), "row"),
                            plural(count(store, "tokens"), "token"), to_learn(store),
                            store.at("made").get<bool>() ? "now in" : "were in", string_or(store, "path"));
    return text;
}

struct Renderer {
    std::string_view command;
    std::string (*text)(const Json& answer, std::size_t width);
};
constexpr std::array renderers{Renderer{"preview", preview}, Renderer{"split", split}, Renderer{"stats", stats},
                               Renderer{"tokenize", tokenize}};

// Images have labels, texts have tokens.
std::string first_batch_text(const Json& batch, std::size_t width) {
    if (const Json& labels = at_path(batch, {"labels"}); labels.is_array()) {
        std::string names;
        for (const Json& name : batch.at("classes"))
            names += (names.empty() ? "" : ", ") + brief(name.get<std::string>());
        return fmt::format("first batch: {} images: {}\n", labels.size(), names);
    }
    std::string text = fmt::format("first batch: {}, {} tokens{}\n", plural(batch.at("sequences").size(), "sequence"),
                                   count(batch, "tokens"), to_learn(batch));
    for (const Json& sequence : batch.at("sequences")) text += "\n" + token_blocks(sequence, width);
    return text;
}

}  // namespace

std::string dry_run_text(const Json& event, std::size_t width) {
    const Json &topology = event.at("topology"), &data = event.at("data"), &model = event.at("model"),
               &memory = event.at("memory");
    std::string text = fmt::format("{} on the {} with {} threads, 1 process\n", string_or(model, "name"),
                                   string_or(topology, "device") == "cpu" ? "CPU" : string_or(topology, "device"),
                                   count(topology, "threads"));
    if (at_path(data, {"dropped_rows"}).is_number()) text += scored_text(data) + "\n";
    text += fmt::format("{} steps of {} samples ({} x {} accumulated), {} in an epoch; output in {}\n\n",
                        count(topology, "steps_total"), count(topology, "batch_size"),
                        count(topology, "per_device_train_batch_size"), count(topology, "gradient_accumulation_steps"),
                        count(topology, "steps_per_epoch"), string_or(event, "output_dir"));
    term::Table parameters({"PARAMETERS", "ALL", "TRAINED"});
    parameters.align(1, term::Table::Align::right);
    parameters.align(2, term::Table::Align::right);
    for (const auto& [role, counts] : model.at("roles").items())
        parameters.row({role, std::to_string(count(counts, "parameters")), std::to_string(count(counts, "trainable"))});
    parameters.row(
        {"total", std::to_string(count(model, "parameters")), std::to_string(count(model, "trainable_parameters"))});
    term::Table bytes({"MEMORY", "BYTES", "FORMULA"});
    bytes.align(1, term::Table::Align::right);
    for (const Json& line : memory.at("components"))
        bytes.row({string_or(line, "label"), human_bytes(count(line, "bytes")), string_or(line, "formula")});
    bytes.row({"total", human_bytes(count(memory, "total")), "in use at the peak of a step"});
    return text + parameters.text() + "\n" + bytes.text(width) + "\n" +
           first_batch_text(event.at("first_batch"), width);
}

void DataView::show(const Json& event) {
    const std::string kind = string_or(event, "event");
    if (kind == "warning") {
        progress_.clear();
        return session_.warn(string_or(event, "message"));
    }
    if (const RowWork* work = find_row_work(kind))
        return progress_.show(work->doing, count(event, "rows"), count(event, "rows_total"), string_or(event, "split"));
    if (kind != "data") return;
    progress_.clear();
    Json answer = event;
    answer.erase("event");
    if (format_ != "table")
        return session_.out.write(term::render(answer, format_ == "json" ? term::Format::json : term::Format::yaml));
    const auto renderer = std::ranges::find(renderers, string_or(event, "command"), &Renderer::command);
    session_.out.write(renderer->text(answer, static_cast<std::size_t>(session_.out.width())));
}

}  // namespace ktrain
