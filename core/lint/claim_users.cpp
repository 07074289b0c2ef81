// Reads the volumes of all pod templates.
#include "core/lint/claim_users.h"

#include <algorithm>

#include "core/lint/value.h"

namespace ktrain::lint {
namespace {

constexpr std::size_t most_users = 16;

std::string key_of(std::string_view space, std::string_view claim) {
    return std::string(space) + "/" + std::string(claim);
}

}  // namespace

ClaimUsers::ClaimUsers(const Bundle& bundle) {
    for (const Object& object : bundle.objects) {
        const std::string_view space = space_of(object);
        for (const PodTemplate& pod : object.templates) {
            for (const yaml::Node& volume : Value(pod.spec)["volumes"].items()) {
                const std::string_view claim = Value(volume)["persistentVolumeClaim"]["claimName"].text();
                if (claim.empty()) continue;
                std::vector<const Object*>& users = users_[key_of(space, claim)];
                if (users.size() < most_users && std::ranges::find(users, &object) == users.end())
                    users.push_back(&object);
            }
        }
    }
}

std::span<const Object* const> ClaimUsers::of(std::string_view space, std::string_view claim) const {
    const auto found = users_.find(key_of(space, claim));
    return found == users_.end() ? std::span<const Object* const>() : found->second;
}

}  // namespace ktrain::lint
