// Appending to metrics.jsonl and cutting it back on resume.
#include "trainer/report/metrics.h"

#include "core/base/text.h"
#include "core/base/world.h"
#include "trainer/report/scalars.h"

namespace ktrain::trainer {
namespace {

constexpr std::uint64_t max_file = std::uint64_t{1} << 32;

// True for a line that belongs to the state that the run goes on from.
bool before(const std::string& line, const Beginning& beginning) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer()) return false;
    const auto step = json["step"].get<std::int64_t>();
    if (step > beginning.step) return false;
    const std::string event = string_or(json, "event");
    if (event == "epoch")
        return json.contains("epoch") && json["epoch"].is_number() &&
               json["epoch"].get<double>() <= static_cast<double>(beginning.epoch);
    // A checkpoint may be older than the lines of its own step: one that a signal asked for is written before them.
    return (event == "step" && step <= beginning.logged) || (event == "eval" && step <= beginning.evaluated);
}

void cut_back(const std::string& path, const Beginning& beginning) {
    if (!real_files().exists(path)) return;
    const std::string old = real_files().read(path, max_file);
    std::string kept;
    for (const auto& line : split(old, '\n'))
        if (before(line, beginning)) kept += line + "\n";
    if (kept != old) real_files().write(path, kept);
}

}  // namespace

void MetricsFile::begin(const Beginning& beginning) {
    cut_back(path_, beginning);
    file_ = std::make_unique<AppendedFile>(path_);
}

void MetricsFile::take(const Json& event) {
    if (file_ && has_numbers(event)) file_->append(event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace ktrain::trainer
