// SHA-256 of text and files, in lower-case hexadecimal.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ktrain {

std::string sha256(std::string_view data);

// Incremental form, for data larger than memory.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(std::string_view data);
    std::string hex();  // ends the digest; call once

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ktrain
