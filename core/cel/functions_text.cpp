// Functions of strings, which count in code points.
#include <algorithm>

#include "core/cel/handlers.h"
#include "core/cel/tree.h"
#include "core/cel/utf8.h"

namespace ktrain::cel::handlers {
namespace {

Value out_of_range(std::int64_t index) {
    return fail("the index " + std::to_string(index) + " is out of range");
}

// A function that asks something of a string and another.
template <typename Ask>
Value ask(const Call& call, Ask asked) {
    if (!call.has(0, Type::string) || !call.has(1, Type::string)) return call.wrong();
    if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
    return asked(call[0].text(), call[1].text());
}

// A function that makes a string of each byte of another.
template <typename Change>
Value change(const Call& call, Change changed) {
    if (!call.has(0, Type::string)) return call.wrong();
    if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
    std::string text(call[0].text());
    std::transform(text.begin(), text.end(), text.begin(), changed);
    return string_value(std::move(text));
}

// A part of a text that keeps it alive.
Value part(const Value& of, std::size_t at, std::size_t size) {
    Text text = *of.as<Text>();
    text.view = text.view.substr(at, size);
    return text;
}

// How many bytes the white space in front has, as Go's unicode.IsSpace sees it.
std::size_t space_at(std::string_view text) {
    for (std::string_view space :
         {"\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085", "\u00a0", "\u1680",
          "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
          "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"}) {
        if (text.starts_with(space)) return space.size();
    }
    return 0;
}

// Where the pieces of a text begin and end that a separator cuts; with an empty one, each code point is a piece. At
// most `most` pieces, the last of which has the rest.
std::vector<std::pair<std::size_t, std::size_t>> pieces(std::string_view text, std::string_view separator,
                                                        std::uint64_t most) {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    std::size_t from = 0;
    const std::vector<std::size_t> starts = separator.empty() ? boundaries(text) : std::vector<std::size_t>();
    for (std::size_t i = 0; found.size() + 1 < most; ++i) {
        const bool more = separator.empty() ? i + 2 < starts.size() : true;
        const std::size_t end =
            separator.empty() ? (more ? starts[i + 1] : text.npos) : find_text(text, separator, from);
        if (end == text.npos) break;
        found.emplace_back(from, end);
        from = end + separator.size();
    }
    if (!separator.empty() || from < text.size()) found.emplace_back(from, text.size());
    return found;
}

// The third or fourth value as a limit: negative and absent mean none.
std::uint64_t limit(const Call& call, std::size_t i) {
    const auto* most = i < call.size() ? call[i].as<std::int64_t>() : nullptr;
    return most && *most >= 0 ? static_cast<std::uint64_t>(*most) : UINT64_MAX;
}

}  // namespace

Value char_at(const Call& call) {
    if (!call.has(0, Type::string) || !call.has(1, Type::integer)) return call.wrong();
    if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
    const auto starts = boundaries(call[0].text());
    const std::int64_t index = *call[1].as<std::int64_t>();
    if (index < 0 || static_cast<std::uint64_t>(index) >= starts.size()) return out_of_range(index);
    const auto i = static_cast<std::size_t>(index);
    return i + 1 == starts.size() ? string_value("") : part(call[0], starts[i], starts[i + 1] - starts[i]);
}

Value contains_text(const Call& call) {
    return ask(call, [](std::string_view text, std::string_view other) { return find_text(text, other) != text.npos; });
}

Value ends_with(const Call& call) {
    return ask(call, [](std::string_view text, std::string_view other) { return text.ends_with(other); });
}

Value starts_with(const Call& call) {
    return ask(call, [](std::string_view text, std::string_view other) { return text.starts_with(other); });
}

Value join(const Call& call) {
    if (!call.has(0, Type::list) || (call.size() > 1 && !call.has(1, Type::string))) return call.wrong();
    const std::string_view separator = call.size() > 1 ? call[1].text() : "";
    std::string text;
    for (std::size_t i = 0; i < list_size(call[0]); ++i) {
        const Value item = list_item(call[0], i);
        if (!item.is(Type::string)) return fail("join() wants a list of strings");
        if (!call.budget.spend_text(item.text().size() + separator.size())) return Budget::failure();
        if (i > 0) text += separator;
        text += item.text();
    }
    return string_value(std::move(text));
}

Value lower_ascii(const Call& call) {
    return change(call, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}

Value upper_ascii(const Call& call) {
    return change(call, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
}

Value quote(const Call& call) {
    if (!call.has(0, Type::string)) return call.wrong();
    if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
    constexpr std::string_view special = "\a\b\f\n\r\t\v\\\"", letters = "abfnrtv\\\"";
    std::string text = "\"";
    for (char c : call[0].text()) {
        const std::size_t at = special.find(c);
        text += at == special.npos ? std::string(1, c) : std::string{'\\', letters[at]};
    }
    return string_value(text + "\"");
}

Value replace(const Call& call) {
    if (!call.has(0, Type::string) || !call.has(1, Type::string) || !call.has(2, Type::string)) return call.wrong();
    if (call.size() > 3 && !call.has(3, Type::integer)) return call.wrong();
    const std::string_view text = call[0].text(), old = call[1].text(), fresh = call[2].text();
    std::uint64_t left = limit(call, 3);
    std::string result;
    // An empty text is found in front of every code point, and at the end.
    const auto step = [&](std::size_t at) {
        std::size_t end = at + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
        return end;
    };
    if (!call.budget.spend_text(text.size())) return Budget::failure();
    std::size_t at = 0;
    while (left > 0) {
        const std::size_t found = find_text(text, old, at);
        if (found == text.npos) break;
        if (!call.budget.spend_text(found - at + fresh.size())) return Budget::failure();
        result.append(text, at, found - at).append(fresh);
        at = found + old.size();
        --left;
        if (!old.empty()) continue;
        if (at == text.size()) break;
        result.append(text, at, step(at) - at);
        at = step(at);
    }
    return string_value(result.append(text, std::min(at, text.size())));
}

Value split(const Call& call) {
    if (!call.has(0, Type::string) || !call.has(1, Type::string)) return call.wrong();
    if (call.size() > 2 && !call.has(2, Type::integer)) return call.wrong();
    if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
    Values items;
    if (limit(call, 2) > 0) {
        for (const auto& [from, end] : pieces(call[0].text(), call[1].text(), limit(call, 2))) {
            if (!call.budget.spend(1)) return Budget::failure();
            items.push_back(part(call[0], from, end - from));
        }
    }
    return list_value(std::move(items));
}

Value substring(const Call& call) {
    if (!call.has(0, Type::string) || !call.has(1, Type::integer)) return call.wrong();
    if (call.size() > 2 && !call.has(2, Type::integer)) return call.wrong();
    if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
    const auto starts = boundaries(call[0].text());
    const auto size = static_cast<std::int64_t>(starts.size()) - 1;
    const std::int64_t from = *call[1].as<std::int64_t>(), end = call.size() > 2 ? *call[2].as<std::int64_t>() : size;
    if (from < 0 || from > size) return out_of_range(from);
    if (end < from || end > size) return out_of_range(end);
    const std::size_t first = starts[static_cast<std::size_t>(from)];
    return part(call[0], first, starts[static_cast<std::size_t>(end)] - first);
}

Value trim(const Call& call) {
    if (!call.has(0, Type::string)) return call.wrong();
    if (!call.budget.spend_text(call[0].text().size())) return Budget::failure();
    std::string_view text = call[0].text();
    std::size_t from = 0;
    while (const std::size_t space = space_at(text.substr(from))) from += space;
    std::size_t end = text.size();
    // Every white space has at most three bytes.
    for (std::size_t back = 1; back <= 3 && end >= from + back; ++back) {
        if (space_at(text.substr(end - back, back)) != back) continue;
        end -= back;
        back = 0;
    }
    return part(call[0], from, end - from);
}

}  // namespace ktrain::cel::handlers
