// Reads tables of prices row by row, and distrusts what catalogs are known to get wrong (docs/estimate.md, "Money").
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "core/base/csv.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/text.h"
#include "core/estimate/gpus.h"
#include "core/estimate/prices.h"

namespace ktrain {
namespace {

constexpr std::size_t most_problems = 20;  // of errors, and of warnings

struct Column {
    std::string_view name;
    bool required = false;
};
constexpr std::array columns{
    Column{"as_of", true},   Column{"cloud", true},    Column{"gpu", true},       Column{"gpu_count", true},
    Column{"gpu_mem_bytes"}, Column{"instance", true}, Column{"on_demand", true}, Column{"ram_bytes"},
    Column{"region", true},  Column{"reserved"},       Column{"source"},          Column{"spot_high"},
    Column{"spot_low"},      Column{"vcpu"},
};
static_assert(std::ranges::is_sorted(columns, {}, &Column::name));

// Prices that stand for "not known" in published catalogs. `share`: of the on-demand price; else the price itself.
struct Placeholder {
    std::string_view cloud, region;  // empty: any
    double share = 0, price = 0;
    std::string_view why;
};
constexpr std::array placeholders{
    Placeholder{"", "", 1, 0, "it equals the on-demand price: no discount is known"},
    Placeholder{"", "ap-southeast-3", 0.1, 0,
                "a tenth of the on-demand price is what the catalog of this region fills in"},
    Placeholder{"gcp", "", 0, 700, "700 is what catalogs fill in where GCP names no price"},
};

bool equal(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

// Where the `wanted`-th cell (from 0) of the record at `from` begins: line and column, from 1.
std::pair<int, int> cell_position(std::string_view text, std::size_t from, int line, std::size_t wanted) {
    bool quoted = false;
    int column = 1;
    for (std::size_t at = from, cell = 0; cell < wanted && at < text.size(); ++at, ++column) {
        if (text[at] == '"') quoted = !quoted;  // a doubled quote switches twice
        if (text[at] == '\n') {
            ++line;
            column = 0;
        }
        if (text[at] == ',' && !quoted) ++cell;
    }
    return {line, column};
}

class Reader {
public:
    Reader(std::string_view text, std::string file, const PriceTable* known)
        : text_(text), file_(std::move(file)), known_(known) {
        if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);  // spreadsheets write one
        for (Gpu& gpu : all_gpus()) {
            ids_.push_back(gpu.id);
            gpus_.push_back(std::move(gpu));
        }
    }

    ReadPrices read() {
        try {
            if (next_record() && read_header())
                while (errors_ < most_problems && next_record()) read_row();
        } catch (const Error& error) {  // a quote that is never closed
            problems_.push_back({"", Severity::error, error.where, error.message, "close it", ""});
        }
        if (place_.empty() && problems_.empty()) report(0, "the table is empty", "write a header line: " + header());
        return {PriceTable(std::move(rows_)), std::move(problems_)};
    }

private:
    std::string_view text_;
    std::string file_;
    const PriceTable* known_;
    std::vector<Gpu> gpus_;
    std::vector<std::string> ids_;

    std::size_t at_ = 0, from_ = 0;  // behind the record, and where it begins
    int line_ = 1, from_line_ = 1;
    std::vector<std::string> cells_;
    std::map<std::string, std::size_t, std::less<>> place_;                    // of each column
    std::map<std::vector<std::string>, int> seen_;                             // cloud, region, instance, gpu: the line
    std::map<std::vector<std::string>, std::pair<std::int64_t, int>> counts_;  // cloud, instance: GPUs, and the line
    std::vector<Price> rows_;
    Diagnostics problems_;
    std::size_t errors_ = 0, warnings_ = 0;

    static std::string header() {
        std::string names;
        for (const Column& column : columns)
            if (column.required) names += (names.empty() ? "" : ",") + std::string(column.name);
        return names;
    }

    bool next_record() {
        while (at_ < text_.size()) {
            from_ = at_;
            from_line_ = line_;
            cells_ = read_csv_record(text_, at_, line_, file_);
            for (std::string& cell : cells_) cell = std::string(trim(cell));
            if (cells_.size() > 1 || !cells_[0].empty()) return true;
        }
        return false;
    }

    void report(std::size_t cell, std::string message, std::string fix, Severity severity = Severity::error) {
        if (++(severity == Severity::error ? errors_ : warnings_) > most_problems) return;
        const auto [line, column] = cell_position(text_, from_, from_line_, cell);
        problems_.push_back({"", severity, {file_, line, column, ""}, std::move(message), std::move(fix), ""});
    }
    void report(std::string_view column, std::string message, std::string fix, Severity severity = Severity::error) {
        report(place_.find(column)->second, std::move(message), std::move(fix), severity);
    }

    bool read_header() {
        std::vector<std::string> names;
        for (const Column& column : columns) names.emplace_back(column.name);
        for (std::size_t i = 0; i < cells_.size(); ++i) {
            if (!std::ranges::binary_search(columns, std::string_view(cells_[i]), {}, &Column::name)) {
                const std::string near = nearest(cells_[i], names);
                report(i, fmt::format("unknown column \"{}\"", printable(cells_[i])),
                       near.empty() ? "known: " + join(names, ", ") : fmt::format("did you mean {}?", near));
            } else if (!place_.emplace(cells_[i], i).second) {
                report(i, fmt::format("the column {} is there twice", cells_[i]), "keep one");
            }
        }
        for (const Column& column : columns)
            if (column.required && !place_.contains(column.name))
                report(std::size_t{0}, fmt::format("the column {} is missing", column.name),
                       "write a header line: " + header());
        return problems_.empty();
    }

    std::string_view cell(std::string_view column) const {
        const auto found = place_.find(column);
        return found == place_.end() ? std::string_view() : cells_[found->second];
    }

    void read_row() {
        if (cells_.size() != place_.size()) {
            report(std::size_t{0}, fmt::format("the row has {} cells, the header {}", cells_.size(), place_.size()),
                   "quote cells that have commas in them");
            return;
        }
        Price price;
        price.cloud = printable(lower(cell("cloud")));
        price.region = printable(cell("region"));
        price.instance = printable(cell("instance"));
        price.source = printable(cell("source"));
        price.gpu_alone = price.instance.starts_with("n1+");
        for (const std::string_view name : {"cloud", "instance"})
            if (cell(name).empty()) report(name, fmt::format("{} is empty", name), "name it");
        price.gpu_count = whole("gpu_count").value_or(0);
        if (cell("gpu_count").empty()) report("gpu_count", "the number of GPUs is missing", "write it, 1 or more");
        price.gpu_memory = whole("gpu_mem_bytes");
        price.vcpu = whole("vcpu");
        price.ram = whole("ram_bytes");
        read_gpu(price);
        read_prices_of(price);
        if (const auto date = parse_as_of(cell("as_of")))
            price.as_of = *date;
        else
            report("as_of", fmt::format("\"{}\" is no date", printable(cell("as_of"))),
                   "write when the price was valid, as 2026-07-20, 2026-07 or 2026");
        check_twice(price);
        check_count(price);
        rows_.push_back(std::move(price));
    }

    // A whole number above 0.
    std::optional<std::int64_t> whole(std::string_view column) {
        const std::string_view text = cell(column);
        if (text.empty()) return std::nullopt;
        std::int64_t value = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
        if (end.ec == std::errc() && end.ptr == text.data() + text.size() && value > 0) return value;
        report(column, fmt::format("{} is a whole number above 0, not \"{}\"", column, printable(text)),
               "leave the cell empty where it is not known");
        return std::nullopt;
    }

    std::optional<double> price_in(std::string_view column) {
        const std::string_view text = cell(column);
        if (text.empty()) return std::nullopt;
        double value = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool number = end.ec == std::errc() && end.ptr == text.data() + text.size() && std::isfinite(value);
        if (number && value > 0) return value;
        report(column,
               number ? fmt::format("a price is above 0, not {}", text)
                      : fmt::format("\"{}\" is no number", printable(text)),
               number ? "leave the cell empty where the price is not known" : "write USD per hour, as 1.006");
        return std::nullopt;
    }

    void read_gpu(Price& price) {
        const std::string wanted = lower(cell("gpu"));
        const auto gpu = std::ranges::find_if(gpus_, [&](const Gpu& row) {
            return row.id == without_vendor(wanted) ||
                   (!row.product_label.empty() && lower(row.product_label) == wanted);
        });
        if (gpu == gpus_.end()) {
            const std::string near = nearest(without_vendor(wanted), ids_);
            report("gpu", fmt::format("unknown GPU \"{}\"", printable(cell("gpu"))),
                   near.empty() ? fmt::format("known: {}", join(ids_, ", ")) : fmt::format("did you mean {}?", near));
            return;
        }
        price.gpu = gpu->id;
        // Names of one GPU differ by 7 %: 80e9 bytes, 80 GiB, and what drivers leave of them.
        const auto memory = static_cast<double>(gpu->memory);
        if (price.gpu_memory && gpu->memory > 0 &&
            std::abs(static_cast<double>(*price.gpu_memory) - memory) > 0.1 * memory)
            report("gpu_mem_bytes",
                   fmt::format("{} has {}, not {}", gpu->id, human_gib(static_cast<std::uint64_t>(gpu->memory)),
                               human_gib(static_cast<std::uint64_t>(*price.gpu_memory))),
                   "check the gpu: names such as a100-40gb and a100-80gb are easily confused");
    }

    void read_prices_of(Price& price) {
        price.on_demand = price_in("on_demand");
        price.spot_low = price_in("spot_low");
        price.spot_high = price_in("spot_high");
        price.reserved = price_in("reserved");
        for (const auto& [column, value] :
             {std::pair<std::string_view, std::optional<double>*>{"on_demand", &price.on_demand},
              {"spot_low", &price.spot_low},
              {"spot_high", &price.spot_high},
              {"reserved", &price.reserved}})
            drop_placeholder(price, column, *value);
        if (price.spot_low && price.spot_high && *price.spot_low > *price.spot_high)
            report("spot_low", "spot_low is above spot_high", "swap them");
        for (const auto& [column, value] :
             {std::pair<std::string_view, std::optional<double>>{"spot_high", price.spot_high},
              {"spot_low", price.spot_low},
              {"reserved", price.reserved}})
            if (value && price.on_demand && *value > *price.on_demand)
                report(column, fmt::format("{} is above on_demand", column), "check both: they are USD per hour");
    }

    // Called for on_demand first, so that what is left of it is a price.
    void drop_placeholder(const Price& price, std::string_view column, std::optional<double>& value) {
        const bool spot = column.starts_with("spot");
        for (const Placeholder& row : placeholders) {
            if (!value || (!row.cloud.empty() && row.cloud != price.cloud) ||
                (!row.region.empty() && row.region != price.region))
                continue;
            const bool hit = row.share > 0 ? spot && price.on_demand && equal(*value, row.share * *price.on_demand)
                                           : equal(*value, row.price);
            if (!hit) continue;
            report(column, fmt::format("{} {} is taken as unknown: {}", column, *value, row.why),
                   "leave the cell empty", Severity::warning);
            value.reset();
        }
    }

    void check_twice(const Price& price) {
        const auto [row, is_new] =
            seen_.emplace(std::vector<std::string>{price.cloud, price.region, price.instance, price.gpu}, from_line_);
        if (!is_new)
            report(std::size_t{0},
                   fmt::format("{} with {} is there twice for region \"{}\", first in line {}", price.instance,
                               price.gpu, price.region, row->second),
                   "keep the newer one");
    }

    // Catalogs have listed 12 GPUs for ND96isr_H100_v5.
    void check_count(const Price& price) {
        if (price.gpu_count == 0) return;
        const auto [row, is_new] = counts_.emplace(std::vector<std::string>{price.cloud, price.instance},
                                                   std::pair(price.gpu_count, from_line_));
        if (!is_new && row->second.first != price.gpu_count)
            report("gpu_count",
                   fmt::format("{} has {} GPUs here and {} in line {}", price.instance, price.gpu_count,
                               row->second.first, row->second.second),
                   "check how many there are");
        if (!is_new || known_ == nullptr) return;
        const auto known = std::ranges::find_if(known_->rows(), [&](const Price& other) {
            return other.cloud == price.cloud && other.instance == price.instance;
        });
        if (known != known_->rows().end() && known->gpu_count != price.gpu_count)
            report("gpu_count",
                   fmt::format("{} has {} GPUs, not {}", price.instance, known->gpu_count, price.gpu_count),
                   "check how many there are");
    }
};

}  // namespace

ReadPrices read_prices(std::string_view text, const std::string& file, const PriceTable* known) {
    return Reader(text, file, known).read();
}

}  // namespace ktrain
