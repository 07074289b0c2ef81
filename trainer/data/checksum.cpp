// Checksums by xxHash and OpenSSL.
#include "trainer/data/checksum.h"

#define XXH_INLINE_ALL  // nothing to find at run time
#include <fmt/format.h>
#include <xxhash.h>

#include <optional>

#include "core/base/digest.h"
#include "core/base/error.h"

namespace ktrain::trainer {

struct Checksum::State {
    std::optional<Sha256> sha256;
    XXH3_state_t xxh128;  // used without the other
};

Checksum::Checksum(std::string_view name) : state_(std::make_unique<State>()) {
    if (name == "sha256")
        state_->sha256.emplace();
    else if (name != checkpoint_checksum || XXH3_128bits_reset(&state_->xxh128) != XXH_OK)
        throw Error(ErrorKind::bug, "there is no checksum " + std::string(name));
}

Checksum::~Checksum() = default;

void Checksum::add(std::string_view data) {
    if (state_->sha256)
        state_->sha256->add(data);
    else
        XXH3_128bits_update(&state_->xxh128, data.data(), data.size());
}

std::string Checksum::hex() {
    if (state_->sha256) return state_->sha256->hex();
    const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh128);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace ktrain::trainer
