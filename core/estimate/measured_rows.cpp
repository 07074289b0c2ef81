// Reads measured rows: each cell becomes a condition.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "core/base/csv.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/gpus.h"
#include "core/estimate/measured.h"
#include "core/model/catalog.h"
#include "core/model/parameters.h"

namespace ktrain {
namespace {

constexpr std::array<std::string_view, 41> columns{"id",
                                                   "source",
                                                   "model",
                                                   "method",
                                                   "rank",
                                                   "targets",
                                                   "adapter_dtype",
                                                   "adapter_dropout",
                                                   "weight_dtype",
                                                   "compute_dtype",
                                                   "grad_dtype",
                                                   "master_weights",
                                                   "optimizer",
                                                   "optimizer_state_dtype",
                                                   "micro_batch",
                                                   "seq_len",
                                                   "packing",
                                                   "grad_accum",
                                                   "checkpointing",
                                                   "activation_offload",
                                                   "attention",
                                                   "loss",
                                                   "loss_chunks",
                                                   "compile",
                                                   "optimizer_in_backward",
                                                   "parallel",
                                                   "dp",
                                                   "tp",
                                                   "pp",
                                                   "cp",
                                                   "ep",
                                                   "cpu_offload",
                                                   "gpus",
                                                   "gpu",
                                                   "metric",
                                                   "peak_bytes",
                                                   "flag",
                                                   "missing",
                                                   "note",
                                                   "trained_extra",
                                                   "virtual_tokens"};

template <class Value>
struct Word {
    std::string_view name;
    Value value;
};

constexpr std::array<Word<double>, 8> type_bytes{
    {{"bf16", 2}, {"fp16", 2}, {"fp32", 4}, {"fp8", 2}, {"int8", 1}, {"int4", 0.5}, {"mxfp8", 2}, {"nvfp4", 2}}};
constexpr std::array<Word<Recompute>, 3> recomputes{
    {{"full", Recompute::full}, {"none", Recompute::none}, {"selective", Recompute::selective}}};
constexpr std::array<Word<LossKernel>, 5> losses{{{"chunked", LossKernel::chunked},
                                                  {"fp32_logits", LossKernel::fp32_logits},
                                                  {"full", LossKernel::full},
                                                  {"fused", LossKernel::fused},
                                                  {"head_chunked", LossKernel::head_chunked}}};
constexpr std::array<Word<Sharding>, 6> shardings{{{"ddp", Sharding::ddp},
                                                   {"fsdp", Sharding::fsdp},
                                                   {"none", Sharding::none},
                                                   {"zero1", Sharding::zero1},
                                                   {"zero2", Sharding::zero2},
                                                   {"zero3", Sharding::zero3}}};
constexpr std::array<Word<Offload>, 4> offloads{{{"both", Offload::both},
                                                 {"none", Offload::none},
                                                 {"optimizer", Offload::optimizer},
                                                 {"params", Offload::parameters}}};
// Bytes of the state for a parameter: two values of the type, for 8 bits a float32 for every 256 of each, for 4 bits
// for every 128. Source: bitsandbytes/optim, torchao/optim.
constexpr std::array<Word<double>, 4> state_bytes{
    {{"bf16", 4}, {"fp32", 8}, {"int4", 1 + 8.0 / 128}, {"int8", 2 + 8.0 / 256}}};

// The words of columns that have no table of values. Rows with others are left out: what they mean is not known.
struct Words {
    std::string_view column;
    std::array<std::string_view, 10> known;
};
constexpr std::array closed{
    Words{"attention", {"eager", "flash"}},
    Words{"metric", {"active", "allocated", "process", "reserved", "reserved_minus_init"}},
    Words{"optimizer", {"adamw", "adamw4bit", "adamw8bit", "muon", "paged_adamw", "paged_adamw8bit"}},
    Words{"targets", {"all-linear", "down", "gate", "k", "lm_head", "o", "q", "qkv", "up", "v"}},
};
constexpr std::int64_t most_rank = 1 << 20, most_count = 1 << 24, most_bytes = std::int64_t{1} << 50;

class Reader {
public:
    Reader(const Csv& table, std::size_t row, const std::string& file) : table_(table), row_(row), file_(file) {}

    const std::string& text(std::string_view column) const { return table_.cell(row_, column); }
    bool flag(std::string_view column) const { return text(column) == "1"; }

    [[noreturn]] void fail(std::string_view column, std::string_view expected) const {
        throw Error(ErrorKind::input,
                    fmt::format("row {}: {} is \"{}\"", printable(text("id")), column, printable(text(column))),
                    {file_, table_.line(row_), 0, std::string(column)}, fmt::format("expected {}", expected));
    }

    double number(std::string_view column, double fallback) const {
        const std::string& cell = text(column);
        if (cell.empty()) return fallback;
        double value = 0;
        const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
        if (problem != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value) || value < 0 ||
            value > 9e18)
            fail(column, "a number of at least 0");
        return value;
    }

    std::int64_t count(std::string_view column, std::int64_t fallback, std::int64_t most = most_count) const {
        const double value = number(column, static_cast<double>(fallback));
        if (value < 1 || value != std::floor(value)) fail(column, "a whole number above 0");
        if (value > static_cast<double>(most)) fail(column, fmt::format("at most {}", most));
        return static_cast<std::int64_t>(value);
    }

    template <class Value, std::size_t size>
    Value word(std::string_view column, const std::array<Word<Value>, size>& words, Value fallback) const {
        if (text(column).empty()) return fallback;
        std::vector<std::string_view> names;
        for (const auto& word : words) {
            if (word.name == text(column)) return word.value;
            names.push_back(word.name);
        }
        fail(column, fmt::format("one of {}", fmt::join(names, ", ")));
    }

private:
    const Csv& table_;
    std::size_t row_;
    const std::string& file_;
};

// The latest month that the source names, as "2024-03"; empty when it names none.
std::string month_of(std::string_view source) {
    std::string latest;
    for (std::size_t at = 0; at + 7 <= source.size(); ++at) {
        const std::string_view part = source.substr(at, 7);
        const auto digits = [&](std::size_t from, std::size_t count) {
            return std::ranges::all_of(part.substr(from, count), [](char c) { return c >= '0' && c <= '9'; });
        };
        if (part.starts_with("20") && digits(2, 2) && part[4] == '-' && digits(5, 2))
            latest = std::max(latest, std::string(part));
    }
    return latest;
}

std::string_view framework_of(std::string_view source) {
    const std::string month = month_of(source);
    if (source.find("torchtune") != std::string_view::npos)
        return month.empty() || month >= "2024-09" ? "torchtune" : "torchtune-2024-05";
    if (source.find("torchtitan") != std::string_view::npos)
        return month.empty() || month >= "2024-07" ? "torchtitan" : "torchtitan-2024-03";
    return source.find("litgpt") != std::string_view::npos ? "litgpt" : "accelerate-2024";
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        words.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

// "pytorch/torchtune" of "pytorch/torchtune@bd2a0fc README.md"; all before a comma of what is no repository.
std::string family_of(std::string_view source) {
    source = source.substr(0, source.find_first_of("@,"));
    return std::string(source.find('/') == std::string_view::npos ? source : source.substr(0, source.find(' ')));
}

// "q,v" means parts of a fused matrix, too, and "qkv" all of it, whatever the model has.
void read_targets(const Reader& reader, Conditions& c) {
    const std::vector<std::string> wanted = words_of(reader.text("targets"));
    const auto named = [&](std::string_view name) { return std::ranges::find(wanted, name) != wanted.end(); };
    if (named("all-linear")) {
        c.targets = linear_modules(c.shape);
        return;
    }
    ModelShape split = c.shape;
    split.family = "llama";
    split.fused_qkv = split.fused_gate_up = false;
    LinearModule fused{"self_attn.qkv_proj", c.shape.hidden, 0, false, 0, layer_count(c.shape)};
    for (const LinearModule& module : linear_modules(split)) {
        const std::string_view last = module.name.substr(module.name.rfind('.') + 1);
        const std::string_view name = last.substr(0, last.find("_proj"));
        if (name == "q" || name == "k" || name == "v") fused.out += module.out;
        if (named(name)) c.targets.push_back(module);
    }
    if (named("qkv")) c.targets.push_back(fused);
}

// "embed_tokens", "lm_head" and "norm", in whatever words: modules that train whole. Nothing for others.
std::optional<std::int64_t> trained_extra(const Reader& reader, const ModelShape& shape) {
    const ParameterParts parts = parameter_parts(shape);
    std::int64_t total = 0;
    for (const std::string& word : words_of(reader.text("trained_extra"))) {
        const auto has = [&](const char* part) { return word.find(part) != std::string::npos; };
        if (has("embed"))
            total += parts.embedding;
        else if (has("head"))
            total += parts.head > 0 ? parts.head : parts.embedding;
        else if (has("norm"))
            total += parts.rest;
        else
            return std::nullopt;
    }
    return total;
}

void read_method(const Reader& reader, Conditions& c) {
    c.full = reader.text("method") == "full";
    c.storage = &find_storage(reader.text("weight_dtype").empty() ? "bf16" : reader.text("weight_dtype"));
    c.head_quantised = reader.text("note").find("head is quantised") != std::string::npos;
    c.compute_bytes = reader.word("compute_dtype", type_bytes, 2.0);
    c.gradient_bytes = reader.word("grad_dtype", type_bytes, 2.0);
    c.master_weights = reader.flag("master_weights");
    c.state_bytes = reader.word("optimizer_state_dtype", state_bytes, 8.0);
    c.state_8bit = reader.text("optimizer_state_dtype") == "int8";
    c.paged_state = reader.text("optimizer").starts_with("paged");
    if (reader.text("optimizer") == "muon") c.state_bytes /= 2;
    c.step_in_backward = reader.flag("optimizer_in_backward");
    if (c.full) return;
    c.rank = reader.count("rank", 8, most_rank);
    c.adapter_bytes = reader.word("adapter_dtype", type_bytes, 4.0);
    c.adapter_dropout = reader.number("adapter_dropout", 0) > 0;
    read_targets(reader, c);
    c.added = trained_extra(reader, c.shape).value_or(0);
    c.added_tokens = static_cast<std::int64_t>(reader.number("virtual_tokens", 0));
}

void read_step(const Reader& reader, Conditions& c) {
    c.micro_batch = reader.count("micro_batch", 1);
    c.length = reader.count("seq_len", 1);
    c.varying_lengths = reader.text("packing") == "unpacked";
    c.accumulation = reader.count("grad_accum", 1);
    c.recompute = reader.word("checkpointing", recomputes, Recompute::none);
    c.activations_offloaded = reader.flag("activation_offload");
    c.eager_attention = reader.text("attention") == "eager";
    c.loss = reader.word("loss", losses, LossKernel::fp32_logits);
    c.loss_chunks = reader.count("loss_chunks", 8);
    c.compiled = reader.flag("compile");
    c.fused_kernels = c.loss == LossKernel::fused;
    c.sharding = reader.word("parallel", shardings, Sharding::none);
    c.offload = reader.word("cpu_offload", offloads, Offload::none);
    c.degrees = {reader.count("dp", 1), reader.count("tp", 1), reader.count("pp", 1), reader.count("cp", 1),
                 reader.count("ep", 1)};
    if (!reader.text("gpu").empty()) c.gpu_memory = find_gpu(reader.text("gpu")).memory;
}

// Why a row cannot be estimated; empty when it can.
std::string obstacle(const Reader& reader) {
    const std::string& method = reader.text("method");
    if (method == "weights" || method == "loss_only") return "not a training step";
    if (method != "full" && method != "lora" && method != "qlora") return fmt::format("method {}", printable(method));
    if (reader.text("model").empty()) return "no model";
    if (!find_in_catalog(reader.text("model"))) return fmt::format("unknown model {}", printable(reader.text("model")));
    if (reader.text("micro_batch").empty() || reader.text("seq_len").empty()) return "no batch or length";
    for (const Words& words : closed)
        for (const std::string& word : words_of(reader.text(words.column)))
            if (std::ranges::find(words.known, word) == words.known.end())
                return fmt::format("{} {}", words.column, printable(word));
    if (!trained_extra(reader, *find_in_catalog(reader.text("model"))))
        return fmt::format("trained_extra {}", printable(reader.text("trained_extra")));
    return {};
}

void read_row(const Reader& reader, MeasuredRow& row) {
    row.family = family_of(reader.text("source"));
    row.metric = reader.text("metric");
    row.complete = reader.text("flag") == "C";
    row.peak = reader.count("peak_bytes", 0, most_bytes);
    row.conditions.shape = *find_in_catalog(reader.text("model"));
    row.conditions.framework = &find_framework(framework_of(reader.text("source")));
    read_method(reader, row.conditions);
    read_step(reader, row.conditions);
}

}  // namespace

MeasuredRows read_measured(std::string_view text, const std::string& file) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // of a spreadsheet
    const Csv table(text, file);
    for (const std::string_view column : columns)
        if (!table.has(column))
            throw Error(ErrorKind::input, fmt::format("there is no column \"{}\"", column), {file, 1, 0, ""},
                        "the columns are those of docs/estimate.md, \"Measured rows\"");
    MeasuredRows result;
    std::map<std::string, int> lines;  // of ids
    for (std::size_t i = 0; i < table.rows(); ++i) {
        const Reader reader(table, i, file);
        if (const std::string why = obstacle(reader); !why.empty()) {
            result.left_out.push_back(fmt::format("{}: {}", printable(reader.text("id")), why));
            continue;
        }
        MeasuredRow row;
        row.id = reader.text("id");
        row.line = table.line(i);
        if (const auto [first, fresh] = lines.try_emplace(row.id, row.line); !fresh && !row.id.empty())
            reader.fail("id", fmt::format("another than in line {}: each row has its own", first->second));
        try {
            read_row(reader, row);
        } catch (const Error& error) {
            if (error.where.file == file) throw;  // a GPU or a type that nobody knows
            throw Error(error.kind, fmt::format("row {}: {}", printable(row.id), error.message),
                        {file, row.line, 0, ""}, error.hint);
        }
        result.rows.push_back(std::move(row));
    }
    return result;
}

}  // namespace ktrain
