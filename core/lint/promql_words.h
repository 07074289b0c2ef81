// The words of the language of Prometheus, one after the other.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ktrain::lint {

// What a reader stands on. Texts and brackets [...] and {...} must be closed; each of them is one word.
class PromWords {
protected:
    explicit PromWords(std::string_view text) : text_(text) { next(); }

    // A name or number, a text, or a sign; "" at the end.
    void next();
    void stop();

    // Words of the language may be written in capitals.
    bool is(std::string_view word) const { return lowered() == word; }
    bool take(std::string_view word);
    std::string lowered() const;
    bool is_name() const;
    bool is_number() const;

    std::string_view word_;
    std::size_t begin_ = 0;  // of the word

private:
    bool is_exponent() const;
    void skip_text();
    void skip_brackets(char end);

    std::string_view text_;
    std::size_t at_ = 0;
};

// "1e-5", "0x1F", "1_000", ".5", and durations.
bool is_promql_number(std::string_view text);

// "1h30m": units from large to small, each once, a sign before them; and a plain number, which counts seconds. Nothing
// for what is no duration, or beyond 292 years.
std::optional<double> promql_seconds(std::string_view text);

}  // namespace ktrain::lint
