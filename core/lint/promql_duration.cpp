// A reader by recursive descent: of whole texts alone, and without what they amount to.
#include "core/lint/promql_duration.h"

#include "core/lint/promql_words.h"

namespace ktrain::lint {
namespace {

class Reader : private PromWords {
public:
    explicit Reader(std::string_view text) : PromWords(text) {}

    DurationText run() {
        if (!expression(0) || !word_.empty()) return DurationText::bad;
        return computed_ ? DurationText::computed : DurationText::plain;
    }

private:
    bool expression(int depth) {
        constexpr std::string_view signs = "+-*/%^";
        if (depth > 200 || !operand(depth)) return false;
        while (word_.size() == 1 && signs.find(word_[0]) != std::string_view::npos) {
            computed_ = true;
            next();
            if (!operand(depth)) return false;
        }
        return true;
    }

    bool operand(int depth) {
        while (take("-") || take("+")) {
        }
        if (is_number()) {
            if (!promql_seconds(word_)) return false;
            next();
            return true;
        }
        computed_ = true;
        if (take("(")) return expression(depth + 1) && take(")");
        if (take("step") || take("range")) return take("(") && take(")");
        if (!take("min_of") && !take("max_of") && !take("min") && !take("max")) return false;  // the latter in 3.6
        return take("(") && expression(depth + 1) && take(",") && expression(depth + 1) && take(")");
    }

    bool computed_ = false;
};

}  // namespace

DurationText read_promql_duration(std::string_view text) {
    return Reader(text).run();
}

}  // namespace ktrain::lint
