// A text inside a manifest, such as a file in a ConfigMap, and where its lines stand in the outer file.
#pragma once

#include <string>
#include <string_view>

#include "core/lint/value.h"

namespace ktrain::lint {

class InnerText {
public:
    // `source`: the outer file.
    InnerText(const Object& object, Value value, const Lines& source);

    std::string_view text() const { return value_.text(); }
    // Of a line and a column of the text, from 1: exact in a literal block (|) and in a quoted text of one line without
    // escapes, else the place of the whole text.
    Place place(int line, int column) const;
    // Of a byte of the text.
    Place place_of_byte(std::size_t offset) const;

private:
    Value value_;
    Place whole_;
    int first_line_ = 0;  // in the outer file; 0: the lines are not those of the text
    int indent_ = 0;
};

// Checks the manifests inside the files of a ConfigMap and the resources of a Workflow's templates, as if they stood
// alone, by all rules but those of references: what they refer to may be anywhere.
void check_inner_manifests(const Object& object, const Bundle& bundle, Findings& findings);

}  // namespace ktrain::lint
