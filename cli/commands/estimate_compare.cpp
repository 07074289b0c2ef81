// The handbook's formulas beside the components.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include "cli/commands/estimate_input.h"
#include "cli/term/output.h"
#include "core/base/exit_code.h"
#include "core/estimate/amount_text.h"
#include "core/estimate/handbook.h"
#include "core/estimate/handbook_cost.h"
#include "core/estimate/handbook_remarks.h"

namespace ktrain {
namespace {

// What one profile calls activations, the other parts into several.
std::string_view handbook_label(std::string_view label) {
    if (label == "adapters") return "lora";
    return label == "checkpoints" ? "activations" : label;
}

std::map<std::string, std::int64_t, std::less<>> bytes_of(const Estimate& estimate) {
    std::map<std::string, std::int64_t, std::less<>> bytes;
    for (const MemoryLine& line : estimate.memory.lines) bytes[std::string(handbook_label(line.label))] += line.bytes;
    return bytes;
}

// The component that most of the difference comes from.
MemoryLine missing(const Estimate& docs, const Estimate& detailed) {
    const auto said = bytes_of(docs);
    MemoryLine largest;
    for (const auto& [label, bytes] : bytes_of(detailed)) {
        const auto found = said.find(label);
        const std::int64_t more = bytes - (found == said.end() ? 0 : found->second);
        if (more > largest.bytes) largest = {label, more, ""};
    }
    return largest;
}

double ratio(const Estimate& docs, const Estimate& detailed) {
    return static_cast<double>(detailed.step->active) / static_cast<double>(std::max<std::int64_t>(docs.needed, 1));
}

// One of both profiles, or both: the handbook has no formula for some methods.
struct Compared {
    std::optional<Estimate> docs;
    Estimate detailed;
    std::vector<HandbookRemark> remarks;
    std::vector<HandbookCost> costs;
};

std::string memory_table(const Estimate& docs, const Estimate& detailed) {
    term::Table table({"COMPONENT", "HANDBOOK", "DETAILED"});
    table.align(1, term::Table::Align::right);
    table.align(2, term::Table::Align::right);
    const auto said = bytes_of(docs), counted = bytes_of(detailed);
    std::map<std::string, bool, std::less<>> labels;
    for (const auto& [label, bytes] : said) labels[label] = true;
    for (const auto& [label, bytes] : counted) labels[label] = true;
    const auto cell = [](const auto& bytes, const std::string& label) {
        const auto found = bytes.find(label);
        return found == bytes.end() ? std::string("-") : gib(found->second);
    };
    for (const auto& [label, there] : labels) table.row({label, cell(said, label), cell(counted, label)});
    table.row({"in use at the peak", gib(docs.needed), gib(detailed.step->active)});
    std::string text = table.text();
    text += fmt::format("\ndetailed is {:.2f} of the handbook's rule", ratio(docs, detailed));
    if (const MemoryLine most = missing(docs, detailed); most.bytes > 0)
        text += fmt::format("; most of what the rule lacks: {}, {}", most.label, gib(most.bytes));
    return text + "\n";
}

std::string a_day(const std::optional<Offer>& offer) {
    return offer ? fmt::format("${:.2f}", offer->money->per_day.mid) : "?";
}

// The handbook's table of costs beside the cheapest instances of today.
std::string cost_table(std::span<const HandbookCost> costs) {
    term::Table table(
        {"HANDBOOK 7.1", "MODEL", "GPUS", "A DAY", "ON DEMAND TODAY", "SPOT TODAY", "OF TODAY", "REMARK"});
    for (const std::size_t column : {2U, 3U, 4U, 5U, 6U}) table.align(column, term::Table::Align::right);
    for (const HandbookCost& cost : costs)
        table.row({std::string(cost.row->name), std::string(cost.row->model),
                   fmt::format("{} {}", cost.row->gpus, cost.row->gpu[0]),
                   fmt::format("${:.2f}", cost.row->usd_per_day), a_day(cost.on_demand), a_day(cost.spot),
                   cost.ratio() > 0 ? fmt::format("{:.0f} %", 100 * cost.ratio()) : "?",
                   std::string(cost.row->remark)});
    const std::string dates = price_dates(offers_of(costs));
    return table.text() +
           (dates.empty() ? "no price is known for these GPUs\n" : dates + ", cheapest of all clouds, USD\n");
}

// Both profiles side by side, what the handbook leaves out, and where it contradicts itself for such a job.
std::string compare_report(const Compared& compared) {
    std::string text = compared.docs
                           ? memory_table(*compared.docs, compared.detailed)
                           : fmt::format("the handbook has no formula for {}; in use at the peak, in detail: {}\n",
                                         compared.detailed.spec.method.type, gib(compared.detailed.step->active));
    for (const HandbookRemark& remark : compared.remarks)
        text += fmt::format("\nhandbook {}, {}: {}\n", remark.section, remark.name, remark.text);
    return text + "\n" + cost_table(compared.costs);
}

// {docs, detailed, ratio, missing: {label, bytes}, remarks: [{name, section, text}], costs, cost_dates}; docs, ratio
// and missing are null where the handbook has no formula.
Json compare_json(const Compared& compared) {
    Json remarks = Json::array();
    for (const HandbookRemark& remark : compared.remarks)
        remarks.push_back({{"name", remark.name}, {"section", remark.section}, {"text", remark.text}});
    Json json = {{"docs", nullptr}, {"detailed", to_json(compared.detailed)}, {"ratio", nullptr}, {"missing", nullptr}};
    if (compared.docs) {
        const MemoryLine most = missing(*compared.docs, compared.detailed);
        json["docs"] = to_json(*compared.docs);
        json["ratio"] = ratio(*compared.docs, compared.detailed);
        json["missing"] = {{"label", most.label}, {"bytes", most.bytes}};
    }
    json["remarks"] = std::move(remarks);
    json["costs"] = to_json(std::span(compared.costs));
    json["cost_dates"] = price_dates(offers_of(compared.costs));
    return json;
}

class Compare final : public EstimateQuestion {
public:
    void declare(term::Flags& flags) override {
        flags.add(&asked_, {.name = "compare", .help = "Show the handbook's formulas beside the components"});
    }
    bool asked() const override { return asked_; }
    bool is_calibrated() const override { return true; }

    int answer(term::Session& session, EstimateInput& input) override {
        const auto spec = input.read(session);
        if (!spec) return exit_code::invalid;
        if (!input.job().load_prices(session)) return exit_code::invalid;
        const PriceTable& prices = input.job().prices();
        Compared compared;
        compared.detailed = input.count(session, *spec, Profile::detailed);
        if (has_handbook_formula(*spec)) compared.docs = input.count(session, *spec, Profile::docs);
        compared.remarks = handbook_remarks(compared.detailed, prices);
        compared.costs = handbook_costs(prices);
        if (input.for_people())
            session.out.write(compare_report(compared));
        else
            input.write(session, compare_json(compared));
        session.out.flush();  // warnings come after the figures they are about
        const auto today = std::chrono::floor<std::chrono::days>(session.clock.now());
        for (const std::string& warning : age_warnings(offers_of(compared.costs), today)) session.warn(warning);
        const auto& wanted = compared.detailed.wanted;
        return !wanted || wanted->fits ? exit_code::done : exit_code::no;
    }

private:
    bool asked_ = false;
};

}  // namespace

std::unique_ptr<EstimateQuestion> ask_compare() {
    return std::make_unique<Compare>();
}

}  // namespace ktrain
