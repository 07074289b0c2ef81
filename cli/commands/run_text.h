// Figures of a training run in the words of its views.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/json.h"

namespace ktrain {

// A member as a number; 0 when it is none.
double number_of(const Json& event, const char* key);
std::uint64_t count_of(const Json& event, const char* key);

// "2.5s", "3m20s".
std::string seconds_text(double seconds);
// A loss with four digits, or "-"; a share as "12.34%", or "-".
std::string loss_text(const Json& event, const char* key);
std::string percent_text(const Json& event, const char* key);
// Whole epochs as "3", the end within one as "2.4".
std::string epoch_text(const Json& event);
// "1234 tokens/s"; of images "1234 samples/s".
std::string speed_text(const Json& event);

// "3 classes: ham, news, spam"; of many the first, and long names cut.
std::string classes_text(const Json& classes);
// What a run that scores texts trains on, from `dataset_info.json`: "30 training and 10 validation texts of at most 9
// tokens, " and their classes, or that they are values; of pairs nothing more.
std::string scored_text(const Json& data);

// What is done to all rows of a split, one after the other, before a run begins: the words for it.
struct RowWork {
    std::string_view event, doing, done;
};
// nullptr for an event that is none of it.
const RowWork* find_row_work(std::string_view event);

// "stopped early at step 30: ...", with the patience and the threshold that decided it.
std::string early_stop_text(const Json& event);

}  // namespace ktrain
