// Reads the GPU table and finds a GPU by the names people use.
#include "core/estimate/gpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/base/csv.h"
#include "core/base/embedded.h"
#include "core/base/error.h"
#include "core/base/names.h"
#include "core/base/text.h"

namespace ktrain {
namespace {

std::int64_t number_or(const std::string& cell, std::int64_t fallback) {
    std::int64_t value = fallback;
    std::from_chars(cell.data(), cell.data() + cell.size(), value);
    return value;
}

// A cell in units of `unit`; 0 for an empty one.
double scaled(const std::string& cell, double unit) {
    double value = 0;
    std::from_chars(cell.data(), cell.data() + cell.size(), value);
    return value * unit;
}

Gpu to_gpu(const Csv& table, std::size_t row) {
    constexpr std::int64_t none = std::numeric_limits<std::int64_t>::max();
    const std::int64_t mib =
        std::min(number_or(table.cell(row, "memory_mib"), none), number_or(table.cell(row, "catalog_mib"), none));
    Gpu gpu;
    gpu.id = table.cell(row, "id");
    gpu.name = table.cell(row, "name");
    gpu.vendor = table.cell(row, "vendor");
    gpu.product_label = table.cell(row, "product_label");
    gpu.memory = mib == none ? 0 : mib << 20;
    gpu.bf16 = table.cell(row, "bf16") == "1";
    gpu.peak_bf16 = scaled(table.cell(row, "peak_bf16_tflops"), 1e12);
    gpu.peak_fp16 = scaled(table.cell(row, "peak_fp16_tflops"), 1e12);
    gpu.peak_fp8 = scaled(table.cell(row, "peak_fp8_tflops"), 1e12);
    gpu.attainable_bf16 = scaled(table.cell(row, "attainable_bf16_tflops"), 1e12);
    gpu.bandwidth = scaled(table.cell(row, "memory_bandwidth_gb_s"), 1e9);
    return gpu;
}

}  // namespace

double training_peak(const Gpu& gpu) {
    return gpu.peak_bf16 > 0 ? gpu.peak_bf16 : gpu.peak_fp16;
}

std::vector<Gpu> all_gpus() {
    const Csv table(embedded("gpus.csv"), "gpus.csv");
    std::vector<Gpu> gpus;
    for (std::size_t row = 0; row < table.rows(); ++row) gpus.push_back(to_gpu(table, row));
    std::ranges::sort(gpus, {}, [](const Gpu& gpu) { return std::tuple(gpu.memory == 0, gpu.memory, gpu.id); });
    return gpus;
}

Gpu find_gpu(std::string_view name) {
    const auto id = gpu_id(name);
    for (Gpu& gpu : all_gpus())
        if (gpu.id == id) return gpu;
    throw Error(ErrorKind::input, fmt::format("unknown GPU \"{}\"", printable(name)), {"", 0, 0, "resources.gpu"},
                fmt::format("did you mean {}?", join(likely_gpus(name), ", ")));
}

}  // namespace ktrain
