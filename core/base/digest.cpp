// SHA-256 by OpenSSL, which is loaded when the first digest is made: most commands make none, and the library is large.
#include "core/base/digest.h"

#include <openssl/evp.h>

#include <array>

#include "core/base/error.h"
#include "core/base/shared_library.h"

namespace ktrain {
namespace {

#define KTRAIN_TEXT_OF(number) #number
#define KTRAIN_LIBRARY(version) "libcrypto.so." KTRAIN_TEXT_OF(version)
constexpr const char* library_name = KTRAIN_LIBRARY(OPENSSL_SHLIB_VERSION);

struct Crypto {
    decltype(&EVP_MD_CTX_new) context_new;
    decltype(&EVP_MD_CTX_free) context_free;
    decltype(&EVP_DigestInit_ex) init;
    decltype(&EVP_DigestUpdate) update;
    decltype(&EVP_DigestFinal_ex) final;
    decltype(&EVP_sha256) algorithm;
};

Crypto load() {
    const SharedLibrary library(library_name, "install OpenSSL 3, on Debian with: apt-get install libssl3");
    return {.context_new = library["EVP_MD_CTX_new"],
            .context_free = library["EVP_MD_CTX_free"],
            .init = library["EVP_DigestInit_ex"],
            .update = library["EVP_DigestUpdate"],
            .final = library["EVP_DigestFinal_ex"],
            .algorithm = library["EVP_sha256"]};
}

const Crypto& crypto() {
    static const Crypto library = load();
    return library;
}

void expect(bool done) {
    if (!done) throw Error(ErrorKind::failed, "OpenSSL offers no SHA-256");
}

}  // namespace

struct Sha256::State {
    EVP_MD_CTX* context = crypto().context_new();
    ~State() { crypto().context_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    expect(state_->context != nullptr && crypto().init(state_->context, crypto().algorithm(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view data) {
    expect(crypto().update(state_->context, data.data(), data.size()) == 1);
}

std::string Sha256::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    expect(crypto().final(state_->context, bytes.data(), &size) == 1);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * static_cast<std::size_t>(size));
    for (unsigned i = 0; i < size; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

std::string sha256(std::string_view data) {
    Sha256 digest;
    digest.add(data);
    return digest.hex();
}

}  // namespace ktrain
