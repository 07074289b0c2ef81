// Reads YAML (and JSON, its subset) as the Kubernetes API server would, with line and column of every node.
//
// Scalars resolve by the YAML 1.1 rules of go-yaml (yes/on/0777/1_000 ...), `null` and `~` are null, merge keys (<<)
// are expanded, CR and CRLF end lines as LF does. Refused, each with its place: duplicate keys, keys that are no
// scalars, bad UTF-8 or UTF-16, NUL and other control characters, tabs in the indentation, alias bombs and cycles,
// nesting deeper than the limit, more nodes or bytes than the limit, !!int and the like before what is none. Other tags
// say nothing, but that a scalar is a text; one with !!binary is decoded.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/small_list.h"
#include "core/base/small_text.h"

namespace ktrain::yaml {

enum class Kind : unsigned char { null, boolean, integer, real, string, sequence, mapping };

std::string_view name_of(Kind kind);  // "null", "boolean", "integer", "number", "string", "list", "map"

struct Entry;

// In 24 bytes: ten thousand objects have a million of them. A node has a text, items or entries, never two of them.
struct Node {
    Kind kind : 7 = Kind::null;
    bool quoted : 1 = false;  // scalars: written in quotes, as a block or with a tag that makes a text of them
    int column : 24 = 0;      // in bytes, from 1; max_column for those beyond
    int line = 0;             // of its first character, from 1; of its key for a null that is not written
    union {
        SmallText text;  // scalars: as written, without quotes
        SmallList<Node> items;
        SmallList<Entry, true> entries;
    };

    static constexpr int max_column = (1 << 23) - 1;

    Node() : text() {}
    Node(const Node& other);
    Node(Node&& other) noexcept;
    Node& operator=(Node other) noexcept;
    ~Node();

    const Node* find(std::string_view key) const;  // value of a mapping's key, or nullptr
    bool is_scalar() const { return kind != Kind::sequence && kind != Kind::mapping; }
};

struct Entry {
    Node key;
    Node value;
};

inline Node::Node(const Node& other)
    : kind(other.kind), quoted(other.quoted), column(other.column), line(other.line), text(other.text) {
    if (other.entries.is_own())
        entries = other.entries;
    else if (other.items.is_own())
        items = other.items;
}

inline Node::Node(Node&& other) noexcept
    : kind(other.kind),
      quoted(other.quoted),
      column(other.column),
      line(other.line),
      text(std::move(other.text)) {}  // whichever of the three: they are the same bytes

inline Node& Node::operator=(Node other) noexcept {
    kind = other.kind;
    quoted = other.quoted;
    column = other.column;
    line = other.line;
    std::swap(text, other.text);
    return *this;
}

inline Node::~Node() {
    if (entries.is_own())
        entries.clear();
    else if (items.is_own())
        items.clear();
    else
        text.~SmallText();
}

static_assert(sizeof(Node) == 24);

// Limits against hostile input; the defaults are far above any real manifest.
struct Limits {
    std::size_t max_bytes = limits::manifests;
    std::size_t max_nodes = 4'000'000;  // after alias expansion
    int max_depth = 200;
};

struct Stream {
    std::vector<Node> documents;  // empty documents are left out
    std::size_t nodes = 0;        // in all, with what aliases repeat
    Diagnostics problems;         // KT001 (syntax, encoding, limits) and KT002 (duplicate keys), all of severity error
};

// Never throws on bad input: everything found is in `problems` (parsing stops at the first KT001). Lines count from
// `first_line`, for a text that is a part of a file.
Stream parse(std::string_view text, const std::string& file, const Limits& limits = {}, int first_line = 1);

// The single document of a file. Errors: Error{input} for any problem, or when there is not exactly one document.
Node parse_one(std::string_view text, const std::string& file, const Limits& limits = {});

// The value by YAML 1.1 rules. Integers beyond 64 bits become numbers; .inf and .nan become null.
// Keys become what key_text() says.
Json to_json(const Node& node);

// The member name that a key becomes: its text, or the canonical text of its value ("on" is "true", "0x10" is "16").
std::string key_text(const Node& key);

// Deterministic block-style YAML of a JSON value: strings are quoted only where a YAML 1.1 reader would need it, texts
// of several lines are literal blocks. Errors: Error{bug} for text that is not UTF-8.
std::string emit(const Json& value);

// The kind that a plain (unquoted) scalar has under YAML 1.1 as go-yaml reads it.
Kind resolve(std::string_view plain);

}  // namespace ktrain::yaml
