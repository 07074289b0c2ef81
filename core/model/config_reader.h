// Values of a model's config.json, each checked as it is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace ktrain {

class ConfigReader {
public:
    // Errors, here and below: Error{input} with the file and the key.
    ConfigReader(std::string_view text, std::string file);

    [[noreturn]] void fail(const std::string& key, const std::string& message, const std::string& hint = "") const;

    bool says(std::string_view key) const { return json_.contains(key); }
    bool has(std::string_view key) const { return says(key) && !json_.at(key).is_null(); }
    // A whole number from 1 to `most`.
    std::int64_t size(std::string_view key, std::int64_t most) const;
    std::int64_t size_or(std::string_view key, std::int64_t most, std::int64_t fallback) const;
    double number_or(std::string_view key, double fallback) const;
    bool flag_or(std::string_view key, bool fallback) const;
    std::string text(std::string_view key) const;                // empty when there is none
    std::vector<double> numbers(std::string_view key) const;     // empty when there are none
    std::vector<std::string> texts(std::string_view key) const;  // empty when there are none
    // The object under `key`, read the same way; its keys are shown as "key.name".
    ConfigReader group(std::string_view key) const;

private:
    ConfigReader(Json json, std::string file, std::string prefix);
    std::string path(std::string_view key) const { return prefix_ + std::string(key); }

    std::string file_, prefix_;
    Json json_;
};

}  // namespace ktrain
