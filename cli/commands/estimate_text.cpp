// Tables of components and of GPUs, and what they mean.
#include "cli/commands/estimate_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "cli/term/output.h"
#include "core/base/text.h"
#include "core/estimate/amount_text.h"
#include "core/estimate/spec_conditions.h"
#include "core/model/method_lora.h"

namespace ktrain {
namespace {

// "85.9 GB (80.0 GiB)"
std::string size(std::int64_t bytes) {
    return fmt::format("{} ({})", human_bytes(static_cast<std::uint64_t>(bytes)), gib(bytes));
}

std::string components(const MemoryBreakdown& memory, std::size_t width) {
    term::Table table({"COMPONENT", "BYTES", "SIZE", "FORMULA"});
    table.align(1, term::Table::Align::right);
    table.align(2, term::Table::Align::right);
    for (const MemoryLine& line : memory.lines)
        table.row({line.label, std::to_string(line.bytes), human_bytes(static_cast<std::uint64_t>(line.bytes)),
                   line.formula});
    const std::int64_t total = memory.total();
    table.row(
        {"total", std::to_string(total), human_bytes(static_cast<std::uint64_t>(total)), gib(total) + " on each GPU"});
    return table.text(width);
}

// A tenth of the bar for every tenth of the sum.
std::string bar(double share) {
    const auto parts = static_cast<std::size_t>(share * 10 + 0.5);
    std::string text;
    for (std::size_t i = 0; i < parts; ++i) text += "█";
    return text;
}

std::string shares(const MemoryBreakdown& memory, std::size_t width) {
    term::Table table({"COMPONENT", "SIZE", "SHARE", "", "FORMULA"});
    table.align(1, term::Table::Align::right);
    table.align(2, term::Table::Align::right);
    const auto total = static_cast<double>(std::max<std::int64_t>(memory.total(), 1));
    for (const MemoryLine& line : memory.lines) {
        const double share = static_cast<double>(line.bytes) / total;
        table.row({line.label, gib(line.bytes), fmt::format("{:.1f} %", 100 * share), bar(share), line.formula});
    }
    return table.text(width);
}

std::string peaks(const StepMemory& step) {
    std::string text = fmt::format("in use at the peak ({}): {}\n", step.peak_phase, size(step.active));
    text += fmt::format("between {} and {}: {}\n", gib(step.low), gib(step.high), band_basis);
    text += fmt::format("reserved by the allocator: {}, and {} of the GPU for its context\n", size(step.reserved),
                        gib(step.outside));
    return text + fmt::format("recommended: {}, {}\n", size(step.recommended), step.margin);
}

std::string assumed(const Estimate& result) {
    std::string text = result.step
                           ? "\nIt assumes:\n"
                           : "\nProfile docs: the handbook's rule of thumb, half off measured peaks. It assumes:\n";
    for (const std::string& line : result.assumptions) text += "- " + printable(line) + "\n";
    return text;
}

std::string fits(const std::vector<Fit>& all) {
    const NearFits near = near_fits(all);
    return near.table.text() + near.beyond;
}

}  // namespace

std::string estimate_headline(const Estimate& result) {
    const TrainingSpec& spec = result.spec;
    const ModelShape& shape = result.shape;
    std::string text = fmt::format("{}: {} parameters ({})", printable(shape.name),
                                   human_count(static_cast<std::uint64_t>(shape.parameters)), shape.source);
    text += spec.method.type == "full" ? ", full fine-tuning" : ", " + spec.method.type;
    if (uses_lora(spec.method)) text += fmt::format(" r={}", spec.method.r);
    text += fmt::format(", batch {}", spec.training.per_device_train_batch_size);
    if (shape.family != "simple_cnn") text += fmt::format(" x {} tokens", counted_length(spec, shape));
    return text;
}

NearFits near_fits(const std::vector<Fit>& fits) {
    constexpr std::ptrdiff_t too_small_shown = 3;
    constexpr std::ptrdiff_t large_enough_shown = 6;
    std::vector<Fit> known;
    std::ranges::copy_if(fits, std::back_inserter(known), [](const Fit& fit) { return fit.gpu.memory > 0; });
    const auto border = std::ranges::find_if(known, [](const Fit& fit) { return fit.fits; });
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, border - known.begin() - too_small_shown);
    const std::ptrdiff_t last =
        std::min<std::ptrdiff_t>(std::ssize(known), border - known.begin() + large_enough_shown);
    term::Table table({"GPU", "MEMORY", "FITS", "LEFT"});
    table.align(1, term::Table::Align::right);
    table.align(3, term::Table::Align::right);
    for (const Fit& fit : std::span(known).subspan(first, last - first))
        table.row({fit.gpu.id, gib(fit.gpu.memory), fit.fits ? "yes" : "no",
                   (fit.headroom < 0 ? "-" : "") + gib(fit.headroom)});
    std::string text;
    const std::ptrdiff_t more = std::ssize(known) - last;
    if (first > 0)
        text += fmt::format("{} smaller {}; all of them: -o json\n", first,
                            first == 1 ? "GPU does not fit" : "GPUs do not fit");
    if (more > 0)
        text += fmt::format("{} larger {}; all of them: -o json\n", more,
                            more == 1 ? "GPU fits as well" : "GPUs fit as well");
    return {std::move(table), std::move(text)};
}

std::string estimate_verdict(const Estimate& result) {
    const Fit& fit = *result.wanted;
    if (fit.fits) return fmt::format("fits {}: {} of {} left", fit.gpu.id, size(fit.headroom), size(fit.gpu.memory));
    const std::string nearest = result.nearest ? fmt::format("the nearest GPU that fits is {} with {}",
                                                             result.nearest->id, size(result.nearest->memory))
                                               : "no GPU of the catalog fits";
    return fmt::format("does not fit {}: {} missing of {}; {}", fit.gpu.id, size(-fit.headroom), size(result.needed),
                       nearest);
}

std::string estimate_report(const Estimate& result, std::size_t width) {
    std::string text = estimate_headline(result) + "\n\n";
    text += result.step ? shares(result.memory, width) + "\n" + peaks(*result.step) : components(result.memory, width);
    text += "\n" + (result.wanted ? estimate_verdict(result) + "\n" : fits(result.fits));
    return text + assumed(result);
}

}  // namespace ktrain
