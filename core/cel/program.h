// A compiled rule: its expressions in one flat table, its literals and its patterns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/regex.h"
#include "core/cel/known.h"
#include "core/cel/lexer.h"

namespace ktrain::cel {

enum class Op : std::uint8_t {
    literal,          // data: of Program::literals; extra: of Program::declared, from 1
    variable,         // data: the slot
    self,             //
    old_self,         //
    unresolved,       // data: of Program::names; only while parsing
    select,           // child . data: of Program::names; extra: of Program::declared, from 1
    select_optional,  // child .? name
    has,              // has(child.name)
    index,            // child [ child ]
    index_optional,   // child [? child ]
    negate,           //
    invert,           // !
    binary,           // data: Operator
    both,             // any number of children joined by &&
    either,           // by ||
    choose,           // ? :
    list,             //
    map,              // keys and values in turn
    spread,           // an optional entry of a list or a map
    call,             // data: the row of the table of functions; extra: of Program::patterns, from 1
    or_else,          // optional.or(optional)
    or_value,         // optional.orValue(value)
    object,           // values of fields; data: of Program::names, one for each; extra: of Program::declared, from 1
    bind,             // extra: the slot of the first child in the second
    macro,            // data: Macro; extra: its first slot; children: the range, then its expressions
};

enum class Macro : std::uint8_t {
    all,
    exists,
    exists_one,
    filter,
    map,
    opt_flat_map,
    opt_map,
    sort_by,
    transform_list,
    transform_map,
    transform_map_entry,
};

struct Expression {
    Op op = Op::literal;
    bool pair = false;  // a macro over two variables: index or key, and value
    std::uint16_t height = 1;
    int column = 0;
    std::uint32_t first = 0, count = 0;  // of Program::children
    std::uint32_t data = 0, extra = 0;
};

struct Program {
    std::string text;  // the rule
    std::vector<Expression> expressions;
    std::vector<std::uint32_t> children;
    std::vector<Value> literals;
    std::vector<std::string> names;
    std::vector<Known> declared;                         // types of variables and of objects that have no value
    std::vector<std::shared_ptr<const Regex>> patterns;  // those that are literals
    std::uint32_t root = 0;
    std::uint32_t slots = 0;  // variables of macros that live at once
    bool uses_old_self = false;
};

}  // namespace ktrain::cel
