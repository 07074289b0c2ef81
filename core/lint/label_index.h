// Finds what a label selector selects among many objects, without looking at all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/lint/value.h"

namespace ktrain::lint {

struct Bundle;

// What has labels: a Service, or the pods of an object.
struct Labelled {
    const Object* object = nullptr;
    const PodTemplate* pod = nullptr;  // nullptr: the object itself
    Value labels;
};

// Services, and pods where something selects them.
class LabelIndex {
public:
    LabelIndex() = default;
    explicit LabelIndex(const Bundle& bundle);

    // `selector` has matchLabels and matchExpressions. `spaces`: none: any.
    std::vector<Labelled> services(Value selector, const std::vector<std::string_view>& spaces) const;
    // The first `most` of them: pods of one label may be many, and alike.
    std::vector<Labelled> pods(Value selector, const std::vector<std::string_view>& spaces,
                               std::size_t most = std::string_view::npos) const;
    // The same for the map of labels of a Service, in one namespace.
    bool has_pods(Value labels, std::string_view space) const;
    std::vector<Labelled> pods_of_service(Value labels, std::string_view space) const;
    std::size_t pods_in(std::string_view space) const;
    // Whether operators may make pods of objects in the files, with labels that are not in them.
    bool hides_pods() const { return hides_pods_; }

private:
    using Table = std::unordered_map<std::string, std::vector<std::uint32_t>>;

    struct Kept {
        std::vector<Labelled> all;
        Table by_label;                    // "key=value"
        std::vector<std::uint32_t> every;  // all numbers
        void add(const Labelled& one);
        // Those that have the rarest of the labels; all where there are none.
        std::span<const std::uint32_t> candidates(Value labels) const;
        std::vector<Labelled> selected(Value selector, const std::vector<std::string_view>& spaces,
                                       std::size_t most = std::string_view::npos) const;
    };

    Kept services_;
    Kept pods_;
    std::unordered_map<std::string_view, std::size_t> pods_in_;
    bool hides_pods_ = false;
};

}  // namespace ktrain::lint
