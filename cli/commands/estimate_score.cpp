// The tables and the JSON of a score.
#include "cli/commands/estimate_input.h"

#include <fmt/format.h>

#include "cli/term/output.h"
#include "core/base/exit_code.h"
#include "core/estimate/amount_text.h"
#include "core/estimate/measured.h"

namespace ktrain {
namespace {

std::string percent(double share) {
    return fmt::format("{:.1f} %", 100 * share);
}

std::string signed_percent(double share) {
    return fmt::format("{:+.1f} %", 100 * share);
}

std::string rows_table(const std::vector<Scored>& scored) {
    term::Table table({"ROW", "MODEL", "METHOD", "METRIC", "MEASURED", "ESTIMATE", "ERROR"});
    for (const std::size_t column : {4U, 5U, 6U}) table.align(column, term::Table::Align::right);
    for (const Scored& row : scored) {
        const Conditions& conditions = row.row->conditions;
        table.row({row.row->id, conditions.shape.name,
                   conditions.full ? "full" : std::string("lora r") + std::to_string(conditions.rank),
                   row.row->metric.empty() ? "?" : row.row->metric, gib(row.row->peak), gib(row.estimate),
                   signed_percent(row.error)});
    }
    return table.text();
}

std::string scores_table(const std::vector<Score>& scores) {
    term::Table table({"FAMILY", "ROWS", "MEDIAN", "P90", "WITHIN 10 %", "WITHIN 20 %", "BIAS"});
    for (std::size_t column = 1; column < 7; ++column) table.align(column, term::Table::Align::right);
    for (const Score& score : scores)
        table.row({score.family.empty() ? "all" : score.family, std::to_string(score.rows), percent(score.median),
                   percent(score.p90), percent(score.within_10), percent(score.within_20), signed_percent(score.bias)});
    return table.text();
}

// Tables for people: every row, then families; those that were left out last.
std::string score_report(const MeasuredRows& measured) {
    const std::vector<Scored> scored = score_rows(measured.rows);
    std::string text = rows_table(scored) + "\n" + scores_table(summarise(scored));
    if (!measured.left_out.empty()) {
        text += fmt::format("\n{} left out:\n", measured.left_out.size() == 1
                                                    ? "1 row is"
                                                    : fmt::format("{} rows are", measured.left_out.size()));
        for (const std::string& line : measured.left_out) text += "  " + line + "\n";
    }
    return text;
}

// {rows: [{id, line, family, metric, measured_bytes, estimated_bytes, error}], scores: [{family, rows, median, p90,
// within_10, within_20, bias}], left_out}; errors as shares, family null for all rows.
Json score_json(const MeasuredRows& measured) {
    const std::vector<Scored> scored = score_rows(measured.rows);
    Json rows = Json::array(), scores = Json::array();
    for (const Scored& row : scored)
        rows.push_back({{"id", row.row->id},
                        {"line", row.row->line},
                        {"family", row.row->family},
                        {"metric", row.row->metric},
                        {"measured_bytes", row.row->peak},
                        {"estimated_bytes", row.estimate},
                        {"error", row.error}});
    for (const Score& score : summarise(scored))
        scores.push_back({{"family", score.family.empty() ? Json(nullptr) : Json(score.family)},
                          {"rows", score.rows},
                          {"median", score.median},
                          {"p90", score.p90},
                          {"within_10", score.within_10},
                          {"within_20", score.within_20},
                          {"bias", score.bias}});
    return {{"rows", std::move(rows)}, {"scores", std::move(scores)}, {"left_out", measured.left_out}};
}

class ScoreRows final : public EstimateQuestion {
public:
    void declare(term::Flags& flags) override {
        flags.add(&given_, {.name = "score",
                            .value = "CSV",
                            .help = "Compare with measured peaks, in the columns of docs/estimate.md"});
    }
    bool asked() const override { return given_.has_value(); }

    int answer(term::Session& session, EstimateInput& input) override {
        const std::string path = given_.value_or("");
        if (const std::string given = input.first_given(); !given.empty())
            throw Error(ErrorKind::usage, fmt::format("--score takes no {}: its rows say all of that", given), {},
                        "leave it out");
        const MeasuredRows measured = read_measured(session.files.read(path), path);
        if (measured.rows.empty())
            throw Error(ErrorKind::input,
                        measured.left_out.empty()
                            ? "there are no rows"
                            : fmt::format("no row can be estimated; {} left out", measured.left_out.size()),
                        {path, 0, 0, ""}, measured.left_out.empty() ? "" : measured.left_out.front());
        if (input.for_people())
            session.out.write(score_report(measured));
        else
            input.write(session, score_json(measured));
        return exit_code::done;
    }

private:
    std::optional<std::string> given_;
};

}  // namespace

std::unique_ptr<EstimateQuestion> ask_score() {
    return std::make_unique<ScoreRows>();
}

}  // namespace ktrain
