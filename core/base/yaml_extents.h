// Where each value of a YAML text begins and ends, for whoever must change the text and leave the rest as it is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/place.h"

namespace ktrain::yaml {

// One event of the reader: what libyaml calls so. Marks are numbers of characters.
struct RawEvent {
    enum class Type { document, scalar, alias, open_list, open_map, close };
    Type type = Type::scalar;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool flow = false;      // a collection in brackets
    bool anchored = false;  // other places may refer to it
    char style = 0;         // of a scalar: 0 plain, '\'', '"', '|' or '>'
    std::string text = {};  // of a scalar
};

// Up to the first error. yaml.cpp has it: no other file knows libyaml.
std::vector<RawEvent> raw_events(std::string_view text);

// A value, a key or an alias, in bytes of the text. `begin` is behind an anchor or a tag; the end of what is written in
// lines is that of its last value. A value that is not written is empty and stands behind the colon of its key.
struct Extent {
    enum class Shape { scalar, alias, list, map };
    Shape shape = Shape::scalar;
    std::size_t begin = 0;
    std::size_t end = 0;
    bool flow = false;
    bool anchored = false;
    char style = 0;
    std::string text = {};           // of a scalar
    std::vector<Extent> items = {};  // of a list; of a map: key, value, key, value ...

    bool written() const { return end > begin; }
    const Extent* member(std::string_view key) const;  // value of a map's own key, or nullptr
};

// A text with its line ends made LF, and what stands where in it.
class Extents {
public:
    explicit Extents(std::string_view original);

    const std::string& text() const { return text_; }
    const std::vector<Extent>& documents() const { return documents_; }
    // The document that a place is in, or nullptr.
    const Extent* document_at(const Place& place) const;
    std::size_t offset(int line, int column) const;  // in bytes of text(); at most its size
    int line(std::size_t offset) const;              // from 1
    std::size_t line_begin(std::size_t offset) const;
    std::size_t line_end(std::size_t offset) const;  // before the LF
    // The offset in the original text, of which line ends and a mark at the start may be longer.
    std::size_t original(std::size_t offset) const;

private:
    std::string text_;
    std::vector<std::size_t> lines_;    // where each begins
    std::vector<std::size_t> dropped_;  // offsets in text_ before which a CR was left out
    std::size_t mark_ = 0;              // bytes of the byte order mark
    std::vector<Extent> documents_;
};

// The end of the key or value that begins at the offset; the offset itself when none does.
std::size_t end_of_value_at(const Extent& document, std::size_t offset);

}  // namespace ktrain::yaml
