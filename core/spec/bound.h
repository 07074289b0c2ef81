// The fields of one spec bound to their values, without their static types: what all visitors work on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/spec/field.h"
#include "core/spec/spec.h"

namespace ktrain::spec {

struct Bound;
using Group = std::vector<Bound>;

// A list of groups, such as cluster.volumes.
class Records {
public:
    virtual ~Records() = default;
    virtual std::size_t size() const = 0;
    virtual void resize(std::size_t size) = 0;
    virtual Group at(std::size_t index) = 0;  // valid until the next resize
    virtual Group blank() = 0;                // a record with default values that belongs to no spec
};

using Value = std::variant<std::string*, std::int64_t*, double*, bool*, std::vector<std::string>*, std::vector<double>*,
                           StringMap*, Group, std::shared_ptr<Records>>;

struct Bound {
    Field field;
    Value value;

    const Group* group() const { return std::get_if<Group>(&value); }
    Records* records() const {
        const auto* records = std::get_if<std::shared_ptr<Records>>(&value);
        return records ? records->get() : nullptr;
    }
    StringMap* map() const {
        StringMap* const* map = std::get_if<StringMap*>(&value);
        return map ? *map : nullptr;
    }
    bool is_leaf() const { return !group() && !records(); }
    // Nothing is said: an empty text, list or map.
    bool empty() const;
};

// All fields of `spec` in the order of the document. The spec must outlive the result.
Group bind(TrainingSpec& spec);

// "text", "integer", "number", "boolean", "list of text", "list of numbers", "map", "group", "list of groups".
std::string_view type_name(const Value& value);

// Where a path such as "cluster.volumes[0].size" leads.
struct Found {
    std::optional<Bound> field;  // empty: there is no such field
    std::string path;            // of the field, or of the last group that exists
    std::string rest;            // the key in a map ("requests.cpu"), or the name that does not exist
    Group siblings;              // the fields of that last group
};

// Chooses a record of a list; the index is empty when none was written. An empty answer: there is no such record.
using PickRecord = std::function<std::optional<Group>(Records&, std::optional<std::size_t>)>;

// The result points into the spec of `root`, or into the blanks that `root` owns.
Found find(const Group& root, std::string_view path, const PickRecord& pick);

// The same for paths in the list of all fields, where every record is a blank and needs no index.
Found find(const Group& root, std::string_view path);

// Calls `visit(path, bound)` for every field below `group`, groups before their fields, records as "volumes[]".
void each_field(const Group& group, const std::string& path,
                const std::function<void(const std::string&, const Bound&)>& visit);

}  // namespace ktrain::spec
