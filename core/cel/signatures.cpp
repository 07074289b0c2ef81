// Which overload of a function or an operator takes which values, and what it gives. Source: cel-go checker/checker.go.
#include "core/cel/signatures.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/text.h"
#include "core/cel/signature_table.h"

namespace ktrain::cel {
namespace {

using namespace signatures;

Type type_of(char letter) {
    return std::ranges::lower_bound(letters, letter, {}, &Letter::letter)->type;
}

bool has_order(Type type) {
    constexpr std::array ordered{Type::boolean, Type::integer, Type::natural,  Type::real,
                                 Type::string,  Type::bytes,   Type::duration, Type::timestamp};
    return std::ranges::find(ordered, type) != ordered.end();
}

bool can_be_added(Type type) {
    return type == Type::integer || type == Type::natural || type == Type::real || type == Type::duration;
}

char next(std::string_view& form) {
    const char first = form.front();
    form.remove_prefix(1);
    return first;
}

// Whether nothing settles a part of the type: then no other is the same.
bool is_open(const Known& known) {
    return known.free || std::ranges::any_of(known.parts, is_open);
}

// An overload, and what its parameters stand for as far as its values were looked at.
class Overload {
public:
    explicit Overload(std::string_view text) : values_(text.substr(0, text.find('>'))), result_(text) {
        result_.remove_prefix(values_.size() + 1);
    }

    std::size_t count() const {
        std::size_t n = 0;
        for (std::string_view rest = values_; !rest.empty(); ++n) skip(rest);
        return n;
    }

    // How many of the values it takes, from the first.
    std::size_t taken(std::span<const Known> values) {
        std::string_view rest = values_;
        std::size_t n = 0;
        while (n < values.size() && takes(rest, values[n])) ++n;
        return n;
    }

    // `open`: whether something is not known of the values.
    Known result(bool open) const {
        std::string_view form = result_;
        Known known = made(form, open);
        const bool varies = is_open(known) || result_.find_first_of("ON") != result_.npos;
        if (!stands_for_several() || !varies) return known;
        return open ? Known{} : dynamic();
    }

    // The n-th value that it wants, in words.
    std::string wanted(std::size_t n) const {
        std::string_view rest = values_;
        for (; n > 0; --n) skip(rest);
        if (rest.starts_with("[O]")) return "a list of what has an order";
        if (rest.starts_with("[N]")) return "a list of numbers or durations";
        if (rest.starts_with("[s]")) return "a list of strings";
        if (parameters.find(rest.front()) != parameters.npos && !bound(rest.front())) return "an item";
        return described(made(rest, true));
    }

private:
    const std::optional<Known>& bound(char parameter) const { return bound_[parameters.find(parameter)]; }

    // Whether it is written once for overloads of several types, all of which take the values.
    bool stands_for_several() const {
        for (const char narrow : {'O', 'N'})
            if (values_.find(narrow) != values_.npos && !(bound(narrow) && bound(narrow)->type)) return true;
        return false;
    }

    static void skip(std::string_view& form) {
        const char c = next(form);
        if (c == '?') return skip(form);
        if (c != '[' && c != '{') return;
        while (form.front() != ']' && form.front() != '}') skip(form);
        next(form);
    }

    bool takes(std::string_view& form, const Known& value) {
        const char c = next(form);
        if (c == any) return true;
        if (parameters.find(c) != parameters.npos) return binds(c, value);
        const auto part = [&](Type whole, std::size_t i) {
            return takes(form, value.type == whole ? value.part(i) : free_type());
        };
        if (c == '?') return part(Type::optional, 0) && assignable(value, known_as(Type::optional));
        if (c == '[' || c == '{') {
            bool fits = !value.type || (value.type == (c == '[' ? Type::list : Type::map) && !value.is_object());
            const Type whole = c == '[' ? Type::list : Type::map;
            for (std::size_t i = 0; form.front() != ']' && form.front() != '}'; ++i) fits = part(whole, i) && fits;
            next(form);
            return fits;
        }
        return assignable(value, known_as(type_of(c)));
    }

    bool binds(char parameter, const Known& value) {
        const bool narrow = parameter == 'O' || parameter == 'N';
        if (value.free || (narrow && value.type == Type::null)) return true;  // times may be null
        if (parameter == 'O' && value.type && !has_order(*value.type)) return false;
        if (parameter == 'N' && value.type && !can_be_added(*value.type)) return false;
        std::optional<Known>& now = bound_[parameters.find(parameter)];
        if (now && !assignable(value, *now)) return false;
        now = now ? joined(*now, value) : value;
        return true;
    }

    Known made(std::string_view& form, bool open) const {
        const char c = next(form);
        if (c == any) return dynamic();
        if (parameters.find(c) != parameters.npos) {
            if (const auto& known = bound(c)) return *known;
            return open ? Known{} : c == 'O' || c == 'N' ? dynamic() : free_type();
        }
        if (c == '?') return optional_of(made(form, open));
        if (c != '[' && c != '{') return known_as(type_of(c));
        Known known{.type = c == '[' ? Type::list : Type::map};
        while (form.front() != ']' && form.front() != '}') known.parts.push_back(made(form, open));
        next(form);
        return known;
    }

    std::string_view values_, result_;
    std::array<std::optional<Known>, parameters.size()> bound_;
};

struct Choice {
    std::vector<Overload> tried;  // those that take the most of the values
    std::size_t taken = 0;
};

Choice choice_of(std::string_view overloads, std::span<const Known> values) {
    Choice choice;
    while (!overloads.empty()) {
        const std::string_view one = overloads.substr(0, overloads.find(' '));
        overloads.remove_prefix(std::min(one.size() + 1, overloads.size()));
        Overload overload(one);
        if (overload.count() != values.size()) continue;
        const std::size_t taken = overload.taken(values);
        if (taken < choice.taken) continue;
        if (taken > choice.taken) choice.tried.clear();
        choice.taken = taken;
        choice.tried.push_back(std::move(overload));
    }
    return choice;
}

// Where several overloads take the values and do not give the same, the server knows no type.
Answer answer_of(const Choice& choice, std::span<const Known> values) {
    if (choice.tried.empty()) return {};
    if (choice.taken < values.size()) return {false, {}, {}};
    const bool open = std::ranges::any_of(values, &Known::is_unknown);
    const bool unsettled = open || std::ranges::any_of(values, is_open);  // the first may settle what the values are
    Answer answer{true, choice.tried.front().result(open), {}};
    for (std::size_t i = 1; i < choice.tried.size(); ++i) {
        const Known other = choice.tried[i].result(open);
        if (is_open(answer.gives) || !equivalent(answer.gives, other)) answer.gives = unsettled ? Known{} : dynamic();
    }
    return answer;
}

// What one of the overloads takes as its n-th value: "a string or a list".
std::string wanted(const std::vector<Overload>& overloads, std::size_t n) {
    std::vector<std::string> words;
    for (const Overload& overload : overloads) {
        std::string word = overload.wanted(n);
        if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
    }
    const std::string last = std::move(words.back());
    words.pop_back();
    return words.empty() ? last : join(words, ", ") + " or " + last;
}

Answer answer_of(std::string_view overloads, std::span<const Known> values) {
    return answer_of(choice_of(overloads, values), values);
}

}  // namespace

Answer call_of(const Function& function, std::span<const Known> values) {
    const auto row = std::lower_bound(table.begin(), table.end(), Signature{function.name, function.style, ""}, before);
    if (row == table.end() || row->name != function.name || row->style != function.style) return {};
    const Choice choice = choice_of(row->overloads, values);
    Answer answer = answer_of(choice, values);
    if (answer.fits) return answer;
    const std::string name(function.name);
    const Known& wrong = values[choice.taken];
    answer.problem = choice.taken == 0 && function.style == member
                         ? described(wrong) + " has no " + name + "()"
                         : name + "() wants " + wanted(choice.tried, choice.taken) + ", got " + described(wrong);
    return answer;
}

Answer operator_of(Operator op, std::span<const Known> values) {
    return answer_of(operators[static_cast<std::size_t>(op)], values);
}

Answer form_of(Form form, std::span<const Known> values) {
    return answer_of(forms[static_cast<std::size_t>(form)], values);
}

}  // namespace ktrain::cel
