// Conversions between types, type() and size().
#include <cmath>

#include "core/base/go_bool.h"
#include "core/base/ip.h"
#include "core/base/text.h"
#include "core/cel/handlers.h"
#include "core/cel/number_text.h"
#include "core/cel/time.h"
#include "core/cel/tree.h"
#include "core/cel/utf8.h"

namespace ktrain::cel::handlers {
namespace {

Value beyond(std::string_view type) {
    return fail("the number does not fit into type " + std::string(type));
}

Value unreadable(const Value& text, std::string_view type) {
    return fail("'" + brief(text.text()) + "' is no " + std::string(type));
}

template <typename T>
Value read(std::optional<T> parsed, const Value& text, std::string_view type) {
    return parsed ? Value(*parsed) : unreadable(text, type);
}

}  // namespace

Value to_bool(const Call& call) {
    if (call.has(0, Type::boolean)) return call[0];
    if (!call.has(0, Type::string)) return call.wrong();
    const auto parsed = parse_go_bool(call[0].text());
    return parsed ? Value(*parsed) : unreadable(call[0], "bool");
}

Value to_bytes(const Call& call) {
    if (call.has(0, Type::bytes)) return call[0];
    if (!call.has(0, Type::string)) return call.wrong();
    return Bytes{*call[0].as<Text>()};
}

Value to_double(const Call& call) {
    if (call.has(0, Type::real)) return call[0];
    if (const auto* number = call[0].as<std::int64_t>()) return static_cast<double>(*number);
    if (const auto* number = call[0].as<std::uint64_t>()) return static_cast<double>(*number);
    if (!call.has(0, Type::string)) return call.wrong();
    return read(parse_double(call[0].text()), call[0], "double");
}

Value to_duration(const Call& call) {
    if (call.has(0, Type::duration)) return call[0];
    if (const auto* nanos = call[0].as<std::int64_t>()) return Duration{*nanos};
    if (!call.has(0, Type::string)) return call.wrong();
    return read(parse_duration(call[0].text()), call[0], "duration");
}

Value to_dyn(const Call& call) {
    return call[0];
}

Value to_int(const Call& call) {
    if (call.has(0, Type::integer)) return call[0];
    if (const auto* number = call[0].as<std::uint64_t>()) {
        return *number > INT64_MAX ? beyond("int") : Value(static_cast<std::int64_t>(*number));
    }
    if (const auto* number = call[0].as<double>()) {
        // cel-go refuses both ends, too: they may be rounded numbers beyond.
        if (!(*number > -0x1p63 && *number < 0x1p63)) return beyond("int");
        return static_cast<std::int64_t>(*number);
    }
    if (const auto* time = call[0].as<Timestamp>()) return time->seconds;
    if (const auto* duration = call[0].as<Duration>()) return duration->nanos;
    if (!call.has(0, Type::string)) return call.wrong();
    return read(parse_int(call[0].text()), call[0], "int");
}

Value no_value(const Call&) {
    return fail("it has no value here");
}

Value to_uint(const Call& call) {
    if (call.has(0, Type::natural)) return call[0];
    if (const auto* number = call[0].as<std::int64_t>()) {
        return *number < 0 ? beyond("uint") : Value(static_cast<std::uint64_t>(*number));
    }
    if (const auto* number = call[0].as<double>()) {
        if (!(*number >= 0 && *number < 0x1p64)) return beyond("uint");
        return static_cast<std::uint64_t>(*number);
    }
    if (!call.has(0, Type::string)) return call.wrong();
    return read(parse_uint(call[0].text()), call[0], "uint");
}

Value to_string(const Call& call) {
    const Value& value = call[0];
    switch (value.type()) {
        case Type::string:
            return value;
        case Type::boolean:
            return string_value(*value.as<bool>() ? "true" : "false");
        case Type::integer:
            return string_value(std::to_string(*value.as<std::int64_t>()));
        case Type::natural:
            return string_value(std::to_string(*value.as<std::uint64_t>()));
        case Type::real:
            return string_value(to_text(*value.as<double>()));
        case Type::duration:
            return string_value(to_text(*value.as<Duration>()));
        case Type::timestamp:
            return string_value(to_text(*value.as<Timestamp>()));
        case Type::ip:
            return string_value(to_text(*value.as<Ip>()));
        case Type::cidr:
            return string_value(to_text(*value.as<Cidr>()));
        case Type::bytes:
            if (!call.budget.spend_text(value.bytes().size())) return Budget::failure();
            return valid_utf8(value.bytes()) ? Value(value.as<Bytes>()->data) : fail("the bytes are not UTF-8");
        default:
            return call.wrong();
    }
}

Value to_timestamp(const Call& call) {
    if (call.has(0, Type::timestamp)) return call[0];
    if (const auto* seconds = call[0].as<std::int64_t>()) {
        const auto time = timestamp_of(*seconds, 0);
        return time ? Value(*time) : fail("the time is outside the years 1 to 9999");
    }
    if (!call.has(0, Type::string)) return call.wrong();
    return read(parse_time(call[0].text()), call[0], "timestamp");
}

Value type_of(const Call& call) {
    return TypeName{name_of(call[0].type())};
}

Value size(const Call& call) {
    std::size_t count = 0;
    switch (call[0].type()) {
        case Type::string:
            if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
            count = code_points(call[0].text());
            break;
        case Type::bytes:
            count = call[0].bytes().size();
            break;
        case Type::list:
            count = list_size(call[0]);
            break;
        case Type::map:
            count = map_size(call[0]);
            break;
        default:
            return call.wrong();
    }
    return static_cast<std::int64_t>(count);
}

}  // namespace ktrain::cel::handlers
