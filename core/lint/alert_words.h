// The words of templates of alerts: functions of Prometheus and of Go, what controls, and what templates lack.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace ktrain::lint::alert {

inline constexpr std::array<std::string_view, 49> functions{"and",
                                                            "args",
                                                            "call",
                                                            "eq",
                                                            "externalURL",
                                                            "first",
                                                            "ge",
                                                            "graphLink",
                                                            "gt",
                                                            "html",
                                                            "humanize",
                                                            "humanize1024",
                                                            "humanizeDuration",
                                                            "humanizePercentage",
                                                            "humanizeTimestamp",
                                                            "index",
                                                            "js",
                                                            "label",
                                                            "le",
                                                            "len",
                                                            "lt",
                                                            "match",
                                                            "ne",
                                                            "not",
                                                            "now",
                                                            "or",
                                                            "parseDuration",
                                                            "pathPrefix",
                                                            "print",
                                                            "printf",
                                                            "println",
                                                            "query",
                                                            "reReplaceAll",
                                                            "safeHtml",
                                                            "slice",
                                                            "sortByLabel",
                                                            "stripDomain",
                                                            "stripPort",
                                                            "strvalue",
                                                            "tableLink",
                                                            "title",
                                                            "tmpl",
                                                            "toDuration",
                                                            "toLower",
                                                            "toTime",
                                                            "toUpper",
                                                            "urlQueryEscape",
                                                            "urlquery",
                                                            "value"};
static_assert(std::ranges::is_sorted(functions));
inline constexpr std::array<std::string_view, 3> constants{"false", "nil", "true"};
inline constexpr std::array<std::string_view, 10> controls{"block", "break", "continue", "define",   "else",
                                                           "end",   "if",    "range",    "template", "with"};
static_assert(std::ranges::is_sorted(constants) && std::ranges::is_sorted(controls));

// What people write of other languages, and what stands for it. The longer ones first.
struct Foreign {
    std::string_view sign;
    std::string_view fix;
};
inline constexpr std::array<Foreign, 17> foreign{
    {{"==", "call a function: eq A B"},
     {"!=", "call a function: ne A B"},
     {"<=", "call a function: le A B"},
     {">=", "call a function: ge A B"},
     {"&&", "call a function: and A B"},
     {"||", "call a function: or A B"},
     {"/*", "write {{/* where the comment begins"},
     {"<", "call a function: lt A B"},
     {">", "call a function: gt A B"},
     {"!", "call a function: not A"},
     {"&", "call a function: and A B"},
     {"[", "write $labels.NAME, or index $labels \"NAME\""},
     {",", "write a space between two arguments"},
     {"+", "compute it in the expression of the alert"},
     {"-", "compute it in the expression of the alert; a label like a-b is index $labels \"a-b\""},
     {"*", "compute it in the expression of the alert"},
     {"%", "compute it in the expression of the alert"}}};

}  // namespace ktrain::lint::alert
