// Reads what a job's time and cost depend on, and shows them.
#include "cli/commands/job_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/amounts.h"
#include "core/base/error.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/estimate/amount_text.h"

namespace ktrain {
namespace {

constexpr std::size_t offers_shown = 6;

double number_of(const std::string& text, const char* flag) {
    if (const auto count = parse_count(text)) return *count;
    throw Error(ErrorKind::usage, fmt::format("{} is no number: \"{}\"", flag, printable(text)), {},
                "write a number above 0 and up to 1000T: 2000000, 3e8, 300K, 300M, 2B or 1T");
}

// "0.6": above 0, 1 at most.
double share_of(const std::string& text) {
    double share = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), share);
    if (end.ec == std::errc() && end.ptr == text.data() + text.size() && share > 0 && share <= 1) return share;
    throw Error(ErrorKind::usage, fmt::format("--packing-efficiency is no share: \"{}\"", printable(text)), {},
                "write a number above 0 and up to 1, such as 0.6");
}

std::string between(const Range& range) {
    return range.low == range.high ? dollars(range.mid)
                                   : fmt::format("{} - {}", dollars(range.low), dollars(range.high));
}

}  // namespace

void JobFlags::declare(term::Flags& flags) {
    flags.add(&tokens_,
              {.name = "tokens", .value = "N", .help = "Tokens of an epoch, such as 300M: for hours and dollars"});
    flags.add(&tokens_from_, {.name = "tokens-from",
                              .value = "FILE",
                              .help = "Take them from ktrain data stats SPEC -o json (- is standard input), or guess "
                                      "them from the size of a data set",
                              .complete = term::Complete::file});
    flags.add(&mean_length_, {.name = "mean-length", .value = "N", .help = "Mean tokens of a row that is not packed"});
    flags.add(&packing_efficiency_,
              {.name = "packing-efficiency", .value = "SHARE", .help = "Share of computed tokens that is no padding"});
    flags.add(&throughput_, {.name = "throughput", .value = "N", .help = "Measured tokens a second of one GPU"});
    flags.add(&from_run_,
              {.name = "from-run", .value = "FILE", .help = "Take the speed from the metrics.jsonl of a run"});
    flags.add(
        &interruptions_,
        {.name = "interruptions", .value = "TIME", .help = "Mean time between interruptions of the job, such as 24h"});
    flags.add(&prices_path_,
              {.name = "prices", .value = "CSV", .help = "Your prices, in the columns of templates/prices.csv"});
    flags.add(&capacity_, {.name = "capacity",
                           .value = "KIND",
                           .help = "Which price counts",
                           .choices = {"on-demand", "reserved", "spot"}});
}

bool JobFlags::load_prices(term::Session& session) {
    if (prices_path_.empty()) {
        prices_ = builtin_prices();
        return true;
    }
    const PriceTable known = builtin_prices();
    ReadPrices read = read_prices(session.files.read(prices_path_), prices_path_, &known);
    if (!read.problems.empty()) session.err.write(term::render_diagnostics(read.problems, session.err_color()));
    prices_ = std::move(read.table);
    return !has_errors(read.problems);
}

double JobFlags::speed(const term::Session& session, const TrainingSpec& spec) const {
    if (!throughput_.empty() && !from_run_.empty())
        throw Error(ErrorKind::usage, "--throughput and --from-run both say the speed", {}, "give one of them");
    if (!throughput_.empty()) return number_of(throughput_, "--throughput");
    if (from_run_.empty()) return 0;
    return throughput_of_metrics(session.files.read(from_run_), from_run_).tokens_per_second /
           static_cast<double>(spec::gpus_of_job(spec));
}

void JobFlags::read_tokens(term::Session& session, const TrainingSpec& spec, JobOptions& options) const {
    if (!tokens_.empty() && !tokens_from_.empty())
        throw Error(ErrorKind::usage, "--tokens and --tokens-from both say the tokens", {}, "give one of them");
    if (!tokens_.empty()) options.tokens = number_of(tokens_, "--tokens");
    const DataSpec& data = spec.data;
    const double held_out = data.eval_dataset_path.empty() ? data.validation_split : 0;
    if (tokens_from_.empty()) {
        if (tokens_.empty() && spec.training.max_steps <= 0)
            options.guess = guess_tokens(data.dataset_path, held_out, session.files);
        return;
    }
    if (tokens_from_ != "-" && has_rows(tokens_from_, session.files)) {
        options.guess = guess_tokens(tokens_from_, held_out, session.files);
        if (options.guess && options.guess->tokens > 0) return;
        throw Error(ErrorKind::input,
                    options.guess ? words_of(*options.guess) : tokens_from_ + " has no rows to train on",
                    {tokens_from_, 0, 0, ""});
    }
    const bool standard_input = tokens_from_ == "-";
    options.data = read_token_counts(
        standard_input ? session.in.read_all(limits::file) : session.files.read(tokens_from_, limits::file),
        standard_input ? "standard input" : tokens_from_, spec.objective.packing);
}

std::optional<JobOptions> JobFlags::options(term::Session& session, const TrainingSpec& spec) {
    JobOptions options;
    read_tokens(session, spec, options);
    if (!mean_length_.empty()) options.mean_length = number_of(mean_length_, "--mean-length");
    if (!packing_efficiency_.empty()) options.packing_efficiency = share_of(packing_efficiency_);
    if (!interruptions_.empty()) {
        const auto time = parse_span(interruptions_);
        if (!time)
            throw Error(
                ErrorKind::usage,
                fmt::format("--interruptions is no time with its unit, above 0: \"{}\"", printable(interruptions_)), {},
                "write the mean time between two, such as 24h, 0.5h, 90min or 3d");
        options.seconds_between_interruptions = *time;
    }
    options.tokens_per_second = speed(session, spec);
    options.capacity = capacity_ == "spot"       ? Capacity::spot
                       : capacity_ == "reserved" ? Capacity::reserved
                                                 : Capacity::on_demand;
    options.today = std::chrono::floor<std::chrono::days>(session.clock.now());
    return load_prices(session) ? std::optional(options) : std::nullopt;
}

bool JobFlags::asked() const {
    return std::ranges::any_of(std::array{&tokens_, &tokens_from_, &mean_length_, &packing_efficiency_, &throughput_,
                                          &from_run_, &interruptions_, &prices_path_},
                               [](const std::string* flag) { return !flag->empty(); });
}

JobAnswer JobFlags::read(term::Session& session, const Estimate& estimate, std::int64_t other) {
    if (estimate.shape.family == "simple_cnn" && asked())
        throw Error(ErrorKind::usage, "simple_cnn has no tokens, which hours and dollars are told by", {},
                    "leave out the flags of time and money, or name a language model");
    auto options = this->options(session, estimate.spec);
    JobAnswer answer;
    answer.failed = !options;
    if (answer.failed) return answer;
    options->other = other;
    answer.job = estimate_job(estimate, *options, prices_);
    if (answer.job || !estimate.wanted || estimate.shape.family == "simple_cnn") options->guess.reset();
    if (options->guess) answer.unknown = words_of(*options->guess);
    if (!answer.job && asked())
        throw Error(ErrorKind::usage,
                    options->guess ? answer.unknown : "hours and dollars need a GPU and the tokens of the training", {},
                    "add --gpu, and --tokens, --tokens-from or training.max_steps");
    return answer;
}

std::string job_headline(const JobEstimate& job) {
    return fmt::format("{} GPU{}, {}{:.3g} tokens{}", job.gpus, job.gpus == 1 ? "" : "s", job.guess ? "about " : "",
                       job.time.figures.tokens, job.guess ? " (a guess)" : "");
}

term::Table time_table(const TimeEstimate& time) {
    term::Table table({"TIME", "LOW", "MIDDLE", "HIGH", "FORMULA"});
    for (const std::size_t column : {1U, 2U, 3U}) table.align(column, term::Table::Align::right);
    for (const TimeLine& line : time.lines)
        table.row({line.label, duration(line.seconds.low), duration(line.seconds.mid), duration(line.seconds.high),
                   line.formula});
    const Range total = time.figures.total();
    table.row({"total", duration(total.low), duration(total.mid), duration(total.high), ""});
    return table;
}

term::Table offer_table(const JobEstimate& job) {
    term::Table table({"CLOUD", "REGION", "INSTANCE", "COUNT", "IDLE GPUS", "PER HOUR", "TOTAL", "REMARK"});
    for (const std::size_t column : {3U, 4U, 5U, 6U}) table.align(column, term::Table::Align::right);
    for (const Offer& offer : std::span(job.offers).first(std::min(job.offers.size(), offers_shown)))
        table.row({offer.price->cloud, offer.price->region, offer.price->instance, std::to_string(offer.instances),
                   std::to_string(offer.idle), offer.money ? between(offer.money->per_hour) : "?",
                   offer.money && offer.money->total ? between(*offer.money->total) : "?", remark(offer)});
    return table;
}

std::string below_offers(const JobEstimate& job) {
    if (job.offers.empty()) return "no price is known for this GPU; --prices FILE brings your own\n";
    std::string text;
    if (job.offers.size() > offers_shown)
        text += fmt::format("{} more; all of them: -o json\n", job.offers.size() - offers_shown);
    return text + fmt::format("{}, {}, USD\n", job.dates, name_of(job.capacity));
}

std::string job_report(const JobEstimate& job) {
    const std::string offers = job.offers.empty() ? "" : offer_table(job).text();
    std::string assumed = "\nIt assumes:\n";
    for (const std::string& line : job.time.assumptions) assumed += "- " + printable(line) + "\n";
    return "\n" + job_headline(job) + "\n\n" + time_table(job.time).text() + assumed + "\n" + offers +
           below_offers(job);
}

}  // namespace ktrain
