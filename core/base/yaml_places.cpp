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

Mark Places::here() const {
    const int before = line_begin_ == 0 ? first_.column : 1;
    return {line_, static_cast<int>(offset_ - line_begin_) + before};
}

Mark Places::at(std::size_t character) {
    if (character < character_) *this = Places(text_, first_);
    while (character_ < character && offset_ < text_.size()) advance();
    return here();
}

Mark Places::at_byte(std::size_t offset) {
    if (offset < offset_) *this = Places(text_, first_);
    while (offset_ < offset && offset_ < text_.size()) advance();
    return here();
}

}  // namespace ktrain::yaml
