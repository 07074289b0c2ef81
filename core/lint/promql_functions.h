// The functions, aggregations and operators of the language of Prometheus; see promql.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace ktrain::lint::promql {

enum class Yields { scalar, text, vector, range };

struct Function {
    std::string_view name;
    std::size_t least, most;  // arguments
    Yields wants;             // as the first of them
    Yields gives = Yields::vector;
};

inline constexpr std::size_t any = 100;
constexpr Function over_time(std::string_view name) {
    return {name, 1, 1, Yields::range};
}
constexpr Function of_vector(std::string_view name) {
    return {name, 1, 1, Yields::vector};
}
constexpr Function of_clock(std::string_view name) {
    return {name, 0, 1, Yields::vector};
}

inline constexpr std::array functions{of_vector("abs"),
                                      of_vector("absent"),
                                      over_time("absent_over_time"),
                                      of_vector("acos"),
                                      of_vector("acosh"),
                                      of_vector("asin"),
                                      of_vector("asinh"),
                                      of_vector("atan"),
                                      of_vector("atanh"),
                                      over_time("avg_over_time"),
                                      of_vector("ceil"),
                                      over_time("changes"),
                                      Function{"clamp", 3, 3, Yields::vector},
                                      Function{"clamp_max", 2, 2, Yields::vector},
                                      Function{"clamp_min", 2, 2, Yields::vector},
                                      of_vector("cos"),
                                      of_vector("cosh"),
                                      over_time("count_over_time"),
                                      of_clock("day_of_month"),
                                      of_clock("day_of_week"),
                                      of_clock("day_of_year"),
                                      of_clock("days_in_month"),
                                      of_vector("deg"),
                                      over_time("delta"),
                                      over_time("deriv"),
                                      Function{"double_exponential_smoothing", 3, 3, Yields::range},
                                      Function{"end", 0, 0, Yields::scalar, Yields::scalar},
                                      of_vector("exp"),
                                      over_time("first_over_time"),
                                      of_vector("floor"),
                                      of_vector("histogram_avg"),
                                      of_vector("histogram_count"),
                                      Function{"histogram_fraction", 3, 3, Yields::scalar},
                                      Function{"histogram_quantile", 2, 2, Yields::scalar},
                                      Function{"histogram_quantiles", 3, 12, Yields::vector},
                                      of_vector("histogram_stddev"),
                                      of_vector("histogram_stdvar"),
                                      of_vector("histogram_sum"),
                                      Function{"holt_winters", 3, 3, Yields::range},
                                      of_clock("hour"),
                                      over_time("idelta"),
                                      over_time("increase"),
                                      Function{"info", 1, 2, Yields::vector},
                                      over_time("irate"),
                                      Function{"label_join", 3, any, Yields::vector},
                                      Function{"label_replace", 5, 5, Yields::vector},
                                      over_time("last_over_time"),
                                      of_vector("ln"),
                                      of_vector("log10"),
                                      of_vector("log2"),
                                      over_time("mad_over_time"),
                                      Function{"max_of", 2, 2, Yields::scalar, Yields::scalar},
                                      over_time("max_over_time"),
                                      Function{"min_of", 2, 2, Yields::scalar, Yields::scalar},
                                      over_time("min_over_time"),
                                      of_clock("minute"),
                                      of_clock("month"),
                                      Function{"pi", 0, 0, Yields::scalar, Yields::scalar},
                                      Function{"predict_linear", 2, 2, Yields::range},
                                      over_time("present_over_time"),
                                      Function{"quantile_over_time", 2, 2, Yields::scalar},
                                      of_vector("rad"),
                                      Function{"range", 0, 0, Yields::scalar, Yields::scalar},
                                      over_time("rate"),
                                      over_time("resets"),
                                      Function{"round", 1, 2, Yields::vector},
                                      Function{"scalar", 1, 1, Yields::vector, Yields::scalar},
                                      of_vector("sgn"),
                                      of_vector("sin"),
                                      of_vector("sinh"),
                                      of_vector("sort"),
                                      Function{"sort_by_label", 1, any, Yields::vector},
                                      Function{"sort_by_label_desc", 1, any, Yields::vector},
                                      of_vector("sort_desc"),
                                      of_vector("sqrt"),
                                      Function{"start", 0, 0, Yields::scalar, Yields::scalar},
                                      over_time("stddev_over_time"),
                                      over_time("stdvar_over_time"),
                                      Function{"step", 0, 0, Yields::scalar, Yields::scalar},
                                      over_time("sum_over_time"),
                                      of_vector("tan"),
                                      of_vector("tanh"),
                                      Function{"time", 0, 0, Yields::scalar, Yields::scalar},
                                      of_vector("timestamp"),
                                      over_time("ts_of_first_over_time"),
                                      over_time("ts_of_last_over_time"),
                                      over_time("ts_of_max_over_time"),
                                      over_time("ts_of_min_over_time"),
                                      Function{"vector", 1, 1, Yields::scalar},
                                      of_clock("year")};
static_assert(std::ranges::is_sorted(functions, {}, &Function::name));

// Functions and aggregations that need the feature promql-experimental-functions.
inline constexpr std::array<std::string_view, 19> experimental{"double_exponential_smoothing",
                                                               "end",
                                                               "first_over_time",
                                                               "histogram_quantiles",
                                                               "info",
                                                               "limit_ratio",
                                                               "limitk",
                                                               "mad_over_time",
                                                               "max_of",
                                                               "min_of",
                                                               "range",
                                                               "sort_by_label",
                                                               "sort_by_label_desc",
                                                               "start",
                                                               "step",
                                                               "ts_of_first_over_time",
                                                               "ts_of_last_over_time",
                                                               "ts_of_max_over_time",
                                                               "ts_of_min_over_time"};
static_assert(std::ranges::is_sorted(experimental));

// What the n-th argument must be. Behind the first: texts for labels, numbers for the rest; what a number in front is
// of.
constexpr Yields argument_of(const Function& function, std::size_t n, bool last) {
    if (n == 0) return function.wants;
    if (function.name == "histogram_quantiles") return n == 1 ? Yields::text : Yields::scalar;
    if (function.name == "max_of" || function.name == "min_of") return Yields::scalar;
    if (function.name.starts_with("label_") || function.name.starts_with("sort_by_label")) return Yields::text;
    if (function.wants != Yields::scalar || !last) return Yields::scalar;
    return function.name == "quantile_over_time" ? Yields::range : Yields::vector;
}

// With whether a parameter comes in front.
struct Aggregation {
    std::string_view name;
    bool parameter;
};

inline constexpr std::array aggregations{
    Aggregation{"avg", false},         Aggregation{"bottomk", true}, Aggregation{"count", false},
    Aggregation{"count_values", true}, Aggregation{"group", false},  Aggregation{"limit_ratio", true},
    Aggregation{"limitk", true},       Aggregation{"max", false},    Aggregation{"min", false},
    Aggregation{"quantile", true},     Aggregation{"stddev", false}, Aggregation{"stdvar", false},
    Aggregation{"sum", false},         Aggregation{"topk", true}};

struct Operation {
    std::string_view sign;
    int rank;
};

inline constexpr int power = 6;
inline constexpr std::array operations{
    Operation{"!=", 3},  Operation{"%", 5},     Operation{"*", 5},  Operation{"+", 4},
    Operation{"-", 4},   Operation{"/", 5},     Operation{"<", 3},  Operation{"<=", 3},
    Operation{"==", 3},  Operation{">", 3},     Operation{">=", 3}, Operation{"^", power},
    Operation{"and", 2}, Operation{"atan2", 5}, Operation{"or", 1}, Operation{"unless", 2}};

}  // namespace ktrain::lint::promql
