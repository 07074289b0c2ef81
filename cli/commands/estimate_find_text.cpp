// Tables of plans, their ranges, and the fields that make them.
#include "cli/commands/estimate_find_text.h"

#include <fmt/format.h>

#include "cli/term/output.h"
#include "core/base/text.h"
#include "core/estimate/amount_text.h"

namespace ktrain {
namespace {

constexpr std::size_t shown = 5;

std::string gib_number(std::int64_t bytes) {
    return fmt::format("{:.1f}", static_cast<double>(bytes) / (1 << 30));
}

// "2x8 h100": nodes, GPUs of each.
std::string machines(const FoundPlan& plan) {
    return fmt::format("{}x{} {}", plan.nodes, plan.gpus_per_node, plan.gpu);
}

std::string training(const FoundPlan& plan) {
    std::string text = plan.method;
    if (!plan.strategy.empty()) text += fmt::format(" {}", plan.strategy);
    return plan.checkpointing ? text + " ckpt" : text;
}

std::string card(std::int64_t bytes) {
    return fmt::format("{:.0f}", static_cast<double>(bytes) / (1 << 30));
}

// "4x2": samples on a GPU, accumulation; with a mark when a step has other than `batch` samples.
std::string batch(const FoundPlan& plan, std::int64_t batch) {
    return fmt::format("{}x{}{}", plan.micro_batch, plan.accumulation, plan.batch == batch ? "" : "*");
}

std::string instances(const FoundPlan& plan) {
    if (!plan.dollars()) return "?";
    const std::string& name = plan.offer->price->instance;
    return plan.offer->instances == 1 ? name : fmt::format("{} x {}", plan.offer->instances, name);
}

std::string speed(const FoundPlan& plan) {
    return grouped(static_cast<std::int64_t>(plan.tokens_per_second.mid));
}

std::string table(const std::vector<const FoundPlan*>& plans, const FindResult& result, std::size_t width) {
    const bool million = result.per_million;
    std::vector<std::string> headers{"", "GPUS", "BATCH", "TRAINING", "NEEDS GIB"};
    for (const char* header : {"TIME", "TOTAL"})
        if (!million) headers.emplace_back(header);
    for (const char* header : {"TOKENS/S", "$/MTOK", "$/HOUR"})
        if (million) headers.emplace_back(header);
    headers.emplace_back("INSTANCE");
    term::Table table(headers);
    for (std::size_t column = 4; column + 1 < headers.size(); ++column) table.align(column, term::Table::Align::right);
    for (const FoundPlan* const& plan : plans) {
        const auto total = plan->dollars();
        std::vector<std::string> row{fmt::format("{}", &plan - plans.data() + 1), machines(*plan),
                                     batch(*plan, result.batch), training(*plan),
                                     gib_number(plan->needed) + "/" + card(plan->gpu_memory)};
        row.push_back(million ? speed(*plan) : duration(plan->seconds.mid));
        row.push_back(!total ? "?" : million ? fmt::format("{:.3f}", *total) : dollars(*total));
        if (million) row.push_back(total ? fmt::format("{:.2f}", plan->offer->money->per_hour.mid) : "?");
        row.push_back(instances(*plan));
        table.row(std::move(row));
    }
    return table.text(width);
}

// "35.5 h to 77.0 h, $130 to $283": low and high.
std::string ranges(const FoundPlan& plan, bool per_million) {
    if (per_million)
        return fmt::format("{} to {} tokens/s", grouped(static_cast<std::int64_t>(plan.tokens_per_second.low)),
                           grouped(static_cast<std::int64_t>(plan.tokens_per_second.high)));
    std::string text = fmt::format("{} to {}", duration(plan.seconds.low), duration(plan.seconds.high));
    if (!plan.dollars()) return text + ", no price known";
    const Range& total = *plan.offer->money->total;
    return text + fmt::format(", {} to {}", dollars(total.low), dollars(total.high));
}

// That the slow end of the range is over a limit which the middle keeps.
std::string risk(const FoundPlan& plan, const Limits& limits) {
    std::vector<std::string> over;
    if (limits.seconds && plan.seconds.high > *limits.seconds) over.emplace_back("the deadline");
    if (limits.dollars && plan.dollars() && plan.offer->money->total->high > *limits.dollars)
        over.emplace_back("the budget");
    return over.empty() ? "" : fmt::format("; the slow end is over {}", join(over, " and "));
}

// Fields as --set takes them, in lines that a shell joins.
std::string set_lines(const FoundPlan& plan) {
    constexpr std::size_t width = 78;
    std::string text, line = " ";
    for (const auto& [path, value] : settings_of(plan)) {
        const std::string word = fmt::format(" --set {}={}", path, value);
        if (line.size() > 1 && line.size() + word.size() > width) {
            text += line + " \\\n";
            line = " ";
        }
        line += word;
    }
    return text + line + "\n";
}

std::string headline(const FindResult& result, const FindInput& input) {
    return fmt::format("{}: {} combinations examined, {} fit with the recommended margin\n",
                       printable(input.shape.name), grouped(result.counts.examined),
                       grouped(result.counts.fit + result.counts.other_batch));
}

std::string batch_line(const FindResult& result) {
    return fmt::format("a step has {} sample{}, as the spec says: {} that fit have a batch of their own\n",
                       result.batch, result.batch == 1 ? "" : "s", grouped(result.counts.other_batch));
}

// What the columns are, and what the figures leave out.
std::string legend(const std::vector<const FoundPlan*>& plans, std::int64_t batch) {
    bool several = false, methods = false, other = false;
    for (const FoundPlan* plan : plans) {
        several = several || plan->nodes > 1;
        other = other || plan->batch != batch;
        methods = methods || plan->method != plans.front()->method;
    }
    std::string text =
        "\nGPUS: nodes x GPUs of each; BATCH: samples on a GPU x accumulation; ckpt: gradient\n"
        "checkpointing; NEEDS: as recommended, of the GPU's; time and money are middles\n";
    if (other) text += fmt::format("*: the nearest to {} samples a step that so many GPUs can have\n", batch);
    if (methods)
        text +=
            "full trains all weights, lora and qlora an adapter, qlora beside 4-bit weights: these are not\n"
            "the same training; --method keeps one\n";
    if (several) text += "the network between nodes is not counted: it slows down several nodes\n";
    return text;
}

std::string first_plan(const char* name, const FoundPlan& plan, const FindInput& input, bool per_million) {
    std::string text = fmt::format("\nthe {}: {}{}\n", name, ranges(plan, per_million), risk(plan, input.limits));
    return text + set_lines(plan);
}

std::string over_text(const NearPlan& near) {
    std::vector<std::string> words;
    if (near.over_dollars) words.push_back(fmt::format("{} over the budget", dollars(*near.over_dollars)));
    if (near.late_seconds) words.push_back(fmt::format("{} over the deadline", duration(*near.late_seconds)));
    if (near.missing_bytes > 0) words.push_back(fmt::format("{} GiB missing", gib_number(near.missing_bytes)));
    return words.empty() ? "within the limits" : join(words, ", ");
}

std::string limits_text(const Limits& limits) {
    std::vector<std::string> words;
    if (limits.dollars) words.push_back(fmt::format("within {}", dollars(*limits.dollars)));
    if (limits.seconds) words.push_back(fmt::format("within {}", duration(*limits.seconds)));
    return join(words, " and ");
}

std::string dates_text(const FindResult& result, const FindInput& input) {
    const std::string dates = price_dates(shown_offers(result));
    return dates.empty() ? "" : fmt::format("{}, {}, USD\n", dates, name_of(input.options.capacity));
}

std::string plans_text(const FindResult& result, const FindInput& input, std::size_t width) {
    const auto cheap = leading(result.plans, PlanOrder::cost, shown),
               fast = leading(result.plans, PlanOrder::time, shown);
    std::string text = "\ncheapest\n\n";
    text += cheap.empty() ? "no price is known; --prices FILE brings your own\n" : table(cheap, result, width);
    text += "\nfastest\n\n" + table(fast, result, width);
    std::vector<const FoundPlan*> both = cheap;
    both.insert(both.end(), fast.begin(), fast.end());
    text += legend(both, result.batch) + notes_text(result.notes);
    text += dates_text(result, input);
    if (!cheap.empty()) text += first_plan("cheapest", *cheap.front(), input, result.per_million);
    if (cheap.empty() || cheap.front() != fast.front())
        text += first_plan("fastest", *fast.front(), input, result.per_million);
    return text;
}

}  // namespace

std::vector<Offer> shown_offers(const FindResult& result) {
    std::vector<Offer> offers;
    for (const PlanOrder order : {PlanOrder::cost, PlanOrder::time})
        for (const FoundPlan* plan : leading(result.plans, order, shown))
            if (plan->offer) offers.push_back(*plan->offer);
    for (const NearPlan& near : result.nearest)
        if (near.plan.offer) offers.push_back(*near.plan.offer);
    return offers;
}

std::string notes_text(const std::vector<std::string>& notes) {
    std::string text;
    for (const std::string& note : notes) text += printable(note) + "\n";
    return text;
}

std::string nearest_report(const FindResult& result, const FindInput& input, std::size_t width) {
    if (!result.plans.empty())
        return fmt::format("\n{} there is:\n", limits_text(input.limits)) + plans_text(result, input, width);
    std::string text;
    if (result.counts.fit == 0 && result.counts.other_batch > 0)
        text +=
            "none of those that fit has this batch; a larger training.gradient_accumulation_steps allows more GPUs\n";
    else if (result.counts.fit == 0)
        text += "none fits\n";
    else
        text += fmt::format("no plan is {}\n", limits_text(input.limits));
    for (const NearPlan& near : result.nearest) {
        text += fmt::format("\n{}: {}\n\n", near.kind, over_text(near));
        text += near.missing_bytes > 0
                    ? fmt::format("{}, {}, needs {} of {} GiB\n", machines(near.plan), training(near.plan),
                                  gib_number(near.plan.needed), gib_number(near.plan.gpu_memory))
                    : table({&near.plan}, result, width);
        text += set_lines(near.plan);
    }
    const std::string end = notes_text(result.notes) + dates_text(result, input);
    return end.empty() ? text : text + "\n" + end;
}

std::string find_report(const FindResult& result, const FindInput& input, std::size_t width) {
    std::string text = headline(result, input) + batch_line(result);
    return text + (result.plans.empty() ? nearest_report(result, input, width) : plans_text(result, input, width));
}

std::string judged_report(const NearPlan& given, const FindInput& input) {
    const FoundPlan& plan = given.plan;
    std::string text = fmt::format("{}: {} on {}, needs {} of {} GiB\n", printable(input.shape.name), training(plan),
                                   machines(plan), gib_number(plan.needed), gib_number(plan.gpu_memory));
    if (given.missing_bytes > 0) return text + fmt::format("does not fit: {}\n", over_text(given));
    const auto total = plan.dollars();
    text += fmt::format("{}, {}; {}\n", duration(plan.seconds.mid), total ? dollars(*total) : "no price known",
                        ranges(plan, false));
    const bool unpriced = input.limits.dollars && !total;
    if (unpriced)
        text += "without a price, nobody knows whether it is within the budget: --prices FILE brings your own\n";
    if (!unpriced || given.late_seconds) text += over_text(given) + risk(plan, {}) + "\n";
    return text;
}

}  // namespace ktrain
