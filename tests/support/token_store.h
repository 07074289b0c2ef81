// Token store files made wrong on purpose, for unit and fuzz tests.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "core/base/digest.h"
#include "trainer/data/checksum.h"
#include "trainer/data/token_store_layout.h"

namespace ktrain::test {

// The checksums made right again after a change, so that what lies behind it is tested. As it is where there is no
// header.
inline std::string signed_again(std::string file) {
    trainer::StoreHeader header;
    if (file.size() < sizeof header) return file;
    std::memcpy(&header, file.data(), sizeof header);
    const std::size_t rest = file.size() - sizeof header;
    if (header.tokens > rest / 4 || 4 * (header.tokens + header.tokens % 2) > rest) return file;
    trainer::Checksum tokens(trainer::checkpoint_checksum);
    tokens.add(std::string_view(file).substr(sizeof header, 4 * header.tokens));
    file.replace(offsetof(trainer::StoreHeader, tokens_checksum), 32, tokens.hex());
    Sha256 digest;
    digest.add(std::string_view(file).substr(0, offsetof(trainer::StoreHeader, checksum)));
    digest.add(std::string_view(file).substr(sizeof header + 4 * (header.tokens + header.tokens % 2)));
    file.replace(offsetof(trainer::StoreHeader, checksum), 64, digest.hex());
    return file;
}

}  // namespace ktrain::test
