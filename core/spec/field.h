// How one field of the spec describes itself; every struct lists its fields once with these for all visitors.
#pragma once

#include <initializer_list>
#include <limits>
#include <span>
#include <string_view>

namespace ktrain::spec {

// What a string must look like beyond being a string.
enum class Format { any, quantity, duration, dns_label, job_name, path, image, gpu, model };

// A closed list of values: the table is static, so that a Field stays a plain value.
using Choices = std::span<const std::string_view>;

struct Field {
    std::string_view name = {};     // key in YAML, and the flag of `run` when the leaf has a Hugging Face name
    std::string_view help = {};     // one sentence, upper-case start, full stop
    std::string_view example = {};  // a value as YAML, shown by --explain; empty when the default says enough
    Choices choices = {};
    double min = std::numeric_limits<double>::lowest();
    double max = std::numeric_limits<double>::max();
    bool above_min = false;  // the minimum itself is not allowed
    Format format = Format::any;
    bool required = false;
};

// `list(self, visit)` calls visit(Field, member) for every field in the order of the document. `self` may be const.
template <class T>
struct Fields;

}  // namespace ktrain::spec
