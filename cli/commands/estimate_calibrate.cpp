// What runs held in memory, beside their estimates; the multipliers that follow, and a file of them.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/estimate_input.h"
#include "cli/term/output.h"
#include "core/base/text.h"
#include "core/estimate/amount_text.h"
#include "core/estimate/calibration.h"
#include "core/model/find.h"

namespace ktrain {
namespace {

std::string percent(double share) {
    return fmt::format("{:.1f} %", 100 * share);
}

std::string error_of(std::int64_t estimated, std::int64_t measured) {
    if (measured == 0) return "-";
    return fmt::format("{:+.1f} %", 100 * (static_cast<double>(estimated) / static_cast<double>(measured) - 1));
}

std::string family_name(const std::string& family) {
    return family.empty() ? "all" : family;
}

std::string runs_table(const std::vector<ComparedRun>& runs) {
    term::Table table({"RUN", "FAMILY", "COMPONENT", "MEASURED", "ESTIMATE", "ERROR"});
    for (const std::size_t column : {3U, 4U, 5U}) table.align(column, term::Table::Align::right);
    for (const ComparedRun& run : runs) {
        for (const ComparedComponent& component : run.components)
            table.row({brief(run.name), run.family, component.label, gib(component.measured), gib(component.estimated),
                       error_of(component.estimated, component.measured)});
        table.row({brief(run.name), run.family, "total", gib(run.measured()), gib(run.estimated()),
                   error_of(run.estimated(), run.measured())});
    }
    return table.text();
}

std::string multipliers_table(const std::vector<ComparedRun>& runs) {
    term::Table table({"FAMILY", "RUNS", "MEDIAN RATIO", "MULTIPLIER", "ERROR BEFORE", "AFTER", "OF"});
    for (const std::size_t column : {1U, 2U, 3U, 4U, 5U}) table.align(column, term::Table::Align::right);
    const Calibration calibration = learn(runs);
    const std::vector<CalibrationScore> scores = score(runs);
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const Multiplier& row = calibration.rows[i];
        table.row({family_name(row.family), std::to_string(row.runs), fmt::format("{:.3f}", row.median),
                   fmt::format("{:.3f}", row.value), percent(scores[i].before), percent(scores[i].after),
                   scores[i].unseen ? "each run by the others" : "the runs it is learned from"});
    }
    return table.text();
}

std::string calibration_report(const std::vector<ComparedRun>& runs) {
    std::string text = runs_table(runs);
    for (const ComparedRun& run : runs)
        if (!run.left_out.empty())
            text +=
                fmt::format("{}: not compared, as no estimate has it: {}\n", brief(run.name), join(run.left_out, ", "));
    return text + "\n" + multipliers_table(runs);
}

// {runs: [{file, name, family, components: [{label, measured_bytes, estimated_bytes}], measured_bytes,
// estimated_bytes, ratio, left_out}], scores: [{family, unseen, error_before, error_after}], calibration}
Json calibration_json(const std::vector<ComparedRun>& runs) {
    Json list = Json::array(), scores = Json::array();
    for (const ComparedRun& run : runs) {
        Json components = Json::array();
        for (const ComparedComponent& component : run.components)
            components.push_back({{"label", component.label},
                                  {"measured_bytes", component.measured},
                                  {"estimated_bytes", component.estimated}});
        list.push_back({{"file", run.file},
                        {"name", run.name},
                        {"family", run.family},
                        {"components", std::move(components)},
                        {"measured_bytes", run.measured()},
                        {"estimated_bytes", run.estimated()},
                        {"ratio", run.ratio()},
                        {"left_out", run.left_out}});
    }
    for (const CalibrationScore& row : score(runs))
        scores.push_back({{"family", row.family.empty() ? Json(nullptr) : Json(row.family)},
                          {"unseen", row.unseen},
                          {"error_before", row.before},
                          {"error_after", row.after}});
    return {{"runs", std::move(list)}, {"scores", std::move(scores)}, {"calibration", to_json(learn(runs))}};
}

class Calibrate final : public EstimateQuestion {
public:
    void declare(term::Flags& flags) override {
        flags.add(&runs_, {.name = "calibrate",
                           .value = "RUN",
                           .help = "Compare with the memory in a run.json, or its folder; repeat for more",
                           .complete = term::Complete::file});
        flags.add(&to_, {.name = "to",
                         .value = "FILE",
                         .help = "Write what --calibrate has learned, for --calibration",
                         .complete = term::Complete::file});
    }
    bool asked() const override { return !runs_.empty() || !to_.empty(); }

    int answer(term::Session& session, EstimateInput& input) override {
        if (runs_.empty())
            throw Error(ErrorKind::usage, "--to is for what --calibrate has learned", {}, "add --calibrate RUN");
        std::optional<TrainingSpec> spec;
        if (input.has_spec() && !(spec = input.read(session))) return exit_code::invalid;
        std::vector<ComparedRun> runs;
        for (const std::string& path : runs_) runs.push_back(compared(session, path, spec));
        if (!to_.empty()) session.files.write(to_, to_pretty(to_json(learn(runs))));
        if (input.for_people())
            session.out.write(calibration_report(runs));
        else
            input.write(session, calibration_json(runs));
        session.out.flush();
        if (!to_.empty()) session.note(fmt::format("wrote {}; next: ktrain estimate --calibration {}", to_, to_));
        return exit_code::done;
    }

private:
    // `given`: the spec of the command line, for runs whose record has none.
    static ComparedRun compared(const term::Session& session, const std::string& path,
                                const std::optional<TrainingSpec>& given) {
        const std::string file = session.files.is_folder(path) ? path + "/run.json" : path;
        const RunRecord record = read_run_record(session.files.read(file), file);
        TrainingSpec spec = spec_of(record, given);
        spec.resources.gpu.clear();  // of a card that overflows less is reserved
        if (const std::int64_t longest = longest_row(session, file); longest > 0 && !spec.objective.packing)
            spec.objective.max_length = std::min(spec.objective.max_length, longest);
        try {
            return compare(record, estimate(spec, find_model(spec.model, session.files)));
        } catch (const Error& error) {
            throw Error(error.kind, fmt::format("the run of {} cannot be estimated: {}", file, error.message),
                        {file, 0, 0, "spec"}, "run this where its model can be read by the same path, or leave it out");
        }
    }

    // In tokens, from what the run has written beside its record; 0 when that is not there.
    static std::int64_t longest_row(const term::Session& session, const std::string& record) {
        const std::string file = record.substr(0, record.rfind('/') + 1) + "dataset_info.json";
        if (!session.files.is_file(file)) return 0;
        const Json info = parse_json(session.files.read(file), file);
        const Json& longest = at_path(info, {"longest"});
        return longest.is_number_integer() ? longest.get<std::int64_t>() : 0;
    }

    static TrainingSpec spec_of(const RunRecord& record, const std::optional<TrainingSpec>& given) {
        if (record.spec) return *record.spec;
        if (given && spec::digest(*given) == record.digest) return *given;
        throw Error(ErrorKind::input,
                    given ? fmt::format("the spec is not that of {}: its digest is another", record.file)
                          : fmt::format("{} does not hold the spec of its run", record.file),
                    {record.file, 0, 0, "spec_digest"}, "give the run's spec as FILE, with the flags that the run had");
    }

    std::vector<std::string> runs_;
    std::string to_;
};

}  // namespace

std::unique_ptr<EstimateQuestion> ask_calibrate() {
    return std::make_unique<Calibrate>();
}

}  // namespace ktrain
