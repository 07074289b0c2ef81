// From a label of a row to what a head learns: the index of a class, or the value itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

#include "core/model/score_head.h"
#include "trainer/data/example.h"

namespace ktrain::trainer {

class LabelMap {
public:
    explicit LabelMap(const ScoreHead& head);

    // A number is the name of a label; only where no label is called by a number, it is its index. Text is a name.
    // Errors: Error{input} for a label that the head does not have.
    double operator()(const decltype(LabelledText::label)& label) const;

private:
    [[noreturn]] void unknown(const std::string& label, bool quoted) const;

    const ScoreHead& head_;
    std::map<std::string, std::int64_t, std::less<>> indices_;
    bool numbered_ = false;  // a label is called by a number
};

}  // namespace ktrain::trainer
