// Finds fields that a rule takes and the schema does not have, as the type checker of an API server would.
#include <algorithm>

#include "core/base/text.h"
#include "core/cel/cel.h"
#include "core/cel/escape.h"

namespace ktrain::cel {
namespace {

class FieldChecker {
public:
    FieldChecker(const Program& program, const Typing& typing, SchemaId self)
        : program_(program), typing_(typing), self_(self), slots_(program.slots) {}

    std::optional<Problem> run() {
        schema_of(program_.root);
        return std::move(problem_);
    }

private:
    using Schema = std::optional<SchemaId>;

    std::uint32_t child(const Expression& e, std::size_t i) const { return program_.children[e.first + i]; }

    // The schema of an expression's value, where one is known. Looks at all that is below it.
    Schema schema_of(std::uint32_t id) {
        const Expression& e = program_.expressions[id];
        switch (e.op) {
            case Op::self:
            case Op::old_self:
                return e.op == Op::self ? Schema(self_) : Schema();  // oldSelf may be an optional value
            case Op::variable:
                return slots_[e.data];
            case Op::select:
                return field_of(schema_of(child(e, 0)), e);
            case Op::select_optional:
            case Op::has:
                field_of(schema_of(child(e, 0)), e);
                return {};
            case Op::index:
                return indexed(e);
            case Op::macro:
                return macro(e);
            default:
                for (std::size_t i = 0; i < e.count; ++i) schema_of(child(e, i));
                return {};
        }
    }

    Schema field_of(Schema from, const Expression& e) {
        if (!from) return {};
        const As as = typing_.of(*from).as;
        if (as != As::object && as != As::map) return {};
        const std::string& written = program_.names[e.data];
        const std::optional<std::string> name = as == As::map ? written : unescape(written);
        const Schema found = name ? typing_.member(*from, *name) : Schema();
        if (!found && as == As::object && !problem_)
            problem_ = Problem{"the schema has no field '" + brief(written) + "' here", e.column};
        return found;
    }

    Schema indexed(const Expression& e) {
        const Schema from = schema_of(child(e, 0));
        schema_of(child(e, 1));
        return from ? inside(*from) : Schema();
    }

    Schema inside(SchemaId of) const {
        const As as = typing_.of(of).as;
        if (as == As::list || as == As::set || as == As::keyed) return typing_.item(of);
        return as == As::map ? typing_.member(of, "") : Schema();
    }

    Schema macro(const Expression& e) {
        const Schema range = schema_of(child(e, 0));
        const auto kind = static_cast<Macro>(e.data);
        const bool list = range && typing_.of(*range).as != As::map;
        const bool optional = kind == Macro::opt_map || kind == Macro::opt_flat_map;
        const Schema item = range && !optional ? inside(*range) : Schema();
        slots_[e.extra] = !e.pair && list ? item : Schema();
        if (e.pair) slots_[e.extra + 1] = item;
        for (std::size_t i = 1; i < e.count; ++i) schema_of(child(e, i));
        return kind == Macro::filter ? range : Schema();
    }

    const Program& program_;
    const Typing& typing_;
    SchemaId self_;
    std::vector<Schema> slots_;
    std::optional<Problem> problem_;
};

}  // namespace

std::optional<Problem> unknown_field(const Program& rule, const Typing& typing, SchemaId self) {
    return FieldChecker(rule, typing, self).run();
}

}  // namespace ktrain::cel
