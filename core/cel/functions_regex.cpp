// Functions of regular expressions.
#include "core/base/text.h"
#include "core/cel/handlers.h"

namespace ktrain::cel::handlers {
namespace {

constexpr std::size_t compile_steps = 2'000;  // of a pattern that is no literal: some hundred microseconds

// The pattern of the second value; null with a failure when it is none.
const Regex* pattern_of(const Call& call, Value& failure) {
    const std::string_view text = call[1].text();
    // The cost of a match in the API server: a tenth of the text times a quarter of the pattern.
    if (!call.budget.spend((1 + call[0].text().size() / 10) * (1 + text.size() / 4))) {
        failure = Budget::failure();
        return nullptr;
    }
    if (call.pattern) return call.pattern;
    if (auto known = call.patterns.find(text); known != call.patterns.end()) return known->second.get();
    if (!call.budget.spend(compile_steps + 10 * text.size())) {
        failure = Budget::failure();
        return nullptr;
    }
    std::string why;
    auto regex = Regex::compile(text, why);
    if (!regex) {
        failure = fail("this is no regular expression: " + brief(why, 100));
        return nullptr;
    }
    if (call.patterns.size() >= 16) call.patterns.clear();
    return call.patterns.emplace(text, std::move(regex)).first->second.get();
}

bool texts(const Call& call) {
    return call.has(0, Type::string) && call.has(1, Type::string);
}

Value part(const Value& of, Span span) {
    Text text = *of.as<Text>();
    text.view = text.view.substr(span.at, span.size);
    return text;
}

}  // namespace

Value find(const Call& call) {
    Value failure;
    if (!texts(call)) return call.wrong();
    const Regex* regex = pattern_of(call, failure);
    if (!regex) return failure;
    const auto span = regex->find(call[0].text(), 0);
    return span ? part(call[0], *span) : string_value("");
}

Value matches(const Call& call) {
    Value failure;
    if (!texts(call)) return call.wrong();
    const Regex* regex = pattern_of(call, failure);
    if (!regex) return failure;
    return regex->find(call[0].text(), 0).has_value();
}

Value find_all(const Call& call) {
    Value failure;
    if (!texts(call) || (call.size() > 2 && !call.has(2, Type::integer))) return call.wrong();
    const Regex* regex = pattern_of(call, failure);
    if (!regex) return failure;
    const std::int64_t most = call.size() > 2 ? *call[2].as<std::int64_t>() : -1;
    const std::string_view text = call[0].text();
    Values items;
    std::size_t from = 0, last_end = text.npos;
    while (from <= text.size() && (most < 0 || items.size() < static_cast<std::uint64_t>(most))) {
        if (!call.budget.spend(1)) return Budget::failure();
        const auto span = regex->find(text, from);
        if (!span) break;
        // As Go has it, no empty match directly behind the one before.
        if (span->size > 0 || span->at != last_end) items.push_back(part(call[0], *span));
        last_end = span->at + span->size;
        from = last_end;
        if (span->size > 0) continue;
        for (++from; from < text.size() && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80;) ++from;
    }
    return list_value(std::move(items));
}

}  // namespace ktrain::cel::handlers
