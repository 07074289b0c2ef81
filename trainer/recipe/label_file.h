// The labels of a data set in a file beside its token stores, so that only the first start reads all rows for them.
#pragma once

#include <optional>
#include <string>

#include "core/model/score_head.h"
#include "core/spec/spec.h"
#include "trainer/data/data_files.h"

namespace ktrain::trainer {

class LabelFile {
public:
    // In data.cache_dir. Reads all files of the split for their digest. Errors: those of content_digest.
    LabelFile(const TrainingSpec& spec, const DataSplit& split);

    // Nothing where no such file is there, or one of other rows.
    std::optional<ScoreHead> read() const;
    // Errors: those of Files.
    void write(const ScoreHead& head) const;

private:
    Json key_;
    std::string folder_, path_;
};

}  // namespace ktrain::trainer
