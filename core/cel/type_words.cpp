// What is wrong with types that do not go together, in words.
#include "core/cel/type_words.h"

namespace ktrain::cel {
std::string either(const Known& a, const Known& b, std::string_view between) {
    const auto shown = [&](const Known& one) {
        return a.type == b.type || one.is_object() || !one.type ? described(one) : typed(*one.type);
    };
    return shown(a) + std::string(between) + shown(b);
}

std::string mismatch(Operator op, const Known& left, const Known& right) {
    if (op == Operator::in) {
        const bool holds = right.type == Type::list || (right.type == Type::map && !right.is_object());
        return holds ? either(left, right.part(0), " and ") + " cannot be compared"
                     : "'in' wants a list or a map, got " + described(right);
    }
    const bool equality = op == Operator::equals || op == Operator::differs;
    for (const Known* one : {&left, &right}) {
        if (is_condition(op) && !equality && (one->type == Type::quantity || one->type == Type::semver))
            return described(*one) + " has no order here: write isGreaterThan(), isLessThan() or compareTo()";
    }
    const bool lists = left.type == Type::list && right.type == Type::list && op == Operator::add;
    if (equality || lists || (left.type && right.type && left.type != right.type))
        return either(left, right, " and ") + (is_condition(op) ? " cannot be compared" : " cannot be taken together");
    const Known& one = left.type ? left : right;  // both are of its type, or the other may be of any
    if (is_condition(op)) return described(one) + " has no order";
    if (one.type == Type::real) return "% wants whole numbers, got " + described(one);
    return described(one) + " is no number";
}

}  // namespace ktrain::cel
