// Standard input, output and error as values that know whether they are a terminal.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/world.h"

namespace ktrain::term {

// Whoever read the output has closed it, as `head` does when it has enough: nothing is wrong, and nothing more to do.
// No Error, so that nobody who goes on after an error goes on after this.
struct ReaderGone final : std::exception {
    const char* what() const noexcept override { return "nobody reads the output any more"; }
};

class Output {
public:
    virtual ~Output() = default;
    // Errors: ReaderGone; Error{failed} when the disk is full.
    virtual void write(std::string_view text) = 0;
    virtual void flush() = 0;
    virtual bool is_terminal() const = 0;
    virtual int width() const = 0;  // columns of the terminal, 80 otherwise
};

class Input {
public:
    virtual ~Input() = default;
    virtual std::string read_all(std::uint64_t max_bytes = limits::file) = 0;
    virtual bool is_terminal() const = 0;
};

// The real streams of the process.
Output& standard_output();
Output& standard_error();
Input& standard_input();

enum class ColorMode { automatic, always, never };

// Decides colour for each stream alone: FORCE_COLOR beats NO_COLOR beats "is a terminal and TERM is not dumb".
bool use_color(ColorMode mode, const Output& stream, const Env& env);

}  // namespace ktrain::term
