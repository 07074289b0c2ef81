// The parts of timestamps and durations.
#include "core/base/text.h"
#include "core/cel/handlers.h"
#include "core/cel/time.h"

namespace ktrain::cel::handlers {
namespace {

Value part_of_duration(const Call& call, std::int64_t nanos) {
    if (call.size() > 1) return call.wrong();
    if (call.name == "getHours") return nanos / 3'600'000'000'000;
    if (call.name == "getMinutes") return nanos / 60'000'000'000;
    if (call.name == "getSeconds") return nanos / 1'000'000'000;
    if (call.name == "getMilliseconds") return nanos / 1'000'000;
    return call.wrong();
}

Value part_of_time(std::string_view name, const Calendar& c, Timestamp time) {
    if (name == "getFullYear") return c.year;
    if (name == "getMilliseconds") return std::int64_t{time.nanos / 1'000'000};
    int part = c.day + 1;  // getDate
    if (name == "getMonth") part = c.month;
    if (name == "getDayOfMonth") part = c.day;
    if (name == "getDayOfWeek") part = c.day_of_week;
    if (name == "getDayOfYear") part = c.day_of_year;
    if (name == "getHours") part = c.hour;
    if (name == "getMinutes") part = c.minute;
    if (name == "getSeconds") part = c.second;
    return std::int64_t{part};
}

}  // namespace

Value time_part(const Call& call) {
    if (const auto* duration = call[0].as<Duration>()) return part_of_duration(call, duration->nanos);
    const auto* time = call[0].as<Timestamp>();
    if (!time || (call.size() > 1 && !call.has(1, Type::string))) return call.wrong();
    const auto zone = call.size() > 1 ? parse_zone(call[1].text()) : std::optional<std::int64_t>(0);
    if (!zone) {
        Value failed = fail("the time zone '" + brief(call[1].text()) + "' is not known here");
        failed.failure().unknown = true;
        return failed;
    }
    return part_of_time(call.name, calendar_of(*time, *zone), *time);
}

}  // namespace ktrain::cel::handlers
