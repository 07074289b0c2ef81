// What the fields of Kubernetes objects are: types, required fields, closed sets of values and ranges.
//
// The tables are text that the compiler parses: a field is "name:type", "name!:type" when it is required; a type is the
// name of an object, of a set of values or of a scalar below, behind "[]" for lists and "{}" for maps by name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ktrain::lint {

struct TypeText {
    std::string_view name;
    std::string_view fields;
};

enum class Base {
    any,
    base64,
    boolean,
    dns_label,  // RFC 1123 label
    env_name,   // printable ASCII without "="
    integer,    // within min and max
    int_or_string,
    labels,        // map of strings
    port_or_name,  // 1..65535 or an IANA service name
    quantity,      // not negative
    resources,     // map of quantities by resource name
    string,
};

struct Scalar {
    std::string_view name;
    Base base;
    std::int64_t min = 0;
    std::int64_t max = 0;
};

struct Choice {
    std::string_view name;
    std::string_view values;  // separated by blanks; "-" stands for the empty text
};

enum class Shape : std::uint8_t { one, list, map };
enum class Of : std::uint8_t { scalar, choice, object };

struct Field {
    std::string_view name;
    bool required = false;
    Shape shape = Shape::one;
    Of of = Of::scalar;
    std::uint16_t type = 0;  // index of the scalar, choice or object
};

const Scalar& scalar(std::uint16_t index);
const Choice& choice(std::uint16_t index);
std::string_view object_name(std::uint16_t index);
std::span<const Field> object_fields(std::uint16_t index);

// How the name of an object must look.
enum class NameRule { subdomain, label, label_1035 };

// A kind of object, with or without a table of its fields.
struct KindRow {
    std::string_view api_version;
    std::string_view kind;
    std::string_view type;  // name of its object type; empty: its structure is not checked
    std::string_view
        templates;  // paths of its pod templates, separated by blanks; "*" is every member, "[]" every item
    NameRule name_rule = NameRule::subdomain;
};

// All kinds we know something about, sorted by apiVersion and kind.
std::span<const KindRow> kind_rows();
const KindRow* find_kind(std::string_view api_version, std::string_view kind);
// Whether we know all kinds of the group and this is none of them.
bool is_no_kind(std::string_view api_version, std::string_view kind);
// The object type of a name; a name that is not in the table is a mistake in the program (Error{bug}).
std::uint16_t object_index(std::string_view name);

}  // namespace ktrain::lint
