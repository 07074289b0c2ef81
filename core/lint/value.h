// A value of an object as cheap as a pointer, for checks that read many; where it stands is looked up when one reports.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/lint/rule.h"

namespace ktrain::lint {

// No value (false) stands for what is missing or null. Values point into the parsed file, as Spots do.
class Value {
public:
    Value() = default;
    Value(const yaml::Node& node) : node_(node.kind == yaml::Kind::null ? nullptr : &node) {}
    explicit Value(const Spot& spot) : node_(spot.node) {}

    explicit operator bool() const { return node_ != nullptr; }
    bool is(yaml::Kind kind) const { return node_ != nullptr && node_->kind == kind; }
    const yaml::Node* node() const { return node_; }

    Value operator[](std::string_view name) const;  // the member of a map
    std::span<const yaml::Node> items() const;      // of a list; null ones included
    std::span<const yaml::Entry> members() const;   // of a map; null ones included
    std::string_view text() const;                  // of a string, or ""
    bool truth() const;                             // whether it is the boolean true
    std::optional<std::int64_t> number() const;     // of a whole number
    bool one_of(std::initializer_list<std::string_view> words) const;

private:
    const yaml::Node* node_ = nullptr;
};

// Where a value of the object stands; the object itself for no value.
Spot locate(const Object& object, Value value);

// Reports on one object, or on what is `made` of it ("pods") where `later`: its own server does not look into that, so
// that everything is a warning which says that it will be refused.
class Reporter {
public:
    Reporter(const Object& object, Findings& findings, bool later, std::string_view made = "pods")
        : object_(object), findings_(findings), later_(later), made_(made) {}

    // `changes` mend the finding without a question; paths by path().
    using Changes = std::vector<Change>;

    void at(std::string_view rule, Value value, std::string message, std::string fix, Changes changes = {}) const;
    void at_key(std::string_view rule, Value value, std::string message, std::string fix, Changes changes = {}) const;
    // The member, or a member of that ("metadata.labels"), is not there. Says nothing of one that is misspelt: KT003.
    void missing(std::string_view rule, Value parent, std::string_view member, std::string message, std::string fix,
                 Changes changes = {}) const;
    // A warning in any case.
    void note(std::string_view rule, Value value, std::string message, std::string fix) const;
    // At the value, under the path of what holds it: where the server names no more than that.
    void within(std::string_view rule, Value value, Value owner, std::string message, std::string fix) const;

    // At the key of the value, under the path of a member of `owner` ("a.b") that ought to be there instead.
    void under(std::string_view rule, Value value, Value owner, std::string_view member, std::string message,
               std::string fix, Changes changes = {}) const;

    std::string path(Value value) const { return locate(value).path; }

    const Object& object() const { return object_; }

private:
    void add(std::string_view rule, Place place, std::string message, std::string fix, Changes changes = {}) const;
    Spot below(Value owner, std::string_view members) const;
    Spot locate(Value value) const { return lint::locate(object_, value); }

    const Object& object_;
    Findings& findings_;
    bool later_;
    std::string_view made_;
};

// Whether a member may be meant for one of the names.
bool is_misspelt(Value owner, std::span<const std::string_view> names);

// Whether the server of the kind takes pod templates as its schema has them, and does not look into them.
bool makes_pods_later(const Object& object);

}  // namespace ktrain::lint
