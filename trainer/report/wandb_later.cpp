// Replays metrics.jsonl into an offline run.
#include "trainer/report/wandb_later.h"

#include <fmt/format.h>

#include <exception>
#include <filesystem>

#include "core/base/text.h"
#include "trainer/report/wandb_file.h"

namespace ktrain::trainer {
namespace {

constexpr std::uint64_t max_file = std::uint64_t{1} << 32;

std::string write_offline(WandbSettings settings, const std::string& metrics, const WandbLoss& loss) {
    if (loss.begun) settings.id += "-whole";
    WandbFile file(std::move(settings));
    const std::string text = real_files().read(metrics, max_file);
    file.begin({});
    for (const std::string& line : split(text, '\n'))
        if (const Json event = Json::parse(line, nullptr, /*allow_exceptions=*/false); event.is_object())
            file.take(event);
    return string_or(file.finish(loss.exit_code), "path");
}

}  // namespace

std::string keep_for_later(WandbSettings settings, const WandbLoss& loss) noexcept {
    const std::string metrics = (std::filesystem::path(settings.folder).parent_path() / "metrics.jsonl").string();
    const std::string lost = fmt::format("W&B: {} lines of the run were not sent there", loss.lost);
    try {
        return fmt::format("{}; to send it later, whole: wandb sync {}", lost,
                           write_offline(std::move(settings), metrics, loss));
    } catch (const std::exception& error) {
        return fmt::format("{}; they are in {}, but not in a folder for wandb sync: {}", lost, metrics, error.what());
    }
}

}  // namespace ktrain::trainer
