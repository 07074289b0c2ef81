// Builds the extents of values from the events of the reader.
#include "core/base/yaml_extents.h"

#include <algorithm>

#include "core/base/yaml.h"

namespace ktrain::yaml {
namespace {

// Numbers of characters to offsets in bytes.
class Offsets {
public:
    explicit Offsets(std::string_view text) {
        for (std::size_t i = 0; i < text.size(); ++i)
            if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) starts_.push_back(i);
        starts_.push_back(text.size());
    }
    std::size_t at(std::size_t character) const { return starts_[std::min(character, starts_.size() - 1)]; }

private:
    std::vector<std::size_t> starts_;
};

class Builder {
public:
    explicit Builder(std::string_view text) : text_(text), offsets_(text) {}

    std::vector<Extent> build() {
        for (RawEvent& event : raw_events(text_)) {
            if (event.type == RawEvent::Type::document) {
                open_.clear();
            } else if (event.type == RawEvent::Type::close) {
                close(event);
            } else {
                add(event);
            }
        }
        while (!open_.empty()) finish();  // of a text with an error
        return std::move(documents_);
    }

private:
    void add(RawEvent& event) {
        Extent extent;
        extent.begin = behind_properties(offsets_.at(event.begin), offsets_.at(event.end));
        extent.end = std::max(extent.begin, offsets_.at(event.end));
        extent.flow = event.flow;
        extent.anchored = event.anchored;
        extent.style = event.style;
        extent.text = std::move(event.text);
        if (event.type == RawEvent::Type::alias) {
            extent.begin = offsets_.at(event.begin);
            extent.shape = Extent::Shape::alias;
        }
        if (event.style == '|' || event.style == '>') {
            while (extent.end > extent.begin && text_[extent.end - 1] == '\n') --extent.end;
        }
        if (event.type != RawEvent::Type::open_list && event.type != RawEvent::Type::open_map)
            return put(std::move(extent));
        extent.shape = event.type == RawEvent::Type::open_list ? Extent::Shape::list : Extent::Shape::map;
        open_.push_back(std::move(extent));
    }

    void close(const RawEvent& event) {
        if (open_.back().flow) open_.back().end = offsets_.at(event.end);
        finish();
    }

    void finish() {
        Extent extent = std::move(open_.back());
        open_.pop_back();
        if (!extent.items.empty()) {
            if (!extent.flow) extent.end = std::max(extent.end, extent.items.back().end);
            // The mark of a map in lines is that of its first key, but behind what stands before that.
            if (!extent.flow && extent.shape == Extent::Shape::map) extent.begin = extent.items.front().begin;
        }
        put(std::move(extent));
    }

    void put(Extent extent) {
        if (open_.empty()) {
            documents_.push_back(std::move(extent));
            return;
        }
        Extent& holder = open_.back();
        const bool value = holder.shape == Extent::Shape::map && holder.items.size() % 2 == 1;
        if (value && !extent.written() && extent.shape == Extent::Shape::scalar) {
            const std::size_t colon = text_.find(':', holder.items.back().end);
            extent.begin = extent.end = colon == std::string_view::npos ? holder.items.back().end : colon + 1;
        }
        holder.items.push_back(std::move(extent));
    }

    // Behind "&anchor" and "!tag", which belong to the event.
    std::size_t behind_properties(std::size_t begin, std::size_t end) const {
        while (begin < end && (text_[begin] == '&' || text_[begin] == '!')) {
            while (begin < end && std::string_view(" \t\n").find(text_[begin]) == std::string_view::npos) ++begin;
            while (begin < end && std::string_view(" \t\n").find(text_[begin]) != std::string_view::npos) ++begin;
        }
        return begin;
    }

    std::string_view text_;
    Offsets offsets_;
    std::vector<Extent> open_;
    std::vector<Extent> documents_;
};

// Whether the key becomes this name: plain ones of other kinds than texts have another ("y" is "true").
bool is_key(const Extent& key, std::string_view name) {
    if (key.shape != Extent::Shape::scalar) return false;
    Node node;
    node.kind = key.style == 0 ? resolve(key.text) : Kind::string;
    if (node.kind == Kind::string) return key.text == name;
    node.text = key.text;
    return key_text(node) == name;
}

}  // namespace

const Extent* Extent::member(std::string_view key) const {
    if (shape != Shape::map) return nullptr;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
        if (is_key(items[i], key)) return &items[i + 1];
    return nullptr;
}

Extents::Extents(std::string_view original) {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    if (original.starts_with(mark)) mark_ = mark.size();
    original.remove_prefix(mark_);
    text_.reserve(original.size());
    for (std::size_t i = 0; i < original.size(); ++i) {
        if (original[i] == '\r' && i + 1 < original.size() && original[i + 1] == '\n') {
            dropped_.push_back(text_.size());
            continue;
        }
        text_ += original[i] == '\r' ? '\n' : original[i];
    }
    lines_.push_back(0);
    for (std::size_t i = 0; i < text_.size(); ++i)
        if (text_[i] == '\n') lines_.push_back(i + 1);
    documents_ = Builder(text_).build();
}

const Extent* Extents::document_at(const Place& place) const {
    const std::size_t where = offset(place.line, place.column);
    const Extent* found = nullptr;
    for (const Extent& document : documents_)
        if (document.begin <= where) found = &document;
    return found;
}

std::size_t Extents::offset(int line, int column) const {
    const auto index = static_cast<std::size_t>(std::max(line, 1)) - 1;
    if (index >= lines_.size()) return text_.size();
    return std::min(lines_[index] + static_cast<std::size_t>(std::max(column, 1)) - 1, text_.size());
}

int Extents::line(std::size_t offset) const {
    return static_cast<int>(std::upper_bound(lines_.begin(), lines_.end(), offset) - lines_.begin());
}

std::size_t Extents::line_begin(std::size_t offset) const {
    return lines_[static_cast<std::size_t>(line(offset)) - 1];
}

std::size_t Extents::line_end(std::size_t offset) const {
    return std::min(text_.find('\n', offset), text_.size());
}

std::size_t Extents::original(std::size_t offset) const {
    const auto before = std::lower_bound(dropped_.begin(), dropped_.end(), offset) - dropped_.begin();
    return offset + mark_ + static_cast<std::size_t>(before);
}

std::size_t end_of_value_at(const Extent& document, std::size_t offset) {
    for (const Extent& item : document.items) {
        if (item.begin > offset) break;
        if (offset > item.end) continue;
        const std::size_t end = end_of_value_at(item, offset);
        if (end > offset) return end;
    }
    return document.begin == offset ? document.end : offset;
}

}  // namespace ktrain::yaml
