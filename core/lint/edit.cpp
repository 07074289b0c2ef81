// Writes changes into a text: where new members go, how they are indented and quoted, which lines go with what leaves.
#include "core/lint/edit.h"

#include <algorithm>

#include "core/base/text.h"
#include "core/base/yaml.h"
#include "core/lint/edit_lines.h"

namespace ktrain::lint {
namespace {

using yaml::Extent;
using Shape = Extent::Shape;

// A value with those that hold it, outermost first; `index` of each in its holder's items.
struct Way {
    std::vector<const Extent*> holders;
    std::vector<std::size_t> indexes;
    const Extent* at = nullptr;

    const Extent* holder() const { return holders.empty() ? nullptr : holders.back(); }
    bool in_flow() const {
        return std::any_of(holders.begin(), holders.end(), [](const Extent* e) { return e->flow; });
    }
};

class Editor {
public:
    Editor(const yaml::Extents& extents, const Extent& document)
        : extents_(extents), text_(extents.text()), document_(document) {}

    bool make(const Change& change) {
        std::vector<PathStep> steps = steps_of(change.path);
        Json value = change.value;
        std::string key = change.key;
        Way way = follow(steps);
        // What is not there comes to be with its new member.
        while (change.kind == Change::Kind::add && way.at == nullptr && !way.holders.empty() && !steps.empty()) {
            if (steps.back().index) return false;
            value = key.empty() ? Json::array({value}) : Json{{key, value}};
            key = steps.back().key;
            steps.pop_back();
            way = follow(steps);
        }
        if (way.at == nullptr || way.at->shape == Shape::alias) return false;
        switch (change.kind) {
            case Change::Kind::replace:
                return replace(way, value);
            case Change::Kind::add:
                return add(way, key, value);
            case Change::Kind::remove:
                return remove(way);
            case Change::Kind::rename:
                return rename(way, key);
        }
        return false;
    }

    std::vector<TextEdit> take() { return std::move(edits_); }

private:
    // `at` is nullptr where the path leads nowhere, or through an alias; then `holders` is empty as well.
    Way follow(std::span<const PathStep> steps) const {
        Way way;
        way.at = &document_;
        for (const PathStep& step : steps) {
            const Extent* here = way.at;
            if (here->shape == Shape::alias) return {};
            way.holders.push_back(here);
            way.at = nullptr;
            if (step.index && here->shape == Shape::list && *step.index < here->items.size()) {
                way.indexes.push_back(*step.index);
                way.at = &here->items[*step.index];
            } else if (!step.index && here->shape == Shape::map) {
                way.at = here->member(step.key);
                if (way.at == nullptr && here->member("<<") != nullptr) return {};  // it may come from there
                if (way.at != nullptr) way.indexes.push_back(static_cast<std::size_t>(way.at - here->items.data()));
            }
            if (way.at == nullptr) return way;
        }
        return way;
    }

    void edit(std::size_t begin, std::size_t end, std::string text) { edits_.push_back({begin, end, std::move(text)}); }

    std::size_t column(std::size_t offset) const { return offset - extents_.line_begin(offset); }

    bool is_json() const { return document_.flow && !document_.items.empty() && document_.items.front().style == '"'; }

    // A value on one line.
    std::string inline_text(const Json& value, char style, bool flow) const {
        if (is_json() || (value.is_structured() && !value.empty())) return value.dump();
        if (value.is_string()) {
            const auto& text = value.get_ref<const std::string&>();
            if (style == '"' || text.find('\n') != std::string::npos) return value.dump();
            if (style == '\'') {
                std::string quoted = "'";
                for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
                return quoted + "'";
            }
            if (flow && text.find_first_of(",[]{}:#") != std::string::npos) return value.dump();
        }
        return std::string(trim(yaml::emit(value)));
    }

    // Several lines, the first without its indentation.
    static std::string block_text(const Json& value, std::size_t indent) {
        std::string text = yaml::emit(value);
        while (text.ends_with('\n')) text.pop_back();
        std::string indented;
        for (const char c : text) {
            indented += c;
            if (c == '\n') indented.append(indent, ' ');
        }
        return indented;
    }

    bool replace(const Way& way, const Json& value) {
        const Extent& old = *way.at;
        const bool flow = way.in_flow() || (old.flow && old.shape != Shape::scalar);
        const bool lines =
            old.shape == Shape::scalar && text_.substr(old.begin, old.end - old.begin).find('\n') != npos;
        if (lines && value.is_string()) {
            // What is written in lines stays so; a text that is folded or quoted over lines is left to a person, except
            // for one word, which has no lines, and lines without blanks.
            const auto& text = value.get_ref<const std::string&>();
            const bool words = text.find_first_of(" \t") == npos && !text.empty();
            const bool word = words && text.find('\n') == npos;
            std::optional<std::vector<TextEdit>> edits = edits_of_block(extents_, old, text);
            if (!edits && words && !word && !flow && way.holder() != nullptr && way.holder()->shape == Shape::map) {
                const Extent& key = way.holder()->items[way.indexes.back() - 1];
                if (std::optional<TextEdit> block = edit_to_block(extents_, key, old, text))
                    edits = {*std::move(block)};
            }
            if (!edits && !word) return false;
            if (edits)
                edits_.insert(edits_.end(), edits->begin(), edits->end());
            else
                edit(old.begin, old.end, inline_text(value, old.style, flow));
        } else if (flow || !value.is_structured() || value.empty() || way.holder() == nullptr) {
            const std::string text = inline_text(value, old.style, flow);
            const bool glued = !old.written() && old.begin > 0 && text_[old.begin - 1] != ' ';
            edit(old.begin, old.end, (glued ? " " : "") + text);
        } else if (way.holder()->shape == Shape::list) {
            edit(old.begin, old.end, block_text(value, column(old.begin)));
        } else {
            const Extent& key = way.holder()->items[way.indexes.back() - 1];
            const std::size_t colon = text_.find(':', key.end);
            const std::size_t indent = column(key.begin) + (value.is_array() ? 0 : 2);
            edit(colon + 1, old.written() ? old.end : colon + 1,
                 "\n" + std::string(indent, ' ') + block_text(value, indent));
        }
        return true;
    }

    bool add(const Way& way, const std::string& key, const Json& value) {
        const Extent& into = *way.at;
        if (into.shape == Shape::scalar) {
            if (into.style != 0 || yaml::resolve(into.text) != yaml::Kind::null) return false;
            return replace(way, key.empty() ? Json::array({value}) : Json{{key, value}});
        }
        if ((into.shape == Shape::map) == key.empty()) return false;
        if (const Extent* there = into.member(key); there != nullptr) {  // null
            Way member = way;
            member.holders.push_back(&into);
            member.indexes.push_back(static_cast<std::size_t>(there - into.items.data()));
            member.at = there;
            return replace(member, value);
        }
        return into.flow || way.in_flow() ? add_in_brackets(into, key, value) : add_line(into, key, value);
    }

    bool add_in_brackets(const Extent& into, const std::string& key, const Json& value) {
        const Json name = key;
        std::string text = inline_text(value, 0, true);
        if (!key.empty()) text = inline_text(name, 0, true) + ": " + text;
        if (into.items.empty()) {
            edit(into.begin + 1, into.end - 1, std::move(text));
            return true;
        }
        const std::size_t step = into.shape == Shape::map ? 2 : 1;
        const std::size_t last = into.items[into.items.size() - step].begin;
        const std::string before = text_.substr(extents_.line_begin(last), column(last));
        const bool own_line = into.begin < extents_.line_begin(last) && trim(before).empty();
        const std::size_t end = into.items.back().end;
        edit(end, end, own_line ? ",\n" + before + text : ", " + text);
        return true;
    }

    bool add_line(const Extent& into, const std::string& key, const Json& value) {
        const std::size_t indent = column(into.begin);
        std::string line = "\n" + std::string(indent, ' ');
        if (key.empty()) {
            line += "- " + block_text(value, indent + 2);
        } else {
            line += block_text(Json{{key, value}}, indent);
        }
        const std::size_t end = extents_.line_end(into.end);
        edit(end, end, std::move(line));
        return true;
    }

    bool rename(const Way& way, const std::string& key) {
        if (way.holder() == nullptr || way.holder()->shape != Shape::map) return false;
        const Extent& old = way.holder()->items[way.indexes.back() - 1];
        if (old.anchored) return false;
        edit(old.begin, old.end, inline_text(Json(key), old.style, way.in_flow()));
        return true;
    }

    bool remove(const Way& way) {
        const Extent* holder = way.holder();
        if (holder == nullptr) return false;
        const std::size_t step = holder->shape == Shape::map ? 2 : 1;
        const std::size_t first = way.indexes.back() - (step - 1);
        const Extent& begin = holder->items[first];
        const Extent* next = first + step < holder->items.size() ? &holder->items[first + step] : nullptr;
        if (!holder->flow && has_comment_around(extents_, begin.begin, way.at->end, step == 1)) return false;
        if (holder->items.size() == step) return remove_only(way);
        if (holder->flow || way.in_flow()) {
            if (next != nullptr) {
                edit(begin.begin, next->begin, "");
            } else {
                edit(holder->items[first - 1].end, way.at->end, "");
            }
            return true;
        }
        const std::size_t line = extents_.line_begin(begin.begin);
        if (first == 0 && next != nullptr && holder->begin > line && !own_line(*holder)) {
            // The next one moves up behind what stands before this one: "- a: 1", "- - a".
            const std::size_t from = holder->begin;
            const std::size_t to = step == 2 ? next->begin : text_.rfind('-', next->begin - 1);
            const std::size_t rest = extents_.line_end(way.at->end);
            if (rest < to && text_.substr(rest, to - rest).find('#') != std::string::npos) return false;
            edit(from, to, "");
            return true;
        }
        const std::size_t end = extents_.line_end(way.at->end);
        const bool last_line = end == text_.size();
        edit(last_line && line > 0 ? line - 1 : line, last_line ? end : end + 1, "");
        return true;
    }

    // Whether nothing but blanks stands before it on its line.
    bool own_line(const Extent& extent) const {
        return trim(std::string_view(text_).substr(extents_.line_begin(extent.begin), column(extent.begin))).empty();
    }

    // The holder stays, empty.
    bool remove_only(const Way& way) {
        const Extent& holder = *way.holder();
        const std::string empty = holder.shape == Shape::map ? "{}" : "[]";
        std::size_t from = holder.begin;
        std::string glue;
        if (!holder.flow && way.holders.size() > 1 && way.holders[way.holders.size() - 2]->shape == Shape::map) {
            const Extent& above = *way.holders[way.holders.size() - 2];
            const Extent& key = above.items[way.indexes[way.indexes.size() - 2] - 1];
            const std::size_t colon = text_.find(':', key.end);
            if (holder.anchored || text_.substr(colon, from - colon).find('#') != std::string::npos) return false;
            from = colon + 1;
            glue = " ";
        }
        edit(from, holder.end, glue + empty);
        return true;
    }

    static constexpr std::size_t npos = std::string::npos;
    const yaml::Extents& extents_;
    const std::string& text_;
    const Extent& document_;
    std::vector<TextEdit> edits_;
};

}  // namespace

namespace {

// How far the lines that an edit begins with are indented; what goes on in a line belongs to it, before new ones.
std::size_t indentation(const TextEdit& edit) {
    if (!edit.text.starts_with('\n')) return std::string::npos;
    return edit.text.find_first_not_of(' ', 1) - 1;
}

// A line that goes takes the line end behind it along, or the one before it where new lines are put there.
void make_room(std::vector<TextEdit>& edits, const std::string& text) {
    for (std::size_t i = 1; i < edits.size(); ++i) {
        TextEdit& gone = edits[i - 1];
        const TextEdit& added = edits[i];
        const bool behind = added.begin == added.end && gone.end == added.begin + 1 && text[added.begin] == '\n';
        if (!behind || !gone.text.empty() || gone.begin == 0 || text[gone.begin - 1] != '\n') continue;
        --gone.begin;
        --gone.end;
    }
}

// In the order of the text. Where two begin, the deeper one is of what has just ended, and comes first.
void sort(std::vector<TextEdit>& edits) {
    std::stable_sort(edits.begin(), edits.end(), [](const TextEdit& a, const TextEdit& b) {
        return a.begin != b.begin ? a.begin < b.begin : indentation(a) > indentation(b);
    });
}

}  // namespace

std::optional<std::vector<TextEdit>> edits_of(const yaml::Extents& extents, const Diagnostic& finding) {
    const Extent* document = extents.document_at(finding.where);
    if (document == nullptr || finding.changes.empty()) return std::nullopt;
    Editor editor(extents, *document);
    for (const Change& change : finding.changes) {
        if (!editor.make(change)) return std::nullopt;
    }
    std::vector<TextEdit> edits = editor.take();
    sort(edits);
    make_room(edits, extents.text());
    for (std::size_t i = 0; i < edits.size(); ++i) {
        if (i > 0 && edits[i].begin < edits[i - 1].end) return std::nullopt;
        if (has_comment(extents, *document, edits[i].begin, edits[i].end)) return std::nullopt;
    }
    return edits;
}

bool collide(const TextEdit& a, const TextEdit& b) {
    return a.begin <= b.end && b.begin <= a.end;
}

std::string edited(const std::string& original, const yaml::Extents& extents, std::vector<TextEdit> edits) {
    sort(edits);
    const std::size_t first = original.find_first_of("\r\n");
    const bool carriage = first != std::string::npos && original[first] == '\r';
    const bool feed = !carriage || original.compare(first, 2, "\r\n") == 0;
    const std::string line_end = std::string(carriage ? "\r" : "") + (feed ? "\n" : "");
    std::string text;
    std::size_t at = 0;
    for (const TextEdit& edit : edits) {
        const std::size_t begin = extents.original(edit.begin);
        text.append(original, at, begin - at);
        for (const char c : edit.text) text += c == '\n' ? line_end : std::string(1, c);
        at = extents.original(edit.end);
    }
    return text.append(original, at);
}

}  // namespace ktrain::lint
