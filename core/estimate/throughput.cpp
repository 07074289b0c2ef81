// The speed that a run has measured, from its metrics.jsonl.
#include <algorithm>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/estimate/time.h"

namespace ktrain {
namespace {

// The tokens a second of a log line; 0 for other events and for steps that timed nothing.
double speed_in(std::string_view line, const std::string& file, int number) {
    try {
        const Json event = parse_json(line, file);
        const Json& speed = at_path(event, {"tokens_per_second"});
        return string_or(event, "event") == "step" && speed.is_number() ? speed.get<double>() : 0;
    } catch (Error& error) {
        error.where.line = number;
        throw;
    }
}

}  // namespace

Throughput throughput_of_metrics(std::string_view text, const std::string& file) {
    std::vector<double> speeds;
    int number = 0;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        ++number;
        if (trim(line).empty()) continue;
        if (const double speed = speed_in(line, file, number); speed > 0) speeds.push_back(speed);
    }
    if (speeds.empty())
        throw Error(ErrorKind::input, "no step has tokens_per_second", {file, 0, 0, ""},
                    "take metrics.jsonl of a run that trains on texts");
    if (speeds.size() >= 3) speeds.erase(speeds.begin());  // it has the warm-up in it
    std::ranges::sort(speeds);
    const std::size_t middle = speeds.size() / 2;
    const double median = speeds.size() % 2 == 1 ? speeds[middle] : (speeds[middle - 1] + speeds[middle]) / 2;
    return {median, speeds.size()};
}

}  // namespace ktrain
