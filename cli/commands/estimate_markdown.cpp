// The tables of a pull request.
#include "cli/commands/estimate_markdown.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/estimate_text.h"
#include "cli/term/markdown.h"
#include "core/base/text.h"
#include "core/estimate/amount_text.h"

namespace ktrain {
namespace {

using term::markdown_table;
using term::markdown_text;

std::string components(const MemoryBreakdown& memory) {
    term::Table table({"COMPONENT", "BYTES", "SIZE", "SHARE", "FORMULA"});
    for (const std::size_t column : {1U, 2U, 3U}) table.align(column, term::Table::Align::right);
    const std::int64_t total = memory.total();
    const double whole = static_cast<double>(std::max<std::int64_t>(total, 1));
    for (const MemoryLine& line : memory.lines)
        table.row({line.label, grouped(line.bytes), gib(line.bytes),
                   fmt::format("{:.1f} %", 100 * static_cast<double>(line.bytes) / whole), line.formula});
    table.row({"total", grouped(total), gib(total), "", "on each GPU"});
    return markdown_table(table);
}

std::string peaks(const StepMemory& step) {
    term::Table table({"PEAK", "BYTES", "SIZE", "OF"});
    for (const std::size_t column : {1U, 2U}) table.align(column, term::Table::Align::right);
    table.row({"in use", grouped(step.active), gib(step.active),
               fmt::format("{}; between {} and {}: {}", step.peak_phase, gib(step.low), gib(step.high), band_basis)});
    table.row({"reserved", grouped(step.reserved), gib(step.reserved), "the allocator"});
    table.row({"recommended", grouped(step.recommended), gib(step.recommended), step.margin});
    if (step.host > 0)
        table.row({"host memory", grouped(step.host), gib(step.host), "each node, for what is offloaded"});
    return markdown_table(table);
}

// Lines of text, each an entry of a list.
std::string entries(const std::string& heading, const std::vector<std::string>& lines) {
    if (lines.empty()) return "";
    std::string text = "\n" + heading + ":\n\n";
    for (const std::string& line : lines) text += "- " + markdown_text(line) + "\n";
    return text;
}

std::string fits(const std::vector<Fit>& all) {
    const NearFits near = near_fits(all);
    std::string text = markdown_table(near.table);
    for (const std::string& line : split(near.beyond, '\n'))
        if (!line.empty()) text += "\n" + markdown_text(line) + "\n";
    return text;
}

std::string job_tables(const JobEstimate& job) {
    std::string text = "\n" + markdown_text(job_headline(job)) + "\n\n" + markdown_table(time_table(job.time)) + "\n";
    if (!job.offers.empty()) text += markdown_table(offer_table(job)) + "\n";
    for (const std::string& line : split(below_offers(job), '\n'))
        if (!line.empty()) text += markdown_text(line) + "\n";
    return text;
}

}  // namespace

std::string estimate_markdown(const EstimateAnswer& answer) {
    const Estimate& result = answer.memory;
    std::string text = "### " + markdown_text(estimate_headline(result)) + "\n\n";
    if (result.wanted) text += "**" + markdown_text(estimate_verdict(result)) + "**\n\n";
    text += components(result.memory);
    if (result.step) text += "\n" + peaks(*result.step);
    if (!result.wanted) text += "\n" + fits(result.fits);
    std::vector<std::string> assumed = result.assumptions;
    if (answer.job) {
        text += job_tables(*answer.job);
        std::ranges::copy(answer.job->time.assumptions, std::back_inserter(assumed));
    }
    return text + entries("It assumes", assumed) + entries("Warnings", result.warnings);
}

}  // namespace ktrain
