// The handbook's formulas beside the components.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/commands/estimate_input.h"
#include "cli/term/output.h"
#include "core/base/exit_code.h"
#include "core/base/text.h"
#include "core/estimate/handbook_remarks.h"

namespace ktrain {
namespace {

std::string gib(std::int64_t bytes) {
    return human_gib(static_cast<std::uint64_t>(bytes));
}

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

// Both profiles side by side, what the handbook leaves out, and where it contradicts itself for such a job.
std::string compare_report(const Estimate& docs, const Estimate& detailed) {
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
    text += "\n";
    for (const HandbookRemark& remark : handbook_remarks(detailed))
        text += fmt::format("\nhandbook {}, {}: {}\n", remark.section, remark.name, remark.text);
    return text;
}

// {docs, detailed, ratio, missing: {label, bytes}, remarks: [{name, section, text}]}
Json compare_json(const Estimate& docs, const Estimate& detailed) {
    const MemoryLine most = missing(docs, detailed);
    Json remarks = Json::array();
    for (const HandbookRemark& remark : handbook_remarks(detailed))
        remarks.push_back({{"name", remark.name}, {"section", remark.section}, {"text", remark.text}});
    return {{"docs", to_json(docs)},
            {"detailed", to_json(detailed)},
            {"ratio", ratio(docs, detailed)},
            {"missing", {{"label", most.label}, {"bytes", most.bytes}}},
            {"remarks", std::move(remarks)}};
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
        const ModelShape shape = input.shape(session, *spec);
        const Estimate docs = input.count(*spec, shape, Profile::docs);
        const Estimate detailed = input.count(*spec, shape, Profile::detailed);
        if (input.for_people())
            session.out.write(compare_report(docs, detailed));
        else
            input.write(session, compare_json(docs, detailed));
        return !detailed.wanted || detailed.wanted->fits ? exit_code::done : exit_code::no;
    }

private:
    bool asked_ = false;
};

}  // namespace

std::unique_ptr<EstimateQuestion> ask_compare() {
    return std::make_unique<Compare>();
}

}  // namespace ktrain
