// What a schema says about the values of an object: the small interface through which rules see declared types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ktrain::cel {

// A part of a schema, in the caller's own numbering.
using SchemaId = std::uint64_t;

// How a declared type changes what a rule sees. Source: apiserver pkg/cel/common/valuesunstructured.go.
enum class As {
    written,    // what the node itself is: int-or-string
    hidden,     // nothing that a rule may name: no type, or a list or a map of such values
    object,     // its members are selected by escaped names, a null member is as absent, others are unseen
    map,        // additionalProperties: keys as written
    list,       // an array without x-kubernetes-list-type, or of type atomic
    set,        // x-kubernetes-list-type: set; equality ignores the order
    keyed,      // x-kubernetes-list-type: map; equality ignores the order, `keys` name its items
    boolean,    // type: boolean
    integer,    // type: integer
    number,     // type: number: 1 is a double
    string,     // type: string, of no format below
    bytes,      // format: byte
    date,       // format: date; a timestamp
    date_time,  // format: date-time; a timestamp
    duration,   // format: duration
    quantity,   // of devices: no schema of a CRD says so
    any,        // of devices, whose attributes have any type: nothing is known of it
};

struct Declared {
    As as = As::written;
    std::vector<std::string> keys;  // of As::keyed: x-kubernetes-list-map-keys
};

// Answers are asked for while a rule runs and must stay the same. An embedded resource declares apiVersion, kind and
// metadata as its properties, too.
class Typing {
public:
    virtual ~Typing() = default;
    virtual Declared of(SchemaId schema) const = 0;
    // Of an object; two of one name are of one type. Those that have none are told apart by their schemas.
    virtual std::string_view name_of(SchemaId) const { return {}; }
    // The schema of a property, or of the values of a map; nullopt where the schema knows no such member or hides it.
    virtual std::optional<SchemaId> member(SchemaId schema, std::string_view name) const = 0;
    virtual std::optional<SchemaId> item(SchemaId schema) const = 0;
    // The most items of a list or a map, or bytes of a text, that fit in a request; 0 of others.
    virtual std::uint64_t most(SchemaId schema) const = 0;
};

}  // namespace ktrain::cel
