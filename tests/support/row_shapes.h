// Every shape of a row, for tests that accept them all.
#pragma once

#include <vector>

#include "trainer/data/example.h"

namespace ktrain::test {

inline const std::vector<trainer::RowShape> every_shape{
    trainer::RowShape::tokens,        trainer::RowShape::preference, trainer::RowShape::prompt_completion,
    trainer::RowShape::chat,          trainer::RowShape::sharegpt,   trainer::RowShape::alpaca,
    trainer::RowShape::labelled_text, trainer::RowShape::plain};

}  // namespace ktrain::test
