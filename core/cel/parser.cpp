// Parses the text of a rule into a program, by recursive descent. Source of the grammar: cel-spec doc/langdef.md.
#include "core/cel/parser.h"

#include <array>

#include "core/base/text.h"
#include "core/cel/builder.h"
#include "core/cel/escape.h"
#include "core/cel/macros.h"
#include "core/cel/operators.h"

namespace ktrain::cel {
namespace {

struct Sign {
    std::string_view text;
    Operator op;
};
constexpr std::array<Sign, 7> relations{{{"==", Operator::equals},
                                         {"!=", Operator::differs},
                                         {"<", Operator::less},
                                         {"<=", Operator::at_most},
                                         {">", Operator::more},
                                         {">=", Operator::at_least},
                                         {"in", Operator::in}}};
constexpr std::array<Sign, 2> sums{{{"+", Operator::add}, {"-", Operator::subtract}}};
constexpr std::array<Sign, 3> products{
    {{"*", Operator::multiply}, {"/", Operator::divide}, {"%", Operator::remainder}}};

class Parser {
public:
    Parser(std::string_view text, std::vector<Lexeme> lexemes, const Environment& environment)
        : environment_(environment), build_(text, environment), lexemes_(std::move(lexemes)) {}

    std::variant<Program, Problem> run() {
        const Id root = expression();
        if (peek().token != Token::end) wrong();
        Program program = build_.finish(root);
        if (build_.failed()) return build_.problem();
        return program;
    }

private:
    const Lexeme& peek(std::size_t ahead = 0) const { return lexemes_[std::min(at_ + ahead, lexemes_.size() - 1)]; }
    bool sees(std::string_view text) const { return peek().token != Token::literal && peek().text == text; }
    bool accept(std::string_view text) {
        if (peek().token == Token::end || !sees(text)) return false;
        ++at_;
        return true;
    }

    // The rest is not looked at: every rule of the grammar ends at the end.
    Id fail(int column, std::string message) {
        at_ = lexemes_.size() - 1;
        return build_.fail(column, std::move(message));
    }
    Id wrong() {
        if (peek().token == Token::end) return fail(peek().column, "the rule ends too early");
        return fail(peek().column, "unexpected '" + brief(peek().text) + "'");
    }
    void expect(std::string_view text) {
        if (!accept(text)) wrong();
    }

    Id expression() {
        if (++depth_ > max_rule_depth) return fail(peek().column, "the rule is nested too deeply");
        const int column = peek().column;
        Id result = chain("||", Op::either);
        if (accept("?")) {
            const Id yes = chain("||", Op::either);
            expect(":");
            const Id no = expression();
            result = build_.add(Op::choose, column, {result, yes, no});
        }
        --depth_;
        return result;
    }

    // a || b || c, whose parts are chains of &&, whose parts are relations: one expression however long.
    Id chain(std::string_view sign, Op op) {
        const int column = peek().column;
        const auto part = [&] { return op == Op::either ? chain("&&", Op::both) : relation(); };
        std::vector<Id> parts{part()};
        while (accept(sign)) parts.push_back(part());
        return parts.size() == 1 ? parts[0] : build_.add(op, column, parts);
    }

    template <std::size_t N, typename Next>
    Id binary(const std::array<Sign, N>& signs, Next next) {
        Id left = next();
        while (true) {
            const Sign* found = nullptr;
            for (const Sign& sign : signs) {
                if (peek().token != Token::end && sees(sign.text)) found = &sign;
            }
            if (!found) return left;
            const int column = peek().column;
            ++at_;
            const Id right = next();
            left = build_.add(Op::binary, column, {left, right}, static_cast<std::uint32_t>(found->op));
        }
    }

    Id relation() {
        return binary(relations, [this] { return sum(); });
    }
    Id sum() {
        return binary(sums, [this] { return binary(products, [this] { return unary(); }); });
    }

    Id unary() {
        const int column = peek().column;
        if (sees("-") && peek(1).token == Token::literal && is_number(peek(1))) return postfix(negative_literal());
        const bool minus = accept("-");
        if (!minus && !accept("!")) return postfix(primary());
        if (++depth_ > max_rule_depth) return fail(column, "the rule is nested too deeply");
        const Id value = unary();
        --depth_;
        return build_.add(minus ? Op::negate : Op::invert, column, {value});
    }

    static bool is_number(const Lexeme& lexeme) {
        return lexeme.value.is(Type::integer) || lexeme.value.is(Type::real) || lexeme.value.is(Type::null);
    }

    Id negative_literal() {
        const int column = peek().column;
        const Value value = peek(1).value;
        at_ += 2;
        // The lexer leaves 2^63 without a value: it is an integer only behind a minus.
        if (value.is(Type::null)) return build_.literal(column, INT64_MIN);
        return build_.literal(column, cel::negative(value));
    }

    Id primary() {
        const Lexeme& lexeme = peek();
        const int column = lexeme.column;
        if (lexeme.token == Token::literal) {
            ++at_;
            if (lexeme.value.is(Type::null)) return fail(column, "a number beyond 64 bits; an unsigned one ends in u");
            return build_.literal(column, lexeme.value);
        }
        if (accept("(")) {
            const Id inner = expression();
            expect(")");
            return inner;
        }
        if (accept("[")) return build_.add(Op::list, column, entries("]", false));
        if (accept("{")) return build_.add(Op::map, column, entries("}", true));
        accept(".");  // from the root: every name is
        if (peek().token == Token::name) return named();
        return wrong();
    }

    Id named() {
        const Lexeme& lexeme = peek();
        const int column = lexeme.column;
        ++at_;
        if (lexeme.text == "true" || lexeme.text == "false") return build_.literal(column, lexeme.text == "true");
        if (lexeme.text == "null") return build_.literal(column, Value());
        if (is_reserved(lexeme.text)) return fail(column, "'" + std::string(lexeme.text) + "' is a reserved word");
        if (!accept("(")) return build_.name(column, lexeme.text);
        if (lexeme.text == "has") return has(column);
        return build_.call(column, lexeme.text, false, arguments());
    }

    Id has(int column) {
        const Id field = expression();
        expect(")");
        if (build_[field].op != Op::select) return fail(column, "has() wants a field: has(a.b)");
        build_[field].op = Op::has;
        return field;
    }

    std::vector<Id> arguments() {
        std::vector<Id> values;
        if (accept(")")) return values;
        do values.push_back(expression());
        while (accept(","));
        expect(")");
        return values;
    }

    // The entries of a list or a map up to its end; a comma may follow the last.
    std::vector<Id> entries(std::string_view end, bool pairs) {
        std::vector<Id> ids;
        while (!accept(end)) {
            const bool optional = accept("?");
            if (pairs) {
                ids.push_back(expression());
                expect(":");
            }
            ids.push_back(entry_value(optional));
            if (sees(end)) continue;
            if (!accept(",")) {
                wrong();
                break;
            }
        }
        return ids;
    }

    Id entry_value(bool optional) {
        const int column = peek().column;
        const Id value = expression();
        return optional ? build_.add(Op::spread, column, {value}) : value;
    }

    Id postfix(Id value) {
        while (true) {
            const int column = peek().column;
            if (accept(".")) {
                value = member(value, column);
            } else if (accept("[")) {
                const Op op = accept("?") ? Op::index_optional : Op::index;
                const Id key = expression();
                expect("]");
                value = build_.add(op, column, {value, key});
            } else if (sees("{") && !build_.unresolved(value).empty()) {
                value = made_object(value, column);
            } else {
                return value;
            }
        }
    }

    // Object.spec{replicas: 3}, JSONPatch{op: "add"}
    Id made_object(Id type, int column) {
        const std::string name(build_.unresolved(type));
        const bool known = name == "Object" || name.starts_with("Object.") || name == "JSONPatch";
        if (!environment_.has(Library::mutation) || !known) return fail(column, "messages cannot be made in rules");
        ++at_;
        std::vector<std::string_view> fields;
        std::vector<Id> values;
        while (!accept("}")) {
            const bool optional = accept("?");
            if (peek().token != Token::name || peek(1).text != ":") return wrong();
            fields.push_back(peek().text);
            at_ += 2;
            values.push_back(entry_value(optional));
            if (!accept(",") && !sees("}")) return wrong();
        }
        return build_.object(column, name, fields, values);
    }

    // cel.bind(x, value, expression with x)
    Id bind(int column) {
        const Lexeme& name = peek();
        if (name.token != Token::name || is_reserved(name.text) || peek(1).text != ",")
            return fail(name.column, "'cel.bind' wants the name of a variable first");
        at_ += 2;
        const Id value = expression();
        expect(",");
        names_.push_back(name.text);
        const std::uint32_t slot = build_.open(names_.back());
        const Id result = expression();
        build_.close(1);
        names_.pop_back();
        expect(")");
        return build_.bind(column, slot, value, result);
    }

    Id member(Id from, int column) {
        const bool optional = accept("?");
        const Lexeme& name = peek();
        if (name.token != Token::name) return wrong();
        ++at_;
        if (optional) return build_.select(Op::select_optional, column, from, name.text);
        if (!accept("(")) return build_.select(Op::select, column, from, name.text);
        if (environment_.has(Library::devices) && name.text == "bind" && build_.unresolved(from) == "cel")
            return bind(name.column);
        if (const MacroForm* form = find_macro(name.text, count_arguments())) return macro(*form, from, name.column);
        std::vector<Id> values = arguments();
        if (const std::string_view front = build_.unresolved(from); !front.empty()) {
            return build_.call(build_[from].column, std::string(front) + "." + std::string(name.text), false, values);
        }
        values.insert(values.begin(), from);
        if (values.size() == 2 && name.text == "or") return build_.add(Op::or_else, name.column, values);
        if (values.size() == 2 && name.text == "orValue") return build_.add(Op::or_value, name.column, values);
        return build_.call(name.column, name.text, true, values);
    }

    // How many arguments a call has whose "(" was just taken.
    std::size_t count_arguments() const {
        std::size_t count = sees(")") ? 0 : 1;
        int depth = 0;
        for (std::size_t i = at_; i < lexemes_.size() && depth >= 0; ++i) {
            const std::string_view text = lexemes_[i].token == Token::symbol ? lexemes_[i].text : std::string_view();
            if (text == "(" || text == "[" || text == "{") ++depth;
            if (text == ")" || text == "]" || text == "}") --depth;
            if (text == "," && depth == 0) ++count;
        }
        return count;
    }

    Id macro(const MacroForm& form, Id range, int column) {
        std::vector<Id> parts{range};
        const std::size_t variables = form.pair ? 2 : 1;
        std::uint32_t slot = 0;
        for (std::size_t i = 0; i < variables; ++i) {
            const Lexeme& name = peek();
            if (name.token != Token::name || is_reserved(name.text) || peek(1).text != ",") {
                return fail(name.column, "'" + std::string(form.name) + "' wants the name of a variable first");
            }
            at_ += 2;
            names_.push_back(name.text);
        }
        for (std::size_t i = 0; i < variables; ++i) {
            const std::uint32_t opened = build_.open(names_[names_.size() - variables + i]);
            if (i == 0) slot = opened;
        }
        do parts.push_back(expression());
        while (accept(","));
        expect(")");
        build_.close(variables);
        names_.resize(names_.size() - variables);
        const Id id = build_.add(Op::macro, column, parts, static_cast<std::uint32_t>(form.macro));
        build_[id].extra = slot;
        build_[id].pair = form.pair;
        return id;
    }

    const Environment& environment_;
    Builder build_;
    std::vector<Lexeme> lexemes_;
    std::vector<std::string_view> names_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

}  // namespace

std::variant<Program, Problem> parse_rule(std::string_view text, const Environment& environment) {
    if (text.size() > max_rule_bytes) return Problem{"the rule has more than 100,000 bytes", 1};
    auto lexemes = tokens_of(text);
    if (auto* problem = std::get_if<Problem>(&lexemes)) return std::move(*problem);
    return Parser(text, std::move(std::get<std::vector<Lexeme>>(lexemes)), environment).run();
}

}  // namespace ktrain::cel
