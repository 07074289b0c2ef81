// Settings of W&B, and the choice between its two reporters.
#include "trainer/report/wandb.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <random>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/spec/load.h"
#include "trainer/report/wandb_file.h"
#include "trainer/report/wandb_stream.h"

namespace ktrain::trainer {
namespace {

// "https://user:password@host" without what stands before the host: the key is sent in its place, and the address is
// shown to people.
std::string without_user(std::string url) {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
    if (const std::size_t end = url.rfind('@'); end != std::string::npos && end >= begin)
        url.erase(begin, end + 1 - begin);
    return url;
}

// Everything but where the job runs, which is nobody's hyperparameter.
Json config_of(const TrainingSpec& spec) {
    Json config = spec::to_json(spec);
    for (const char* group : {"apiVersion", "kind", "metadata", "cluster", "monitoring"}) config.erase(group);
    return config;
}

// Eight letters and digits, as wandb makes them.
std::string new_id() {
    constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::random_device random;
    std::string id;
    for (int i = 0; i < 8; ++i) id += letters[random() % letters.size()];
    return id;
}

// It becomes part of paths and addresses.
bool is_id(const std::string& text) {
    return !text.empty() && text.size() <= 128 &&
           std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; });
}

std::string folder_in(const std::string& output_dir) {
    return output_dir + "/wandb";
}

std::string id_file(const std::string& folder) {
    return folder + "/run-id";
}

}  // namespace

WandbSettings wandb_settings(const TrainingSpec& spec, const Env& env) {
    const MonitoringSpec& monitoring = spec.monitoring;
    const auto or_else = [](const std::string& text, const std::string& fallback) {
        return text.empty() ? fallback : text;
    };
    return {.mode = monitoring.wandb_mode,
            .base_url = without_user(or_else(env.get("WANDB_BASE_URL").value_or(""), "https://api.wandb.ai")),
            .key = std::string(trim(env.get("WANDB_API_KEY").value_or(""))),
            .entity = monitoring.wandb_entity,
            .project = or_else(monitoring.wandb_project, "ktrain"),
            .name = or_else(monitoring.run_name, spec.metadata.name),
            .group = env.get("WANDB_RUN_GROUP").value_or(""),
            .id = env.get("WANDB_RUN_ID").value_or(""),
            .folder = folder_in(spec.output_dir),
            .config = config_of(spec)};
}

std::string wandb_run_id(const WandbSettings& settings, bool resumed) {
    if (!settings.id.empty() && !is_id(settings.id))
        throw Error(ErrorKind::input, "WANDB_RUN_ID may have letters, digits, - and _ only", {},
                    "choose another, or unset it");
    if (!settings.id.empty()) return settings.id;
    const std::string path = id_file(settings.folder);
    if (resumed && real_files().is_file(path))
        if (const std::string noted(trim(real_files().read(path))); is_id(noted)) return noted;
    const std::string id = new_id();
    real_files().make_folders(settings.folder);
    real_files().write(path, id + "\n");
    return id;
}

void leave_wandb_run(const std::string& output_dir, const std::string& aside) {
    const std::string path = id_file(folder_in(output_dir)), target = folder_in(aside);
    if (!real_files().is_file(path)) return;
    real_files().make_folders(target);
    real_files().rename(path, id_file(target));
}

std::unique_ptr<Reporter> open_wandb(const TrainingSpec& spec, const Env& env) {
    WandbSettings settings = wandb_settings(spec, env);
    if (settings.mode == "disabled") return nullptr;
    if (settings.mode == "offline") return std::make_unique<WandbFile>(std::move(settings));
    return std::make_unique<WandbStream>(std::move(settings));
}

}  // namespace ktrain::trainer
