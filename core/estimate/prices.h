// Dated prices of cloud instances: the built-in table (templates/prices.csv) and tables of users, read strictly.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/diagnostic.h"

namespace ktrain {

// A date as precisely as it is known.
struct AsOf {
    std::string text;           // "2024", "2025-06" or "2026-07-20"
    std::chrono::sys_days day;  // its first day
};

// nullopt for anything else than the three forms and for days that do not exist.
std::optional<AsOf> parse_as_of(std::string_view text);

std::int64_t days_old(const AsOf& as_of, std::chrono::sys_days today);  // below 0 for a date to come

// That prices are older than 180 days, or of a day to come; empty when there is nothing to say.
std::string age_warning(const AsOf& as_of, std::chrono::sys_days today);

// What a whole instance costs. USD per hour; what is not known is empty, never 0.
struct Price {
    std::string cloud, region, instance;
    std::string gpu;  // id of templates/gpus.csv
    std::int64_t gpu_count = 0;
    std::optional<std::int64_t> gpu_memory;  // bytes of one GPU, as the cloud lists it
    std::optional<std::int64_t> vcpu;
    std::optional<std::int64_t> ram;  // bytes
    std::optional<double> on_demand;
    std::optional<double> spot_low, spot_high;  // over zones; one of them may be known alone
    std::optional<double> reserved;
    std::string source;
    AsOf as_of;              // of the on-demand price; of the spot price where there is no on-demand price
    bool gpu_alone = false;  // the price of the GPU without a machine around it ("n1+nvidia-tesla-t4")
};

// Prices by GPU. Offers and answers point into it: it must outlive them.
class PriceTable {
public:
    PriceTable() = default;
    explicit PriceTable(std::vector<Price> rows);

    std::span<const Price> rows() const { return rows_; }  // by gpu, cloud, region and instance
    // All of one GPU, by its id; empty when there are none.
    std::span<const Price> of_gpu(std::string_view id) const;

private:
    std::vector<Price> rows_;
};

struct ReadPrices {
    PriceTable table;  // usable only when !has_errors(problems)
    Diagnostics
        problems;  // by line, 20 errors and 20 warnings at most; warnings tell which prices were taken as unknown
};

// Reads CSV with a header line: cloud, region, instance, gpu, gpu_count, on_demand and as_of must be there, the columns
// gpu_mem_bytes, vcpu, ram_bytes, spot_low, spot_high, reserved and source may be. An empty cell is unknown.
// Problems have file:line:column; it never throws on bad input. Errors: a price of 0 or less or that is no number, spot
// or reserved above on demand, no or a wrong date, an unknown GPU, a number of GPUs that is none or differs between
// rows of one instance or from `known`, memory that is not the GPU's, a row twice (cloud, region, instance and gpu), a
// missing, unknown or repeated column. Warnings, the price being unknown then: what catalogs write where they know
// none, a spot price equal to on demand, 700 in GCP, a tenth of on demand in ap-southeast-3. `known`: a table whose
// instances are trusted, such as the built-in one.
ReadPrices read_prices(std::string_view text, const std::string& file, const PriceTable* known = nullptr);

// The built-in table. Parses it: to be kept by the caller.
PriceTable builtin_prices();

}  // namespace ktrain
