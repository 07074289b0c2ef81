// Functions of lists; indexOf() and lastIndexOf() of strings, too.
#include <algorithm>

#include "core/cel/handlers.h"
#include "core/cel/operators.h"
#include "core/cel/tree.h"
#include "core/cel/utf8.h"

namespace ktrain::cel::handlers {
namespace {

// The items; a failure among them stays where it is. Empty with a spent budget when there are too many.
Values items_of(const Call& call) {
    Values items;
    if (!call.budget.spend(list_size(call[0]))) return items;
    for (std::size_t i = 0; i < list_size(call[0]); ++i) items.push_back(list_item(call[0], i));
    return items;
}

// Whether all items have an order with each other.
bool comparable(const Values& items, Budget& budget) {
    for (const Value& item : items) {
        if (!order(items[0], item) && !(item.is(items[0].type()) && item.is(Type::real))) return false;
        budget.spend_text(4 * item.text().size());
    }
    return true;
}

// The item that no other is before, with `sign` -1 for the least and 1 for the greatest.
Value extreme(const Call& call, int sign) {
    if (!call.has(0, Type::list)) return call.wrong();
    const Values items = items_of(call);
    if (items.empty()) return fail(std::string(call.name) + "() of an empty list");
    if (!comparable(items, call.budget)) return call.wrong();
    const Value* best = &items[0];
    for (const Value& item : items) {
        const auto result = order(*best, item);
        if (result && (sign > 0 ? *result < 0 : *result > 0)) best = &item;
    }
    return *best;
}

// The index in code points of a text in another, from one given in code points on (or from it back).
Value index_of_text(const Call& call, bool last) {
    if (!call.has(1, Type::string) || (call.size() > 2 && !call.has(2, Type::integer))) return call.wrong();
    const std::string_view text = call[0].text(), wanted = call[1].text();
    if (!call.budget.spend_text(2 * text.size())) return Budget::failure();
    const auto starts = boundaries(text);
    const auto size = static_cast<std::int64_t>(starts.size()) - 1;
    const bool given = call.size() > 2;
    const std::int64_t offset = given ? *call[2].as<std::int64_t>() : last ? size - 1 : 0;
    if (wanted.empty()) return given ? offset : last ? size : 0;
    if (last && !given && text.size() < wanted.size()) return std::int64_t{-1};
    if (offset < 0) return fail("the index " + std::to_string(offset) + " is out of range");
    if (offset >= size) return std::int64_t{-1};
    const std::size_t from = starts[static_cast<std::size_t>(offset)];
    const std::size_t at = last ? text.rfind(wanted, from) : find_text(text, wanted, from);
    if (at == text.npos) return std::int64_t{-1};
    return static_cast<std::int64_t>(std::lower_bound(starts.begin(), starts.end(), at) - starts.begin());
}

Value index_of_item(const Call& call, bool last) {
    if (!call.has(0, Type::list) || call.size() != 2) return call.wrong();
    std::int64_t found = -1;
    for (std::size_t i = 0; i < list_size(call[0]) && (last || found < 0); ++i) {
        if (equal(list_item(call[0], i), call[1], call.budget)) found = static_cast<std::int64_t>(i);
        if (call.budget.spent()) return Budget::failure();
    }
    return found;
}

bool flatten_into(Values& flat, const Value& list, std::int64_t depth, Budget& budget) {
    for (std::size_t i = 0; i < list_size(list); ++i) {
        if (!budget.spend(1)) return false;
        Value item = list_item(list, i);
        if (depth > 0 && item.is(Type::list)) {
            if (!flatten_into(flat, item, depth - 1, budget)) return false;
        } else {
            flat.push_back(std::move(item));
        }
    }
    return true;
}

}  // namespace

Value distinct(const Call& call) {
    if (!call.has(0, Type::list)) return call.wrong();
    Values kept;
    for (Value& item : items_of(call)) {
        const auto same = [&](const Value& other) { return equal(other, item, call.budget); };
        if (std::none_of(kept.begin(), kept.end(), same)) kept.push_back(std::move(item));
        if (call.budget.spent()) return Budget::failure();
    }
    return list_value(std::move(kept));
}

Value first(const Call& call) {
    if (!call.has(0, Type::list)) return call.wrong();
    return list_size(call[0]) == 0 ? none() : some(list_item(call[0], 0));
}

Value last(const Call& call) {
    if (!call.has(0, Type::list)) return call.wrong();
    const std::size_t size = list_size(call[0]);
    return size == 0 ? none() : some(list_item(call[0], size - 1));
}

Value flatten(const Call& call) {
    if (!call.has(0, Type::list) || (call.size() > 1 && !call.has(1, Type::integer))) return call.wrong();
    const std::int64_t depth = call.size() > 1 ? *call[1].as<std::int64_t>() : 1;
    if (depth < 0) return fail("flatten() wants a depth of 0 or more");
    Values flat;
    if (!flatten_into(flat, call[0], depth, call.budget)) return Budget::failure();
    return list_value(std::move(flat));
}

Value index_of(const Call& call) {
    return call.has(0, Type::string) ? index_of_text(call, false) : index_of_item(call, false);
}

Value last_index_of(const Call& call) {
    return call.has(0, Type::string) ? index_of_text(call, true) : index_of_item(call, true);
}

Value is_sorted(const Call& call) {
    if (!call.has(0, Type::list)) return call.wrong();
    const Values items = items_of(call);
    if (!items.empty() && !comparable(items, call.budget)) return call.wrong();
    for (std::size_t i = 1; i < items.size(); ++i) {
        const auto result = order(items[i - 1], items[i]);
        if (result && *result > 0) return false;
    }
    return true;
}

Value max(const Call& call) {
    return extreme(call, 1);
}

Value min(const Call& call) {
    return extreme(call, -1);
}

Value range(const Call& call) {
    if (!call.has(0, Type::integer)) return call.wrong();
    const std::int64_t count = *call[0].as<std::int64_t>();
    if (count > 0 && !call.budget.spend(static_cast<std::uint64_t>(count))) return Budget::failure();
    Values items;
    for (std::int64_t i = 0; i < count; ++i) items.emplace_back(i);
    return list_value(std::move(items));
}

Value reverse(const Call& call) {
    if (!call.has(0, Type::list)) return call.wrong();
    Values items = items_of(call);
    std::reverse(items.begin(), items.end());
    return list_value(std::move(items));
}

Value slice(const Call& call) {
    if (!call.has(0, Type::list) || !call.has(1, Type::integer) || !call.has(2, Type::integer)) return call.wrong();
    const std::int64_t from = *call[1].as<std::int64_t>(), end = *call[2].as<std::int64_t>();
    if (from < 0 || end < from || static_cast<std::uint64_t>(end) > list_size(call[0])) {
        return fail("slice() wants 0 <= start <= end <= size");
    }
    if (!call.budget.spend(static_cast<std::uint64_t>(end - from))) return Budget::failure();
    Values items;
    for (std::int64_t i = from; i < end; ++i) items.push_back(list_item(call[0], static_cast<std::size_t>(i)));
    return list_value(std::move(items));
}

Value sort(const Call& call) {
    if (!call.has(0, Type::list)) return call.wrong();
    Values items = items_of(call);
    if (!items.empty() && !comparable(items, call.budget)) return call.wrong();
    // Of a million items 20 comparisons each; text was paid for above.
    if (!call.budget.spend(8 * items.size())) return Budget::failure();
    std::stable_sort(items.begin(), items.end(), [](const Value& a, const Value& b) {
        const auto result = order(a, b);
        return result && *result < 0;
    });
    return list_value(std::move(items));
}

Value sum(const Call& call) {
    if (!call.has(0, Type::list)) return call.wrong();
    const Values items = items_of(call);
    if (items.empty()) return std::int64_t{0};
    Value total = items[0];
    const Type type = total.type();
    if (type != Type::integer && type != Type::natural && type != Type::real && type != Type::duration) {
        return call.wrong();
    }
    for (std::size_t i = 1; i < items.size(); ++i) {
        total = apply(Operator::add, total, items[i], call.budget);
        if (total.failed()) return total;
    }
    return total;
}

}  // namespace ktrain::cel::handlers
