// Fills in templates/report/page.html.
#include "cli/commands/estimate_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/commands/estimate_text.h"
#include "cli/term/html.h"
#include "core/base/embedded.h"
#include "core/base/text.h"
#include "core/estimate/amount_text.h"

namespace ktrain {
namespace {

using term::html_text;
using term::Table;

constexpr double bar_width = 1000;  // of the view box

// Colours that are told apart by people who see few of them (Okabe and Ito 2008), each plain and hatched.
constexpr std::array colours{"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"};
constexpr std::array hatches{"", "M0 8 L8 0 M-2 2 L2 -2 M6 10 L10 6"};
constexpr std::size_t shades = colours.size() * hatches.size();

// Neighbours differ in colour and in hatching.
std::string patterns() {
    std::string text;
    for (std::size_t i = 0; i < shades; ++i) {
        const std::string_view hatch = hatches[(i + i / colours.size()) % hatches.size()];
        const std::string lines =
            hatch.empty() ? "" : fmt::format("<path d=\"{}\" stroke=\"#ffffff\" stroke-width=\"2\"></path>", hatch);
        text += fmt::format(
            "<pattern id=\"shade{}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\"><rect width=\"8\" "
            "height=\"8\" fill=\"{}\"></rect>{}</pattern>\n",
            i, colours[i % colours.size()], lines);
    }
    text.pop_back();
    return text;
}

double share_of(std::int64_t bytes, std::int64_t whole) {
    return static_cast<double>(bytes) / static_cast<double>(std::max<std::int64_t>(whole, 1));
}

std::int64_t whole_bar(const Estimate& result) {
    return std::max({result.memory.total(), result.needed, result.wanted ? result.wanted->gpu.memory : 0});
}

std::string mark(const Estimate& result, std::int64_t bytes, const char* kind) {
    const double x = bar_width * share_of(bytes, whole_bar(result));
    return fmt::format("<line x1=\"{0:.2f}\" x2=\"{0:.2f}\" y1=\"0\" y2=\"64\" class=\"{1}\"></line>", x, kind);
}

std::string bar(const Estimate& result) {
    std::string text;
    double at = 0;
    const std::int64_t total = result.memory.total();
    for (std::size_t i = 0; i < result.memory.lines.size(); ++i) {
        const MemoryLine& line = result.memory.lines[i];
        const double width = bar_width * share_of(line.bytes, whole_bar(result));
        const std::string words =
            html_text(fmt::format("{}: {}, {:.1f} %", line.label, gib(line.bytes), 100 * share_of(line.bytes, total)));
        text += fmt::format(
            "<rect x=\"{:.2f}\" y=\"8\" width=\"{:.2f}\" height=\"48\" fill=\"url(#shade{})\" tabindex=\"0\" "
            "role=\"img\" aria-label=\"{}\"><title>{}</title></rect>\n",
            at, width, i % shades, words, words);
        at += width;
    }
    text += mark(result, result.needed, "needed");
    if (result.wanted) text += "\n" + mark(result, result.wanted->gpu.memory, "card");
    return text;
}

std::string scale(const Estimate& result) {
    std::string text = fmt::format("The whole width is {}; the line is what is needed, {}", gib(whole_bar(result)),
                                   gib(result.needed));
    if (result.wanted)
        text += fmt::format("; the dashed line is {} with {}", result.wanted->gpu.id, gib(result.wanted->gpu.memory));
    return text + ".";
}

std::string components(const MemoryBreakdown& memory) {
    Table table({"", "", "", "", ""});
    for (const std::size_t column : {1U, 2U, 3U}) table.align(column, Table::Align::right);
    std::vector<std::string> swatches;
    const std::int64_t total = memory.total();
    for (const MemoryLine& line : memory.lines) {
        swatches.push_back(
            fmt::format("<svg class=\"swatch\" viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect width=\"14\" "
                        "height=\"14\" fill=\"url(#shade{})\"></rect></svg>",
                        swatches.size() % shades));
        table.row({line.label, grouped(line.bytes), gib(line.bytes),
                   fmt::format("{:.1f} %", 100 * share_of(line.bytes, total)), line.formula});
    }
    table.row({"total", grouped(total), gib(total), "", "on each GPU"});
    return term::html_rows(table, swatches);
}

std::string peaks(const Estimate& result) {
    Table table({"", "", "", ""});
    for (const std::size_t column : {1U, 2U}) table.align(column, Table::Align::right);
    const auto figure = [&](const char* name, std::int64_t bytes, const std::string& how) {
        table.row({name, grouped(bytes), gib(bytes), how});
    };
    if (result.step) {
        figure("in use", result.step->active,
               fmt::format("at the peak: {}; between {} and {}: {}", result.step->peak_phase, gib(result.step->low),
                           gib(result.step->high), band_basis));
        figure("reserved", result.step->reserved, "by the allocator");
        figure("recommended", result.needed, result.step->margin);
    } else {
        figure("needed", result.needed, "the sum of the components");
    }
    if (result.trainable_parameters) table.row({"trainable parameters", grouped(*result.trainable_parameters), "", ""});
    return term::html_rows(table);
}

std::string phases(const Estimate& result) {
    if (!result.step) return "";
    Table table({"", "", ""});
    for (const std::size_t column : {1U, 2U}) table.align(column, Table::Align::right);
    for (const StepPhase& phase : result.step->phases)
        table.row({std::string(phase.name), grouped(phase.bytes), gib(phase.bytes)});
    return fmt::format(
        "<section>\n<h2>Phases of a step</h2>\n<table id=\"phases\">\n<thead><tr><th scope=\"col\">phase</th><th "
        "scope=\"col\" class=\"number\">bytes in use</th><th scope=\"col\" class=\"number\">size</th></tr></thead>\n"
        "<tbody>\n{}\n</tbody>\n</table>\n</section>",
        term::html_rows(table));
}

std::string gpus(const Estimate& result) {
    Table table({"", "", "", ""});
    for (const std::size_t column : {1U, 3U}) table.align(column, Table::Align::right);
    for (const Fit& fit : result.fits)
        if (fit.gpu.memory > 0)
            table.row({fit.gpu.id, gib(fit.gpu.memory), fit.fits ? "yes" : "no",
                       (fit.headroom < 0 ? "-" : "") + gib(fit.headroom)});
    return term::html_rows(table);
}

std::string list_of(const std::vector<std::string>& lines) {
    std::string text = "<ul>\n";
    for (const std::string& line : lines) text += "<li>" + html_text(line) + "</li>\n";
    return text + "</ul>";
}

std::string job_section(const std::optional<JobEstimate>& job) {
    if (!job) return "";
    std::string text =
        "<section>\n<h2>Hours and dollars</h2>\n<p>" + html_text(job_headline(*job)) +
        "</p>\n<p id=\"job-note\" hidden>Of the settings above as they were, not as they are now.</p>\n" +
        term::html_table(time_table(job->time));
    if (!job->offers.empty()) text += "\n" + term::html_table(offer_table(*job));
    for (const std::string& line : split(below_offers(*job), '\n'))
        if (!line.empty()) text += "\n<p>" + html_text(line) + "</p>";
    return text + "\n" + list_of(job->time.assumptions) + "\n</section>";
}

std::string notes(const Estimate& result) {
    const std::string assumed = list_of(result.assumptions);
    return result.warnings.empty() ? assumed : assumed + "\n<h2>Warnings</h2>\n" + list_of(result.warnings);
}

std::string verdict(const Estimate& result) {
    if (result.wanted) return estimate_verdict(result);
    const auto fits = std::ranges::find_if(result.fits, [](const Fit& fit) { return fit.fits; });
    const auto size = [](std::int64_t bytes) {
        return fmt::format("{} ({})", human_bytes(static_cast<std::uint64_t>(bytes)), gib(bytes));
    };
    return fmt::format("needs {}; {}", size(result.needed),
                       fits == result.fits.end() ? "no GPU of the catalog fits"
                                                 : fmt::format("the nearest GPU that fits is {} with {}", fits->gpu.id,
                                                               size(fits->gpu.memory)));
}

// Whatever stands in a value is not looked at again.
std::string filled_in(std::string_view page, const std::map<std::string_view, std::string>& values) {
    std::string text;
    for (;;) {
        const std::size_t open = page.find("{{");
        if (open == std::string_view::npos) return text.append(page);
        const std::size_t close = page.find("}}", open);
        text.append(page.substr(0, open));
        text += values.at(page.substr(open + 2, close - open - 2));
        page.remove_prefix(close + 2);
    }
}

}  // namespace

Json page_data(const EstimateAnswer& answer, const Json& grid) {
    const Estimate& result = answer.memory;
    Json gpus = Json::array();
    for (const Fit& fit : result.fits)
        if (fit.gpu.memory > 0) gpus.push_back({{"id", fit.gpu.id}, {"memory", fit.gpu.memory}});
    Json wanted = nullptr;
    if (result.wanted) wanted = {{"id", result.wanted->gpu.id}, {"memory", result.wanted->gpu.memory}};
    return {{"estimate", to_json(answer)}, {"grid", grid},     {"gpus", std::move(gpus)},
            {"wanted", std::move(wanted)}, {"shades", shades}, {"basis", band_basis}};
}

std::string estimate_page(const EstimateAnswer& answer, const Json& grid) {
    const Estimate& result = answer.memory;
    return filled_in(embedded("report/page.html"), {{"title", html_text("Memory of " + result.shape.name)},
                                                    {"style", std::string(embedded("report/page.css"))},
                                                    {"script", std::string(embedded("report/page.js"))},
                                                    {"patterns", patterns()},
                                                    {"headline", html_text(estimate_headline(result))},
                                                    {"verdict", html_text(verdict(result))},
                                                    {"verdict_class", !result.wanted        ? ""
                                                                      : result.wanted->fits ? "yes"
                                                                                            : "no"},
                                                    {"bar", bar(result)},
                                                    {"scale", html_text(scale(result))},
                                                    {"components", components(result.memory)},
                                                    {"peaks", peaks(result)},
                                                    {"phases", phases(result)},
                                                    {"gpus", gpus(result)},
                                                    {"job", job_section(answer.job)},
                                                    {"assumptions", notes(result)},
                                                    {"data", term::html_json(page_data(answer, grid))}});
}

}  // namespace ktrain
