// Helpers of the tests of rules: types from a schema, and every value as one line of text.
#pragma once

#include <string>

#include "core/cel/value.h"
#include "core/lint/crd_typing.h"

namespace ktrain::test {

using SchemaTyping = lint::SchemaTyping;

// As tests/parity/cel/reference.go writes it: "double 1.5", "[1, 2u]", "some \"x\"".
std::string text_of(const cel::Value& value);

}  // namespace ktrain::test
