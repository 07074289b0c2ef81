// The live panel of a training run as lines of text: progress, loss with its course, speed, memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace ktrain {

// A series drawn with blocks of eight heights. However long it gets, it holds a few hundred values: the means of equal
// stretches.
class Sparkline {
public:
    void add(double value);  // numbers that are none are left out
    // The whole series in at most `width` cells, scaled from its smallest to its largest; empty without values.
    std::string text(std::size_t width) const;

private:
    std::vector<double> means_;
    std::size_t stretch_ = 1;  // values behind each mean
    double sum_ = 0;           // of the running stretch
    std::size_t count_ = 0;
};

class RunPanel {
public:
    // "start", "progress" and "step" events of docs/trainer.md.
    void take(const Json& event);
    // At most five lines of at most `width` columns; empty before the first step.
    std::vector<std::string> lines(std::size_t width, bool color) const;

private:
    std::string progress(bool color) const;
    std::string loss(std::size_t width) const;
    std::string speed() const;
    std::string memory() const;

    Sparkline course_;
    Json progress_, step_;  // the newest of each
};

}  // namespace ktrain
