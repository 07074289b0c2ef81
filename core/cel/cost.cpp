// What a rule may cost an API server, expression by expression.
#include "core/cel/cost.h"

#include <algorithm>

#include "core/cel/cost_path.h"
#include "core/cel/operators.h"
#include "core/cel/price.h"
#include "core/cel/size.h"
#include "core/cel/types.h"
#include "core/cel/utf8.h"

namespace ktrain::cel {
namespace {

constexpr double per_byte = 0.1;      // of a text that is walked through
constexpr double per_pattern = 0.25;  // byte of a regular expression
constexpr std::uint64_t new_list = 10, new_map = 30;

struct Estimate {
    std::uint64_t cost = 0;
    MaybeSize size = {};
    Path path = {};
    MaybeSize item = {};  // of a list or a map that the rule makes
};

// The most that a text becomes when parts of it are replaced.
Size replaced(const Size& text, const Size& part, const Size& by) {
    Size count, kept;
    if (part.least == 0) {
        count.most = sum(text.most, 1);
        kept.most = text.most;
    } else if (by.most <= part.least) {
        kept.most = text.most;
    } else {
        count.most = scaled(text.most, 1 / static_cast<double>(part.least));
    }
    return count * Size{0, by.most} + kept;
}

bool is_text(std::optional<Type> type) {
    return type == Type::string || type == Type::bytes;
}

bool is_scalar(std::optional<Type> type) {
    return type == Type::boolean || type == Type::integer || type == Type::natural || type == Type::real ||
           type == Type::duration || type == Type::timestamp;
}

class Estimator {
public:
    Estimator(const Program& program, const Typing& typing, SchemaId self, const std::vector<Known>& known)
        : program_(program), paths_(typing, self), known_(known), slots_(program.slots) {}

    Estimate visit(std::uint32_t id) {
        Estimate estimate = inner(id);
        if (!estimate.size) estimate.size = paths_.size_at(estimate.path);
        if (!estimate.size && is_scalar(known_[id].type)) estimate.size = Size{1, 1};
        return estimate;
    }

private:
    using Children = std::vector<Estimate>;

    std::uint32_t child(const Expression& e, std::size_t i) const { return program_.children[e.first + i]; }
    const Known& known(const Expression& e, std::size_t i) const { return known_[child(e, i)]; }

    static Estimate costing(std::uint64_t cost) { return {cost}; }

    // Of the child; what has no bound has none for the server, and what has no known type is not held against the rule.
    Size size_of(const Expression& e, const Children& values, std::size_t i) const {
        if (values[i].size) return *values[i].size;
        return known(e, i).type ? Size{0, endless} : Size{};
    }

    // Of a list of the object; of those that a rule makes the functions over items know nothing.
    MaybeSize size_of_items(const Estimate& list) const {
        return list.path.at == Path::At::nowhere ? std::nullopt : paths_.size_at(paths_.item_of(list.path));
    }

    Children visit_children(const Expression& e) {
        Children values;
        for (std::size_t i = 0; i < e.count; ++i) values.push_back(visit(child(e, i)));
        return values;
    }

    static std::uint64_t cost_of(const Children& values) {
        std::uint64_t cost = 0;
        for (const Estimate& value : values) cost = sum(cost, value.cost);
        return cost;
    }

    Estimate inner(std::uint32_t id) {
        const Expression& e = program_.expressions[id];
        switch (e.op) {
            case Op::literal:
                return literal(program_.literals[e.data]);
            case Op::self:
            case Op::old_self:
                return {1, {}, paths_.self()};
            case Op::variable:
                return variable(slots_[e.data]);
            case Op::select:
                return select(e);
            case Op::has:
                return costing(visit(child(e, 0)).cost);
            case Op::index:
                return index(e);
            case Op::both:
            case Op::either:
                return costing(cost_of(visit_children(e)));
            case Op::choose:
                return choose(e);
            case Op::list:
                return list(e);
            case Op::map:
                return {sum(new_map, cost_of(visit_children(e))), Size{e.count / 2, e.count / 2}};
            case Op::macro:
                return macro(e);
            case Op::binary:
                return binary(e);
            case Op::call:
                return call(e);
            default:
                return costing(sum(1, cost_of(visit_children(e))));
        }
    }

    Estimate variable(Estimate value) const {
        value.cost = 1;
        if (MaybeSize size = paths_.size_at(value.path)) value.size = size;
        return value;
    }

    Estimate literal(const Value& value) const {
        if (value.is(Type::string)) return {0, Size{code_points(value.text()), code_points(value.text())}};
        if (value.is(Type::bytes)) return {0, Size{value.bytes().size(), value.bytes().size()}};
        if (value.is(Type::type)) return {1, paths_.size_at(paths_.self())};  // a name, taken for self
        return {0, Size{1, 1}};
    }

    Estimate select(const Expression& e) {
        const Estimate from = visit(child(e, 0));
        const bool counts = known(e, 0).type == Type::map;
        return {sum(from.cost, counts ? 1 : 0), {}, paths_.field_of(from.path, program_.names[e.data])};
    }

    Estimate index(const Expression& e) {
        const Children values = visit_children(e);
        const bool container = known(e, 0).type == Type::list || known(e, 0).type == Type::map;
        return {sum(1, cost_of(values)), values[0].item, container ? paths_.item_of(values[0].path) : Path{}};
    }

    Estimate choose(const Expression& e) {
        const Children values = visit_children(e);
        MaybeSize item;
        if (values[1].item && values[2].item) item = values[1].item->united(*values[2].item);
        return {sum(values[0].cost, std::max(values[1].cost, values[2].cost)),
                size_of(e, values, 1).united(size_of(e, values, 2)),
                {},
                item};
    }

    Estimate list(const Expression& e) {
        const Children values = visit_children(e);
        Size item;
        for (std::size_t i = 0; i < e.count; ++i)
            item = i == 0 ? size_of(e, values, i) : item.united(size_of(e, values, i));
        return {sum(new_list, cost_of(values)), Size{e.count, e.count}, {}, item};
    }

    Estimate binary(const Expression& e) {
        const Children values = visit_children(e);
        const auto op = static_cast<Operator>(e.data);
        const std::uint64_t cost = cost_of(values);
        const Size left = size_of(e, values, 0), right = size_of(e, values, 1);
        const std::optional<Type> type = known(e, 0).type;
        if (op == Operator::in) return costing(sum(cost, known(e, 1).type == Type::list ? right.most : 1));
        if (op == Operator::add && (is_text(type) || type == Type::list)) {
            MaybeSize item;
            if (values[0].item && values[1].item) item = values[0].item->united(*values[1].item);
            const std::uint64_t own = type == Type::list ? 1 : scaled((left + right).most, per_byte);
            return {sum(cost, own), left + right, {}, item};
        }
        const bool equality = op == Operator::equals || op == Operator::differs;
        const bool quick = type == Type::quantity || type == Type::ip || type == Type::cidr || type == Type::semver ||
                           type == Type::url || type == Type::format || type == Type::optional;
        if ((equality && !quick) || (is_condition(op) && is_text(type) && is_text(known(e, 1).type)))
            return costing(sum(cost, scaled(std::min(left.most, right.most), per_byte)));
        return costing(sum(cost, 1));
    }

    Estimate macro(const Expression& e);
    Estimate call(const Expression& e);
    Estimate call(Work work, const Expression& e, const Children& values) const;
    Estimate list_call(Work work, const Expression& e, const Size& first) const;
    std::optional<std::int64_t> number_at(const Expression& e, std::size_t i) const;
    std::uint64_t count_at(const Expression& e, std::size_t i, std::uint64_t otherwise) const;
    Estimate pattern(const Expression& e, const Children& values) const;
    std::uint64_t items_cost(const Expression& e, const Children& values) const;
    Estimate join(const Expression& e, const Children& values) const;
    static Estimate new_list_of(const Size& size, double per_item = 1);
    static Estimate sorted(const Size& keys, std::optional<Type> key);

    const Program& program_;
    Paths paths_;
    const std::vector<Known>& known_;
    std::vector<Estimate> slots_;
};

// As cel-go expands macros: what is done for each item, and what for the whole.
Estimate Estimator::macro(const Expression& e) {
    const Estimate range = visit(child(e, 0));
    const Known& of = known(e, 0);
    const auto kind = static_cast<Macro>(e.data);
    const bool listed = of.type != Type::map;
    const Estimate item{1, range.item, paths_.item_of(range.path)};
    slots_[e.extra] = listed && !e.pair ? item : Estimate{1, {}, paths_.key_of(range.path)};
    if (e.pair) slots_[e.extra + 1] = item;
    std::vector<Estimate> parts;
    for (std::size_t i = 1; i < e.count; ++i) parts.push_back(visit(child(e, i)));
    const std::uint64_t first = parts.empty() ? 0 : parts.front().cost;
    const Size count = range.size ? *range.size : of.type ? Size{0, endless} : Size{};
    const auto times = [&](std::uint64_t each, std::uint64_t whole) {
        return sum(range.cost, sum(product(count.most, each), whole));
    };
    const std::uint64_t append = 2 + new_list;  // accumulator + [item]
    switch (kind) {
        case Macro::all:
            return costing(times(sum(first, 3), 1));
        case Macro::exists:
            return costing(times(sum(first, 4), 1));
        case Macro::exists_one:
            return costing(times(sum(first, 2), 2));
        case Macro::filter:
            return {times(sum(first, append + 1), new_list + 1), count, {}, range.item};
        case Macro::map:
        case Macro::transform_list: {
            const std::uint64_t each = parts.size() > 1 ? sum(first, sum(parts[1].cost, append)) : sum(first, append);
            return {times(each, new_list + 1), count, {}, parts.empty() ? MaybeSize() : parts.back().size};
        }
        case Macro::sort_by: {  // cel.bind(list, target, list.sort(list.map(x, key)))
            Estimate list = sorted(count, known(e, 1).type);
            list.cost = times(sum(first, append), sum(list.cost, 2 * new_list + 3));
            return list;
        }
        default:  // few write them; their values count once
            return costing(sum(range.cost, cost_of(parts)));
    }
}

// A regular expression against a text, one longer than it is, lest an empty one cost nothing.
Estimate Estimator::pattern(const Expression& e, const Children& values) const {
    const Size text = size_of(e, values, 0);
    return {product(scaled(sum(text.most, 1), per_byte), scaled(size_of(e, values, 1).most, per_pattern)),
            Size{0, text.most}};
}

// What a function makes of a list.
Estimate Estimator::new_list_of(const Size& size, double per_item) {
    return {sum(1 + new_list, scaled(size.most, per_item)), size};
}

// Each item is compared with each other; those of no known type as texts.
Estimate Estimator::sorted(const Size& keys, std::optional<Type> key) {
    return new_list_of(keys * keys, key && !is_text(key) ? 2 : 2 + per_byte);
}

std::uint64_t Estimator::items_cost(const Expression& e, const Children& values) const {
    const Size of = size_of(e, values, 0);
    const Known& list = known(e, 0);
    if (list.type == Type::string) return scaled(of.most, per_byte);
    std::uint64_t each = 1;
    if (is_text(list.part(0).type)) {
        each = sum(each, scaled(size_of_items(values[0]).value_or(Size{0, endless}).most, per_byte));
    }
    return product(of.most, each);
}

Estimate Estimator::join(const Expression& e, const Children& values) const {
    const Size list = size_of(e, values, 0);
    Size text;
    if (known(e, 0).type == Type::list) {
        text = list * size_of_items(values[0]).value_or(is_text(known(e, 0).part(0).type) ? Size{0, endless} : Size{});
    }
    if (values.size() > 1)
        text = text +
               size_of(e, values, 1) * Size{list.least - (list.least > 0 ? 1 : 0), list.most - (list.most > 0 ? 1 : 0)};
    return {scaled(text.most, per_byte), text};
}

Estimate Estimator::call(const Expression& e) {
    const Children values = visit_children(e);
    const Work work = values.empty() ? Work::one : work_of(functions()[e.data]);
    Estimate estimate = call(work, e, values);
    estimate.cost = sum(estimate.cost, cost_of(values));
    return estimate;
}

Estimate Estimator::call(Work work, const Expression& e, const Children& values) const {
    const Size first = values.empty() ? Size{} : size_of(e, values, 0);
    const Size second = values.size() > 1 ? size_of(e, values, 1) : Size{};
    const std::uint64_t walk = scaled(first.most, per_byte), walk_other = scaled(second.most, per_byte);
    const std::uint64_t parse = values.size() > 1 && known(e, 1).type == Type::string ? walk_other : 0;
    switch (work) {
        case Work::walk:
            return costing(walk);
        case Work::walk_same:
            return {walk, first};
        case Work::walk_twice:
            return costing(scaled(first.most, 2 * per_byte));
        case Work::walk_other:
            return costing(walk_other);
        case Work::walk_both:
            return costing(product(walk, walk_other));
        case Work::items:
            return costing(items_cost(e, values));
        case Work::pattern:
            return costing(pattern(e, values).cost);
        case Work::pattern_text:
            return pattern(e, values);
        case Work::join:
            return join(e, values);
        case Work::replace:
            return {scaled(first.most, 2 * per_byte),
                    values.size() > 2 ? replaced(first, second, size_of(e, values, 2)) : first};
        case Work::split:
            return {
                scaled(first.most, 2 * per_byte),
                Size{0, static_cast<std::uint64_t>(number_at(e, 2).value_or(static_cast<std::int64_t>(first.most)))}};
        case Work::same:
            return {1, values[0].size, {}, values[0].item};
        case Work::quote:
            return {walk, first * Size{1, 2} + Size{2, 2}};
        case Work::pairs:
            return costing(sum(1, product(first.most, second.most)));
        case Work::equals:
            return costing(sum(1, product(2, product(first.most, second.most))));
        case Work::format:
            return costing(scaled(walk_other, 128 * per_pattern));
        case Work::address:  // two of 16 bytes
            return costing(sum(4, parse));
        case Work::network:  // and one again, for its length
            return costing(sum(4 + 2 + 1, parse));
        case Work::to_bytes:
            if (known(e, 0).type != Type::string) return costing(1);
            return {walk, Size{first.least, product(first.most, 4)}};
        case Work::to_text:
            if (known(e, 0).type != Type::bytes) return costing(1);
            return {walk, Size{first.least / 4, first.most}};
        default:
            return list_call(work, e, first);
    }
}

// Of functions that make a list, and of those whose cost does not grow.
Estimate Estimator::list_call(Work work, const Expression& e, const Size& first) const {
    switch (work) {
        case Work::slice:  // one that ends before it begins is endless for the server
            return new_list_of(Size{0, count_at(e, 2, first.most) - count_at(e, 1, 0)});
        case Work::range:
            return new_list_of(Size{0, count_at(e, 0, endless)});
        case Work::reverse:
            return new_list_of(first);
        case Work::flatten:
            return new_list_of(first, e.count > 1 ? static_cast<double>(count_at(e, 1, endless)) : 1);
        case Work::distinct:
            return new_list_of(first * first, 2);
        case Work::sort:
            return sorted(first, known(e, 0).part(0).type);
        default:
            return costing(1);
    }
}

// A value that is written as a number.
std::optional<std::int64_t> Estimator::number_at(const Expression& e, std::size_t i) const {
    if (i >= e.count) return std::nullopt;
    const Expression& value = program_.expressions[child(e, i)];
    const auto* number = value.op == Op::literal ? program_.literals[value.data].as<std::int64_t>() : nullptr;
    return number != nullptr ? std::optional(*number) : std::nullopt;
}

std::uint64_t Estimator::count_at(const Expression& e, std::size_t i, std::uint64_t otherwise) const {
    const std::optional<std::int64_t> number = number_at(e, i);
    return number ? static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0)) : otherwise;
}

}  // namespace

std::uint64_t estimated_cost(const Program& rule, const Typing& typing, SchemaId self, bool optional_old_self) {
    const Types types = types_of(rule, &typing, self, optional_old_self);
    return Estimator(rule, typing, self, types.known).visit(rule.root).cost;
}

}  // namespace ktrain::cel
