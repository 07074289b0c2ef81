// Reads records of runs, and writes and reads calibrations.
#include "core/estimate/calibration.h"

#include <fmt/format.h>

#include "core/base/file_error.h"
#include "core/base/text.h"
#include "core/estimate/labels.h"
#include "core/spec/load.h"

namespace ktrain {
namespace {

constexpr std::string_view kind = "ktrain calibration";
constexpr std::int64_t version_of_format = 1;

constexpr const char* give_record = "give the run.json of a run's output_dir, or that folder";
constexpr const char* make_anew = "make it anew: ktrain estimate --calibrate output/run.json --to FILE";
constexpr const char* other_version = "it is of another version of ktrain: train again with this one, or leave it out";

// JSON with an object at its top.
Json object_of(std::string_view text, const std::string& file, const char* remedy) {
    try {
        Json json = parse_json(text, file);
        if (json.is_object()) return json;
    } catch (Error& error) {
        error.hint = remedy;
        throw;
    }
    refuse(file, file + " holds no JSON object", remedy);
}

const Json& memory_of(const Json& json, const std::string& file) {
    const Json& memory = at_path(json, {"memory"});
    if (!memory.is_object() || memory.empty())
        refuse({file, 0, 0, "memory"}, file + " does not say what its run held in memory", give_record);
    return memory;
}

std::optional<TrainingSpec> spec_of(const Json& json, const std::string& file) {
    const Json& spec = at_path(json, {"spec"});
    if (spec.is_null()) return std::nullopt;
    try {
        return spec::from_json(spec);
    } catch (const Error& error) {
        refuse({file, 0, 0, "spec"}, fmt::format("the spec in {} cannot be read: {}", file, error.message),
               other_version);
    }
}

Multiplier multiplier_of(const Json& row, const std::string& file) {
    const Json& family = at_path(row, {"family"});
    const Json& value = at_path(row, {"multiplier"});
    const Json& runs = at_path(row, {"runs"});
    const Json& median = at_path(row, {"median_ratio"});
    const bool right = (family.is_null() || family.is_string()) && value.is_number() && median.is_number() &&
                       runs.is_number_integer() && runs > 0;
    if (!right || !(value >= 0.1 && value <= 10))
        refuse({file, 0, 0, "multipliers"},
               "a multiplier has a family, runs, median_ratio and a multiplier from 0.1 to 10, not " +
                   brief(row.dump(), 120),
               make_anew);
    return {family.is_null() ? "" : family.get<std::string>(), runs.get<std::int64_t>(), median.get<double>(),
            value.get<double>()};
}

}  // namespace

RunRecord read_run_record(std::string_view text, const std::string& file) {
    const Json json = object_of(text, file, give_record);
    RunRecord record{file, string_or(json, "name"), string_or(json, "spec_digest"), spec_of(json, file), {}};
    for (const auto& [label, bytes] : memory_of(json, file).items()) {
        if (labels::find_logged(label) == nullptr || !bytes.is_number_integer() || bytes < 0)
            refuse({file, 0, 0, "memory"},
                   fmt::format("{} has {} of \"{}\" in memory, which no run of this version logs", file,
                               brief(bytes.dump()), printable(label)),
                   other_version);
        record.memory.emplace_back(label, bytes.get<std::int64_t>());
        if (label == labels::activations && bytes == 0)
            refuse({file, 0, 0, "memory"}, file + " has measured no step: its run had nothing left to train",
                   "leave it out, or train anew");
    }
    return record;
}

Json to_json(const Calibration& calibration) {
    Json rows = Json::array();
    for (const Multiplier& row : calibration.rows)
        rows.push_back({{"family", row.family.empty() ? Json(nullptr) : Json(row.family)},
                        {"runs", row.runs},
                        {"median_ratio", row.median},
                        {"multiplier", row.value}});
    return {{"kind", kind}, {"version", version_of_format}, {"multipliers", std::move(rows)}};
}

Calibration read_calibration(std::string_view text, const std::string& file) {
    const Json json = object_of(text, file, make_anew);
    if (string_or(json, "kind") != kind) refuse(file, file + " is no calibration", make_anew);
    if (at_path(json, {"version"}) != version_of_format)
        refuse({file, 0, 0, "version"},
               fmt::format("{} is a calibration of version {}, this ktrain reads version {}", file,
                           brief(at_path(json, {"version"}).dump()), version_of_format),
               make_anew);
    const Json& rows = at_path(json, {"multipliers"});
    Calibration calibration;
    if (rows.is_array())
        for (const Json& row : rows) calibration.rows.push_back(multiplier_of(row, file));
    if (calibration.rows.empty() || !calibration.rows.front().family.empty())
        refuse({file, 0, 0, "multipliers"}, file + " lacks the multiplier of all runs, which comes first", make_anew);
    return calibration;
}

}  // namespace ktrain
