// Digests of bases, and their comparison.
#include "trainer/recipe/base_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "core/base/file_error.h"
#include "core/base/text.h"
#include "core/model/family.h"
#include "trainer/state/weights_digest.h"

namespace ktrain::trainer {
namespace {

namespace fs = std::filesystem;

constexpr const char* name_member = "base_model_name_or_path";

Json config_of(const std::string& adapter) {
    const std::string path = fmt::format("{}/{}", adapter, adapter_config_file);
    return parse_json(real_files().read(path), path);
}

// A member of adapter_config.json; null where it says the same as when it is left out.
Json said(const Json& config, const char* key) {
    const Json& value = at_path(config, {key});
    return value == false || value == Json::object() ? Json() : value;
}

WeightsDigest weights_of(const std::string& folder) {
    const std::string config = folder + "/config.json";
    const Family* family = find_family(string_or(parse_json(real_files().read(config), config), "model_type"));
    return digest_of_weights(folder, family == nullptr ? "model." : std::string(family->names->root));
}

// What the adapter records; nothing where PEFT wrote it.
std::optional<WeightsDigest> recorded_in(const std::string& adapter) {
    if (!records_base(adapter)) return std::nullopt;
    const std::string path = fmt::format("{}/{}", adapter, base_file_name);
    const Json json = parse_json(real_files().read(path), path);
    const Json& dtypes = at_path(json, {"weights", "dtypes"});
    WeightsDigest weights{.dtypes = {}, .sha256 = string_or(at_path(json, {"weights"}), "sha256")};
    for (const Json& dtype : dtypes)
        if (dtype.is_string()) weights.dtypes.insert(dtype.get<std::string>());
    if (weights.sha256.empty())
        refuse(path, path + " records no weights", "remove it: the names of the bases are compared then");
    return weights;
}

// Float16 has other digits than bfloat16: values that were rounded to either are not told apart from others.
bool rounded_apart(const WeightsDigest& a, const WeightsDigest& b) {
    return a.dtypes != b.dtypes && (a.dtypes.contains("F16") || b.dtypes.contains("F16"));
}

bool has_part(const fs::path& path, const fs::path& part) {
    return std::ranges::find(path, part) != path.end();
}

// Whether a folder may be what a name on the hub, or a path on another machine, stands for.
bool may_be(const std::string& folder, const std::string& name) {
    if (folder == name || real_files().real_path(folder) == real_files().real_path(name)) return true;
    const auto last = [](const std::string& path) {
        return fs::path(path + "/").lexically_normal().parent_path().filename();
    };
    if (last(folder) == last(name)) return true;
    // In the cache of the hub: models--OWNER--NAME/snapshots/REVISION.
    std::string cached = "models--" + name;
    for (auto slash = cached.find('/'); slash != cached.npos; slash = cached.find('/')) cached.replace(slash, 1, "--");
    return has_part(folder, cached);
}

void compare_names(const BaseUse& use, const Json& config, const Host& host) {
    const std::string named = string_or(config, name_member), revision = string_or(config, "revision", "main");
    if (!named.empty() && !may_be(use.base, named))
        return host.warn(
            fmt::format("{} says that it was trained on {}, and its base here is {}: whether that is the same model "
                        "cannot be told, for the adapter records no more of it; {}",
                        use.adapter, printable(named), use.base, use.remedy));
    const fs::path path = real_files().real_path(use.base);
    if (revision != "main" && !has_part(path, revision))
        host.warn(fmt::format("{} says that it was trained on revision {} of {}: whether {} is that one cannot be told",
                              use.adapter, printable(revision), printable(named), use.base));
}

}  // namespace

CheckpointFile base_file(const std::string& name, const std::string& folder) {
    const WeightsDigest weights = weights_of(folder);
    return {std::string(base_file_name),
            to_pretty({{name_member, name}, {"weights", {{"dtypes", weights.dtypes}, {"sha256", weights.sha256}}}})};
}

bool records_base(const std::string& adapter) {
    return real_files().is_file(fmt::format("{}/{}", adapter, base_file_name));
}

void require_base(const BaseUse& use, const Host& host) {
    const Json config = config_of(use.adapter);
    const std::string named = string_or(config, name_member);
    const auto recorded = recorded_in(use.adapter);
    if (!recorded) return compare_names(use, config, host);
    const WeightsDigest weights = weights_of(use.base);
    if (weights.sha256 == recorded->sha256) return;
    if (rounded_apart(weights, *recorded))
        return host.warn(
            fmt::format("{} was trained on {} in another type of floating point than that of {}: whether they are the "
                        "same model cannot be told",
                        use.adapter, printable(named), use.base));
    refuse(use.field.empty() ? Place{use.base, 0, 0, ""} : Place{"", 0, 0, use.field},
           use.base == named
               ? fmt::format("the adapter is of another base: {} has other weights now than when {} was trained on it",
                             use.base, use.adapter)
               : fmt::format("the adapter is of another base: {} was trained on {}, and {} has other weights",
                             use.adapter, printable(named), use.base),
           use.remedy);
}

void require_same_adapter(const std::string& folder, const std::string& config) {
    const Json theirs = config_of(folder), ours = parse_json(config, folder);
    for (const char* key : {"peft_type", "r", "lora_alpha", "use_rslora", "use_dora", "rank_pattern", "alpha_pattern"})
        if (said(theirs, key) != said(ours, key))
            refuse({fmt::format("{}/{}", folder, adapter_config_file), 0, 0, key},
                   fmt::format("{} is of another run: its {} is {}, that of this run {}", folder, key,
                               said(theirs, key).dump(), said(ours, key).dump()),
                   "put back what it was to go on, or train anew in another output_dir");
}

}  // namespace ktrain::trainer
