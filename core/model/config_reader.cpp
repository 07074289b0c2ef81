// Checks of single values of config.json.
#include "core/model/config_reader.h"

#include <fmt/format.h>

#include <cmath>

#include "core/base/error.h"

namespace ktrain {
namespace {

std::string shown(const Json& value) {
    const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() > 40 ? text.substr(0, 40) + "..." : text;
}

}  // namespace

ConfigReader::ConfigReader(std::string_view text, std::string file) : file_(std::move(file)) {
    json_ = parse_json(text, file_);
    if (!json_.is_object()) fail("", "a model's config must be a JSON object");
}

ConfigReader::ConfigReader(Json json, std::string file, std::string prefix)
    : file_(std::move(file)), prefix_(std::move(prefix)), json_(std::move(json)) {}

void ConfigReader::fail(const std::string& key, const std::string& message, const std::string& hint) const {
    throw Error(ErrorKind::input, message, {file_, 0, 0, key.empty() ? key : path(key)},
                hint.empty() ? "use the config.json that was published with the model" : hint);
}

std::int64_t ConfigReader::size(std::string_view key, std::int64_t most) const {
    if (!has(key)) fail(std::string(key), path(key) + " is missing");
    const Json& value = json_.at(key);
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() || value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most));
    if (!fits || value.get<std::int64_t>() < 1 || value.get<std::int64_t>() > most)
        fail(std::string(key),
             fmt::format("{} must be a whole number from 1 to {}, got {}", path(key), most, shown(value)));
    return value.get<std::int64_t>();
}

std::int64_t ConfigReader::size_or(std::string_view key, std::int64_t most, std::int64_t fallback) const {
    return has(key) ? size(key, most) : fallback;
}

double ConfigReader::number_or(std::string_view key, double fallback) const {
    if (!has(key)) return fallback;
    const Json& value = json_.at(key);
    if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() < 0)
        fail(std::string(key),
             fmt::format("{} must be a number that is not negative, got {}", path(key), shown(value)));
    return value.get<double>();
}

bool ConfigReader::flag_or(std::string_view key, bool fallback) const {
    if (!has(key)) return fallback;
    const Json& value = json_.at(key);
    if (!value.is_boolean())
        fail(std::string(key), fmt::format("{} must be true or false, got {}", path(key), shown(value)));
    return value.get<bool>();
}

std::string ConfigReader::text(std::string_view key) const {
    return string_or(json_, std::string(key));
}

std::vector<double> ConfigReader::numbers(std::string_view key) const {
    std::vector<double> numbers;
    if (!has(key)) return numbers;
    const Json& value = json_.at(key);
    const Json list = value.is_array() ? value : Json::array({value});
    for (const Json& item : list) {
        if (!item.is_number())
            fail(std::string(key), fmt::format("{} must hold numbers, got {}", path(key), shown(item)));
        numbers.push_back(item.get<double>());
    }
    return numbers;
}

std::vector<std::string> ConfigReader::texts(std::string_view key) const {
    std::vector<std::string> texts;
    if (!has(key)) return texts;
    const Json& value = json_.at(key);
    if (!value.is_array()) fail(std::string(key), fmt::format("{} must be a list, got {}", path(key), shown(value)));
    for (const Json& item : value) {
        if (!item.is_string())
            fail(std::string(key), fmt::format("{} must hold texts, got {}", path(key), shown(item)));
        texts.push_back(item.get<std::string>());
    }
    return texts;
}

ConfigReader ConfigReader::group(std::string_view key) const {
    if (!has(key)) return {Json::object(), file_, path(key) + "."};
    if (!json_.at(key).is_object())
        fail(std::string(key), fmt::format("{} must be an object, got {}", path(key), shown(json_.at(key))));
    return {json_.at(key), file_, path(key) + "."};
}

}  // namespace ktrain
