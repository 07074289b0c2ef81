// Names of models and GPUs: how they are compared, and those that the compiled-in tables know.
#include "core/base/names.h"

#include <charconv>
#include <cmath>

#include "core/base/embedded.h"
#include "core/base/text.h"

namespace ktrain {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::vector<std::string> model_names(const Csv& models, std::size_t row) {
    std::vector<std::string> names{lower(models.cell(row, "id"))};
    std::vector<std::string> long_names = split(models.cell(row, "aliases"), ';');
    long_names.push_back(models.cell(row, "hf_name"));
    for (const std::string& name : long_names) {
        if (name.empty()) continue;
        names.push_back(lower(name));
        if (base_name(name) != name) names.push_back(lower(base_name(name)));
    }
    return names;
}

std::vector<std::string> model_names() {
    const Csv models(embedded("models.csv"), "models.csv");
    std::vector<std::string> names;
    for (std::size_t row = 0; row < models.rows(); ++row)
        for (std::string& name : model_names(models, row)) names.push_back(std::move(name));
    return names;
}

std::vector<std::string> catalog_ids() {
    const Csv models(embedded("models.csv"), "models.csv");
    std::vector<std::string> ids;
    for (std::size_t row = 0; row < models.rows(); ++row)
        if (models.cell(row, "catalog") == "1") ids.push_back(models.cell(row, "id"));
    return ids;
}

std::vector<std::string> gpu_ids() {
    const Csv gpus(embedded("gpus.csv"), "gpus.csv");
    std::vector<std::string> ids;
    for (std::size_t row = 0; row < gpus.rows(); ++row) ids.push_back(gpus.cell(row, "id"));
    return ids;
}

std::optional<std::string> gpu_id(std::string_view name) {
    const Csv gpus(embedded("gpus.csv"), "gpus.csv");
    const std::string wanted = lower(name);
    const std::string bare = without_vendor(wanted);
    for (std::size_t row = 0; row < gpus.rows(); ++row) {
        const std::string label = lower(gpus.cell(row, "product_label"));
        if (gpus.cell(row, "id") == bare || (!label.empty() && (label == wanted || without_vendor(label) == bare)))
            return gpus.cell(row, "id");
    }
    return std::nullopt;
}

std::vector<std::string> likely_gpus(std::string_view name) {
    const std::string bare = without_vendor(lower(name));
    const std::vector<std::string> ids = gpu_ids();
    std::vector<std::string> kin;  // "A100" is said of several
    for (const std::string& id : ids)
        if (id.starts_with(bare + "-")) kin.push_back(id);
    if (!kin.empty()) return kin;
    const std::string near = nearest(bare, ids);
    return near.empty() ? ids : std::vector{near};
}

std::optional<std::int64_t> parameter_count(std::string_view text) {
    if (text.size() < 2 || text.size() > 16) return std::nullopt;
    const char unit = text.back();
    const double scale = unit == 'b' || unit == 'B' ? 1e9 : unit == 'm' || unit == 'M' ? 1e6 : 1;
    const std::string_view digits = scale > 1 ? text.substr(0, text.size() - 1) : text;
    if ((scale == 1 && text.find('.') != std::string_view::npos) ||
        digits.find_first_not_of("0123456789.") != std::string_view::npos)
        return std::nullopt;
    double number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const double count = number * scale;
    if (error != std::errc() || end != digits.data() + digits.size() || count < 1 || count > 1e15) return std::nullopt;
    return std::llround(count);
}

std::string without_vendor(std::string_view gpu) {
    for (const std::string_view vendor : {"nvidia-", "amd-"})
        if (gpu.starts_with(vendor)) gpu.remove_prefix(vendor.size());
    return std::string(gpu);
}

}  // namespace ktrain
