// The objects of a bundle by kind, namespace and name, for what others refer to. Made once for each bundle.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ktrain::lint {

struct Object;

// How a bundle answers a reference. An object that writes no namespace goes where kubectl is told to put it.
enum class Found { nowhere, there, unplaced, elsewhere };  // unplaced: one of the two gives no namespace

struct Match {
    Found found = Found::nowhere;
    const Object* object = nullptr;
};

class Index {
public:
    Index() = default;
    // The objects must stay where they are.
    explicit Index(const std::vector<Object>& objects);

    // All of a kind that others refer to ("PersistentVolumeClaim"; see index.cpp), in order.
    std::span<const Object* const> all(std::string_view kind) const;
    // The object of a kind, a name and the namespace that the referring object gives ("": none). `space` of kinds
    // that have no namespace does not matter.
    Match find(std::string_view kind, std::string_view space, std::string_view name) const;
    std::vector<std::string_view> names(std::string_view kind) const;

    // The first object of each namespace; nullptr for a namespace that no object has.
    const Object* first_in(std::string_view space) const;
    // Whether objects of namespaces write one, in the whole bundle and in one file.
    bool has_spaces() const { return spaces_.size() > 1 || (spaces_.size() == 1 && !spaces_.contains("")); }
    bool has_spaces(std::string_view file) const { return files_.contains(file); }
    // Whether what KS403 says of this object, or of one that refers to it, is why it ought to give a namespace.
    bool is_explained(const Object& object) const { return explained_.contains(&object); }

private:
    void explain(const Object& object);

    std::unordered_map<std::string_view, std::vector<const Object*>> kinds_;
    std::unordered_map<std::string, const Object*> exact_;     // by kind, namespace and name
    std::unordered_map<std::string, const Object*> anywhere_;  // by kind and name
    std::unordered_map<std::string_view, const Object*> spaces_;
    std::unordered_set<std::string_view> files_;
    std::unordered_set<const Object*> explained_;
};

// The namespace that an object writes, or "".
std::string_view space_of(const Object& object);

}  // namespace ktrain::lint
