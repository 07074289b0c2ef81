// The values of the rule language: scalars, lists and maps (made by a rule, or nodes of the object), and Kubernetes'
// own.
//
// Source: the language definition of CEL (github.com/google/cel-spec doc/langdef.md).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/ip.h"
#include "core/base/quantity.h"
#include "core/cel/typing.h"

namespace ktrain::yaml {
struct Node;
}

namespace ktrain::cel {

// In the order of the alternatives of Value::Data, except that a Tree is a list or a map.
enum class Type {
    null,
    boolean,
    integer,
    natural,
    real,
    string,
    bytes,
    list,
    map,
    duration,
    timestamp,
    type,
    optional,
    quantity,
    url,
    ip,
    cidr,
    semver,
    format,
    failure,
    // Of no value here: what the functions of an authorizer are called on.
    authorizer,
    path_check,
    group_check,
    resource_check,
    decision,
};

std::string_view name_of(Type type);  // as type() prints it: "int", "google.protobuf.Duration", "net.IP"

class Value;
using Values = std::vector<Value>;

// Text that the object or the program owns, or that a rule made.
struct Text {
    std::string_view view;
    std::shared_ptr<const std::string> owner;  // null: the object's or the program's
};

struct Bytes {
    Text data;
};

// A node of the object with what the schema says of it (`typing` is null where nothing is known).
struct Tree {
    const yaml::Node* node = nullptr;
    const Typing* typing = nullptr;
    SchemaId schema = 0;
    As as = As::written;
};

struct Map;

struct Duration {
    std::int64_t nanos = 0;
};

struct Timestamp {
    std::int64_t seconds = 0;  // since 1970, of the years 1 to 9999
    std::int32_t nanos = 0;    // from 0 to 999,999,999
    std::int32_t east = 0;     // seconds, of the zone that it was written in: only for its text
};

struct TypeName {
    std::string_view name;  // of a literal or of the table of types
};

struct Optional {
    std::shared_ptr<const Value> value;  // null: none
};

struct Url {
    std::string scheme, host, hostname, port, path, query;  // path as it is escaped
};

struct Semver {
    std::array<std::uint64_t, 3> numbers{};
    std::vector<std::string> before;  // the identifiers of a pre-release
};

struct Format {
    std::size_t row = 0;  // of the table in functions_format.cpp
};

// Why there is no value. It travels as a value, because && and || may absorb it.
struct Failure {
    std::string text;
    int column = 0;        // from 1; 0 until an expression has set it
    bool unknown = false;  // a server may know the answer: time zones are names in its database
};

class Value {
public:
    using Data = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, Text, Bytes,
                              std::shared_ptr<const Values>, std::shared_ptr<const Map>, Tree, Duration, Timestamp,
                              TypeName, Optional, Quantity, std::shared_ptr<const Url>, Ip, Cidr,
                              std::shared_ptr<const Semver>, Format, std::shared_ptr<Failure>>;

    Value() = default;  // null
    template <typename T>
    requires std::constructible_from<Data, T> &&(!std::same_as<std::remove_cvref_t<T>, Value>)Value(T&& data)
        : data_(std::forward<T>(data)) {}

    Type type() const;
    bool is(Type wanted) const { return type() == wanted; }
    bool failed() const { return std::holds_alternative<std::shared_ptr<Failure>>(data_); }
    template <typename T>
    const T* as() const {
        return std::get_if<T>(&data_);
    }
    // The text of a string (else empty), and of bytes.
    std::string_view text() const;
    std::string_view bytes() const;
    Failure& failure() const { return **std::get_if<std::shared_ptr<Failure>>(&data_); }

private:
    Data data_;
};

struct Map {
    std::vector<std::pair<Value, Value>> entries;  // keys are bool, int, uint or string, each once
};

Value fail(std::string text);
Value string_value(std::string text);
Value bytes_value(std::string data);
Value list_value(Values items);
Value some(Value value);  // an optional that has a value
inline Value none() {
    return Optional{};
}

}  // namespace ktrain::cel
