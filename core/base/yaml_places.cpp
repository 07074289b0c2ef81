// Counts lines and bytes while it walks over characters.
#include "core/base/yaml_places.h"

namespace ktrain::yaml {

// Over one character of UTF-8.
void Places::advance() {
    const bool line_end = text_[offset_] == '\n';
    do ++offset_;
    while (offset_ < text_.size() && (static_cast<unsigned char>(text_[offset_]) & 0xc0) == 0x80);
    ++character_;
    if (!line_end) return;
    ++line_;
    line_begin_ = offset_;
}

Mark Places::at(std::size_t character) {
    if (character < character_) *this = Places(text_, first_line_);
    while (character_ < character && offset_ < text_.size()) advance();
    return {line_, static_cast<int>(offset_ - line_begin_) + 1};
}

Mark Places::at_byte(std::size_t offset) {
    if (offset < offset_) *this = Places(text_, first_line_);
    while (offset_ < offset && offset_ < text_.size()) advance();
    return {line_, static_cast<int>(offset_ - line_begin_) + 1};
}

}  // namespace ktrain::yaml
