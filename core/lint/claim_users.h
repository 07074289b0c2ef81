// Which objects of a bundle mount which claim. Made once for each bundle.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ktrain::lint {

struct Bundle;
struct Object;

class ClaimUsers {
public:
    ClaimUsers() = default;
    // The objects must be complete, and stay.
    explicit ClaimUsers(const Bundle& bundle);

    // In order, the first few; of the namespace that the objects write ("": none).
    std::span<const Object* const> of(std::string_view space, std::string_view claim) const;

private:
    std::unordered_map<std::string, std::vector<const Object*>> users_;  // by "namespace/name"
};

}  // namespace ktrain::lint
