// The packed form of schemas: rows of fixed width that refer to each other by index, ready to use without any parsing.
//
// The compiled-in table is made from templates/schemas/*.txt by scripts/schema/pack.py; others may be built at run
// time.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/lint/minors.h"

namespace ktrain::lint {

// What a value is.
enum class Base : std::uint8_t {
    any,
    base64,
    boolean,
    crd_quantity,  // a string or a whole number that is a quantity
    dns_label,     // RFC 1123 label
    env_name,      // printable ASCII without "="
    file_mode,     // 0 to 0777
    int_or_string,
    integer,
    list,
    map,
    micro_time,  // RFC 3339 with six digits of a fraction
    number,
    object,
    port_or_name,  // 1..65535 or an IANA service name
    quantity,      // not negative
    resources,     // map of quantities by resource name
    string,
    time,  // RFC 3339
};

// How the name of an object must look.
enum class NameRule : std::uint8_t { subdomain, ip, label, label_1035, path };

enum Flag : std::uint8_t {
    flag_required = 1,     // edge
    flag_defaulted = 2,    // edge: the server fills it in where it is absent
    flag_nullable = 4,     // node: null is a value of its own
    flag_open = 8,         // node: unknown fields are kept
    flag_crd = 16,         // node, kind: checked by its schema alone, as custom resources are
    flag_cluster = 32,     // kind: has no namespace
    flag_deprecated = 64,  // kind: in whatever version
    flag_status = 128,     // kind: what is in its status is read, and then dropped
};

enum class FactKind : std::uint8_t {
    above,      // value: numbers are greater
    below,      // value: numbers are less
    choice,     // one word of a closed set, with the minors that have it
    format,     // text: its name
    max,        // value
    max_items,  // of lists and maps
    max_length,
    min,
    min_items,
    min_length,
    multiple_of,  // value
    one_of,       // text: the fields of an object, separated by commas, exactly one of which must be there
    pattern,      // text: a regular expression
    unique,       // text: the keys that no two items share, separated by commas; "*" is the whole item
};

// Texts are indices of SchemaTable::texts.
struct FactEntry {
    FactKind kind;
    std::uint16_t minors;
    std::uint16_t text;
    double value;
};

struct NodeEntry {
    Base base;
    std::uint8_t flags;
    std::uint16_t facts;       // how many
    std::uint16_t first_fact;  // in SchemaTable::facts
    std::uint16_t first;       // objects: in SchemaTable::edges; lists and maps: the node of what is inside
    std::uint16_t edges;       // objects: how many, sorted by name
    std::uint16_t name;        // objects: for messages, or 0
};

struct EdgeEntry {
    std::uint16_t name;
    std::uint16_t minors;
    std::uint8_t flags;
    std::uint16_t standard;  // the default, where it is a scalar
    std::uint16_t node;
};

struct KindEntry {
    std::uint16_t api_version;
    std::uint16_t kind;
    std::uint16_t templates;  // paths of its pod templates, separated by blanks; "*" is every member, "[]" every item
    std::uint16_t use;        // the apiVersion that replaces it, or 0
    std::uint16_t minors;
    std::uint8_t flags;
    std::uint8_t deprecated;  // the minor, or 0
    std::uint8_t removed;
    NameRule name_rule;
    std::uint16_t node;
};

// A kind of an API that no supported version has.
struct GoneEntry {
    std::uint16_t api_version;
    std::uint16_t kind;
    std::uint16_t removed;  // "1.22", "Karpenter 0.33"
    std::uint16_t use;      // the apiVersion, or the apiVersion and the kind, that replaces it; or 0
};

struct TextEntry {
    std::uint32_t offset;  // in SchemaTable::chars
    std::uint32_t size;
};

struct SchemaTable {
    std::span<const KindEntry> kinds;  // sorted by apiVersion and kind, as are the gone ones
    std::span<const GoneEntry> gone;
    std::span<const NodeEntry> nodes;
    std::span<const EdgeEntry> edges;
    std::span<const FactEntry> facts;
    std::span<const TextEntry> texts;
    const char* chars;
    std::uint16_t metadata;  // the node of ObjectMeta

    std::string_view text(std::uint16_t index) const { return {chars + texts[index].offset, texts[index].size}; }
};

// Kubernetes 1.25 to 1.37 and the custom resources that training uses. Read-only, needs no start-up.
const SchemaTable& builtin_schemas();

}  // namespace ktrain::lint
