// JSON of a head's labels, with what they were read from.
#include "trainer/recipe/label_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/digest.h"
#include "core/base/world.h"
#include "trainer/recipe/text_encoding.h"

namespace ktrain::trainer {

LabelFile::LabelFile(const TrainingSpec& spec, const DataSplit& split)
    : key_({{"form", 1}, {"rows", content_digest(split)}}),
      folder_(cache_folder(spec)),
      path_(fmt::format("{}/{}-{}.labels", folder_, split.name, sha256(key_.dump()).substr(0, 16))) {}

std::optional<ScoreHead> LabelFile::read() const {
    if (!real_files().is_file(path_)) return std::nullopt;
    const Json content = Json::parse(real_files().read(path_), nullptr, /*allow_exceptions=*/false);
    const Json &labels = at_path(content, {"labels"}), &regression = at_path(content, {"regression"});
    const bool whole = at_path(content, {"key"}) == key_ && labels.is_array() && !labels.empty() &&
                       regression.is_boolean() && std::ranges::all_of(labels, &Json::is_string);
    if (!whole) return std::nullopt;
    return ScoreHead{labels.get<std::vector<std::string>>(), regression.get<bool>(), {}};
}

void LabelFile::write(const ScoreHead& head) const {
    real_files().make_folders(folder_);
    real_files().write(path_, to_pretty({{"key", key_}, {"labels", head.labels}, {"regression", head.regression}}));
}

}  // namespace ktrain::trainer
