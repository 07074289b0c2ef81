// Inputs of searches for plans: prices of a few instances, and specs by their fields.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/estimate/find.h"
#include "core/model/catalog.h"
#include "core/spec/load.h"

namespace ktrain::test {

using Settings = std::vector<std::pair<std::string, std::string>>;

inline constexpr const char* small_table =
    "x,,l4x1,l4,1,0.7,,,0.5,2026\nx,,l4x4,l4,4,4,,,,2026\n"
    "x,,a100x2,a100-80gb,2,7,3,4,,2026\nx,,h100x8,h100,8,,,,,2026\n";

inline PriceTable table(const std::string& rows) {
    ReadPrices prices = read_prices(
        "cloud,region,instance,gpu,gpu_count,on_demand,spot_low,spot_high,reserved,as_of\n" + rows, "own.csv");
    REQUIRE_FALSE(has_errors(prices.problems));
    return std::move(prices.table);
}

inline std::vector<spec::Override> fields(const std::string& model, Settings more = {}) {
    std::vector<spec::Override> list{{"metadata.name", "plan", "test"},
                                     {"model.model_name_or_path", model, "test"},
                                     {"model.dtype", "bfloat16", "test"}};
    for (auto& [path, value] : more) list.push_back({path, value, "test"});
    return list;
}

inline TrainingSpec spec_of(const std::vector<spec::Override>& overrides) {
    spec::Loaded loaded = spec::from_overrides(overrides);
    REQUIRE_FALSE(has_errors(loaded.problems));
    return std::move(loaded.spec);
}

inline FindInput input_for(const PriceTable& prices, const std::string& model = "llama-2-7b",
                           const Settings& more = {}) {
    FindInput input;
    input.spec = spec_of(fields(model, more));
    input.shape = *find_in_catalog(model);
    input.options.tokens = 20e6;
    input.prices = &prices;
    return input;
}

// The error of a search, or empty.
inline std::string message_of(const FindInput& input) {
    try {
        find_plans(input);
    } catch (const Error& error) {
        CHECK(error.kind == ErrorKind::input);
        CHECK_FALSE(error.hint.empty());
        return error.message;
    }
    return "";
}

}  // namespace ktrain::test
